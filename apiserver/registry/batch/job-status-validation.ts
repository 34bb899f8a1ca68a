import {
  duplicate,
  type FieldError,
  invalid,
  required,
} from "../../../api/machinery/field-errors.js";
import { compareTimes } from "../../../api/machinery/time.js";
import type { Job } from "../../../api/schema/types/batch-v1.gen.js";
import { notNegative } from "../common/field-error-builders.js";
import { parseIndexes } from "./parse-indexes.js";

const TERMINAL = ["Failed", "Complete", "FailureTarget"] as const;
const SUCCESS = "SuccessCriteriaMet";

/** Checks a change of a job's status: counters grow, and an end is final. */
export function validateJobStatus(job: Job, old: Job): FieldError[] {
  const { status = {} } = job;
  const errors = COUNTS.flatMap((field) => notNegative(`status.${field}`, status[field]));
  errors.push(...validateUncounted(job));
  errors.push(...validateConditions(job));
  if (isFinished(job)) errors.push(...validateEnd(job));
  errors.push(...validateTimes(job, old), ...validateJobIndexes(job));
  if ((status.ready ?? 0) > (status.active ?? 0))
    errors.push(invalid("status.ready", status.ready, "cannot set more ready pods than active"));
  for (const field of ["failed", "succeeded"] as const) {
    const count = status[field] ?? 0;
    if (count < (old.status?.[field] ?? 0))
      errors.push(invalid(`status.${field}`, count, `cannot decrease the ${field} counter`));
  }
  for (const type of [...TERMINAL, SUCCESS])
    if (isTrue(old, type) && !isTrue(job, type)) {
      const kind = type === SUCCESS ? "" : "terminal ";
      errors.push(conditionError(`cannot disable the ${kind}${type}=True condition`));
    }
  return errors;
}

const COUNTS = ["active", "succeeded", "failed", "ready", "terminating"] as const;

function validateUncounted({ status }: Job): FieldError[] {
  const seen = new Set<string>();
  return (["succeeded", "failed"] as const).flatMap((list) =>
    (status?.uncountedTerminatedPods?.[list] ?? []).flatMap((uid, index) => {
      const path = `status.uncountedTerminatedPods.${list}[${index}]`;
      if (uid === "") return [invalid(path, uid, "must not be empty")];
      if (seen.has(uid)) return [duplicate(path, uid)];
      seen.add(uid);
      return [];
    }),
  );
}

function validateConditions(job: Job): FieldError[] {
  const [complete, failed] = [isTrue(job, "Complete"), isTrue(job, "Failed")];
  const [target, success] = [isTrue(job, "FailureTarget"), isTrue(job, SUCCESS)];
  const rules: readonly (readonly [broken: boolean, text: string])[] = [
    [complete && failed, "cannot set Complete=True and Failed=true conditions"],
    [complete && target, "cannot set Complete=True and FailureTarget=true conditions"],
    [
      failed && !target,
      "cannot set Failed=True condition without the FailureTarget=true condition",
    ],
    [
      complete && !success,
      "cannot set Complete=True condition without the SuccessCriteriaMet=true condition",
    ],
    [success && failed, "cannot set SuccessCriteriaMet=True and Failed=true conditions"],
    [success && target, "cannot set SuccessCriteriaMet=True and FailureTarget=true conditions"],
  ];
  return rules.filter(([broken]) => broken).map(([, text]) => conditionError(text));
}

function validateEnd({ status = {} }: Job): FieldError[] {
  const errors: FieldError[] = [];
  const { active = 0, terminating = 0, uncountedTerminatedPods: uncounted } = status;
  if (active > 0)
    errors.push(invalid("status.active", active, "active>0 is invalid for finished job"));
  if (status.startTime === undefined)
    errors.push(required("status.startTime", "startTime is required for finished job"));
  if ((uncounted?.succeeded ?? []).length + (uncounted?.failed ?? []).length > 0) {
    const text = "uncountedTerminatedPods needs to be empty for finished job";
    errors.push(invalid("status.uncountedTerminatedPods", uncounted, text));
  }
  if (terminating > 0) {
    const text = "terminating>0 is invalid for finished job";
    errors.push(invalid("status.terminating", terminating, text));
  }
  return errors;
}

function validateTimes(job: Job, old: Job): FieldError[] {
  const errors: FieldError[] = [];
  const { startTime, completionTime } = job.status ?? {};
  const path = "status.completionTime";
  const complete = isTrue(job, "Complete");
  if (completionTime !== undefined && !complete) {
    const text = "cannot set completionTime when there is no Complete=True condition";
    errors.push(invalid(path, completionTime, text));
  }
  if (completionTime === undefined && complete)
    errors.push(required(path, "completionTime is required for Complete jobs"));
  if (isBefore(completionTime, startTime))
    errors.push(invalid(path, completionTime, "completionTime cannot be set before startTime"));
  const before = old.status ?? {};
  const ended = before.completionTime !== undefined && completionTime !== undefined;
  if (ended && before.completionTime !== completionTime)
    errors.push(invalid(path, completionTime, "completionTime cannot be mutated"));
  // A job that is resumed starts anew.
  const resumed = isTrue(old, "Suspended") && !isTrue(job, "Suspended");
  const started = before.startTime !== undefined && job.spec.suspend !== true && !resumed;
  if (started && before.startTime !== startTime) {
    const text = "startTime cannot be removed for unsuspended job";
    errors.push(required("status.startTime", text));
  }
  return errors;
}

function isBefore(a: string | null | undefined, b: string | null | undefined): boolean {
  if (typeof a !== "string" || typeof b !== "string") return false;
  return (compareTimes(a, b) ?? 0) < 0;
}

function validateJobIndexes({ spec, status = {} }: Job): FieldError[] {
  const errors: FieldError[] = [];
  const { completedIndexes = "", failedIndexes } = status;
  const { completions = 0, completionMode, backoffLimitPerIndex } = spec;
  const completed = parseIndexes(completedIndexes, completions);
  const at = "status.completedIndexes";
  if (completedIndexes !== "" && completionMode !== "Indexed") {
    const text = "cannot set non-empty completedIndexes when non-indexed completion mode";
    errors.push(invalid(at, completedIndexes, text));
  } else if (!completed.ok) {
    const text = `error parsing completedIndexes: ${completed.error}`;
    errors.push(invalid(at, completedIndexes, text));
  }
  if (failedIndexes === undefined) return errors;
  const path = "status.failedIndexes";
  const failed = parseIndexes(failedIndexes, completions);
  if (backoffLimitPerIndex === undefined) {
    const text = "cannot set non-null failedIndexes when backoffLimitPerIndex is null";
    errors.push(invalid(path, failedIndexes, text));
  } else if (!failed.ok)
    errors.push(invalid(path, failedIndexes, `error parsing failedIndexes: ${failed.error}`));
  return errors;
}

function isFinished(job: Job): boolean {
  return isTrue(job, "Complete") || isTrue(job, "Failed");
}

function isTrue(job: Job, type: string): boolean {
  const conditions = job.status?.conditions ?? [];
  return conditions.some((each) => each.type === type && each.status === "True");
}

function conditionError(text: string): FieldError {
  return invalid("status.conditions", "", text);
}
