import type { ApiClient } from "../../../api/client/client-types.js";
import { CONFIG_MAPS } from "../../../api/client/resource-types.js";
import type { ConfigMap } from "../../../api/schema/types/core-v1.gen.js";
import { fieldOf, textOf } from "../checkers/call-values.js";
import { checkWatch } from "../checkers/watch-checker.js";
import type { Call, Json } from "../history.js";
import { followWatch } from "./follow-watch.js";
import { readFailure, writeFailure } from "./outcome.js";
import {
  type Completion,
  type Invocation,
  NAMESPACE,
  OPERATION_TIMEOUT_MS,
  type Phase,
  type Worker,
  type Workload,
} from "./workload.js";

const SELECTOR = "chaos=watch";
const WRITERS = 3;
/** A watch is broken off after at most so long, and resumed. */
const WATCH_MS_MAX = 4000;

/**
 * Writers create, update and delete ConfigMaps, each its own; on every server watchers list once
 * and then resume watch after watch where the last one ended.
 */
export class WatchWorkload implements Workload {
  readonly name = "watch";
  readonly ratePerSecond = 90;
  private objects = 0;
  private values = 0;
  private servers = 1;
  /** Per writer, its objects whose state it is sure of. */
  private readonly own = new Map<number, string[]>();
  /** Per watcher, where it has got; "" before its first list. */
  private readonly positions = new Map<number, string>();
  private lastWritten = 0;
  /** Whether the last object was created, the event that all watchers have to get to. */
  private isMarked = false;
  private isEnding = false;

  workers(servers: number): number {
    this.servers = servers;
    return WRITERS + 2 * servers;
  }

  setUp(): Promise<void> {
    return Promise.resolve(); // Watchers begin with an empty list.
  }

  next(worker: Worker, phase: Phase): Invocation | null {
    this.isEnding = phase === "final";
    if (worker.index >= WRITERS) return this.nextWatch(worker);
    if (!this.isEnding) return this.nextWrite(worker);
    return worker.index > 0 || this.isMarked ? null : this.create();
  }

  async invoke(worker: Worker, invocation: Invocation): Promise<Completion> {
    const { f } = invocation;
    const work = f === "list" ? list : f === "watch" ? watch : write;
    const completion = await work(worker.client, invocation);
    if (f === "list" || f === "watch") this.noteSeen(worker, completion);
    else this.noteWritten(worker, invocation, completion);
    return completion;
  }

  check(calls: readonly Call[]): ReturnType<Workload["check"]> {
    return checkWatch(calls);
  }

  private nextWatch({ index, random }: Worker): Invocation | null {
    const at = this.positions.get(index) ?? "";
    const server = (index - WRITERS) % this.servers;
    const key = `watcher-${index - WRITERS + 1} of server-${server + 1}`;
    if (at === "") return { f: "list", key, value: null };
    const isThere = this.isMarked && Number(at) >= this.lastWritten;
    if (this.isEnding && isThere) return null;
    const ms = this.isEnding ? 1000 : 200 + random.below(WATCH_MS_MAX - 200);
    return { f: "watch", key, value: { from: at, ms } };
  }

  private nextWrite({ index, random }: Worker): Invocation {
    const own = this.own.get(index) ?? [];
    const kind = random.below(100);
    const at = random.below(Math.max(1, own.length));
    const name = own[at];
    if (name === undefined || (kind < 35 && own.length < 20)) return this.create();
    // Taken out until the outcome is known: of an object in doubt nothing more is asked.
    own.splice(at, 1);
    if (kind < 80) return { f: "update", key: name, value: { value: this.newValue() } };
    return { f: "delete", key: name, value: {} };
  }

  private create(): Invocation {
    this.objects += 1;
    return { f: "create", key: `watched-${this.objects}`, value: { value: this.newValue() } };
  }

  private newValue(): string {
    this.values += 1;
    return `w${this.values}`;
  }

  private noteWritten(
    { index }: Worker,
    { f, key }: Invocation,
    { type, value }: Completion,
  ): void {
    const version = Number(textOf(value, "version"));
    if (type === "ok" && f !== "delete") {
      this.own.set(index, [...(this.own.get(index) ?? []), key]);
      this.lastWritten = Math.max(this.lastWritten, version);
      if (this.isEnding) this.isMarked = true;
    }
  }

  private noteSeen({ index }: Worker, { type, value }: Completion): void {
    if (type !== "ok") {
      if (textOf(value, "reason") === "Expired") this.positions.set(index, "");
      return;
    }
    const events = fieldOf(value, "events");
    const last = Array.isArray(events) ? (events as readonly Json[]).at(-1) : value;
    if (last !== undefined) this.positions.set(index, textOf(last, "version"));
  }
}

async function list(client: ApiClient): Promise<Completion> {
  try {
    const answer = await client.resource(CONFIG_MAPS).list({
      namespace: NAMESPACE,
      labelSelector: SELECTOR,
      timeoutMs: OPERATION_TIMEOUT_MS,
    });
    const version = answer.metadata.resourceVersion ?? "";
    return { type: "ok", value: { version, items: answer.items.map(seen) } };
  } catch (error) {
    return readFailure(error);
  }
}

async function watch(client: ApiClient, { value }: Invocation): Promise<Completion> {
  const maps = client.resource(CONFIG_MAPS);
  const from = textOf(value, "from");
  const options = { namespace: NAMESPACE, labelSelector: SELECTOR, from };
  const followed = await followWatch(maps, options, Number(fieldOf(value, "ms")));
  const { events, ended, isExpired } = followed;
  if (isExpired && events.length === 0)
    return { type: "fail", value: { reason: "Expired" }, ...ended };
  const told = events.map((event) =>
    event.type === "BOOKMARK"
      ? { type: event.type, version: event.resourceVersion }
      : { type: event.type, ...seen(event.object) },
  );
  return { type: "ok", value: { events: told }, ...ended };
}

async function write(client: ApiClient, { f, key, value }: Invocation): Promise<Completion> {
  const maps = client.resource(CONFIG_MAPS);
  const call = { namespace: NAMESPACE, timeoutMs: OPERATION_TIMEOUT_MS };
  const object = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: key, namespace: NAMESPACE, labels: { chaos: "watch" } },
    data: { value: textOf(value, "value") },
  } as unknown as ConfigMap;
  try {
    if (f === "delete") {
      await maps.delete(key, call);
      return { type: "ok", value: {} };
    }
    const written = await (f === "create" ? maps.create(object, call) : maps.update(object, call));
    return { type: "ok", value: { version: written.metadata.resourceVersion ?? "" } };
  } catch (error) {
    return writeFailure(error);
  }
}

function seen({ metadata, data }: ConfigMap): { name: string; version: string; value: string } {
  const { name, resourceVersion } = metadata;
  return { name, version: resourceVersion, value: data?.["value"] ?? "" };
}
