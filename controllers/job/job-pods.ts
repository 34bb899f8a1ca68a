import { parseTimeMs } from "../../api/machinery/time.js";
import type { Job } from "../../api/schema/types/batch-v1.gen.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import { podCondition } from "../common/pod-state.js";
import { judgeFailure } from "./failure-policy.js";

/** Keeps an ended pod until it is counted in its Job's status. */
export const JOB_TRACKING_FINALIZER = "batch.kubernetes.io/job-tracking";
/** Annotation and label of a pod of an Indexed Job. */
export const COMPLETION_INDEX = "batch.kubernetes.io/job-completion-index";
/** Annotation: how often pods of its index have failed before this one. */
export const FAILURE_COUNT = "batch.kubernetes.io/job-index-failure-count";
/** Annotation: the same, of failures that the podFailurePolicy told to ignore. */
export const IGNORED_FAILURE_COUNT = "batch.kubernetes.io/job-index-ignored-failure-count";

/** True when the ended pod still has to be counted. */
export function isTracked({ metadata }: Pod): boolean {
  return metadata.finalizers?.includes(JOB_TRACKING_FINALIZER) === true;
}

/** Null: the pod says none, or none that the Job has. */
export function indexOf(pod: Pod, job: Job): number | null {
  const text = pod.metadata.annotations?.[COMPLETION_INDEX] ?? "";
  if (!/^(0|[1-9]\d*)$/.test(text)) return null;
  const index = Number(text);
  return index < (job.spec.completions ?? 0) ? index : null;
}

/** Every index is accounted for by itself. */
export function hasLimitPerIndex({ spec }: Job): boolean {
  return spec.completionMode === "Indexed" && spec.backoffLimitPerIndex !== undefined;
}

/** A pod is replaced only once it has ended, not already while it is being deleted. */
export function replacesFailedOnly({ spec }: Job): boolean {
  return spec.podReplacementPolicy === "Failed";
}

/**
 * The pod counts as a failure. One that is being deleted counts too, unless the Job waits for its
 * end: its node may be gone for good.
 */
export function isFailed(pod: Pod, job: Job): boolean {
  if (pod.status?.phase === "Failed") return true;
  if (replacesFailedOnly(job) || pod.status?.phase === "Succeeded") return false;
  return pod.metadata.deletionTimestamp !== undefined;
}

/** Pods of this index that failed before this one, as its annotations say. */
export function failuresBefore({ metadata }: Pod): { counted: number; ignored: number } {
  const read = (name: string): number => {
    const text = metadata.annotations?.[name] ?? "";
    return /^\d+$/.test(text) ? Number(text) : 0;
  };
  return { counted: read(FAILURE_COUNT), ignored: read(IGNORED_FAILURE_COUNT) };
}

/** The same for the pod that takes the place of this one. */
export function failuresWith(pod: Pod, job: Job): { counted: number; ignored: number } {
  const { counted, ignored } = failuresBefore(pod);
  const counts = judgeFailure(job.spec.podFailurePolicy, pod).counts;
  return counts ? { counted: counted + 1, ignored } : { counted, ignored: ignored + 1 };
}

/** The failed pod was the last that its index may have. */
export function endsIndex(pod: Pod, job: Job): boolean {
  if (!isFailed(pod, job)) return false;
  const { action, counts } = judgeFailure(job.spec.podFailurePolicy, pod);
  if (action === "FailIndex") return true;
  return counts && failuresBefore(pod).counted >= (job.spec.backoffLimitPerIndex ?? 0);
}

/** When the pod ended, as exactly as can be told, in ms since 1970. */
export function endedAtMs(pod: Pod, nowMs: number): number {
  const statuses = pod.status?.containerStatuses ?? [];
  const ends = statuses.map(({ state }) => timeOf(state?.terminated?.finishedAt));
  if (ends.length > 0 && ends.every((end) => end !== null))
    return Math.max(...ends.map((end) => end ?? 0));
  const ready = timeOf(podCondition(pod, "Ready")?.lastTransitionTime);
  if (ready !== null) return ready;
  const deleted = timeOf(pod.metadata.deletionTimestamp);
  if (deleted !== null) return deleted - (pod.metadata.deletionGracePeriodSeconds ?? 0) * 1000;
  return timeOf(pod.metadata.creationTimestamp) ?? nowMs;
}

function timeOf(text: string | null | undefined): number | null {
  return text === undefined || text === null ? null : parseTimeMs(text);
}
