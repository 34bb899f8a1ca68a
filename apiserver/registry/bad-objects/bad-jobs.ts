import type { JsonObject } from "../../../api/schema/wire-types.js";
import {
  bad,
  type BadObject,
  missing,
  twice,
  unknown,
  wrong,
  withSpec,
  template,
  TEXT,
} from "./bad-object.js";

/** A job that runs once; `spec` and `pod` are laid over it. */
function job(spec: JsonObject, pod: JsonObject = {}): JsonObject {
  const run = template({ restartPolicy: "Never", ...pod });
  return withSpec("batch/v1", "Job", { template: run, ...spec });
}

function cronJob(spec: JsonObject, jobSpec: JsonObject = {}): JsonObject {
  const jobTemplate = { spec: { template: template({ restartPolicy: "Never" }), ...jobSpec } };
  return withSpec("batch/v1", "CronJob", { schedule: "@daily", jobTemplate, ...spec });
}

/** Jobs and CronJobs that are wrong. */
export const BAD_JOBS: readonly BadObject[] = [
  bad(
    "job whose pods are restarted always",
    job({}, { restartPolicy: "Always" }),
    missing("spec.template.spec.restartPolicy", 'valid values: "OnFailure", "Never"'),
  ),
  // Of a Pod itself, priority admission would be the first to refuse these two.
  bad(
    "job of a priority class in upper case",
    job({}, { priorityClassName: "High" }),
    wrong("spec.template.spec.priorityClassName", "High", TEXT.subdomain),
  ),
  bad(
    "job of an unknown preemption policy",
    job({}, { preemptionPolicy: "Always" }),
    unknown("spec.template.spec.preemptionPolicy", "Always", "PreemptLowerPriority", "Never"),
  ),
  bad(
    "job without containers",
    job({}, { containers: [] }),
    missing("spec.template.spec.containers"),
  ),
  bad(
    "negative parallelism",
    job({ parallelism: -1 }),
    wrong("spec.parallelism", -1, TEXT.negative),
  ),
  bad(
    "negative completions",
    job({ completions: -1 }),
    wrong("spec.completions", -1, TEXT.negative),
  ),
  bad(
    "negative backoff limit",
    job({ backoffLimit: -1 }),
    wrong("spec.backoffLimit", -1, TEXT.negative),
  ),
  bad(
    "negative time to live",
    job({ ttlSecondsAfterFinished: -1 }),
    wrong("spec.ttlSecondsAfterFinished", -1, TEXT.negative),
  ),
  bad(
    "unknown completion mode",
    job({ completionMode: "Sorted" }),
    unknown("spec.completionMode", "Sorted", "NonIndexed", "Indexed"),
  ),
  bad(
    "indexed job without completions",
    job({ completionMode: "Indexed", parallelism: 2 }),
    missing("spec.completions", "when completion mode is Indexed"),
  ),
  bad(
    "backoff per index without indexes",
    job({ backoffLimitPerIndex: 1 }),
    wrong("spec.backoffLimitPerIndex", 1, "requires indexed completion mode"),
  ),
  bad(
    "failed indexes without a backoff per index",
    job({ completionMode: "Indexed", completions: 3, maxFailedIndexes: 1 }),
    missing("spec.backoffLimitPerIndex", "when maxFailedIndexes is specified"),
  ),
  bad(
    "more failed indexes than indexes",
    job({
      completionMode: "Indexed",
      completions: 3,
      backoffLimitPerIndex: 1,
      maxFailedIndexes: 4,
    }),
    wrong("spec.maxFailedIndexes", 4, "must be less than or equal to completions"),
  ),
  bad(
    "unknown replacement policy",
    job({ podReplacementPolicy: "Never" }),
    unknown("spec.podReplacementPolicy", "Never", "Failed", "TerminatingOrFailed"),
  ),
  bad(
    "replacement before failure under a failure policy",
    job({ podReplacementPolicy: "TerminatingOrFailed", podFailurePolicy: { rules: [] } }),
    unknown("spec.podReplacementPolicy", "TerminatingOrFailed", "Failed"),
  ),
  bad(
    "failure policy with restarts",
    job({ podFailurePolicy: { rules: [] } }, { restartPolicy: "OnFailure" }),
    wrong(
      "spec.template.spec.restartPolicy",
      "OnFailure",
      'only "Never" is supported when podFailurePolicy is specified',
    ),
  ),
  bad(
    "failure rule without a condition",
    job({ podFailurePolicy: { rules: [{ action: "FailJob" }] } }),
    wrong(
      "spec.podFailurePolicy.rules[0]",
      "",
      "specifying one of OnExitCodes and OnPodConditions is required",
    ),
  ),
  bad(
    "failure rule with an unknown action",
    job({
      podFailurePolicy: {
        rules: [{ action: "Retry", onPodConditions: [{ type: "DisruptionTarget" }] }],
      },
    }),
    unknown(
      "spec.podFailurePolicy.rules[0].action",
      "Retry",
      "Count",
      "FailIndex",
      "FailJob",
      "Ignore",
    ),
  ),
  bad(
    "failure rule for success",
    job({
      podFailurePolicy: {
        rules: [{ action: "Ignore", onExitCodes: { operator: "In", values: [0] } }],
      },
    }),
    wrong(
      "spec.podFailurePolicy.rules[0].onExitCodes.values[0]",
      0,
      "must not be 0 for the In operator",
    ),
  ),
  bad(
    "failure rule with exit codes out of order",
    job({
      podFailurePolicy: {
        rules: [{ action: "Ignore", onExitCodes: { operator: "In", values: [3, 2, 2] } }],
      },
    }),
    twice("spec.podFailurePolicy.rules[0].onExitCodes.values[2]", 2),
    wrong("spec.podFailurePolicy.rules[0].onExitCodes.values", [3, 2, 2], "must be ordered"),
  ),
  bad(
    "failure rule for an unknown container",
    job({
      podFailurePolicy: {
        rules: [
          { action: "Count", onExitCodes: { containerName: "x", operator: "NotIn", values: [1] } },
        ],
      },
    }),
    wrong(
      "spec.podFailurePolicy.rules[0].onExitCodes.containerName",
      "x",
      "must be one of the container or initContainer names in the pod template",
    ),
  ),
  bad(
    "success policy without indexes",
    job({ successPolicy: { rules: [{ succeededCount: 1 }] } }),
    wrong(
      "spec.successPolicy",
      { rules: [{ succeededCount: 1 }] },
      "requires indexed completion mode",
    ),
  ),
  bad(
    "success policy beyond the indexes",
    job({
      completionMode: "Indexed",
      completions: 3,
      successPolicy: { rules: [{ succeededIndexes: "0-5" }, { succeededCount: 4 }, {}] },
    }),
    wrong(
      "spec.successPolicy.rules[0].succeededIndexes",
      "0-5",
      'error parsing succeededIndexes: too large index: "5"',
    ),
    wrong(
      "spec.successPolicy.rules[1].succeededCount",
      4,
      "must be less than or equal to 3 (the number of specified completions)",
    ),
    missing(
      "spec.successPolicy.rules[2]",
      "at least one of succeededCount or succeededIndexes must be specified",
    ),
  ),
  bad(
    "job managed by nobody in particular",
    job({ managedBy: "me" }),
    wrong("spec.managedBy", "me", 'must be a domain-prefixed path (such as "acme.io/foo")'),
  ),
  bad(
    "selector that the server did not make",
    job({ manualSelector: true, selector: { matchLabels: { app: "api" } } }),
    wrong(
      "spec.template.metadata.labels",
      { app: "web" },
      "`selector` does not match template `labels`",
    ),
  ),
  bad("manual selector that is missing", job({ manualSelector: true }), missing("spec.selector")),
  bad(
    "schedule that is none",
    cronJob({ schedule: "every day" }),
    wrong("spec.schedule", "every day", "expected exactly 5 fields, found 2: [every day]"),
  ),
  bad("schedule that is missing", cronJob({ schedule: "" }), missing("spec.schedule")),
  bad(
    "schedule beyond the clock",
    cronJob({ schedule: "0 24 * * *" }),
    wrong("spec.schedule", "0 24 * * *", "end of range (24) above maximum (23): 24"),
  ),
  bad(
    "time zone in the schedule",
    cronJob({ schedule: "TZ=UTC 0 0 * * *" }),
    wrong(
      "spec.schedule",
      "TZ=UTC 0 0 * * *",
      "cannot use TZ or CRON_TZ in schedule, use timeZone field instead",
    ),
  ),
  bad(
    "time zone that is unknown",
    cronJob({ timeZone: "Mars/North" }),
    wrong("spec.timeZone", "Mars/North", "unknown time zone Mars/North"),
  ),
  bad(
    "time zone of the machine",
    cronJob({ timeZone: "Local" }),
    wrong(
      "spec.timeZone",
      "Local",
      "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones",
    ),
  ),
  bad(
    "unknown concurrency",
    cronJob({ concurrencyPolicy: "Maybe" }),
    unknown("spec.concurrencyPolicy", "Maybe", "Allow", "Forbid", "Replace"),
  ),
  bad(
    "negative starting deadline",
    cronJob({ startingDeadlineSeconds: -1 }),
    wrong("spec.startingDeadlineSeconds", -1, TEXT.negative),
  ),
  bad(
    "negative history of jobs",
    cronJob({ successfulJobsHistoryLimit: -1, failedJobsHistoryLimit: -2 }),
    wrong("spec.successfulJobsHistoryLimit", -1, TEXT.negative),
    wrong("spec.failedJobsHistoryLimit", -2, TEXT.negative),
  ),
  bad(
    "selector in a template of jobs",
    cronJob({}, { selector: { matchLabels: { a: "b" } }, manualSelector: true }),
    wrong(
      "spec.jobTemplate.spec.selector",
      { matchLabels: { a: "b" } },
      "`selector` will be auto-generated",
    ),
    unknown("spec.jobTemplate.spec.manualSelector", "true", "nil", "false"),
  ),
];
