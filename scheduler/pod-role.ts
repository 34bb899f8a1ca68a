import type { Pod } from "../api/schema/types/core-v1.gen.js";
import { isTerminal } from "./framework/pod-info.js";

/**
 * - waiting: ours to place.
 * - assigned: has a node and takes room there.
 * - ignored: has ended, is going before it was placed, or belongs to another scheduler.
 */
export type PodRole = "waiting" | "assigned" | "ignored";

/** What a pod is to the scheduler of this name. */
export function roleOf(pod: Pod, schedulerName: string): PodRole {
  if (isTerminal(pod)) return "ignored";
  if ((pod.spec.nodeName ?? "") !== "") return "assigned";
  if (pod.metadata.deletionTimestamp !== undefined) return "ignored";
  return (pod.spec.schedulerName ?? DEFAULT_SCHEDULER) === schedulerName ? "waiting" : "ignored";
}

/** The scheduler that pods get which name none. */
export const DEFAULT_SCHEDULER = "default-scheduler";
