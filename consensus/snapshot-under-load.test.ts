import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { openStore } from "./consensus.js";

void t.test("a snapshot is taken, and a watch catches up, while writes never pause", async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), "raftsman-under-load-"));
  const store = await openStore({ dataDir, name: "a", fsync: false, snapshotEntries: 200 });
  t.teardown(async () => {
    await store.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  let isDone = false;
  let written = 0;
  const write = async (writer: number): Promise<void> => {
    for (let n = 0; !isDone; n += 1) {
      const key = Buffer.from(`/${writer}/${n % 10}`);
      await store.txn({ compares: [], success: [{ type: "put", key, value: Buffer.alloc(500) }] });
      written += 1;
    }
  };
  const writers = Array.from({ length: 32 }, (_, writer) => write(writer));
  const snapshots = join(dataDir, "snapshots");
  const stop = new AbortController();
  let seen = 0;
  const watching = store.watch(
    { key: Buffer.from("/"), rangeEnd: Buffer.from("0"), fromRevision: 2 },
    {
      signal: stop.signal,
      onBatch: ({ revision }) => {
        seen = revision;
      },
    },
  );
  while (!readdirSync(snapshots).some((name) => name.endsWith(".snap")) || seen < 500)
    await new Promise((resolve) => setTimeout(resolve, 5));
  t.ok(written > 200);
  isDone = true;
  await Promise.all(writers);
  stop.abort();
  await watching;
});
