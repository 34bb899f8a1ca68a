import { type FieldError, invalid } from "../../../api/machinery/field-errors.js";
import type { ReplicaSet, ReplicaSetStatus } from "../../../api/schema/types/apps-v1.gen.js";
import { IMMUTABLE, notNegative } from "../common/field-error-builders.js";
import { semanticEqual } from "../common/semantic-equal.js";
import type { Subresource } from "../strategy.js";
import { validateWorkload } from "./workload-validation.js";

/** Checks a ReplicaSet's spec. */
export function validateReplicaSet({ spec }: ReplicaSet): FieldError[] {
  return [
    ...notNegative("spec.replicas", spec.replicas),
    ...notNegative("spec.minReadySeconds", spec.minReadySeconds),
    ...validateWorkload(spec),
  ];
}

/** Checks a change: the selector stays. */
export function validateReplicaSetUpdate(
  set: ReplicaSet,
  old: ReplicaSet,
  subresource: Subresource,
): FieldError[] {
  if (subresource === "status") return validateStatus(set.status ?? { replicas: 0 });
  const errors = validateReplicaSet(set);
  if (!semanticEqual(set.spec.selector, old.spec.selector))
    errors.push(invalid("spec.selector", set.spec.selector, IMMUTABLE));
  return errors;
}

const PARTS = ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"] as const;

function validateStatus(status: ReplicaSetStatus): FieldError[] {
  const counts = ["replicas", ...PARTS, "observedGeneration", "terminatingReplicas"] as const;
  const errors = counts.flatMap((field) => notNegative(`status.${field}`, status[field]));
  for (const field of PARTS) {
    const count = status[field] ?? 0;
    if (count > status.replicas)
      errors.push(invalid(`status.${field}`, count, "cannot be greater than status.replicas"));
  }
  const { availableReplicas = 0, readyReplicas = 0 } = status;
  if (availableReplicas > readyReplicas) {
    const text = "cannot be greater than readyReplicas";
    errors.push(invalid("status.availableReplicas", availableReplicas, text));
  }
  return errors;
}
