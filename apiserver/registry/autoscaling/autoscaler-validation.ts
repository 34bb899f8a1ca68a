import {
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from "../../../api/machinery/field-errors.js";
import { validatePathSegment } from "../../../api/machinery/names.js";
import { parseQuantity, ZERO_QUANTITY } from "../../../api/machinery/quantity.js";
import type {
  CrossVersionObjectReference,
  HorizontalPodAutoscaler,
  HPAScalingRules,
  MetricIdentifier,
  MetricSpec,
  MetricTarget,
} from "../../../api/schema/types/autoscaling-v2.gen.js";
import type { Quantity } from "../../../api/schema/wire-types.js";
import { invalidEach, notNegative } from "../common/field-error-builders.js";
import { validateLabelSelector } from "../common/label-validation.js";
import { validateRequiredSegment } from "../common/validate-domain-path.js";
import type { Subresource } from "../strategy.js";

const METRIC_TYPES = ["ContainerResource", "External", "Object", "Pods", "Resource"] as const;
const TARGET_TYPES: readonly string[] = ["Utilization", "Value", "AverageValue"];
const SELECT_POLICIES: readonly string[] = ["Disabled", "Max", "Min"];
const POLICY_TYPES: readonly string[] = ["Percent", "Pods"];
const WINDOW_SECONDS_MAX = 3600;
const PERIOD_SECONDS_MAX = 1800;

/** Checks an autoscaler. */
export function validateAutoscaler({ spec }: HorizontalPodAutoscaler): FieldError[] {
  const errors: FieldError[] = [];
  const { minReplicas, maxReplicas } = spec;
  if (minReplicas !== undefined && minReplicas < 1)
    errors.push(invalid("spec.minReplicas", minReplicas, "must be greater than or equal to 1"));
  if (maxReplicas < 1)
    errors.push(invalid("spec.maxReplicas", maxReplicas, "must be greater than 0"));
  if (minReplicas !== undefined && maxReplicas < minReplicas) {
    const text = "must be greater than or equal to `minReplicas`";
    errors.push(invalid("spec.maxReplicas", maxReplicas, text));
  }
  errors.push(...validateReference(spec.scaleTargetRef, "spec.scaleTargetRef"));
  for (const [index, metric] of (spec.metrics ?? []).entries())
    errors.push(...validateMetric(metric, `spec.metrics[${index}]`));
  const { scaleUp, scaleDown } = spec.behavior ?? {};
  errors.push(...validateRules(scaleUp, "spec.behavior.scaleUp"));
  errors.push(...validateRules(scaleDown, "spec.behavior.scaleDown"));
  return errors;
}

/** Checks a change of an autoscaler. */
export function validateAutoscalerUpdate(
  autoscaler: HorizontalPodAutoscaler,
  _old: HorizontalPodAutoscaler,
  subresource: Subresource,
): FieldError[] {
  if (subresource !== "status") return validateAutoscaler(autoscaler);
  const { status } = autoscaler;
  return [
    ...notNegative("status.currentReplicas", status?.currentReplicas),
    ...notNegative("status.desiredReplicas", status?.desiredReplicas),
  ];
}

function validateReference(
  { kind, name, apiVersion = "" }: CrossVersionObjectReference,
  path: string,
): FieldError[] {
  const errors = validateRequiredSegment(kind, `${path}.kind`);
  errors.push(...validateRequiredSegment(name, `${path}.name`));
  if (apiVersion.split("/").length <= 2) return errors;
  const text = `unexpected GroupVersion string: ${apiVersion}`;
  return [...errors, invalid(`${path}.apiVersion`, apiVersion, text)];
}

function validateMetric(metric: MetricSpec, path: string): FieldError[] {
  const { type } = metric;
  if (type === "") return [required(`${path}.type`, "must specify a metric source type")];
  const known = METRIC_TYPES.find((candidate) => candidate === type);
  if (known === undefined) return [notSupported(`${path}.type`, type, METRIC_TYPES)];
  const expected = fieldOf(known);
  const present = METRIC_TYPES.map(fieldOf).filter((field) => metric[field] !== undefined);
  const errors = validateSource(metric, path);
  if (!present.includes(expected)) {
    const text = "must populate information for the given metric source";
    errors.push(required(`${path}.${expected}`, text));
  }
  for (const field of present)
    if (field !== expected)
      errors.push(forbidden(`${path}.${field}`, "must populate the given metric source only"));
  return errors;
}

function fieldOf(type: (typeof METRIC_TYPES)[number]) {
  switch (type) {
    case "ContainerResource":
      return "containerResource";
    case "External":
      return "external";
    case "Object":
      return "object";
    case "Pods":
      return "pods";
    case "Resource":
      return "resource";
  }
}

function validateSource(metric: MetricSpec, path: string): FieldError[] {
  const { object, external, pods, resource, containerResource } = metric;
  const errors: FieldError[] = [];
  if (object !== undefined) {
    const at = `${path}.object`;
    errors.push(...validateReference(object.describedObject, `${at}.describedObject`));
    errors.push(...validateValues(object, at, "must set either a target value or averageValue"));
  }
  if (external !== undefined) {
    const text = "must set either a target value for metric or a per-pod target";
    errors.push(...validateValues(external, `${path}.external`, text));
    const { value, averageValue } = external.target;
    const both = "may not set both a target value for metric and a per-pod target";
    if (value !== undefined && averageValue !== undefined)
      errors.push(forbidden(`${path}.external.target.value`, both));
  }
  if (pods !== undefined) {
    const at = `${path}.pods`;
    errors.push(...validateIdentifier(pods.metric, `${at}.metric`));
    errors.push(...validateTarget(pods.target, `${at}.target`));
    if (pods.target.averageValue === undefined) {
      const text = "must specify a positive target averageValue";
      errors.push(required(`${at}.target.averageValue`, text));
    }
  }
  if (resource !== undefined) errors.push(...validateUsage(resource, `${path}.resource`));
  if (containerResource !== undefined) {
    const at = `${path}.containerResource`;
    errors.push(...validateUsage(containerResource, at));
    if (containerResource.container === "")
      errors.push(required(`${at}.container`, "must specify a container"));
  }
  return errors;
}

/** A metric of one object, as a whole or for each pod. */
function validateValues(
  { metric, target }: { readonly metric: MetricIdentifier; readonly target: MetricTarget },
  path: string,
  text: string,
): FieldError[] {
  const errors = validateIdentifier(metric, `${path}.metric`);
  errors.push(...validateTarget(target, `${path}.target`));
  if (target.value === undefined && target.averageValue === undefined)
    errors.push(required(`${path}.target.averageValue`, text));
  return errors;
}

/** What pods use of a resource, of what they requested or as an amount. */
function validateUsage(
  { name, target }: { readonly name: string; readonly target: MetricTarget },
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (name === "") errors.push(required(`${path}.name`, "must specify a resource name"));
  errors.push(...validateTarget(target, `${path}.target`));
  const { averageUtilization, averageValue } = target;
  if (averageUtilization === undefined && averageValue === undefined) {
    const text = "must set either a target raw value or a target utilization";
    errors.push(required(`${path}.target.averageUtilization`, text));
  }
  if (averageUtilization !== undefined && averageValue !== undefined) {
    const text = "may not set both a target raw value and a target utilization";
    errors.push(forbidden(`${path}.target.averageValue`, text));
  }
  return errors;
}

function validateTarget(target: MetricTarget, path: string): FieldError[] {
  const { type, averageUtilization } = target;
  const errors: FieldError[] = [];
  if (type === "") errors.push(required(`${path}.type`, "must specify a metric target type"));
  if (!TARGET_TYPES.includes(type)) {
    const text = "must be either Utilization, Value, or AverageValue";
    errors.push(invalid(`${path}.type`, type, text));
  }
  for (const field of ["value", "averageValue"] as const) {
    const amount = target[field];
    if (amount !== undefined && !isPositive(amount))
      errors.push(invalid(`${path}.${field}`, amount, "must be positive"));
  }
  if (averageUtilization !== undefined && averageUtilization < 1)
    errors.push(
      invalid(`${path}.averageUtilization`, averageUtilization, "must be greater than 0"),
    );
  return errors;
}

function isPositive(amount: Quantity): boolean {
  return (parseQuantity(amount) ?? ZERO_QUANTITY).nanos > 0n;
}

function validateIdentifier({ name, selector }: MetricIdentifier, path: string): FieldError[] {
  if (name === "") return [required(`${path}.name`, "must specify a metric name")];
  return [
    ...invalidEach(`${path}.name`, name, validatePathSegment(name)),
    ...validateLabelSelector(selector, `${path}.selector`),
  ];
}

function validateRules(rules: HPAScalingRules | undefined, path: string): FieldError[] {
  if (rules === undefined) return [];
  const errors: FieldError[] = [];
  const { stabilizationWindowSeconds: window, selectPolicy, policies = [], tolerance } = rules;
  const at = `${path}.stabilizationWindowSeconds`;
  if (window !== undefined && window < 0)
    errors.push(invalid(at, window, "must be greater than or equal to zero"));
  if (window !== undefined && window > WINDOW_SECONDS_MAX)
    errors.push(invalid(at, window, `must be less than or equal to ${WINDOW_SECONDS_MAX}`));
  if (selectPolicy !== undefined && !SELECT_POLICIES.includes(selectPolicy))
    errors.push(notSupported(`${path}.selectPolicy`, selectPolicy, SELECT_POLICIES));
  if (policies.length === 0)
    errors.push(required(`${path}.policies`, "must specify at least one Policy"));
  for (const [index, { type, value, periodSeconds }] of policies.entries()) {
    const policy = `${path}.policies[${index}]`;
    if (!POLICY_TYPES.includes(type))
      errors.push(notSupported(`${policy}.type`, type, POLICY_TYPES));
    if (value <= 0) errors.push(invalid(`${policy}.value`, value, "must be greater than zero"));
    const period = `${policy}.periodSeconds`;
    if (periodSeconds <= 0)
      errors.push(invalid(period, periodSeconds, "must be greater than zero"));
    if (periodSeconds > PERIOD_SECONDS_MAX) {
      const text = `must be less than or equal to ${PERIOD_SECONDS_MAX}`;
      errors.push(invalid(period, periodSeconds, text));
    }
  }
  const negative = (parseQuantity(tolerance ?? "0") ?? ZERO_QUANTITY).nanos < 0n;
  if (negative)
    errors.push(invalid(`${path}.tolerance`, tolerance, "must be greater than or equal to zero"));
  return errors;
}
