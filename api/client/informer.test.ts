import t from "tap";
import { ManualClock } from "../../base/clock.js";
import { silentLogger } from "../../base/logger.js";
import { SeededRandom } from "../../base/random.js";
import type { KubernetesObject, ObjectList } from "../schema/wire-types.js";
import { ApiError } from "./api-error.js";
import type { ListOptions, ResourceClient, WatchEvent, WatchOptions } from "./client-types.js";
import { Informer, type InformerOptions } from "./informer.js";
import { objectKey } from "./object-key.js";

type Item = KubernetesObject;

function item(name: string, resourceVersion: number, uid = name): Item {
  const metadata = { name, uid, resourceVersion: String(resourceVersion), creationTimestamp: "" };
  return { apiVersion: "v1", kind: "Node", metadata };
}

type Step =
  | { readonly list: readonly (readonly Item[])[]; readonly at: number }
  | { readonly watch: readonly WatchEvent<Item>[]; readonly end?: ApiError }
  | { readonly fail: ApiError };

/** A server that answers lists and watches from a script, then leaves the last watch open. */
class ScriptedResource {
  readonly calls: string[] = [];
  private readonly steps: Step[];
  readonly done: Promise<void>;
  private finish = (): void => {};

  constructor(steps: readonly Step[]) {
    this.steps = [...steps];
    this.done = new Promise((resolve) => {
      this.finish = resolve;
    });
  }

  client(): ResourceClient<Item> {
    const type = { group: "", version: "v1", kind: "Node", plural: "nodes", namespaced: false };
    const only = {
      type,
      list: (options: ListOptions) => this.list(options),
      watch: (options: WatchOptions) => this.watch(options),
    };
    return only as unknown as ResourceClient<Item>;
  }

  private async list(options: ListOptions): Promise<ObjectList<Item>> {
    this.calls.push(options.continue === undefined ? "list" : `list ${options.continue}`);
    const step = this.steps[0];
    if (step === undefined) return new Promise(() => this.finish());
    if ("fail" in step) {
      this.steps.shift();
      throw step.fail;
    }
    if (!("list" in step)) throw new Error("the script expects a watch");
    const page = Number(options.continue ?? 0);
    const isLast = page + 1 >= step.list.length;
    if (isLast) this.steps.shift();
    const metadata = {
      resourceVersion: String(step.at),
      ...(isLast ? {} : { continue: String(page + 1) }),
    };
    return { apiVersion: "v1", kind: "NodeList", metadata, items: step.list[page] ?? [] };
  }

  private async *watch(options: WatchOptions): AsyncGenerator<WatchEvent<Item>> {
    this.calls.push(`watch ${options.resourceVersion}`);
    const step = this.steps.shift();
    if (step === undefined) {
      this.finish();
      return await new Promise<void>((resolve) => {
        options.signal?.addEventListener("abort", () => resolve());
      });
    }
    if ("fail" in step) throw step.fail;
    if (!("watch" in step)) throw new Error("the script expects a list");
    yield* step.watch;
    if (step.end !== undefined) throw step.end;
  }
}

/** Runs an informer through a script and tells what its handler heard. */
async function run(
  steps: readonly Step[],
  options: InformerOptions<Item> = {},
): Promise<{ heard: string[]; calls: string[]; informer: Informer<Item> }> {
  const server = new ScriptedResource(steps);
  const clock = new ManualClock();
  const deps = { clock, random: new SeededRandom(1), logger: silentLogger };
  const informer = new Informer(server.client(), options, deps);
  const heard: string[] = [];
  informer.addHandler({
    added: ({ metadata }) => heard.push(`+${metadata.name}@${metadata.resourceVersion}`),
    updated: ({ metadata }, old) =>
      heard.push(`~${metadata.name}@${old.metadata.resourceVersion}>${metadata.resourceVersion}`),
    deleted: ({ metadata }, unknown) => heard.push(`-${metadata.name}${unknown ? "?" : ""}`),
  });
  const stop = new AbortController();
  const running = informer.run(stop.signal);
  let isDone = false;
  void server.done.then(() => {
    isDone = true;
  });
  // Time passes for back-offs as soon as everything that could run has run.
  while (!isDone) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(1000);
  }
  stop.abort();
  await running;
  return { heard, calls: server.calls, informer };
}

