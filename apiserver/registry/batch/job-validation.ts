import {
  type FieldError,
  invalid,
  notSupported,
  required,
  tooLong,
} from "../../../api/machinery/field-errors.js";
import { byteLength, validateDns1123Label } from "../../../api/machinery/names.js";
import { selectorFromObject } from "../../../api/machinery/selectors.js";
import type { Job, JobSpec } from "../../../api/schema/types/batch-v1.gen.js";
import type { PodSpec, PodTemplateSpec } from "../../../api/schema/types/core-v1.gen.js";
import { IMMUTABLE, notNegative } from "../common/field-error-builders.js";
import { validateLabelSelector } from "../common/label-validation.js";
import { semanticEqual } from "../common/semantic-equal.js";
import { validateDomainPath } from "../common/validate-domain-path.js";
import { validatePodTemplate } from "../pod/pod-validation.js";
import { validateTemplateLabels } from "../apps/workload-validation.js";
import type { Subresource } from "../strategy.js";
import { jobLabels } from "./job-labels.js";
import { validateJobStatus } from "./job-status-validation.js";
import { validatePodFailurePolicy } from "./pod-failure-policy-validation.js";
import { validateSuccessPolicy } from "./success-policy-validation.js";

const MANAGED_BY_BYTES_MAX = 63;
const INDEXED_MAX = 100_000;
const PER_INDEX_PARALLELISM_MAX = 10_000;
const RESTART_POLICIES: readonly string[] = ["OnFailure", "Never"];
const REPLACEMENT_POLICIES: readonly string[] = ["Failed", "TerminatingOrFailed"];

/** Checks a new job. */
export function validateJob(job: Job): FieldError[] {
  const errors = validateGeneratedSelector(job);
  errors.push(...validateSelectedSpec(job.spec, "spec"));
  const { completionMode, completions = 0 } = job.spec;
  const lastHost = `${job.metadata.name}-${completions - 1}`;
  if (completionMode !== "Indexed" || completions <= 0) return errors;
  if (validateDns1123Label(lastHost).length === 0) return errors;
  const text = `will not able to create pod with invalid DNS label: ${lastHost}`;
  return [...errors, invalid("metadata.name", job.metadata.name, text)];
}

/** Checks a change of a job: what it runs stays, how much of it at once may change. */
export function validateJobUpdate(job: Job, old: Job, subresource: Subresource): FieldError[] {
  if (subresource === "status") return validateJobStatus(job, old);
  const { spec } = job;
  const errors = validateSelectedSpec(spec, "spec");
  const elastic = spec.completionMode === "Indexed" && spec.completions === spec.parallelism;
  if (!elastic) errors.push(...immutable(spec, old.spec, "completions"));
  errors.push(...immutable(spec, old.spec, "selector"));
  const before = isHeld(old) ? withSchedulingOf(old.spec.template, spec.template) : null;
  if (!semanticEqual(spec.template, before ?? old.spec.template, "template"))
    errors.push(invalid("spec.template", spec.template, IMMUTABLE));
  for (const field of FROZEN) errors.push(...immutable(spec, old.spec, field));
  return errors;
}

/** Checks what a job and a CronJob's template have in common. */
export function validateJobSpec(spec: JobSpec, path: string): FieldError[] {
  const errors = COUNTS.flatMap((field) => notNegative(`${path}.${field}`, spec[field]));
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined)
    errors.push(required(`${path}.backoffLimitPerIndex`, "when maxFailedIndexes is specified"));
  const { managedBy } = spec;
  if (managedBy !== undefined) {
    errors.push(...validateDomainPath(managedBy, `${path}.managedBy`));
    if (byteLength(managedBy) > MANAGED_BY_BYTES_MAX)
      errors.push(tooLong(`${path}.managedBy`, MANAGED_BY_BYTES_MAX));
  }
  errors.push(...validateCompletionMode(spec, path));
  if (spec.podFailurePolicy !== undefined)
    errors.push(...validatePodFailurePolicy(spec, `${path}.podFailurePolicy`));
  if (spec.successPolicy !== undefined)
    errors.push(...validateSuccessPolicy(spec, `${path}.successPolicy`));
  errors.push(...validateReplacement(spec, `${path}.podReplacementPolicy`));
  errors.push(...validatePodTemplate(spec.template, `${path}.template`));
  errors.push(...validateRestartPolicy(spec, `${path}.template.spec.restartPolicy`));
  return errors;
}

const COUNTS = [
  "parallelism",
  "completions",
  "activeDeadlineSeconds",
  "backoffLimit",
  "ttlSecondsAfterFinished",
  "backoffLimitPerIndex",
  "maxFailedIndexes",
] as const;

const FROZEN = [
  "completionMode",
  "podFailurePolicy",
  "backoffLimitPerIndex",
  "managedBy",
  "successPolicy",
] as const;

function immutable(spec: JobSpec, old: JobSpec, field: keyof JobSpec): FieldError[] {
  if (semanticEqual(spec[field], old[field], field)) return [];
  return [invalid(`spec.${field}`, spec[field] ?? null, IMMUTABLE)];
}

function validateSelectedSpec(spec: JobSpec, path: string): FieldError[] {
  const errors = validateJobSpec(spec, path);
  const { selector, template } = spec;
  if (selector === undefined) return [...errors, required(`${path}.selector`)];
  errors.push(...validateLabelSelector(selector, `${path}.selector`));
  return [...errors, ...validateTemplateLabels(selector, template, path)];
}

