/** How long agents may keep what they know of ConfigMaps and Secrets, by the number of nodes. */
const STEPS: readonly { readonly min: number; readonly max: number; readonly seconds: number }[] = [
  { min: 0, max: 100, seconds: 0 },
  { min: 90, max: 500, seconds: 15 },
  { min: 450, max: 1_000, seconds: 30 },
  { min: 900, max: 2_000, seconds: 60 },
  { min: 1_800, max: 10_000, seconds: 300 },
  { min: 9_000, max: Number.POSITIVE_INFINITY, seconds: 600 },
];

/**
 * The step for a number of nodes when `step` was the one before: the ranges overlap, so that a node
 * that comes and goes does not change every node each time. Kubernetes' TTL controller.
 */
export function nextStep(step: number, nodeCount: number): number {
  let next = step;
  while (nodeCount > (STEPS[next]?.max ?? 0)) next += 1;
  while (nodeCount < (STEPS[next]?.min ?? 0)) next -= 1;
  return next;
}

/** Seconds at a step. */
export function secondsAt(step: number): number {
  return STEPS[step]?.seconds ?? 0;
}
