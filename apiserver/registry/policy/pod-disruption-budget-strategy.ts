import { type FieldError, invalid, notSupported } from "../../../api/machinery/field-errors.js";
import type { PodDisruptionBudget } from "../../../api/schema/types/policy-v1.gen.js";
import { ageOf } from "../common/age.js";
import { notNegative } from "../common/field-error-builders.js";
import { validateLabelSelector } from "../common/label-validation.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import {
  specChanged,
  withFirstGeneration,
  withNextGeneration,
  withSpecOf,
  withStatusOf,
} from "../common/prepare.js";
import { AGE_COLUMN, column, NAME_COLUMN } from "../common/table-columns.js";
import { validateAtMostAll, validateIntOrPercent } from "../common/validate-int-or-percent.js";
import type { Strategy, TableDefinition } from "../strategy.js";

const POLICIES: readonly string[] = ["AlwaysAllow", "IfHealthyBudget"];
const NO_STATUS = {
  disruptionsAllowed: 0,
  currentHealthy: 0,
  desiredHealthy: 0,
  expectedPods: 0,
};

const table: TableDefinition<PodDisruptionBudget> = {
  columns: [
    NAME_COLUMN,
    column("Min Available", "Pods that must stay available."),
    column("Max Unavailable", "Pods that may be unavailable."),
    column("Allowed Disruptions", "Pods that may be evicted now.", "integer"),
    AGE_COLUMN,
  ],
  cells: ({ metadata, spec, status }, nowMs) => [
    metadata.name,
    String(spec.minAvailable ?? "N/A"),
    String(spec.maxUnavailable ?? "N/A"),
    status?.disruptionsAllowed ?? 0,
    ageOf(metadata.creationTimestamp, nowMs),
  ],
};

/** PodDisruptionBudgets: the generation grows with the spec. */
export const podDisruptionBudgetStrategy: Strategy<PodDisruptionBudget> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (budget) => withFirstGeneration({ ...budget, status: NO_STATUS }),
  prepareForUpdate(budget, old, subresource) {
    if (subresource === "status") return withSpecOf(budget, old);
    return withNextGeneration(withStatusOf(budget, old), old, specChanged(budget, old));
  },
  validate: validateBudget,
  validateUpdate: (budget, _old, subresource) =>
    subresource === "status" ? validateStatus(budget) : validateBudget(budget),
  table,
};

function validateBudget({ spec }: PodDisruptionBudget): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.minAvailable !== undefined && spec.maxUnavailable !== undefined)
    errors.push(invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set"));
  for (const field of ["minAvailable", "maxUnavailable"] as const) {
    const value = spec[field];
    if (value === undefined) continue;
    errors.push(...validateIntOrPercent(value, `spec.${field}`));
    errors.push(...validateAtMostAll(value, `spec.${field}`));
  }
  errors.push(...validateLabelSelector(spec.selector, "spec.selector"));
  const { unhealthyPodEvictionPolicy: policy } = spec;
  if (policy !== undefined && !POLICIES.includes(policy))
    errors.push(notSupported("spec.unhealthyPodEvictionPolicy", policy, POLICIES));
  return errors;
}

function validateStatus({ status }: PodDisruptionBudget): FieldError[] {
  const counts = [
    "disruptionsAllowed",
    "currentHealthy",
    "desiredHealthy",
    "expectedPods",
  ] as const;
  return counts.flatMap((field) => notNegative(`status.${field}`, status?.[field]));
}
