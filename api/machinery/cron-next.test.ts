import t from "tap";
import { parseCron } from "./cron.js";
import { nextCronTimeMs } from "./cron-next.js";

/** The next times after a moment, in UTC without the seconds. */
function next(text: string, after: string, zone = "UTC", count = 1): string[] {
  const parsed = parseCron(text);
  if (!parsed.ok) throw new Error(parsed.error);
  const times: string[] = [];
  let timeMs: number | null = Date.parse(after);
  for (let i = 0; i < count; i += 1) {
    timeMs = nextCronTimeMs(parsed.schedule, timeMs, zone);
    if (timeMs === null) return [...times, "never"];
    times.push(new Date(timeMs).toISOString().slice(0, 16));
  }
  return times;
}

const cases: readonly [schedule: string, after: string, expected: string][] = [
  ["* * * * *", "2026-01-02T03:04:00Z", "2026-01-02T03:05"],
  ["* * * * *", "2026-01-02T03:04:59.999Z", "2026-01-02T03:05"],
  ["*/15 * * * *", "2026-01-02T03:45:00Z", "2026-01-02T04:00"],
  ["0 0 1 1 *", "2026-01-02T03:45:00Z", "2027-01-01T00:00"],
  ["@monthly", "2026-12-02T03:45:00Z", "2027-01-01T00:00"],
  ["0 0 29 2 *", "2026-01-02T03:45:00Z", "2028-02-29T00:00"],
  ["30 4 * * 5", "2026-01-02T04:30:00Z", "2026-01-09T04:30"],
  // Both restricted: the 13th, or a Friday.
  ["0 0 13 * 5", "2026-01-05T00:00:00Z", "2026-01-09T00:00"],
  ["0 0 13 * 5", "2026-01-09T00:00:00Z", "2026-01-13T00:00"],
  ["59 23 31 2 *", "2026-01-01T00:00:00Z", "never"],
  ["TZ=Asia/Tokyo 0 6 * * *", "2026-01-01T00:00:00Z", "2026-01-01T21:00"],
  ["@every 1h30m", "2026-01-01T00:00:10.500Z", "2026-01-01T01:30"],
];

void t.test("the next time of a schedule", (t) => {
  for (const [schedule, after, expected] of cases)
    t.strictSame(next(schedule, after), [expected], `${schedule} after ${after}`);
  t.end();
});

void t.test("days with 23 and 25 hours", (t) => {
  const zone = "Europe/Berlin";
  t.strictSame(
    next("30 2 * * *", "2026-03-28T00:00:00Z", zone, 2),
    ["2026-03-28T01:30", "2026-03-30T00:30"],
    "half past two does not happen on March 29",
  );
  t.strictSame(
    next("30 2 * * *", "2026-10-24T12:00:00Z", zone, 3),
    ["2026-10-25T00:30", "2026-10-25T01:30", "2026-10-26T01:30"],
    "and twice on October 25",
  );
  t.strictSame(
    next("0 * * * *", "2026-03-28T23:30:00Z", zone, 3),
    ["2026-03-29T00:00", "2026-03-29T01:00", "2026-03-29T02:00"],
    "every hour is every hour",
  );
  t.strictSame(
    next("0 0 * * *", "2026-09-05T12:00:00Z", "America/Santiago", 2),
    ["2026-09-07T03:00", "2026-09-08T03:00"],
    "where midnight is skipped there is none that day",
  );
  t.strictSame(
    next("0 1 * * *", "2026-09-05T12:00:00Z", "America/Santiago"),
    ["2026-09-06T04:00"],
    "but the day begins at one",
  );
  t.end();
});

void t.test("a search of five years is short", (t) => {
  // The fastest of five: what else the machine does is not what is measured.
  const tookMs = Array.from({ length: 5 }, () => {
    const startMs = performance.now();
    next("59 23 31 2 *", "2026-01-01T00:00:00Z", "Europe/Berlin");
    next("0 0 29 2 1", "2026-01-01T00:00:00Z", "Europe/Berlin");
    return performance.now() - startMs;
  });
  t.ok(Math.min(...tookMs) < 100, `${tookMs.join(", ")} ms`);
  t.end();
});
