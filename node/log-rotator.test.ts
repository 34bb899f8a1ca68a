import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { ManualClock } from "../base/clock.js";
import { silentLogger } from "../base/logger.js";
import { systemRandom } from "../api/client/system-clock.js";
import { HollowRuntime } from "./hollow/hollow-runtime.js";
import { LogRotator } from "./log-rotator.js";
import { aRecord, ended, running } from "./plan/plan-fixtures.js";

void t.test("a log is rotated by size, and only so many files stay", async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "rmt-log-"));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  const clock = new ManualClock(Date.parse("2026-01-01T00:00:00Z"));
  const runtime = new HollowRuntime({ version: "1" }, { clock, random: systemRandom });
  const rotator = new LogRotator(
    runtime,
    { sizeBytesMax: 10, filesMax: 3 },
    { clock, logger: silentLogger },
  );
  const logPath = join(dir, "0.log");
  const { signal } = new AbortController();
  const check = () => rotator.check(running(aRecord("main", { logPath })), signal);
  await writeFile(logPath, "short");
  await check();
  t.same(await readdir(dir), ["0.log"]);
  for (let round = 0; round < 4; round += 1) {
    clock.advance(1000);
    await appendFile(logPath, `round ${round} is long enough`);
    await check();
  }
  const rotated = (await readdir(dir)).sort();
  t.same(rotated, ["0.log.20260101T000003000", "0.log.20260101T000004000"]);
  t.equal(await readFile(join(dir, rotated[1] ?? ""), "utf8"), "round 3 is long enough");
  await writeFile(logPath, "x".repeat(100));
  await rotator.check(running(ended("main", 0, { logPath })), signal);
  t.ok((await readdir(dir)).includes("0.log"), "the log of a container that has ended stays");
});