const added = (object: Item): WatchEvent<Item> => ({ type: "ADDED", object });
const modified = (object: Item): WatchEvent<Item> => ({ type: "MODIFIED", object });
const deleted = (object: Item): WatchEvent<Item> => ({ type: "DELETED", object });
const bookmark = (revision: number): WatchEvent<Item> => ({
  type: "BOOKMARK",
  resourceVersion: String(revision),
});
const expired = new ApiError("Expired", "too old", { statusCode: 410 });
const lost = new ApiError("ServiceUnavailable", "connection lost");

void t.test("lists in pages, then watches from the list's revision", async (t) => {
  const { heard, calls, informer } = await run([
    { list: [[item("a", 1)], [item("b", 2)]], at: 5 },
    { watch: [added(item("c", 6)), modified(item("a", 7)), deleted(item("b", 8))] },
  ]);
  t.strictSame(heard, ["+a@1", "+b@2", "+c@6", "~a@1>7", "-b"]);
  t.strictSame(calls, ["list", "list 1", "watch 5", "watch 8"]);
  t.equal(informer.hasSynced, true);
  t.equal(informer.lister.size, 2);
  t.equal(informer.lister.get(objectKey(undefined, "a"))?.metadata.resourceVersion, "7");
});

void t.test("a lost watch goes on from the last revision, bookmarks included", async (t) => {
  const { calls } = await run([
    { list: [[]], at: 5 },
    { watch: [added(item("a", 6))], end: lost },
    { watch: [bookmark(90)], end: lost },
  ]);
  t.strictSame(calls, ["list", "watch 5", "watch 6", "watch 90"]);
});

void t.test("an expired watch lists again and tells the difference", async (t) => {
  const { heard, calls } = await run([
    { list: [[item("a", 1), item("b", 2), item("c", 3, "old")]], at: 5 },
    { watch: [], end: expired },
    { list: [[item("a", 1), item("c", 8, "new"), item("d", 9)]], at: 10 },
  ]);
  t.strictSame(heard, ["+a@1", "+b@2", "+c@3", "-c?", "+c@8", "+d@9", "-b?"]);
  t.strictSame(calls, ["list", "watch 5", "list", "watch 10"]);
});

void t.test("a failed list is tried again", async (t) => {
  const { heard, calls } = await run([
    { fail: lost },
    { fail: lost },
    { list: [[item("a", 1)]], at: 5 },
  ]);
  t.strictSame(calls, ["list", "list", "list", "watch 5"]);
  t.strictSame(heard, ["+a@1"]);
});

void t.test("a list that breaks off between pages deletes nothing", async (t) => {
  const { heard } = await run([
    { list: [[item("a", 1), item("b", 1)]], at: 5 },
    { watch: [], end: expired },
    { fail: lost },
    { list: [[item("a", 1), item("b", 1)]], at: 6 },
  ]);
  t.strictSame(heard, ["+a@1", "+b@1"]);
});

void t.test("a handler that comes late hears of what is there", async (t) => {
  const { informer } = await run([{ list: [[item("a", 1)]], at: 5 }]);
  const heard: string[] = [];
  const remove = informer.addHandler({ added: ({ metadata }) => heard.push(metadata.name) });
  t.strictSame(heard, ["a"]);
  remove();
});

void t.test("cached objects can be frozen: who writes to one is found out", async (t) => {
  const { informer } = await run([{ list: [[item("a", 1)]], at: 5 }], { freeze: true });
  const cached = informer.lister.get(objectKey(undefined, "a"));
  t.throws(() => {
    (cached as { metadata: { name: string } }).metadata.name = "b";
  }, TypeError);
});

void t.test("whenSynced resolves false when the signal aborts first", async (t) => {
  const clock = new ManualClock();
  const deps = { clock, random: new SeededRandom(1), logger: silentLogger };
  const informer = new Informer(new ScriptedResource([]).client(), {}, deps);
  const stop = new AbortController();
  const synced = informer.whenSynced(stop.signal);
  stop.abort();
  t.equal(await synced, false);
});
