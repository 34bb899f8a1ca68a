import type { HorizontalPodAutoscaler } from "../../api/schema/types/autoscaling-v2.gen.js";
import type { CronJob, Job } from "../../api/schema/types/batch-v1.gen.js";
import type { PodDisruptionBudget } from "../../api/schema/types/policy-v1.gen.js";
import {
  condition,
  conditionSamples,
  kindMetrics,
  named,
  number,
  ownerSamples,
  seconds,
} from "./family.js";

const JOB_METRICS = kindMetrics<Job>({
  resource: { group: "batch", resource: "jobs" },
  names: named("job_name"),
  families: [
    { name: "kube_job_info", help: "Information about job.", of: () => 1 },
    number("kube_job_created", "Unix creation timestamp", ({ metadata }) =>
      seconds(metadata.creationTimestamp),
    ),
    {
      name: "kube_job_owner",
      help: "Information about the Job's owner.",
      of: ({ metadata }) => ownerSamples(metadata),
    },
    number(
      "kube_job_spec_parallelism",
      "The maximum desired number of pods the job should run at any given time.",
      ({ spec }) => spec?.parallelism,
    ),
    number(
      "kube_job_spec_completions",
      "The desired number of successfully finished pods the job should be run with.",
      ({ spec }) => spec?.completions,
    ),
    number(
      "kube_job_spec_active_deadline_seconds",
      "The duration in seconds relative to the startTime that the job may be active before the system tries to terminate it.",
      ({ spec }) => spec?.activeDeadlineSeconds,
    ),
    number(
      "kube_job_status_active",
      "The number of actively running pods.",
      ({ status }) => status?.active ?? 0,
    ),
    number(
      "kube_job_status_succeeded",
      "The number of pods which reached Phase Succeeded.",
      ({ status }) => status?.succeeded ?? 0,
    ),
    number(
      "kube_job_status_failed",
      "The number of pods which reached Phase Failed and the reason for failure.",
      ({ status }) => status?.failed ?? 0,
    ),
    number(
      "kube_job_status_start_time",
      "StartTime represents time when the job was acknowledged by the Job Manager.",
      ({ status }) => seconds(status?.startTime),
    ),
    number(
      "kube_job_status_completion_time",
      "CompletionTime represents time when the job was completed.",
      ({ status }) => seconds(status?.completionTime),
    ),
    condition("kube_job_complete", "The job has completed its execution.", "Complete"),
    condition("kube_job_failed", "The job has failed its execution.", "Failed"),
  ],
});

const CRON_JOB_METRICS = kindMetrics<CronJob>({
  resource: { group: "batch", resource: "cronjobs" },
  names: named("cronjob"),
  families: [
    {
      name: "kube_cronjob_info",
      help: "Info about cronjob.",
      of: ({ spec }) => [
        [
          {
            schedule: spec?.schedule ?? "",
            concurrency_policy: spec?.concurrencyPolicy ?? "",
            timezone: spec?.timeZone ?? "local",
          },
          1,
        ],
      ],
    },
    number("kube_cronjob_created", "Unix creation timestamp", ({ metadata }) =>
      seconds(metadata.creationTimestamp),
    ),
    number(
      "kube_cronjob_spec_suspend",
      "Suspend flag tells the controller to suspend subsequent executions.",
      ({ spec }) => (spec?.suspend === true ? 1 : 0),
    ),
    number(
      "kube_cronjob_status_active",
      "Active holds pointers to currently running jobs.",
      ({ status }) => status?.active?.length ?? 0,
    ),
    number(
      "kube_cronjob_status_last_schedule_time",
      "LastScheduleTime keeps information of when was the last time the job was successfully scheduled.",
      ({ status }) => seconds(status?.lastScheduleTime),
    ),
    number(
      "kube_cronjob_status_last_successful_time",
      "LastSuccessfulTime keeps information of when was the last time the job was completed successfully.",
      ({ status }) => seconds(status?.lastSuccessfulTime),
    ),
  ],
});

const AUTOSCALER_METRICS = kindMetrics<HorizontalPodAutoscaler>({
  resource: { group: "autoscaling", resource: "horizontalpodautoscalers" },
  names: named("horizontalpodautoscaler"),
  families: [
    {
      name: "kube_horizontalpodautoscaler_info",
      help: "Information about this autoscaler.",
      of: ({ spec }) => {
        const target = spec?.scaleTargetRef;
        return [
          [
            {
              scaletargetref_api_version: target?.apiVersion ?? "",
              scaletargetref_kind: target?.kind ?? "",
              scaletargetref_name: target?.name ?? "",
            },
            1,
          ],
        ];
      },
    },
    number(
      "kube_horizontalpodautoscaler_metadata_generation",
      "The generation observed by the HorizontalPodAutoscaler controller.",
      ({ metadata }) => metadata.generation,
    ),
    number(
      "kube_horizontalpodautoscaler_spec_min_replicas",
      "Lower limit for the number of pods that can be set by the autoscaler, default 1.",
      ({ spec }) => spec?.minReplicas ?? 1,
    ),
    number(
      "kube_horizontalpodautoscaler_spec_max_replicas",
      "Upper limit for the number of pods that can be set by the autoscaler; cannot be smaller than MinReplicas.",
      ({ spec }) => spec?.maxReplicas,
    ),
    number(
      "kube_horizontalpodautoscaler_status_current_replicas",
      "Current number of replicas of pods managed by this autoscaler.",
      ({ status }) => status?.currentReplicas ?? 0,
    ),
    number(
      "kube_horizontalpodautoscaler_status_desired_replicas",
      "Desired number of replicas of pods managed by this autoscaler.",
      ({ status }) => status?.desiredReplicas ?? 0,
    ),
    {
      name: "kube_horizontalpodautoscaler_status_condition",
      help: "The condition of this autoscaler.",
      of: ({ status }) => conditionSamples(status?.conditions),
    },
  ],
});

const BUDGET_METRICS = kindMetrics<PodDisruptionBudget>({
  resource: { group: "policy", resource: "poddisruptionbudgets" },
  names: named("poddisruptionbudget"),
  families: [
    number("kube_poddisruptionbudget_created", "Unix creation timestamp", ({ metadata }) =>
      seconds(metadata.creationTimestamp),
    ),
    number(
      "kube_poddisruptionbudget_status_current_healthy",
      "Current number of healthy pods",
      ({ status }) => status?.currentHealthy ?? 0,
    ),
    number(
      "kube_poddisruptionbudget_status_desired_healthy",
      "Minimum desired number of healthy pods",
      ({ status }) => status?.desiredHealthy ?? 0,
    ),
    number(
      "kube_poddisruptionbudget_status_pod_disruptions_allowed",
      "Number of pod disruptions that are currently allowed",
      ({ status }) => status?.disruptionsAllowed ?? 0,
    ),
    number(
      "kube_poddisruptionbudget_status_expected_pods",
      "Total number of pods counted by this disruption budget",
      ({ status }) => status?.expectedPods ?? 0,
    ),
    number(
      "kube_poddisruptionbudget_status_observed_generation",
      "Most recent generation observed when updating this PDB status",
      ({ status }) => status?.observedGeneration ?? 0,
    ),
  ],
});

export const JOB_AND_SCALING_METRICS = [
  JOB_METRICS,
  CRON_JOB_METRICS,
  AUTOSCALER_METRICS,
  BUDGET_METRICS,
];
