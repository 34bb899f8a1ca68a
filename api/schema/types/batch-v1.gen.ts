// Generated from ../groups by `npm run generate`. Do not edit.
import type { StoredMeta } from "../wire-types.js";
import type { ObjectReference, PodTemplateSpec } from "./core-v1.gen.js";
import type { LabelSelector, ObjectMeta } from "./meta-v1.gen.js";

/** Starts Jobs at the times of a schedule. */
export interface CronJob {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "batch/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "CronJob";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Says when Jobs are due and what they are. */
  readonly spec: CronJobSpec;
  /** Reports which Jobs run and when one was last due. */
  readonly status?: CronJobStatus;
}

/** Describes when Jobs are due and what they are. */
export interface CronJobSpec {
  /** Says what happens when a Job is due while the last one runs: Allow (the default), Forbid or Replace. */
  readonly concurrencyPolicy?: string;
  /** Limits how many Jobs that failed are kept; 1 by default. */
  readonly failedJobsHistoryLimit?: number;
  /** Is the pattern for the Jobs. */
  readonly jobTemplate: JobTemplateSpec;
  /** Is the schedule in cron's notation: five fields, or a macro such as @daily. */
  readonly schedule: string;
  /** Lets a Job that was missed still start within this many seconds; absent sets no deadline. */
  readonly startingDeadlineSeconds?: number;
  /** Limits how many Jobs that succeeded are kept; 3 by default. */
  readonly successfulJobsHistoryLimit?: number;
  /** Stops new Jobs from being started while it is true; running ones go on. */
  readonly suspend?: boolean;
  /** Names the time zone of the schedule, such as Europe/Berlin; absent takes that of the controller. */
  readonly timeZone?: string;
}

/** Reports what a CronJob's controller has seen and done last. */
export interface CronJobStatus {
  /** Refers to the Jobs that run. */
  readonly active?: readonly ObjectReference[];
  /** Tells when a Job was last due and started. */
  readonly lastScheduleTime?: string;
  /** Tells when a Job last succeeded. */
  readonly lastSuccessfulTime?: string;
}

/** Runs Pods until enough of them have succeeded. */
export interface Job {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "batch/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "Job";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Describes what runs, and how often it must succeed. */
  readonly spec: JobSpec;
  /** Reports how far the Job has got; its controller writes it. */
  readonly status?: JobStatus;
}

/** States one aspect of a Job's state. */
export interface JobCondition {
  /** Tells when the condition was last looked at. */
  readonly lastProbeTime?: string;
  /** Tells when the status last became what it is. */
  readonly lastTransitionTime?: string;
  /** Gives the cause of the last change as a text for people. */
  readonly message?: string;
  /** Gives the cause of the last change as one CamelCase word. */
  readonly reason?: string;
  /** Says whether it holds: True, False or Unknown. */
  readonly status: string;
  /** Names the aspect. */
  readonly type: string;
}

/** Describes what a Job is to achieve. */
export interface JobSpec {
  /** Ends the Job as failed when it has run for this many seconds. */
  readonly activeDeadlineSeconds?: number;
  /** Limits how often failed Pods are replaced before the Job fails; 6 by default. */
  readonly backoffLimit?: number;
  /** Limits how often the Pod of one index is replaced before the index fails; only for Indexed. */
  readonly backoffLimitPerIndex?: number;
  /** Says how successes count: NonIndexed (the default) takes any, Indexed wants one for each index. */
  readonly completionMode?: string;
  /** Says how many Pods must succeed; absent makes one success enough for all. */
  readonly completions?: number;
  /** Names the controller that acts on the Job; absent means the built-in one. */
  readonly managedBy?: string;
  /** Leaves selector and labels to the user instead of the server when it is true. */
  readonly manualSelector?: boolean;
  /** Fails the Job when more indexes than this have failed; only with backoffLimitPerIndex. */
  readonly maxFailedIndexes?: number;
  /** Limits how many Pods run at the same time; 1 by default. */
  readonly parallelism?: number;
  /** Says what follows from which failure of a Pod; absent counts them all towards backoffLimit. */
  readonly podFailurePolicy?: PodFailurePolicy;
  /** Says when a Pod is replaced: once it is Failed, or already when TerminatingOrFailed. */
  readonly podReplacementPolicy?: string;
  /** Chooses the Pods that belong to the Job; usually the server sets it. */
  readonly selector?: LabelSelector;
  /** Lets an Indexed Job succeed before all indexes have. */
  readonly successPolicy?: SuccessPolicy;
  /** Ends the Job's Pods and starts none while it is true; false by default. */
  readonly suspend?: boolean;
  /** Is the pattern for the Pods; its restartPolicy can be Never or OnFailure. */
  readonly template: PodTemplateSpec;
  /** Deletes the Job this many seconds after it ended; absent keeps it. */
  readonly ttlSecondsAfterFinished?: number;
}