/** Unless the user took charge of it, the selector is the one that the server made. */
function validateGeneratedSelector(job: Job): FieldError[] {
  const { selector, manualSelector, template } = job.spec;
  if (manualSelector === true || selector === undefined) return [];
  const expected = jobLabels(job.metadata);
  const errors = Object.entries(expected).flatMap(([key, value]) => {
    const actual = template.metadata?.labels?.[key];
    const path = "spec.template.metadata.labels";
    if (actual === undefined) return [required(path, `must be '${value}'`)];
    return actual === value ? [] : [invalid(path, template.metadata?.labels, `must be '${value}'`)];
  });
  const parsed = selectorFromObject(selector);
  if (parsed.ok && !parsed.selector.matches(expected))
    errors.push(invalid("spec.selector", selector, "`selector` not auto-generated"));
  return errors;
}

function validateCompletionMode(spec: JobSpec, path: string): FieldError[] {
  const { completionMode = "NonIndexed" } = spec;
  if (completionMode === "Indexed") return validateIndexed(spec, path);
  const errors: FieldError[] = [];
  if (completionMode !== "NonIndexed") {
    const known = ["NonIndexed", "Indexed"];
    errors.push(notSupported(`${path}.completionMode`, completionMode, known));
  }
  for (const field of ["backoffLimitPerIndex", "maxFailedIndexes"] as const) {
    const value = spec[field];
    if (value === undefined || completionMode !== "NonIndexed") continue;
    errors.push(invalid(`${path}.${field}`, value, "requires indexed completion mode"));
  }
  return errors;
}

function validateIndexed(spec: JobSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { completions, parallelism = 0, maxFailedIndexes, backoffLimitPerIndex } = spec;
  if (completions === undefined)
    errors.push(required(`${path}.completions`, "when completion mode is Indexed"));
  if (parallelism > INDEXED_MAX) {
    const text = `must be less than or equal to ${INDEXED_MAX} when completion mode is Indexed`;
    errors.push(invalid(`${path}.parallelism`, parallelism, text));
  }
  const at = `${path}.maxFailedIndexes`;
  if (maxFailedIndexes !== undefined && maxFailedIndexes > (completions ?? maxFailedIndexes))
    errors.push(invalid(at, maxFailedIndexes, "must be less than or equal to completions"));
  if (maxFailedIndexes !== undefined && maxFailedIndexes > INDEXED_MAX)
    errors.push(invalid(at, maxFailedIndexes, `must be less than or equal to ${INDEXED_MAX}`));
  if ((completions ?? 0) <= INDEXED_MAX || backoffLimitPerIndex === undefined) return errors;
  const limit = `must be less than or equal to ${PER_INDEX_PARALLELISM_MAX} when completions are`;
  const text = `${limit} above ${INDEXED_MAX} and used with backoff limit per index`;
  if (maxFailedIndexes === undefined)
    errors.push(required(at, `must be specified when completions is above ${INDEXED_MAX}`));
  else if (maxFailedIndexes > PER_INDEX_PARALLELISM_MAX)
    errors.push(invalid(at, maxFailedIndexes, text));
  if (parallelism > PER_INDEX_PARALLELISM_MAX)
    errors.push(invalid(`${path}.parallelism`, parallelism, text));
  return errors;
}

function validateReplacement(spec: JobSpec, path: string): FieldError[] {
  const { podReplacementPolicy: policy, podFailurePolicy } = spec;
  if (policy === undefined) return [];
  const known = podFailurePolicy === undefined ? REPLACEMENT_POLICIES : ["Failed"];
  return known.includes(policy) ? [] : [notSupported(path, policy, known)];
}

function validateRestartPolicy(spec: JobSpec, path: string): FieldError[] {
  const { restartPolicy = "" } = spec.template.spec ?? {};
  if (restartPolicy === "Always" || restartPolicy === "")
    return [required(path, 'valid values: "OnFailure", "Never"')];
  if (!RESTART_POLICIES.includes(restartPolicy))
    return [notSupported(path, restartPolicy, RESTART_POLICIES)];
  if (spec.podFailurePolicy === undefined || restartPolicy === "Never") return [];
  const text = 'only "Never" is supported when podFailurePolicy is specified';
  return [invalid(path, restartPolicy, text)];
}

/** Suspended from the start: its pods may still be sent elsewhere. */
function isHeld(job: Job): boolean {
  return job.spec.suspend === true && job.status?.startTime === undefined;
}

/** `old` with what decides where the pods of `template` run, and with its labels. */
function withSchedulingOf(old: PodTemplateSpec, template: PodTemplateSpec): PodTemplateSpec {
  const spec: Record<string, unknown> = { ...old.spec };
  for (const field of ["nodeSelector", "tolerations", "schedulingGates"] as const) {
    const value = template.spec?.[field];
    if (value === undefined) delete spec[field];
    else spec[field] = value;
  }
  const nodeAffinity = template.spec?.affinity?.nodeAffinity;
  const { nodeAffinity: _old, ...others } = old.spec?.affinity ?? {};
  const affinity = nodeAffinity === undefined ? others : { ...others, nodeAffinity };
  if (Object.keys(affinity).length > 0) spec["affinity"] = affinity;
  else delete spec["affinity"];
  const { labels, annotations } = template.metadata ?? {};
  const { labels: _labels, annotations: _annotations, ...rest } = old.metadata ?? {};
  const metadata = {
    ...rest,
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
  };
  return { ...old, metadata, spec: spec as unknown as PodSpec };
}
