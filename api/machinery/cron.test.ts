import t from "tap";
import { type CronField, parseCron } from "./cron.js";
import { parseGoDuration } from "./go-duration.js";
import { isTimeZone } from "./time-zone.js";

const list = (field: CronField): string => [...field.values].sort((a, b) => a - b).join(",");

void t.test("calendars", (t) => {
  const all = Array.from({ length: 60 }, (_unused, index) => index).join(",");
  const cases: readonly (readonly [text: string, field: string, values: string, star: boolean])[] =
    [
      ["* * * * *", "minute", all, true],
      ["*/15 * * * *", "minute", "0,15,30,45", false],
      ["5 * * * *", "minute", "5", false],
      ["5/20 * * * *", "minute", "5,25,45", false],
      ["1-9/4,30 * * * *", "minute", "1,5,9,30", false],
      ["0 8-10 * * *", "hour", "8,9,10", false],
      ["0 0 ? * *", "dayOfMonth", all.split(",").slice(1, 32).join(","), true],
      ["0 0 1,15 * *", "dayOfMonth", "1,15", false],
      ["0 0 1 JAN,jul *", "month", "1,7", false],
      ["0 0 * * mon-FRI", "dayOfWeek", "1,2,3,4,5", false],
      ["@yearly", "month", "1", false],
      ["@annually", "dayOfMonth", "1", false],
      ["@monthly", "dayOfMonth", "1", false],
      ["@weekly", "dayOfWeek", "0", false],
      ["@daily", "hour", "0", false],
      ["@midnight", "hour", "0", false],
      ["@hourly", "minute", "0", false],
      ["CRON_TZ=Asia/Tokyo 30 6 * * *", "hour", "6", false],
    ];
  for (const [text, field, values, star] of cases) {
    const parsed = parseCron(text);
    if (!parsed.ok || parsed.schedule.kind !== "calendar") {
      t.fail(text);
      continue;
    }
    const found = parsed.schedule[field as "minute"];
    t.equal(list(found), values, text);
    t.equal(found.star, star, text);
  }
  t.match(parseCron("TZ=Europe/Berlin 0 0 * * *"), { schedule: { timeZone: "Europe/Berlin" } });
  t.match(parseCron("TZ= @daily"), { schedule: { timeZone: "UTC" } });
  t.match(parseCron("0 0 * * *"), { schedule: { timeZone: null } });
  t.end();
});

void t.test("every so often", (t) => {
  const cases: readonly (readonly [string, number])[] = [
    ["@every 1h30m", 5_400_000],
    ["@every 90s", 90_000],
    ["@every 1.5s", 1_000],
    ["@every 10ms", 1_000],
    ["@every -5m", 1_000],
  ];
  for (const [text, periodMs] of cases)
    t.same(parseCron(text), { ok: true, schedule: { kind: "every", periodMs } }, text);
  t.end();
});

void t.test("what is no schedule", (t) => {
  const cases: readonly (readonly [text: string, error: string])[] = [
    ["", "empty spec string"],
    ["* * * *", "expected exactly 5 fields, found 4: [* * * *]"],
    ["* * * * * *", "expected exactly 5 fields, found 6: [* * * * * *]"],
    ["TZ=UTC", "expected exactly 5 fields, found 0: []"],
    ["60 * * * *", "end of range (60) above maximum (59): 60"],
    ["* * 0 * *", "beginning of range (0) below minimum (1): 0"],
    ["* * * * 7", "end of range (7) above maximum (6): 7"],
    ["5-1 * * * *", "beginning of range (5) beyond end of range (1): 5-1"],
    ["*/0 * * * *", "step of range should be a positive number: */0"],
    ["1-2-3 * * * *", "too many hyphens: 1-2-3"],
    ["1/2/3 * * * *", "too many slashes: 1/2/3"],
    ["a * * * *", 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'],
    ["-1 * * * *", 'failed to parse int from : strconv.Atoi: parsing "": invalid syntax'],
    ["@sometimes", "unrecognized descriptor: @sometimes"],
    ["@every x", 'failed to parse duration @every x: time: invalid duration "x"'],
    ["TZ=Mars/North * * * * *", "provided bad location Mars/North: unknown time zone Mars/North"],
  ];
  for (const [text, error] of cases) t.same(parseCron(text), { ok: false, error }, text);
  t.end();
});

void t.test("durations as Go writes them", (t) => {
  const cases: readonly (readonly [text: string, expected: number | string])[] = [
    ["0", 0],
    ["1h1m1s1ms", 3_661_001],
    ["+.5s", 500],
    ["-1.5h", -5_400_000],
    ["", 'time: invalid duration ""'],
    ["-", 'time: invalid duration "-"'],
    ["5", 'time: missing unit in duration "5"'],
    ["5d", 'time: unknown unit "d" in duration "5d"'],
    ["1s2", 'time: missing unit in duration "1s2"'],
  ];
  for (const [text, expected] of cases) {
    const parsed = parseGoDuration(text);
    t.equal(parsed.ok ? parsed.durationMs : parsed.error, expected, text);
  }
  t.end();
});

void t.test("names of time zones", (t) => {
  for (const name of ["UTC", "Etc/UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"])
    t.ok(isTimeZone(name), name);
  for (const name of ["", "Local", "+01:00", "Mars/North", "Europe/", "../etc/passwd"])
    t.notOk(isTimeZone(name), name);
  t.end();
});