/** Reports what a Job's controller has seen and done last. */
export interface JobStatus {
  /** Counts the Pods that run or wait and are not being deleted. */
  readonly active?: number;
  /** Lists the indexes that have succeeded, such as 1,3-5. */
  readonly completedIndexes?: string;
  /** Tells when the Job succeeded; absent while it has not. */
  readonly completionTime?: string;
  /** States how the Job stands, such as Complete, Failed or Suspended. */
  readonly conditions?: readonly JobCondition[];
  /** Counts the Pods that have failed. */
  readonly failed?: number;
  /** Lists the indexes that have failed, such as 1,3-5; only with backoffLimitPerIndex. */
  readonly failedIndexes?: string;
  /** Counts the active Pods that are ready. */
  readonly ready?: number;
  /** Tells when the controller began with the Job, or resumed it last. */
  readonly startTime?: string;
  /** Counts the Pods that have succeeded. */
  readonly succeeded?: number;
  /** Counts the Pods that are being deleted. */
  readonly terminating?: number;
  /** Holds the Pods that have ended and are not counted above yet. */
  readonly uncountedTerminatedPods?: UncountedTerminatedPods;
}

/** Is the pattern for the Jobs of a CronJob. */
export interface JobTemplateSpec {
  /** Holds the labels and annotations of the Jobs. */
  readonly metadata?: ObjectMeta;
  /** Describes the Jobs. */
  readonly spec?: JobSpec;
}

/** Says what follows from which failure of a Pod. */
export interface PodFailurePolicy {
  /** Holds the rules; the first that fits a failure decides. At most 20. */
  readonly rules: readonly PodFailurePolicyRule[];
}

/** Fits a failure by the exit codes of its containers. */
export interface PodFailurePolicyOnExitCodesRequirement {
  /** Names the container whose exit code counts; absent means any. */
  readonly containerName?: string;
  /** Says whether the code must be In the values or NotIn them. */
  readonly operator: string;
  /** Lists exit codes in ascending order; 0 cannot be In them. */
  readonly values: readonly number[];
}

/** Fits a failure by a condition of its Pod. */
export interface PodFailurePolicyOnPodConditionsPattern {
  /** Is the status the condition must have; True by default. */
  readonly status?: string;
  /** Names the condition. */
  readonly type: string;
}

/** Says what one sort of failure leads to. */
export interface PodFailurePolicyRule {
  /** Says what to do: FailJob, FailIndex, Ignore the failure, or Count it as usual. */
  readonly action: string;
  /** Fits the failure by exit codes. */
  readonly onExitCodes?: PodFailurePolicyOnExitCodesRequirement;
  /** Fits the failure by conditions of the Pod, any of them. */
  readonly onPodConditions?: readonly PodFailurePolicyOnPodConditionsPattern[];
}

/** Says which successes are enough for a whole Indexed Job. */
export interface SuccessPolicy {
  /** Holds the rules; the Job succeeds with the first that is met. At most 20. */
  readonly rules: readonly SuccessPolicyRule[];
}

/** Is met by enough successes, of certain indexes or of any. */
export interface SuccessPolicyRule {
  /** Says how many of them must succeed; absent means all. */
  readonly succeededCount?: number;
  /** Lists the indexes that count, such as 1,3-5; absent means all. */
  readonly succeededIndexes?: string;
}

/** Holds Pods that have ended between two looks of the controller. */
export interface UncountedTerminatedPods {
  /** Lists the uids of those that failed. */
  readonly failed?: readonly string[];
  /** Lists the uids of those that succeeded. */
  readonly succeeded?: readonly string[];
}
