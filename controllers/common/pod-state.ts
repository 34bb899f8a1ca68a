import { parseTimeMs } from "../../api/machinery/time.js";
import type { Pod, PodCondition } from "../../api/schema/types/core-v1.gen.js";

/** The pod's condition of this type; undefined when it has none. */
export function podCondition(pod: Pod, type: string): PodCondition | undefined {
  return pod.status?.conditions?.find((condition) => condition.type === type);
}

/** Its Ready condition is True. */
export function isPodReady(pod: Pod): boolean {
  return podCondition(pod, "Ready")?.status === "True";
}

/** It has run to its end and will not run again. */
export function isPodTerminal(pod: Pod): boolean {
  return pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
}

/** It runs or will run: neither ended nor being deleted. */
export function isPodActive(pod: Pod): boolean {
  return !isPodTerminal(pod) && pod.metadata.deletionTimestamp === undefined;
}

/** Since when it has been ready, in ms since 1970; null when it is not ready. */
export function readySinceMs(pod: Pod): number | null {
  const ready = podCondition(pod, "Ready");
  return ready?.status === "True" ? parseTimeMs(ready.lastTransitionTime ?? "") : null;
}

/**
 * Milliseconds until a ready pod counts as available, which it does after minReadySeconds; 0: it
 * does now; null: it is not ready.
 */
export function availableInMs(pod: Pod, minReadySeconds: number, nowMs: number): number | null {
  if (!isPodReady(pod)) return null;
  if (minReadySeconds === 0) return 0;
  const sinceMs = readySinceMs(pod);
  return sinceMs === null ? null : Math.max(0, sinceMs + minReadySeconds * 1000 - nowMs);
}
