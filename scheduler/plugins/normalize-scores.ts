import { MAX_NODE_SCORE } from "../framework/interfaces.js";

/**
 * Stretches scores so that the highest becomes 100, in place; with `reverse` the highest becomes
 * the lowest.
 */
export function normalizeScores(
  scores: number[],
  { reverse }: { readonly reverse: boolean },
): void {
  let highest = 0;
  for (const score of scores) highest = Math.max(highest, score);
  for (let i = 0; i < scores.length; i += 1) {
    const share = highest === 0 ? 0 : Math.floor((MAX_NODE_SCORE * (scores[i] ?? 0)) / highest);
    scores[i] = reverse ? MAX_NODE_SCORE - share : share;
  }
}
