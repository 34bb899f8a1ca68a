import type { SimulationResult } from "./simulation.js";
import { addTotals, describeTotals, missingTotals, noTotals, type Totals } from "./totals.js";

/** Fewer seeds need not have met everything. */
export const SEEDS_FOR_TOTALS = 60;
const RESTLESS_PERCENT = 90;

export interface Summary {
  readonly seeds: number;
  readonly failed: readonly SimulationResult[];
  readonly totals: Totals;
  /** Seeds in which at least one leader changed and one peer restarted. */
  readonly restless: number;
  /** Why the run as a whole shows too little; empty when it does not. */
  readonly missing: readonly string[];
}

export function summarize(results: readonly SimulationResult[]): Summary {
  const totals = noTotals();
  for (const result of results) addTotals(totals, result.totals);
  const restless = results.filter(
    (one) => one.totals.leaderChanges > 0 && one.totals.restarts > 0,
  ).length;
  const failed = results.filter(({ failure }) => failure !== null);
  const missing: string[] = [];
  if (results.length >= SEEDS_FOR_TOTALS) {
    for (const name of missingTotals(totals)) missing.push(`never happened: ${name}`);
    if (restless * 100 < results.length * RESTLESS_PERCENT)
      missing.push(`a leader changed and a peer restarted in ${restless} seeds only`);
  }
  return { seeds: results.length, failed, totals, restless, missing };
}

/** The last line of a run: `N seeds, F failed: …`. */
export function lastLine({ seeds, failed, totals, missing }: Summary): string {
  const rest =
    failed.length > 0
      ? `seed ${failed.map(({ seed }) => seed).join(", ")}`
      : missing.length > 0
        ? missing.join("; ")
        : describeTotals(totals);
  return `${seeds} seeds, ${failed.length} failed: ${rest}`;
}
