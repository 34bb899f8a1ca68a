import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { ManualClock } from "../base/clock.js";
import { openStore } from "./consensus.js";
import { SizeLimit } from "./size-limit.js";
import { SetHash } from "./store/state-hash.js";
import { nodeFileSystem } from "./wal/node-file-system.js";
import { readLog, Wal } from "./wal/wal.js";

interface Teardown {
  teardown(run: () => Promise<void> | void): void;
}

function folderFor(t: Teardown): string {
  const folder = mkdtempSync(join(tmpdir(), "raftsman-limits-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const b = (text: string): Buffer => Buffer.from(text);

void t.test("a full store serves reads and deletes, and says so", async (t) => {
  const store = await openStore({
    dataDir: folderFor(t),
    name: "a",
    fsync: false,
    sizeLimitBytes: 100_000,
  });
  t.teardown(() => store.close());
  const put = (n: number) => {
    const op = { type: "put", key: b(`/${n}`), value: Buffer.alloc(10_000) } as const;
    return store.txn({ compares: [], success: [op] });
  };
  for (let n = 0; n < 10; n += 1) await put(n);
  await t.rejects(put(10), { code: "NoSpace", message: /delete what is not needed/ });
  await t.rejects(store.leaseGrant(1000), { code: "NoSpace" });
  t.same((await store.status()).alarms, ["NoSpace"]);
  t.equal((await store.range({ key: b("/3") })).kvs.length, 1);
  const gone = { type: "delete", key: b("/"), rangeEnd: b("/9") } as const;
  const { revision } = await store.txn({ compares: [], success: [gone] });
  await t.rejects(put(10), { code: "NoSpace" }, "its history is there still");
  await store.compact(revision);
  // Compacted versions go with the batches that follow.
  while ((await store.status()).alarms.length > 0)
    await new Promise((resolve) => setTimeout(resolve, 5));
  t.ok((await put(10)).succeeded);
});

void t.test("the limit has to be left well behind", (t) => {
  const limit = new SizeLimit(1000);
  const seen = [999, 1000, 960, 949, 999].map((sizeBytes) => limit.isReached(sizeBytes));
  t.same(seen, [false, true, true, false, false]);
  t.end();
});

void t.test("the hash tells what was applied, not how it is stored", async (t) => {
  const dataDir = folderFor(t);
  const options = { dataDir, name: "a", fsync: false };
  let store = await openStore(options);
  const hashes = new Set<string>();
  const put = (key: string, value: string) =>
    store.txn({ compares: [], success: [{ type: "put", key: b(key), value: b(value) }] });
  const steps = [
    () => put("/a", "1"),
    () => put("/a", "2"),
    () => put("/b", "2"),
    () => store.leaseGrant(60_000),
    () => store.txn({ compares: [], success: [{ type: "delete", key: b("/a") }] }),
    () => store.compact(3),
  ];
  for (const step of steps) {
    await step();
    hashes.add((await store.status()).hash);
  }
  t.equal(hashes.size, steps.length, "each step changes it");
  const { hash } = await store.status();
  for (const isRebuilt of [false, true]) {
    await store.close();
    if (isRebuilt) rmSync(join(dataDir, "store"), { recursive: true });
    store = await openStore(options);
    t.equal((await store.status()).hash, hash, isRebuilt ? "rebuilt from the log" : "reopened");
  }
  await store.close();
});

void t.test("a set's hash knows no order, and forgets what is removed", (t) => {
  const members = [
    [1, 2],
    [2, 1],
    [0xffff_ffff, 2 ** 40],
    [0, 0],
  ] as const;
  const forward = new SetHash();
  const backward = new SetHash();
  for (const [sum, number] of members) forward.add(sum, number);
  for (const [sum, number] of [...members].reverse()) backward.add(sum, number);
  t.equal(forward.toString(), backward.toString());
  const before = forward.toString();
  forward.add(7, 7);
  t.not(forward.toString(), before);
  forward.remove(7, 7);
  t.equal(forward.toString(), before);
  t.end();
});

void t.test("a disk that takes two seconds is told of while it does", async (t) => {
  const folder = join(folderFor(t), "wal");
  const found = readLog(nodeFileSystem({ fsync: false }), folder);
  const clock = new ManualClock();
  let finish = (): void => {};
  const runner = {
    run: () =>
      new Promise<void>((resolve) => {
        finish = resolve;
      }),
    close: async () => {},
  };
  const waits: number[] = [];
  const took: number[] = [];
  const watchdog = {
    clock,
    onSlow: (waitedMs: number) => void waits.push(waitedMs),
    onWritten: (tookMs: number) => void took.push(tookMs),
  };
  const wal = new Wal(
    { folder, memberId: "a", segmentSizeBytes: 1024 },
    { runner, found, watchdog },
  );
  const appended = wal.append(null, [{ term: 1, index: 1, data: b("x") }]);
  clock.advance(499);
  t.same(waits, []);
  clock.advance(1);
  clock.advance(1500);
  t.same(waits, [500, 1000, 1500, 2000]);
  finish();
  await appended;
  clock.advance(5000);
  t.same(waits, [500, 1000, 1500, 2000], "and no longer once it is done");
  t.same(took, [2000]);
});
