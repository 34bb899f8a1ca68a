import t from "tap";
import { formatGoDuration, parseGoDuration } from "./go-duration.js";

t.test("durations as Go writes them", (t) => {
  const cases: readonly (readonly [durationMs: number, text: string])[] = [
    [0, "0s"],
    [1e-6, "1ns"],
    [0.0015, "1.5µs"],
    [0.25, "250µs"],
    [1, "1ms"],
    [999.5, "999.5ms"],
    [1000, "1s"],
    [10_062, "10.062s"],
    [59_999, "59.999s"],
    [60_000, "1m0s"],
    [90_500, "1m30.5s"],
    [3_600_000, "1h0m0s"],
    [100 * 3_600_000 + 1, "100h0m0.001s"],
    [-1500, "-1.5s"],
  ];
  for (const [durationMs, text] of cases) {
    t.equal(formatGoDuration(durationMs), text);
    t.match(parseGoDuration(text), { ok: true, durationMs }, text);
  }
  t.end();
});
