import t from "tap";
import { RecentMaximum } from "./recent-maximum.js";

void t.test("the largest of the last while", (t) => {
  const recent = new RecentMaximum(30);
  const told = (
    [
      [0, 5, 5],
      [10, 9, 9],
      [11, 0, 9],
      [20, 7, 9],
      [39, 0, 9],
      [40, 0, 7],
      [50, 0, 0],
      [51, -1, 0],
    ] as const
  ).map(([nowMs, value, largest]) => [recent.note(value, nowMs), largest]);
  for (const [found, wanted] of told) t.equal(found, wanted);
  t.end();
});
