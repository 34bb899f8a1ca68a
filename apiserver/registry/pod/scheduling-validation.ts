import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from "../../../api/machinery/field-errors.js";
import { validateLabelValue, validateQualifiedName } from "../../../api/machinery/names.js";
import type {
  PodSchedulingGate,
  Toleration,
  TopologySpreadConstraint,
} from "../../../api/schema/types/core-v1.gen.js";
import { invalidEach } from "../common/field-error-builders.js";
import { validateLabelKey, validateLabelSelector } from "../common/label-validation.js";
import { validateTaintEffect } from "../core/node-validation.js";

const ACTIONS: readonly string[] = ["DoNotSchedule", "ScheduleAnyway"];
const NODE_POLICIES: readonly string[] = ["Honor", "Ignore"];
const NOT_POSITIVE = "must be greater than zero";

/** Checks what taints a pod tolerates. */
export function validateTolerations(
  tolerations: readonly Toleration[],
  path: string,
): FieldError[] {
  return tolerations.flatMap((toleration, index) =>
    validateToleration(toleration, `${path}[${index}]`),
  );
}

function validateToleration(toleration: Toleration, path: string): FieldError[] {
  const { key = "", operator = "", value = "", effect = "" } = toleration;
  const errors = key === "" ? [] : validateLabelKey(key, `${path}.key`);
  const at = `${path}.operator`;
  if (key === "" && operator !== "Exists") {
    const text =
      'operator must be Exists when `key` is empty, which means "match all values and all keys"';
    errors.push(invalid(at, operator, text));
  }
  if (toleration.tolerationSeconds !== undefined && effect !== "NoExecute") {
    const text = "effect must be 'NoExecute' when `tolerationSeconds` is set";
    errors.push(invalid(`${path}.effect`, effect, text));
  }
  if (operator === "Equal" || operator === "") {
    const texts = validateLabelValue(value);
    if (texts.length > 0) errors.push(invalid(at, value, texts.join(";")));
  } else if (operator === "Exists") {
    const text = "value must be empty when `operator` is 'Exists'";
    if (value !== "") errors.push(invalid(at, value, text));
  } else errors.push(notSupported(at, operator, ["Equal", "Exists"]));
  if (effect !== "") errors.push(...validateTaintEffect(effect, `${path}.effect`));
  return errors;
}

/** Checks how pods are to be spread over parts of the cluster. */
export function validateSpreadConstraints(
  constraints: readonly TopologySpreadConstraint[],
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, constraint] of constraints.entries()) {
    const at = `${path}[${index}]`;
    const { maxSkew, topologyKey, whenUnsatisfiable: action } = constraint;
    if (maxSkew <= 0) errors.push(invalid(`${at}.maxSkew`, maxSkew, NOT_POSITIVE));
    if (topologyKey === "") errors.push(required(`${at}.topologyKey`, "can not be empty"));
    if (!ACTIONS.includes(action))
      errors.push(notSupported(`${at}.whenUnsatisfiable`, action, ACTIONS));
    const repeated = constraints
      .slice(index + 1)
      .some((o) => o.topologyKey === topologyKey && o.whenUnsatisfiable === action);
    if (repeated) {
      const pair = `{${topologyKey}, ${action}}`;
      errors.push(duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, pair));
    }
    errors.push(...validateMinDomains(constraint, `${at}.minDomains`));
    for (const field of ["nodeAffinityPolicy", "nodeTaintsPolicy"] as const) {
      const policy = constraint[field];
      if (policy !== undefined && !NODE_POLICIES.includes(policy))
        errors.push(notSupported(`${at}.${field}`, policy, NODE_POLICIES));
    }
    errors.push(...validateSpreadKeys(constraint, `${at}.matchLabelKeys`));
    errors.push(...validateLabelSelector(constraint.labelSelector, `${at}.labelSelector`));
  }
  return errors;
}

function validateMinDomains(constraint: TopologySpreadConstraint, path: string): FieldError[] {
  const { minDomains, whenUnsatisfiable: action } = constraint;
  if (minDomains === undefined) return [];
  const errors = minDomains <= 0 ? [invalid(path, minDomains, NOT_POSITIVE)] : [];
  if (action === "DoNotSchedule") return errors;
  const text = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`;
  return [...errors, invalid(path, minDomains, text)];
}

function validateSpreadKeys(constraint: TopologySpreadConstraint, path: string): FieldError[] {
  const { matchLabelKeys = [], labelSelector } = constraint;
  const errors: FieldError[] = [];
  if (matchLabelKeys.length > 0 && labelSelector === undefined)
    errors.push(forbidden(path, "must not be specified when labelSelector is not set"));
  const selected = new Set([
    ...Object.keys(labelSelector?.matchLabels ?? {}),
    ...(labelSelector?.matchExpressions ?? []).map(({ key }) => key),
  ]);
  for (const [index, key] of matchLabelKeys.entries()) {
    errors.push(...validateLabelKey(key, `${path}[${index}]`));
    const text = "exists in both matchLabelKeys and labelSelector";
    if (selected.has(key)) errors.push(invalid(`${path}[${index}]`, key, text));
  }
  return errors;
}

/** Checks what must happen before the pod may be scheduled. */
export function validateSchedulingGates(
  gates: readonly PodSchedulingGate[],
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [index, { name }] of gates.entries()) {
    errors.push(...invalidEach(`${path}[${index}]`, name, validateQualifiedName(name)));
    if (seen.has(name)) errors.push(duplicate(`${path}[${index}]`, name));
    seen.add(name);
  }
  return errors;
}
