import {
  duplicate,
  type FieldError,
  invalid,
  notSupported,
  required,
  tooMany,
} from "../../../api/machinery/field-errors.js";
import { validateQualifiedName } from "../../../api/machinery/names.js";
import type {
  JobSpec,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyOnPodConditionsPattern,
  PodFailurePolicyRule,
} from "../../../api/schema/types/batch-v1.gen.js";
import { invalidEach } from "../common/field-error-builders.js";

const ACTIONS = ["Count", "FailIndex", "FailJob", "Ignore"];
const OPERATORS = ["In", "NotIn"];
const STATUSES = ["False", "True", "Unknown"];
const RULES_MAX = 20;
const PATTERNS_MAX = 20;
const EXIT_CODES_MAX = 255;

/** Checks what is to follow from which failure of a pod. */
export function validatePodFailurePolicy(spec: JobSpec, path: string): FieldError[] {
  const rules = spec.podFailurePolicy?.rules ?? [];
  const errors: FieldError[] = [];
  if (rules.length > RULES_MAX) errors.push(tooMany(`${path}.rules`, rules.length, RULES_MAX));
  const { containers = [], initContainers = [] } = spec.template.spec ?? {};
  const names = new Set([...containers, ...initContainers].map(({ name }) => name));
  for (const [index, rule] of rules.entries()) {
    const at = `${path}.rules[${index}]`;
    errors.push(...validateAction(rule.action, spec, `${at}.action`));
    errors.push(...validateRule(rule, at, names));
  }
  return errors;
}

function validateAction(action: string, spec: JobSpec, path: string): FieldError[] {
  if (action === "") return [required(path, `valid values: ${quoted(ACTIONS)}`)];
  if (!ACTIONS.includes(action)) return [notSupported(path, action, ACTIONS)];
  if (action !== "FailIndex" || spec.backoffLimitPerIndex !== undefined) return [];
  return [invalid(path, action, "requires the backoffLimitPerIndex to be set")];
}

function validateRule(
  { onExitCodes, onPodConditions = [] }: PodFailurePolicyRule,
  path: string,
  names: ReadonlySet<string>,
): FieldError[] {
  const errors: FieldError[] = [];
  if (onExitCodes !== undefined)
    errors.push(...validateExitCodes(onExitCodes, `${path}.onExitCodes`, names));
  errors.push(...validatePatterns(onPodConditions, `${path}.onPodConditions`));
  const both = onExitCodes !== undefined && onPodConditions.length > 0;
  const none = onExitCodes === undefined && onPodConditions.length === 0;
  const subject = "OnExitCodes and OnPodConditions is";
  if (both) errors.push(invalid(path, "", `specifying both ${subject} not supported`));
  if (none) errors.push(invalid(path, "", `specifying one of ${subject} required`));
  return errors;
}

function validatePatterns(
  patterns: readonly PodFailurePolicyOnPodConditionsPattern[],
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (patterns.length > PATTERNS_MAX) errors.push(tooMany(path, patterns.length, PATTERNS_MAX));
  for (const [index, { type, status = "" }] of patterns.entries()) {
    const at = `${path}[${index}]`;
    errors.push(...invalidEach(`${at}.type`, type, validateQualifiedName(type)));
    if (status === "") errors.push(required(`${at}.status`, `valid values: ${quoted(STATUSES)}`));
    else if (!STATUSES.includes(status))
      errors.push(notSupported(`${at}.status`, status, STATUSES));
  }
  return errors;
}

function validateExitCodes(
  { operator, containerName, values }: PodFailurePolicyOnExitCodesRequirement,
  path: string,
  names: ReadonlySet<string>,
): FieldError[] {
  const errors: FieldError[] = [];
  if (operator === "")
    errors.push(required(`${path}.operator`, `valid values: ${quoted(OPERATORS)}`));
  else if (!OPERATORS.includes(operator))
    errors.push(notSupported(`${path}.operator`, operator, OPERATORS));
  if (containerName !== undefined && !names.has(containerName)) {
    const text = "must be one of the container or initContainer names in the pod template";
    errors.push(invalid(`${path}.containerName`, containerName, text));
  }
  const at = `${path}.values`;
  if (values.length === 0) errors.push(invalid(at, values, "at least one value is required"));
  if (values.length > EXIT_CODES_MAX) errors.push(tooMany(at, values.length, EXIT_CODES_MAX));
  for (const [index, value] of values.entries()) {
    if (operator === "In" && value === 0)
      errors.push(invalid(`${at}[${index}]`, value, "must not be 0 for the In operator"));
    if (values.indexOf(value) < index) errors.push(duplicate(`${at}[${index}]`, value));
  }
  const ordered = values.every((value, index) => index === 0 || (values[index - 1] ?? 0) <= value);
  if (!ordered) errors.push(invalid(at, values, "must be ordered"));
  return errors;
}

function quoted(words: readonly string[]): string {
  return `[${words.map((word) => `"${word}"`).join(" ")}]`;
}
