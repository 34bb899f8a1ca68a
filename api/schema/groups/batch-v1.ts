/** batch/v1: see ../notation.ts for how to read this. */
export const batchV1 = `
group batch/v1 batch/v1

kind Job jobs namespaced categories=all
  sub status Job get patch update
kind CronJob cronjobs namespaced short=cj categories=all
  sub status CronJob get patch update

type CronJob # Starts Jobs at the times of a schedule.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec! CronJobSpec # Says when Jobs are due and what they are.
  3 status CronJobStatus default={} # Reports which Jobs run and when one was last due.

type CronJobSpec # Describes when Jobs are due and what they are.
  1 schedule! string # Is the schedule in cron's notation: five fields, or a macro such as @daily.
  2 startingDeadlineSeconds? int64 # Lets a Job that was missed still start within this many seconds; absent sets no deadline.
  3 concurrencyPolicy string default="Allow" # Says what happens when a Job is due while the last one runs: Allow (the default), Forbid or Replace.
  4 suspend? bool default=false # Stops new Jobs from being started while it is true; running ones go on.
  5 jobTemplate! JobTemplateSpec # Is the pattern for the Jobs.
  6 successfulJobsHistoryLimit? int32 default=3 # Limits how many Jobs that succeeded are kept; 3 by default.
  7 failedJobsHistoryLimit? int32 default=1 # Limits how many Jobs that failed are kept; 1 by default.
  8 timeZone? string # Names the time zone of the schedule, such as Europe/Berlin; absent takes that of the controller.

type CronJobStatus # Reports what a CronJob's controller has seen and done last.
  1 active []core/v1.ObjectReference list=atomic # Refers to the Jobs that run.
  4 lastScheduleTime Time # Tells when a Job was last due and started.
  5 lastSuccessfulTime Time # Tells when a Job last succeeded.

type Job # Runs Pods until enough of them have succeeded.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec JobSpec # Describes what runs, and how often it must succeed.
  3 status JobStatus default={} # Reports how far the Job has got; its controller writes it.

type JobCondition # States one aspect of a Job's state.
  1 type! string # Names the aspect.
  2 status! string # Says whether it holds: True, False or Unknown.
  3 lastProbeTime Time # Tells when the condition was last looked at.
  4 lastTransitionTime Time # Tells when the status last became what it is.
  5 reason string # Gives the cause of the last change as one CamelCase word.
  6 message string # Gives the cause of the last change as a text for people.

type JobSpec # Describes what a Job is to achieve.
  1 parallelism? int32 # Limits how many Pods run at the same time; 1 by default.
  2 completions? int32 # Says how many Pods must succeed; absent makes one success enough for all.
  3 activeDeadlineSeconds? int64 # Ends the Job as failed when it has run for this many seconds.
  4 selector meta/v1.LabelSelector # Chooses the Pods that belong to the Job; usually the server sets it.
  5 manualSelector? bool # Leaves selector and labels to the user instead of the server when it is true.
  6 template! core/v1.PodTemplateSpec default={} # Is the pattern for the Pods; its restartPolicy can be Never or OnFailure.
  7 backoffLimit? int32 # Limits how often failed Pods are replaced before the Job fails; 6 by default.
  8 ttlSecondsAfterFinished? int32 # Deletes the Job this many seconds after it ended; absent keeps it.
  9 completionMode? string # Says how successes count: NonIndexed (the default) takes any, Indexed wants one for each index.
  10 suspend? bool # Ends the Job's Pods and starts none while it is true; false by default.
  11 podFailurePolicy PodFailurePolicy # Says what follows from which failure of a Pod; absent counts them all towards backoffLimit.
  12 backoffLimitPerIndex? int32 # Limits how often the Pod of one index is replaced before the index fails; only for Indexed.
  13 maxFailedIndexes? int32 # Fails the Job when more indexes than this have failed; only with backoffLimitPerIndex.
  14 podReplacementPolicy? string # Says when a Pod is replaced: once it is Failed, or already when TerminatingOrFailed.
  15 managedBy? string # Names the controller that acts on the Job; absent means the built-in one.
  16 successPolicy SuccessPolicy # Lets an Indexed Job succeed before all indexes have.

type JobStatus # Reports what a Job's controller has seen and done last.
  1 conditions []JobCondition list=atomic patch=merge(type) # States how the Job stands, such as Complete, Failed or Suspended.
  2 startTime Time # Tells when the controller began with the Job, or resumed it last.
  3 completionTime Time # Tells when the Job succeeded; absent while it has not.
  4 active int32 # Counts the Pods that run or wait and are not being deleted.
  5 succeeded int32 # Counts the Pods that have succeeded.
  6 failed int32 # Counts the Pods that have failed.
  7 completedIndexes string # Lists the indexes that have succeeded, such as 1,3-5.
  8 uncountedTerminatedPods UncountedTerminatedPods # Holds the Pods that have ended and are not counted above yet.
  9 ready? int32 # Counts the active Pods that are ready.
  10 failedIndexes? string # Lists the indexes that have failed, such as 1,3-5; only with backoffLimitPerIndex.
  11 terminating? int32 # Counts the Pods that are being deleted.

type JobTemplateSpec # Is the pattern for the Jobs of a CronJob.
  1 metadata meta/v1.ObjectMeta default={} # Holds the labels and annotations of the Jobs.
  2 spec JobSpec default={} # Describes the Jobs.

type PodFailurePolicy # Says what follows from which failure of a Pod.
  1 rules! []PodFailurePolicyRule list=atomic # Holds the rules; the first that fits a failure decides. At most 20.

type PodFailurePolicyOnExitCodesRequirement # Fits a failure by the exit codes of its containers.
  1 containerName? string # Names the container whose exit code counts; absent means any.
  2 operator! string # Says whether the code must be In the values or NotIn them.
  3 values! []int32 list=set # Lists exit codes in ascending order; 0 cannot be In them.

type PodFailurePolicyOnPodConditionsPattern # Fits a failure by a condition of its Pod.
  1 type! string # Names the condition.
  2 status string default="True" # Is the status the condition must have; True by default.

type PodFailurePolicyRule # Says what one sort of failure leads to.
  1 action! string # Says what to do: FailJob, FailIndex, Ignore the failure, or Count it as usual.
  2 onExitCodes PodFailurePolicyOnExitCodesRequirement # Fits the failure by exit codes.
  3 onPodConditions []PodFailurePolicyOnPodConditionsPattern list=atomic # Fits the failure by conditions of the Pod, any of them.

type SuccessPolicy # Says which successes are enough for a whole Indexed Job.
  1 rules! []SuccessPolicyRule list=atomic # Holds the rules; the Job succeeds with the first that is met. At most 20.

type SuccessPolicyRule # Is met by enough successes, of certain indexes or of any.
  1 succeededIndexes? string # Lists the indexes that count, such as 1,3-5; absent means all.
  2 succeededCount? int32 # Says how many of them must succeed; absent means all.

type UncountedTerminatedPods # Holds Pods that have ended between two looks of the controller.
  1 succeeded []string list=set # Lists the uids of those that succeeded.
  2 failed []string list=set # Lists the uids of those that failed.
`;
