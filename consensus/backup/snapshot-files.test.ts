import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { silentLogger } from "../../base/logger.js";
import { openStore } from "../consensus.js";
import type { Store } from "../store-api.js";
import { forceNewGroup } from "./force-new-group.js";
import { SKIPPED_REVISIONS } from "./refound.js";
import { readSnapshotInfo, restoreSnapshot } from "./snapshot-files.js";

t.setTimeout(120_000);

const b = (text: string): Buffer => Buffer.from(text, "latin1");

function put(store: Store, key: string, value: string, lease = 0) {
  const op = { type: "put", key: b(key), value: b(value), lease } as const;
  return store.txn({ compares: [], success: [op] });
}

async function contents(store: Store): Promise<string[]> {
  const { kvs } = await store.range({ key: b("/"), rangeEnd: b("0") });
  return kvs.map(
    (kv) =>
      `${kv.key.toString()}=${kv.value.toString()}@${kv.modRevision} v${kv.version} l${kv.lease}`,
  );
}

function folderFor(t: { teardown(run: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), "raftsman-backup-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A store with some history, and a snapshot of it. */
async function savedStore(folder: string) {
  const store = await openStore({ dataDir: join(folder, "a"), name: "a", fsync: false });
  const lease = await store.leaseGrant(600_000);
  for (let n = 0; n < 300; n += 1) await put(store, `/k/${n % 100}`, `value ${n}`.repeat(20));
  await put(store, "/leased", "x", lease);
  await store.txn({ compares: [], success: [{ type: "delete", key: b("/k/7") }] });
  const file = join(folder, "saved.snap");
  const { path, sizeBytes } = await store.snapshot();
  copyFileSync(path, file);
  return { store, lease, file, sizeBytes };
}

void t.test("a snapshot is what the store is, and becomes a store again", async (t) => {
  const folder = folderFor(t);
  const { store, lease, file, sizeBytes } = await savedStore(folder);
  const { hash, revision } = await store.status();
  const before = await contents(store);
  t.same(await readSnapshotInfo(file), { hash, revision, keys: 100, sizeBytes });
  const again = await store.snapshot();
  t.equal(again.sizeBytes, sizeBytes, "the same while nothing was written");
  await put(store, "/later", "not in it");
  t.not((await store.snapshot()).path, again.path, "another once something was");
  await store.close();

  const dataDir = join(folder, "b");
  const made = await restoreSnapshot({ file, dataDir, name: "b" });
  t.match(made, { name: "b", keys: 100, revision: revision + SKIPPED_REVISIONS });
  await t.rejects(restoreSnapshot({ file, dataDir, name: "b" }), { code: "DataDirInUse" });
  const restored = await openStore({ dataDir, name: "b", fsync: false });
  t.teardown(() => restored.close());
  t.same(await contents(restored), before);
  t.equal((await restored.status()).hash, made.hash);
  t.same(
    (await restored.memberList()).members.map(({ id, voter }) => ({ id, voter })),
    [{ id: made.memberId, voter: true }],
  );
  t.ok((await restored.leaseTimeToLive(lease)).remainingMs > 0, "leases live on");
  const watch = { key: b("/"), rangeEnd: b("0"), fromRevision: revision + 1 };
  const { signal } = new AbortController();
  await t.rejects(
    restored.watch(watch, { signal, onBatch: () => {} }),
    { code: "Compacted" },
    "a watch from before the snapshot must begin anew",
  );
  await put(restored, "/new", "y");
  t.equal((await contents(restored)).length, before.length + 1);
});

void t.test("what is not whole is never restored", async (t) => {
  const folder = folderFor(t);
  const { store, file } = await savedStore(folder);
  await store.close();
  const whole = readFileSync(file);
  const broken = join(folder, "broken.snap");
  const dataDir = join(folder, "c");
  const tryWith = async (bytes: Buffer, what: string): Promise<void> => {
    writeFileSync(broken, bytes);
    await t.rejects(readSnapshotInfo(broken), { code: "SnapshotCorrupt" }, what);
    await t.rejects(restoreSnapshot({ file: broken, dataDir, name: "c" }), {
      code: "SnapshotCorrupt",
    });
    t.notOk(existsSync(dataDir), "nothing appears");
  };
  for (const at of [0, 4, 9, 40, whole.length >> 1, whole.length - 1]) {
    const bytes = Buffer.from(whole);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    await tryWith(bytes, `a bit flipped at ${at}`);
  }
  await tryWith(whole.subarray(0, whole.length - 17), "without its end");
  await tryWith(Buffer.alloc(0), "empty");
  await t.rejects(readSnapshotInfo(join(folder, "none")), { code: "ENOENT" });
});

void t.test("a member that is alone needs no force", async (t) => {
  const folder = folderFor(t);
  const { store } = await savedStore(folder);
  const before = await contents(store);
  await store.close();
  t.match(await forceNewGroup(join(folder, "a"), silentLogger), { keptIn: null });
  t.equal(await forceNewGroup(join(folder, "nobody"), silentLogger), null);
  const again = await openStore({ dataDir: join(folder, "a"), name: "a", fsync: false });
  t.teardown(() => again.close());
  t.same(await contents(again), before);
});

void t.test("a forced start that was cut off between its two renames goes on", async (t) => {
  const folder = folderFor(t);
  const { store } = await savedStore(folder);
  const before = await contents(store);
  await store.close();
  const dataDir = join(folder, "a");
  const made = await forceNewGroup(dataDir, silentLogger);
  // The old folder has its new name, and the new one has not yet the old one's.
  renameSync(dataDir, `${dataDir}.forced`);
  t.same(await forceNewGroup(dataDir, silentLogger), made);
  const again = await openStore({ dataDir, name: "a", fsync: false });
  t.teardown(() => again.close());
  t.same(await contents(again), before);
});
