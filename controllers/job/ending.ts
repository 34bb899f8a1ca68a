import { parseTimeMs } from "../../api/machinery/time.js";
import type { Job, JobCondition } from "../../api/schema/types/batch-v1.gen.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import { judgeFailure } from "./failure-policy.js";
import type { IndexSet } from "./index-set.js";
import { isFailed, isTracked } from "./job-pods.js";
import { metSuccessRule } from "./success-policy.js";

/** What a Job is bound for: its remaining pods end before it is called Failed or Complete. */
export interface Ending {
  readonly type: "FailureTarget" | "SuccessCriteriaMet";
  readonly reason: string;
  readonly message: string;
  /** The status says so already. */
  readonly stored: boolean;
}

/** What the end of a Job is read from. */
export interface EndingFacts {
  readonly job: Job;
  readonly pods: readonly Pod[];
  readonly active: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly succeededIndexes: IndexSet | null;
  readonly failedIndexes: IndexSet | null;
  readonly nowMs: number;
}

/** The condition of this type, when it is True. */
export function trueCondition(job: Job, type: string): JobCondition | undefined {
  return job.status?.conditions?.find((each) => each.type === type && each.status === "True");
}

/** It is Complete or Failed. */
export function isFinished(job: Job): boolean {
  return (trueCondition(job, "Complete") ?? trueCondition(job, "Failed")) !== undefined;
}

/** When its activeDeadlineSeconds are over, in ms from now; null: it has none, or does not run. */
export function deadlineInMs({ spec, status }: Job, nowMs: number): number | null {
  const startMs = typeof status?.startTime === "string" ? parseTimeMs(status.startTime) : null;
  if (spec.activeDeadlineSeconds === undefined || spec.suspend === true || startMs === null)
    return null;
  return startMs + spec.activeDeadlineSeconds * 1000 - nowMs;
}

/** How the Job ends, as far as it is settled; null: it goes on. */
export function endingOf(facts: EndingFacts): Ending | null {
  return storedEnding(facts.job) ?? failureOf(facts) ?? successOf(facts);
}

function storedEnding(job: Job): Ending | null {
  for (const type of ["FailureTarget", "SuccessCriteriaMet"] as const) {
    const condition = trueCondition(job, type);
    if (condition === undefined) continue;
    const { reason = "", message = "" } = condition;
    return { type, reason, message, stored: true };
  }
  return null;
}

function failureOf(facts: EndingFacts): Ending | null {
  const { job, pods, failed, succeededIndexes, failedIndexes, nowMs } = facts;
  const { spec } = job;
  const failure = (reason: string, message: string): Ending => {
    return { type: "FailureTarget", reason, message, stored: false };
  };
  if (spec.podFailurePolicy !== undefined)
    for (const pod of pods) {
      if (!isTracked(pod) || !isFailed(pod, job)) continue;
      const { failJob } = judgeFailure(spec.podFailurePolicy, pod);
      if (failJob !== null) return failure("PodFailurePolicy", failJob);
    }
  const limit = spec.backoffLimit ?? (failedIndexes === null ? 6 : 2 ** 31 - 1);
  if (failed > limit || restartedTooOften(job, pods, limit))
    return failure("BackoffLimitExceeded", "Job has reached the specified backoff limit");
  if ((deadlineInMs(job, nowMs) ?? 1) <= 0)
    return failure("DeadlineExceeded", "Job was active longer than specified deadline");
  if (failedIndexes === null || succeededIndexes === null) return null;
  if (spec.maxFailedIndexes !== undefined && failedIndexes.size > spec.maxFailedIndexes) {
    const text = "Job has exceeded the specified maximal number of failed indexes";
    return failure("MaxFailedIndexesExceeded", text);
  }
  const all = failedIndexes.union(succeededIndexes).size >= (spec.completions ?? 0);
  return failedIndexes.size > 0 && all ? failure("FailedIndexes", "Job has failed indexes") : null;
}

/** With restartPolicy OnFailure a pod does not fail: its restarts count in its place. */
function restartedTooOften({ spec }: Job, pods: readonly Pod[], limit: number): boolean {
  if (spec.template.spec?.restartPolicy !== "OnFailure") return false;
  let restarts = 0;
  for (const { status } of pods) {
    if (status?.phase !== "Running" && status?.phase !== "Pending") continue;
    const statuses = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
    restarts += statuses.reduce((sum, { restartCount }) => sum + restartCount, 0);
  }
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

function successOf(facts: EndingFacts): Ending | null {
  const { job, active, succeeded, succeededIndexes } = facts;
  const { completions, successPolicy } = job.spec;
  const success = (reason: string, message: string): Ending => {
    return { type: "SuccessCriteriaMet", reason, message, stored: false };
  };
  const met =
    succeededIndexes === null
      ? null
      : metSuccessRule(successPolicy, succeededIndexes, completions ?? 0);
  if (met !== null) return success("SuccessPolicy", met);
  if (active > 0 || job.metadata.deletionTimestamp !== undefined) return null;
  const enough = completions === undefined ? succeeded > 0 : succeeded >= completions;
  if (!enough) return null;
  return success("CompletionsReached", "Reached expected number of succeeded pods");
}
