import { runSeeds } from "./seed-pool.js";
import { OPERATIONS_MIN, TICKS_MIN } from "./simulation.js";
import { lastLine, summarize } from "./summary.js";

interface Test {
  ok(value: unknown, message: string): void;
  same(found: unknown, wanted: unknown, message: string): void;
  comment(text: string): void;
}

/** Runs seeds and holds what every run of many must show. */
export async function testSeeds(
  t: Test,
  range: { readonly from: number; readonly count: number },
): Promise<void> {
  const startedMs = performance.now();
  const results = await runSeeds(range);
  const seconds = (performance.now() - startedMs) / 1000;
  const summary = summarize(results);
  for (const { seed, failure } of summary.failed)
    t.ok(false, `seed ${seed} (npm run sim -- --seed ${seed}): ${failure}`);
  t.ok(summary.failed.length === 0, `${range.count} seeds`);
  t.same(summary.missing, [], "every fault was met; leaders changed and peers restarted");
  const lazy = results.filter(
    ({ totals }) => totals.ticks < TICKS_MIN || totals.operations < OPERATIONS_MIN,
  );
  t.same(
    lazy.map(({ seed }) => seed),
    [],
    `${TICKS_MIN} ticks and ${OPERATIONS_MIN} operations in every seed`,
  );
  t.comment(`${seconds.toFixed(1)} s; ${lastLine(summary)}`);
}
