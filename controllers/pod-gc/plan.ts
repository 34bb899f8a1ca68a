import type { Pod, PodCondition } from "../../api/schema/types/core-v1.gen.js";
import { formatTime } from "../../api/machinery/time.js";
import { isPodTerminal } from "../common/pod-state.js";

/** The terminated pods beyond the threshold, the oldest first. */
export function planTerminated(terminated: readonly Pod[], threshold: number): readonly Pod[] {
  const alive = terminated.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const excess = alive.length - threshold;
  if (excess <= 0) return [];
  return alive.sort(olderFirst).slice(0, excess);
}

function olderFirst({ metadata: a }: Pod, { metadata: b }: Pod): number {
  if (a.creationTimestamp !== b.creationTimestamp)
    return a.creationTimestamp < b.creationTimestamp ? -1 : 1;
  return a.name < b.name ? -1 : 1;
}

/** A pod that is being deleted and that no node will ever report the end of. */
export function isUnscheduledAndGoing({ metadata, spec }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined && (spec.nodeName ?? "") === "";
}

/** What to say of a pod whose node is gone before it is removed; null: it has ended already. */
export function planLostPod(
  pod: Pod,
  nowMs: number,
): { readonly phase: "Failed"; readonly conditions: readonly PodCondition[] } | null {
  if (isPodTerminal(pod)) return null;
  const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== "DisruptionTarget");
  const condition = {
    type: "DisruptionTarget",
    status: "True",
    reason: "DeletionByPodGC",
    message: "PodGC: node no longer exists",
    lastTransitionTime: formatTime(nowMs),
  };
  return { phase: "Failed", conditions: [...others, condition] };
}
