import t from "tap";
import { nextStep, secondsAt } from "./plan.js";

void t.test("the more nodes, the longer agents keep what they know", (t) => {
  const cases: readonly [before: number, nodes: number, seconds: number][] = [
    [0, 0, 0],
    [0, 100, 0],
    [0, 101, 15],
    [1, 95, 15],
    [1, 89, 0],
    [0, 5_000, 300],
    [5, 8_999, 300],
    [5, 3, 0],
    [4, 10_001, 600],
  ];
  for (const [before, nodes, seconds] of cases)
    t.equal(secondsAt(nextStep(before, nodes)), seconds, `${nodes} nodes after step ${before}`);
  t.end();
});
