/** How far a run has got. */
export interface Progress {
  readonly elapsedMs: number;
  /** Of each workload. */
  readonly okCounts: readonly number[];
  /** Of the nemeses asked for, those that have taken hold. */
  readonly bitten: number;
}

/** What a run is to be. */
export interface Goal {
  readonly durationMs: number;
  readonly nemeses: number;
  /** Ok operations that each workload is given time for. */
  readonly okWanted: number;
}

/** Whether some workload has done less than its share of what is wanted. */
export function isBehind({ elapsedMs, okCounts }: Progress, goal: Goal): boolean {
  const share = Math.min(1, elapsedMs / goal.durationMs);
  return okCounts.some((count) => count < share * goal.okWanted);
}

/**
 * Whether the faults are over: after the time that was asked for, and up to as much again while
 * there is not enough for a verdict (a slow computer, a nemesis that did not take hold).
 */
export function isOver(progress: Progress, goal: Goal): boolean {
  const { elapsedMs, okCounts, bitten } = progress;
  if (elapsedMs < goal.durationMs) return false;
  const isEnough = okCounts.every((count) => count >= goal.okWanted) && bitten >= goal.nemeses;
  return isEnough || elapsedMs >= 2 * goal.durationMs;
}
