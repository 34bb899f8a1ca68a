import { formatTime, parseTimeMs } from "../../api/machinery/time.js";
import { matchingToleration } from "../../api/schema/placement/tolerations.js";
import type { Pod, PodCondition, Taint } from "../../api/schema/types/core-v1.gen.js";

/** The taints that end pods. */
export function noExecuteTaints(taints: readonly Taint[] | undefined): readonly Taint[] {
  return (taints ?? []).filter(({ effect }) => effect === "NoExecute");
}

/**
 * When a pod has to leave a node with these NoExecute taints, in ms since 1970 (at once where that
 * is past); null: it may stay. The shortest `tolerationSeconds` of the tolerations that it needs
 * counts, from the latest of the times at which the taints were added; `seenMs` stands in where a
 * taint does not say. Rules: Kubernetes' tainteviction controller; there the time counts from when
 * the controller saw the taint first.
 */
export function evictionTimeMs(pod: Pod, taints: readonly Taint[], seenMs: number): number | null {
  let shortestMs: number | null = null;
  let sinceMs = 0;
  for (const taint of taints) {
    const toleration = matchingToleration(pod.spec.tolerations, taint);
    if (toleration === null) return 0;
    const { tolerationSeconds } = toleration;
    if (tolerationSeconds !== undefined) {
      const lengthMs = Math.max(0, tolerationSeconds) * 1000;
      shortestMs = shortestMs === null ? lengthMs : Math.min(shortestMs, lengthMs);
    }
    const addedMs = taint.timeAdded === undefined ? null : parseTimeMs(taint.timeAdded);
    sinceMs = Math.max(sinceMs, addedMs ?? seenMs);
  }
  return shortestMs === null ? null : sinceMs + shortestMs;
}

/** The condition that says why a pod is about to end, for its Job's podFailurePolicy and people. */
export function disruptionCondition(nowMs: number): PodCondition {
  return {
    type: "DisruptionTarget",
    status: "True",
    reason: "DeletionByTaintManager",
    message: "Taint manager: deleting due to NoExecute taint",
    lastTransitionTime: formatTime(nowMs),
  };
}
