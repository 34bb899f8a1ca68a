import fc from "fast-check";
import t from "tap";
import {
  canonicalMicroTime,
  canonicalTime,
  compareTimes,
  formatAge,
  formatMicroTime,
  formatTime,
  parseTimeMs,
  timeError,
} from "./time.js";

t.test("timestamps are kept in UTC", (t) => {
  const table: readonly (readonly [string, string | null])[] = [
    ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"],
    ["2024-02-29T00:00:00.5+01:00", "2024-02-28T23:00:00Z"],
    ["1969-12-31T23:59:59-00:30", "1970-01-01T00:29:59Z"],
    ["2023-02-29T00:00:00Z", null],
    ["2023-04-31T00:00:00Z", null],
    ["2026-13-01T00:00:00Z", null],
    ["2026-01-01T24:00:00Z", null],
    ["2026-01-01T00:00:60Z", null],
    ["2026-01-01T00:00:00+24:00", null],
    ["2026-01-01 00:00:00Z", null],
    ["2026-01-01T00:00:00", null],
    ["", null],
  ];
  for (const [text, expected] of table) t.equal(canonicalTime(text), expected, text);
  t.equal(canonicalMicroTime("2026-01-02T03:04:05.1Z"), "2026-01-02T03:04:05.100000Z");
  t.equal(formatMicroTime(1_500), "1970-01-01T00:00:01.500000Z");
  t.ok((compareTimes("2026-01-01T01:00:00+01:00", "2026-01-01T00:00:00.1Z") ?? 0) < 0);
  t.equal(compareTimes("x", "2026-01-01T00:00:00Z"), null);
  t.end();
});

t.test("agrees with the host's calendar from year 1 to 9999", (t) => {
  const min = Date.parse("0001-01-01T00:00:00Z");
  const max = Date.parse("9999-12-31T23:59:59Z");
  fc.assert(
    fc.property(fc.integer({ min, max }), (timeMs) => {
      const text = new Date(timeMs).toISOString();
      return parseTimeMs(text) === timeMs && formatTime(timeMs) === `${text.slice(0, 19)}Z`;
    }),
  );
  t.end();
});

t.test("why a text is no timestamp", (t) => {
  const layout = "2006-01-02T15:04:05Z07:00";
  const table: readonly (readonly [string, string])[] = [
    ["foo", `parsing time "foo" as "${layout}": cannot parse "foo" as "2006"`],
    ["2026-1", `parsing time "2026-1" as "${layout}": cannot parse "1" as "01"`],
    ["2026-01-01", `parsing time "2026-01-01" as "${layout}": cannot parse "" as "T"`],
    ["2026-02-30T00:00:00Z", 'parsing time "2026-02-30T00:00:00Z": day out of range'],
    ["2026-13-30T00:00:00Z", 'parsing time "2026-13-30T00:00:00Z": month out of range'],
    ["2026-01-30T24:00:00Z", 'parsing time "2026-01-30T24:00:00Z": hour out of range'],
    ["2026-01-30T00:00:00Zx", 'parsing time "2026-01-30T00:00:00Zx": extra text: "x"'],
  ];
  for (const [text, expected] of table) t.equal(timeError(text), expected, text);
  t.end();
});

t.test("ages as tables show them", (t) => {
  const second = 1000;
  const minute = 60 * second;
  const hour = 60 * minute;
  const day = 24 * hour;
  const table: readonly (readonly [number, string])[] = [
    [-2 * second, "<invalid>"],
    [-0.5 * second, "0s"],
    [0, "0s"],
    [119 * second, "119s"],
    [2 * minute, "2m"],
    [3 * minute + 12 * second, "3m12s"],
    [10 * minute + 5 * second, "10m"],
    [3 * hour, "3h"],
    [5 * hour + 30 * minute, "5h30m"],
    [47 * hour, "47h"],
    [3 * day + 4 * hour, "3d4h"],
    [8 * day + hour, "8d"],
    [729 * day, "729d"],
    [2 * 365 * day + 30 * day, "2y30d"],
    [9 * 365 * day, "9y"],
  ];
  for (const [durationMs, expected] of table) t.equal(formatAge(durationMs), expected, expected);
  t.end();
});
