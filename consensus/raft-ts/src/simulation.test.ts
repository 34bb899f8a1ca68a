import t from "tap";
import { noTotals, simulate } from "./test-simulation.js";

const SEEDS = 150;
const STORMS = 10;
t.setTimeout(240_000);

void t.test("safe in storms, and for longer", async (t) => {
  for (const weather of ["storm", "long"] as const)
    for (let seed = 1; seed <= STORMS; seed += 1)
      t.doesNotThrow(() => simulate(seed, { weather }, noTotals()), `${weather} ${seed}`);
});

void t.test("safe under faults, and alive in the calm after them", async (t) => {
  const totals = noTotals();
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    try {
      simulate(seed, {}, totals);
    } catch (error) {
      t.fail(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  t.comment(`${SEEDS} seeds: ${JSON.stringify(totals)}`);
  for (const [name, total] of Object.entries(totals)) t.ok(total > SEEDS, `${name}: ${total}`);
});
