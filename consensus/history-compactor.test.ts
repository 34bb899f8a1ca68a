import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { ManualClock } from "../base/clock.js";
import { openStore } from "./consensus.js";

void t.test(
  "history is dropped once it is old enough, and an idle store writes nothing",
  async (t) => {
    const dataDir = mkdtempSync(join(tmpdir(), "raftsman-history-"));
    const clock = new ManualClock();
    const store = await openStore({ dataDir, name: "a", fsync: false, clock, historyMs: 1000 });
    t.teardown(async () => {
      await store.close();
      rmSync(dataDir, { recursive: true });
    });
    const key = Buffer.from("/a");
    const put = async (value: string) =>
      store.txn({ compares: [], success: [{ type: "put", key, value: Buffer.from(value) }] });
    await put("1");
    await put("2");
    clock.advance(900);
    await store.readIndex();
    t.equal((await store.status()).compactRevision, 0, "it is young");
    clock.advance(1000);
    await put("3");
    t.equal((await store.status()).compactRevision, 3);
    for (let i = 0; i < 4; i += 1) {
      clock.advance(1000);
      // What was proposed before this is applied before it.
      await store.leaseGrant(3_600_000);
    }
    const { appliedIndex } = await store.status();
    clock.advance(60_000);
    await store.readIndex();
    const after = await store.status();
    t.equal(after.appliedIndex, appliedIndex, "nothing is superseded, nothing is proposed");
    t.equal((await store.range({ key })).kvs[0]?.value.toString(), "3");
  },
);
