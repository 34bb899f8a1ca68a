import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { ManualClock } from "../../base/clock.js";
import { silentLogger } from "../../base/logger.js";
import { backupName, Backups, nextBackupInMs, timeOfBackup } from "./backups.js";

const START = Date.parse("2026-01-02T03:04:05Z");
const HOUR = 3_600_000;

t.test("names say when a backup was made", (t) => {
  t.equal(backupName(START + 678), "raftsman-20260102T030405Z.snap");
  t.equal(timeOfBackup(backupName(START)), START);
  for (const name of ["raftsman-20260102T030405Z.snap.tmp", "notes.txt", "raftsman-x.snap"])
    t.equal(timeOfBackup(name), null, name);
  t.end();
});

t.test("the next one is due a while after the newest", (t) => {
  const due = (...agoMs: number[]): number =>
    nextBackupInMs(
      agoMs.map((ago) => backupName(START - ago)),
      { nowMs: START, everyMs: HOUR },
    );
  t.equal(due(), 0, "none was made yet");
  t.equal(due(5 * HOUR, HOUR / 4), (HOUR * 3) / 4);
  t.equal(due(2 * HOUR), 0, "overdue");
  t.equal(due(-HOUR), 0, "one from the future says nothing");
  t.end();
});

t.test("as many as wanted are kept, and nothing else is touched", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "raftsman-backups-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const backups = join(folder, "backups");
  const clock = new ManualClock(START);
  const snapshot = join(folder, "a.snap");
  writeFileSync(snapshot, "snapshot");
  let fails = false;
  let made: () => void = () => {};
  const run = new Backups(
    { folder: backups, everyMs: HOUR, kept: 2 },
    {
      clock,
      logger: silentLogger,
      snapshot: async () => {
        // What follows runs once this one is made.
        setImmediate(made);
        if (fails) throw new Error("no leader");
        return { path: snapshot, sizeBytes: 8 };
      },
    },
  );
  const passes = async (ms: number): Promise<readonly string[]> => {
    const done = new Promise<void>((resolve) => (made = resolve));
    clock.advance(ms);
    await done;
    return readdirSync(backups).sort();
  };
  run.start();
  writeFileSync(join(backups, "notes.txt"), "mine");
  t.equal((await passes(0)).length, 2);
  await passes(HOUR);
  fails = true;
  await passes(HOUR);
  fails = false;
  t.same(await passes(60_000), [
    "notes.txt",
    backupName(START + HOUR),
    backupName(START + 2 * HOUR + 60_000),
  ]);
  await run.stop();
});
