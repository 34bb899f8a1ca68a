import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SeededRandom } from "../base/random.js";
import { connectStore } from "./consensus.js";
import type { FailPoint } from "./fail-point.js";
import type { Store } from "./store-api.js";

const WRITERS = 8;
const KEYS_OF_WRITER = 12;
/** Passed once by the thread that writes a snapshot. */
const PASSED_ONCE: ReadonlySet<FailPoint> = new Set(["before-rename", "after-rename"]);
/** Passed seldom; all others many times a second. */
const RARE: ReadonlySet<FailPoint> = new Set([
  "snapshot-write",
  "before-compaction",
  "segment-create",
  "segment-delete",
]);
const moduleUrl = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
const SERVER = `
  import { runConsensus } from ${moduleUrl("./main.js")};
  import { silentLogger } from ${moduleUrl("../base/logger.js")};
  const [folder] = process.argv.slice(1);
  await runConsensus({
    dataDir: folder + "/data", memberName: "a", socketPath: folder + "/s", logger: silentLogger,
    snapshotEntries: 150, segmentSizeBytes: 40_000, historyMs: 100,
  });
`;

interface Test {
  teardown(run: () => Promise<void> | void): void;
  equal(found: unknown, wanted: unknown, message: string): void;
  same(found: unknown, wanted: unknown, message: string): void;
  ok(value: unknown, message: string): void;
}

function startServer(t: Test, folder: string, failPoint: string): ChildProcess {
  const child = spawn(process.execPath, ["--input-type=module", "-e", SERVER, folder], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, RAFTSMAN_FAIL_POINT: failPoint },
  });
  t.teardown(() => {
    child.kill("SIGKILL");
  });
  return child;
}

/** What a key must hold: null once deleted, and the revision of a put. */
type Expected = Map<string, { value: string; revision: number } | null>;

/** Writers that each know what their own keys must hold, and that can be made to pause. */
class Writers {
  readonly expected: Expected = new Map();
  acknowledged = 0;
  changes = 0;
  private readonly store: Store;
  private isPaused = false;
  private running: Promise<void>[] = [];

  constructor(store: Store) {
    this.store = store;
  }

  start(random: SeededRandom): void {
    this.isPaused = false;
    this.running = Array.from({ length: WRITERS }, (_, writer) => this.write(writer, random));
  }

  /** Resolves once every write has been answered. */
  async pause(): Promise<void> {
    this.isPaused = true;
    await Promise.all(this.running);
  }

  private async write(writer: number, random: SeededRandom): Promise<void> {
    while (!this.isPaused) {
      const key = `/${writer}/${random.below(KEYS_OF_WRITER)}`;
      if (random.chance(80)) await this.put(key, `${this.acknowledged}-${"x".repeat(200)}`);
      else await this.delete(key);
      this.acknowledged += 1;
    }
  }

  private async put(key: string, value: string): Promise<void> {
    const op = { type: "put", key: Buffer.from(key), value: Buffer.from(value) } as const;
    const { revision } = await this.store.txn({ compares: [], success: [op] });
    this.expected.set(key, { value, revision });
    this.changes += 1;
  }

  private async delete(key: string): Promise<void> {
    const op = { type: "delete", key: Buffer.from(key) } as const;
    const { results } = await this.store.txn({ compares: [], success: [op] });
    const [result] = results;
    const wasThere = (this.expected.get(key) ?? null) !== null;
    if (result?.type !== "delete" || result.deleted !== (wasThere ? 1 : 0))
      throw new Error(`deleting ${key} came to ${JSON.stringify(result)}`);
    this.expected.set(key, null);
    if (wasThere) this.changes += 1;
  }
}

async function contents(store: Store): Promise<string[]> {
  const { kvs } = await store.range({ key: Buffer.from("/"), rangeEnd: Buffer.from("0") });
  return kvs.map((kv) => `${kv.key.toString()}=${kv.value.toString()}@${kv.modRevision}`);
}

function told(expected: Expected): string[] {
  const lines: string[] = [];
  for (const [key, is] of expected)
    if (is !== null) lines.push(`${key}=${is.value}@${is.revision}`);
  return lines.sort((a, b) => (a.slice(0, a.indexOf("=")) < b.slice(0, b.indexOf("=")) ? -1 : 1));
}

/**
 * Kills a server under load as it passes each of these places, `rounds` times: what was
 * acknowledged must be there, and nothing twice. Each is passed `passes` times before.
 */
export async function killAtEach(
  t: Test,
  names: readonly FailPoint[],
  {
    rounds,
    seed,
    passes = 0,
  }: { readonly rounds: number; readonly seed: number; readonly passes?: number },
): Promise<void> {
  const random = new SeededRandom(seed);
  const folder = mkdtempSync(join(tmpdir(), "raftsman-fail-point-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  let server = startServer(t, folder, "");
  const store = await connectStore({ socketPath: join(folder, "s"), requestTimeoutMs: 60_000 });
  t.teardown(() => store.close());
  const writers = new Writers(store);
  for (let round = 0; round < rounds; round += 1) {
    for (const name of names) {
      const hit = passes + (PASSED_ONCE.has(name) ? 1 : 1 + random.below(RARE.has(name) ? 2 : 60));
      const killed = once(server, "exit");
      server.kill("SIGKILL");
      await killed;
      const armed = startServer(t, folder, `${name}:${hit}`);
      const died = once(armed, "exit");
      writers.start(random);
      const [, signal] = await died;
      server = startServer(t, folder, "");
      await writers.pause();
      const where = `seed ${seed}, ${name}:${hit}`;
      t.equal(signal, "SIGKILL", `${where} was passed`);
      const found = await contents(store);
      if (found.join("\n") !== told(writers.expected).join("\n"))
        t.same(found, told(writers.expected), where);
      t.equal(await store.readIndex(), 1 + writers.changes, `${where}: each change once`);
    }
  }
  t.ok(writers.acknowledged > 0, "something was written");
}
