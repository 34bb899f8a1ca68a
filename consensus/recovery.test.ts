import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { createLogger } from "../base/logger.js";
import { SeededRandom } from "../base/random.js";
import { connectStore, openStore } from "./consensus.js";
import { prepareDataDir } from "./data-dir.js";
import type { Op, Store } from "./store-api.js";
import { nodeFileSystem } from "./wal/node-file-system.js";
import { readLog, Wal } from "./wal/wal.js";

// A busy machine takes its time.
t.setTimeout(240_000);

interface Teardown {
  teardown(run: () => Promise<void> | void): void;
}

function folderFor(t: Teardown): string {
  const folder = mkdtempSync(join(tmpdir(), "raftsman-recovery-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const b = (text: string): Buffer => Buffer.from(text, "latin1");
const all = { key: b("/"), rangeEnd: b("0") };

function put(store: Store, key: string, value: string) {
  return store.txn({ compares: [], success: [{ type: "put", key: b(key), value: b(value) }] });
}

async function contents(store: Store, revision = 0): Promise<string[]> {
  const { kvs } = await store.range({ ...all, revision });
  return kvs.map((kv) => `${kv.key.toString()}=${kv.value.toString()}@${kv.modRevision}`);
}

const LOGGER = new URL("../base/logger.js", import.meta.url).href;
const SERVER = `
  import { runConsensus } from ${JSON.stringify(new URL("./main.js", import.meta.url).href)};
  import { silentLogger } from ${JSON.stringify(LOGGER)};
  const [folder] = process.argv.slice(1);
  await runConsensus({
    dataDir: folder + "/data", memberName: "a", socketPath: folder + "/s", logger: silentLogger,
    snapshotEntries: 500,
  });
`;

/** A real consensus process. */
function startServer(t: Teardown, folder: string): ChildProcess {
  const child = spawn(process.execPath, ["--input-type=module", "-e", SERVER, folder], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  t.teardown(() => {
    child.kill("SIGKILL");
  });
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

void t.test("kill -9, again and again, under load: nothing acknowledged is lost", async (t) => {
  const folder = folderFor(t);
  let server = startServer(t, folder);
  const store = await connectStore({ socketPath: join(folder, "s") });
  t.teardown(() => store.close());
  const acknowledged = new Map<string, number>();
  const seen = new Map<string, number>();
  let stop = false;
  const stopWatch = new AbortController();
  const watching = store.watch(
    { ...all, fromRevision: 2 },
    {
      signal: stopWatch.signal,
      onBatch: ({ events }) => {
        for (const { kv } of events) {
          const key = kv.key.toString();
          if (seen.has(key)) t.fail(`${key} was seen twice`);
          seen.set(key, kv.modRevision);
        }
      },
    },
  );
  const writers = Array.from({ length: 10 }, async (_, writer) => {
    for (let n = 0; !stop; n += 1) {
      const { revision } = await put(store, `/${writer}-${n}`, "x".repeat(300));
      acknowledged.set(`/${writer}-${n}`, revision);
    }
  });
  for (let round = 1; round <= 3; round += 1) {
    await until(() => acknowledged.size >= round * 400);
    await kill(server);
    server = startServer(t, folder);
  }
  await until(() => acknowledged.size >= 1600);
  stop = true;
  await Promise.all(writers);
  const revisions = [...acknowledged.values()];
  t.equal(new Set(revisions).size, revisions.length, "every write has a revision of its own");
  const now = await store.readIndex();
  t.equal(now, acknowledged.size + 1, "the revision has moved by one for every write");
  const { kvs } = await store.range(all);
  const found = new Map(kvs.map((kv) => [kv.key.toString(), kv.modRevision]));
  t.equal(found.size, acknowledged.size);
  for (const [key, revision] of acknowledged)
    if (found.get(key) !== revision) t.fail(`${key}@${revision} is ${found.get(key)}`);
  await until(() => seen.size === acknowledged.size);
  stopWatch.abort();
  await watching;
});

/** Looks again each turn of the event loop; the test's own time limit ends a wait for nothing. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

void t.test("a second server on a data folder is refused", async (t) => {
  const folder = folderFor(t);
  const server = startServer(t, folder);
  const store = await connectStore({ socketPath: join(folder, "s") });
  t.teardown(() => store.close());
  const dataDir = join(folder, "data");
  const refused = { code: "DataDirInUse", message: /in use by another server/ };
  await t.rejects(openStore({ dataDir, name: "a" }), refused);
  await kill(server);
  const own = await openStore({ dataDir, name: "a" });
  await t.rejects(openStore({ dataDir, name: "a" }), refused, "also in the same process");
  await own.close();
});

void t.test("a data folder belongs to one member", async (t) => {
  const dataDir = folderFor(t);
  await (await openStore({ dataDir, name: "a" })).close();
  await t.rejects(openStore({ dataDir, name: "b" }), {
    code: "WrongMember",
    message: /a, not to b/,
  });
});

void t.test("a request that no server answers is given up", async (t) => {
  const socketPath = join(folderFor(t), "s");
  await t.rejects(connectStore({ socketPath, requestTimeoutMs: 50 }), { code: "NoLeader" });
});

void t.test("a write whose answer was lost is OutcomeUnknown, a read is not", async (t) => {
  const folder = folderFor(t);
  const server = startServer(t, folder);
  const socketPath = join(folder, "s");
  await (await connectStore({ socketPath })).close();
  const store = await connectStore({ socketPath, requestTimeoutMs: 200 });
  t.teardown(() => store.close());
  await put(store, "/a", "1");
  // Stopped, it takes what is sent and never answers.
  server.kill("SIGSTOP");
  await Promise.all([
    t.rejects(put(store, "/a", "2"), { code: "OutcomeUnknown" }),
    t.rejects(store.range(all), { code: "NoLeader" }),
  ]);
  server.kill("SIGCONT");
});

/** A store with history, closed; its snapshots reach into it. */
async function filled(t: Teardown, options: { snapshotEntries?: number } = {}): Promise<string> {
  const dataDir = folderFor(t);
  const store = await openStore({ dataDir, name: "a", fsync: false, ...options });
  for (let i = 0; i < 40; i += 1) await put(store, `/${i % 7}`, `${i}`);
  await store.leaseGrant(60_000);
  await store.close();
  return dataDir;
}

/** The store reopened, what it says, and what it logged. */
async function reopened(t: Teardown, dataDir: string) {
  const lines: string[] = [];
  const logger = createLogger((line) => lines.push(line), { level: "warn", timestamp: () => "" });
  const store = await openStore({ dataDir, name: "a", fsync: false, logger });
  t.teardown(() => store.close());
  const found = await contents(store);
  return { store, found, old: await contents(store, 20), log: lines.join("") };
}

const EXPECTED = [
  "/0=35@37",
  "/1=36@38",
  "/2=37@39",
  "/3=38@40",
  "/4=39@41",
  "/5=33@35",
  "/6=34@36",
];

void t.test("a store that is gone is made again from the log", async (t) => {
  const dataDir = await filled(t);
  rmSync(join(dataDir, "store"), { recursive: true });
  const { found, old, log } = await reopened(t, dataDir);
  t.same(found, EXPECTED);
  t.equal(old.length, 7, "with its history");
  t.match(log, /rebuilt/);
});

void t.test(
  "a store that is gone is made again from a snapshot and the log after it",
  async (t) => {
    const dataDir = await filled(t, { snapshotEntries: 10 });
    t.ok(readdirSync(join(dataDir, "snapshots")).some((name) => name.endsWith(".snap")));
    rmSync(join(dataDir, "store"), { recursive: true });
    const { store, found, old } = await reopened(t, dataDir);
    t.same(found, EXPECTED);
    t.equal(old.length, 7);
    t.equal((await put(store, "/new", "x")).revision, 42, "and the revision goes on");
  },
);

void t.test("a snapshot that rotted is passed over for the one before", async (t) => {
  const dataDir = await filled(t, { snapshotEntries: 10 });
  const folder = join(dataDir, "snapshots");
  const newest = readdirSync(folder).sort().at(-1) ?? "";
  const bytes = readFileSync(join(folder, newest));
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  writeFileSync(join(folder, newest), bytes);
  rmSync(join(dataDir, "store"), { recursive: true });
  t.same((await reopened(t, dataDir)).found, EXPECTED);
});

void t.test("a bit flipped anywhere in LevelDB never gives a wrong answer", async (t) => {
  const random = new SeededRandom(7);
  for (let round = 0; round < 12; round += 1) {
    const dataDir = await filled(t);
    const folder = join(dataDir, "store");
    const files = readdirSync(folder).filter((name) => /\.(log|ldb)$/.test(name));
    const name = files[random.below(files.length)] ?? "";
    const bytes = readFileSync(join(folder, name));
    if (bytes.length === 0) continue;
    const at = random.below(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
    writeFileSync(join(folder, name), bytes);
    const { found, old } = await reopened(t, dataDir);
    t.same(found, EXPECTED, `${name} at ${at}`);
    t.equal(old.length, 7);
  }
});

void t.test("leases live on after a restart, with their full time again", async (t) => {
  for (const isRebuilt of [false, true]) {
    const dataDir = folderFor(t);
    const first = await openStore({ dataDir, name: "a", fsync: false });
    const lease = await first.leaseGrant(60_000);
    const op: Op = { type: "put", key: b("/l"), value: b("x"), lease };
    await first.txn({ compares: [], success: [op] });
    await first.close();
    if (isRebuilt) rmSync(join(dataDir, "store"), { recursive: true });
    const store = await openStore({ dataDir, name: "a", fsync: false });
    t.ok((await store.leaseTimeToLive(lease)).remainingMs > 50_000);
    t.equal(await store.leaseKeepAlive(lease), 60_000);
    await store.leaseRevoke(lease);
    t.same(await contents(store), []);
    await store.close();
  }
});

void t.test("a log damaged before its end stops the server, and says what to do", async (t) => {
  const dataDir = await filled(t);
  const path = join(dataDir, "wal", readdirSync(join(dataDir, "wal"))[0] ?? "");
  const bytes = readFileSync(path);
  const at = bytes.length >> 1;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  await t.rejects(openStore({ dataDir, name: "a" }), {
    code: "WalCorrupt",
    message: /damaged before its end.*Restore the data folder/,
  });
});

void t.test("a torn tail is cut, and what follows is appended there", async (t) => {
  const dataDir = await filled(t);
  const path = join(dataDir, "wal", readdirSync(join(dataDir, "wal"))[0] ?? "");
  const size = statSync(path).size;
  writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.from("half a record")]));
  for (let round = 0; round < 2; round += 1) {
    const store = await openStore({ dataDir, name: "a", fsync: false });
    t.same(await contents(store), EXPECTED);
    await store.close();
  }
  t.ok(statSync(path).size > size);
});

void t.test("a log that lost what was applied is refused", async (t) => {
  const dataDir = await filled(t);
  const path = join(dataDir, "wal", readdirSync(join(dataDir, "wal"))[0] ?? "");
  truncateSync(path, statSync(path).size >> 1);
  await t.rejects(openStore({ dataDir, name: "a" }), {
    code: "WalCorrupt",
    message: /was applied/,
  });
});

void t.test("a full disk is said before anything else goes wrong", async (t) => {
  const files = { ...nodeFileSystem({ fsync: false }), freeBytes: () => 1_000_000 };
  t.throws(() => prepareDataDir(files, folderFor(t)), {
    code: "DiskFull",
    message: /64 MiB needed/,
  });
});

void t.test("a disk that fills up, or fails, rejects every append from then on", async (t) => {
  const cases = [
    { error: Object.assign(new Error("no space"), { code: "ENOSPC" }), code: "DiskFull" },
    { error: Object.assign(new Error("i/o"), { code: "EIO" }), code: "DiskFailed" },
  ];
  for (const { error, code } of cases) {
    const folder = join(folderFor(t), "wal");
    const found = readLog(nodeFileSystem({ fsync: false }), folder);
    const runner = { run: () => Promise.reject(error), close: async () => {} };
    const config = { folder, memberId: "a", segmentSizeBytes: 1024 };
    const wal = new Wal(config, { runner, found });
    const entry = { term: 1, index: 1, data: b("x") };
    await t.rejects(wal.append(null, [entry]), { code });
    await t.rejects(wal.append(null, [{ ...entry, index: 2 }]), { code });
  }
});

/** The dumb second version: a map, and a copy of it for every revision. */
class Model {
  revision = 1;
  private now = new Map<string, string>();
  readonly history = new Map<number, Map<string, string>>();

  txn(ops: readonly Op[]): void {
    const next = new Map(this.now);
    let changed = false;
    for (const op of ops) {
      const key = op.key.toString();
      if (op.type === "put") next.set(key, `${op.value.toString()}@${this.revision + 1}`);
      if (op.type === "put" || (op.type === "delete" && next.delete(key))) changed = true;
    }
    if (!changed) return;
    this.now = next;
    this.revision += 1;
    this.history.set(this.revision, next);
  }

  at(revision: number): string[] {
    const map = this.history.get(revision) ?? new Map<string, string>();
    return [...map].map(([key, value]) => `${key}=${value}`).sort();
  }
}

void t.test(
  "agrees with a dumb second version, through restarts, snapshots and rebuilds",
  async (t) => {
    for (let seed = 1; seed <= 4; seed += 1) {
      const random = new SeededRandom(seed);
      const dataDir = folderFor(t);
      const options = { dataDir, name: "a", fsync: false, snapshotEntries: 40 };
      let store = await openStore(options);
      const model = new Model();
      let compacted = 1;
      for (let step = 0; step < 250; step += 1) {
        const ops: Op[] = [];
        const keys = new Set(Array.from({ length: 1 + random.below(3) }, () => random.below(9)));
        for (const key of keys) {
          const name = b(`/${key}`);
          if (random.chance(70)) ops.push({ type: "put", key: name, value: b(`v${step}`) });
          else ops.push({ type: "delete", key: name });
        }
        model.txn(ops);
        const { revision } = await store.txn({ compares: [], success: ops });
        if (revision !== model.revision) t.equal(revision, model.revision, `seed ${seed}`);
        if (random.oneIn(40)) {
          compacted = Math.max(compacted, 1 + random.below(revision));
          await store.compact(compacted).catch((error: { code?: string }) => {
            if (error.code !== "Compacted") throw error;
          });
        }
        if (!random.oneIn(30)) continue;
        await store.close();
        if (random.oneIn(2)) rmSync(join(dataDir, "store"), { recursive: true });
        store = await openStore(options);
        for (let at = Math.max(2, compacted); at <= model.revision; at += 1) {
          const found = await contents(store, at);
          if (found.join() !== model.at(at).join())
            t.same(found, model.at(at), `seed ${seed}, step ${step}, revision ${at}`);
        }
      }
      t.equal(await store.readIndex(), model.revision);
      await store.close();
    }
  },
);
