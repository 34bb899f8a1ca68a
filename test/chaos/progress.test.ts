import t from "tap";
import { isBehind, isOver } from "./progress.js";

const GOAL = { durationMs: 100_000, nemeses: 3, okWanted: 1100 };

void t.test("a run takes as long as was asked, or up to twice as long for a verdict", (t) => {
  const enough = { okCounts: [2000, 1500], bitten: 3 };
  t.equal(isOver({ elapsedMs: 99_999, ...enough }, GOAL), false);
  t.equal(isOver({ elapsedMs: 100_000, ...enough }, GOAL), true);
  t.equal(isOver({ elapsedMs: 100_000, ...enough, bitten: 2 }, GOAL), false);
  t.equal(isOver({ elapsedMs: 100_000, ...enough, okCounts: [2000, 999] }, GOAL), false);
  t.equal(isOver({ elapsedMs: 200_000, okCounts: [0, 0], bitten: 0 }, GOAL), true);
  t.end();
});

void t.test("a workload is behind when it has less than its share", (t) => {
  const at = (elapsedMs: number, ...okCounts: readonly number[]): boolean =>
    isBehind({ elapsedMs, okCounts, bitten: 0 }, GOAL);
  t.equal(at(50_000, 600, 600), false);
  t.equal(at(50_000, 600, 500), true);
  t.equal(at(150_000, 1200), false);
  t.equal(at(150_000, 1000), true);
  t.end();
});
