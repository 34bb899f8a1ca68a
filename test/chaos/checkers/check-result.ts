import type { Call } from "../history.js";

/** One promise that was broken, with the calls that show it. */
export interface Violation {
  /** A word for the kind of harm, such as "lost" or "stale-read". */
  readonly kind: string;
  readonly key: string;
  readonly message: string;
  /** As few calls as show it. */
  readonly calls: readonly Call[];
}

/** What a checker found. "unknown": it could not decide, which is never "valid". */
export interface CheckResult {
  readonly valid: boolean | "unknown";
  readonly violations: readonly Violation[];
  /** Why it could not decide. */
  readonly undecided: readonly string[];
  /** What was looked at, so that a reader sees that it was something. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Harm outweighs doubt, doubt outweighs health. */
export function checkResult(
  violations: readonly Violation[],
  undecided: readonly string[],
  counts: Readonly<Record<string, number>>,
): CheckResult {
  const valid = violations.length > 0 ? false : undecided.length > 0 ? "unknown" : true;
  return { valid, violations, undecided, counts };
}

/** The stretch of time that shows a violation, in nanoseconds. */
export interface Window {
  readonly startNs: number;
  readonly endNs: number;
}

/** From the first beginning to the last known end of the calls. */
export function windowOf(calls: readonly Call[]): Window {
  const times = calls.flatMap(({ startNs, endNs }) =>
    Number.isFinite(endNs) ? [startNs, endNs] : [startNs],
  );
  return { startNs: Math.min(...times), endNs: Math.max(...times) };
}

/** The violation with the shortest window; null without violations. */
export function smallestWindow(
  violations: readonly Violation[],
): (Window & { readonly violation: Violation }) | null {
  let best: (Window & { readonly violation: Violation }) | null = null;
  for (const violation of violations) {
    if (violation.calls.length === 0) continue;
    const window = windowOf(violation.calls);
    const length = window.endNs - window.startNs;
    if (best === null || length < best.endNs - best.startNs) best = { ...window, violation };
  }
  return best;
}
