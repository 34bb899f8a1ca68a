import { parseCron } from "../../../api/machinery/cron.js";
import {
  type FieldError,
  invalid,
  notSupported,
  required,
} from "../../../api/machinery/field-errors.js";
import { isTimeZone } from "../../../api/machinery/time-zone.js";
import type {
  CronJob,
  CronJobSpec,
  JobTemplateSpec,
} from "../../../api/schema/types/batch-v1.gen.js";
import { notNegative } from "../common/field-error-builders.js";
import type { Subresource } from "../strategy.js";
import { validateJobSpec } from "./job-validation.js";

/** The controller appends "-" and ten digits to make a job's name. */
const NAME_BYTES_MAX = 52;
const POLICIES = ["Allow", "Forbid", "Replace"];
const ZONE_HINT =
  "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones";

/** Checks a new CronJob. */
export function validateCronJob(cronJob: CronJob): FieldError[] {
  const errors = validateSpec(cronJob.spec, null);
  const { name } = cronJob.metadata;
  if (name.length > NAME_BYTES_MAX)
    errors.push(invalid("metadata.name", name, "must be no more than 52 characters"));
  return errors;
}

/** Checks a change of a CronJob; its status is the controller's alone. */
export function validateCronJobUpdate(
  cronJob: CronJob,
  old: CronJob,
  subresource: Subresource,
): FieldError[] {
  return subresource === "status" ? [] : validateSpec(cronJob.spec, old.spec);
}

function validateSpec(spec: CronJobSpec, old: CronJobSpec | null): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.schedule === "") errors.push(required("spec.schedule"));
  else errors.push(...validateSchedule(spec, old));
  errors.push(...notNegative("spec.startingDeadlineSeconds", spec.startingDeadlineSeconds));
  if (old === null || old.timeZone !== spec.timeZone) errors.push(...validateZone(spec.timeZone));
  const { concurrencyPolicy: policy = "" } = spec;
  if (policy === "") errors.push(required("spec.concurrencyPolicy"));
  else if (!POLICIES.includes(policy))
    errors.push(notSupported("spec.concurrencyPolicy", policy, POLICIES));
  errors.push(...validateJobTemplate(spec.jobTemplate, "spec.jobTemplate"));
  for (const field of ["successfulJobsHistoryLimit", "failedJobsHistoryLimit"] as const)
    errors.push(...notNegative(`spec.${field}`, spec[field]));
  return errors;
}

function validateSchedule(
  { schedule, timeZone }: CronJobSpec,
  old: CronJobSpec | null,
): FieldError[] {
  const path = "spec.schedule";
  const errors: FieldError[] = [];
  const parsed = parseCron(schedule);
  if (!parsed.ok) errors.push(invalid(path, schedule, parsed.error));
  if (!schedule.includes("TZ")) return errors;
  const tolerated = old !== null && old.schedule.includes("TZ");
  const both = "cannot use both timeZone field and TZ or CRON_TZ in schedule";
  const alone = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead";
  if (!tolerated) errors.push(invalid(path, schedule, alone));
  else if (timeZone !== undefined) errors.push(invalid(path, schedule, both));
  return errors;
}

function validateZone(timeZone: string | undefined): FieldError[] {
  const path = "spec.timeZone";
  if (timeZone === undefined) return [];
  if (timeZone === "") return [invalid(path, "", "timeZone must be nil or non-empty string")];
  if (timeZone.toLowerCase() === "local") return [invalid(path, timeZone, ZONE_HINT)];
  return isTimeZone(timeZone) ? [] : [invalid(path, timeZone, `unknown time zone ${timeZone}`)];
}

function validateJobTemplate({ spec }: JobTemplateSpec, path: string): FieldError[] {
  if (spec === undefined) return [required(`${path}.spec`)];
  const errors = validateJobSpec(spec, `${path}.spec`);
  if (spec.selector !== undefined) {
    const text = "`selector` will be auto-generated";
    errors.push(invalid(`${path}.spec.selector`, spec.selector, text));
  }
  if (spec.manualSelector === true) {
    const known = ["nil", "false"];
    errors.push(notSupported(`${path}.spec.manualSelector`, "true", known));
  }
  return errors;
}
