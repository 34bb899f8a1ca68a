/** How long the next attempt has to wait after the last one. */
export interface BackoffEntry {
  readonly delayMs: number;
  /** When the delay was last raised. */
  readonly updatedMs: number;
}

/** First delay, doubled each time up to the longest. */
export interface BackoffLimits {
  readonly initialMs: number;
  readonly maxMs: number;
  /** Quiet for this long: the next delay is the first one again. */
  readonly resetAfterMs: number;
}

/** Of crashing containers: 10 s doubling to 5 min, forgotten after 10 min. */
export const CRASH_BACKOFF: BackoffLimits = {
  initialMs: 10_000,
  maxMs: 300_000,
  resetAfterMs: 600_000,
};

/** Of images that cannot be pulled. */
export const PULL_BACKOFF: BackoffLimits = CRASH_BACKOFF;

/** Milliseconds still to wait at `nowMs` after something that ended at `endedMs`; 0: go ahead. */
export function backoffRemainingMs(
  entry: BackoffEntry | undefined,
  limits: BackoffLimits,
  at: { readonly endedMs: number; readonly nowMs: number },
): number {
  if (entry === undefined || at.endedMs - entry.updatedMs > limits.resetAfterMs) return 0;
  return Math.max(0, at.endedMs + entry.delayMs - at.nowMs);
}

/** The entry after another attempt at `nowMs`. */
export function nextBackoff(
  entry: BackoffEntry | undefined,
  limits: BackoffLimits,
  nowMs: number,
): BackoffEntry {
  const fresh = entry === undefined || nowMs - entry.updatedMs > limits.resetAfterMs;
  const delayMs = fresh ? limits.initialMs : Math.min(entry.delayMs * 2, limits.maxMs);
  return { delayMs, updatedMs: nowMs };
}

/** As it stands in messages: "10s", "1m20s", "5m0s". */
export function formatDelay(delayMs: number): string {
  const seconds = Math.round(delayMs / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
