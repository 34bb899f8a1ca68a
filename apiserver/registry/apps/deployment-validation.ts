import {
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from "../../../api/machinery/field-errors.js";
import type { Deployment, DeploymentStatus } from "../../../api/schema/types/apps-v1.gen.js";
import { IMMUTABLE, notNegative } from "../common/field-error-builders.js";
import { semanticEqual } from "../common/semantic-equal.js";
import {
  countOrPercent,
  validateAtMostAll,
  validateIntOrPercent,
} from "../common/validate-int-or-percent.js";
import type { Subresource } from "../strategy.js";
import { validateWorkload } from "./workload-validation.js";

const STRATEGIES: readonly string[] = ["Recreate", "RollingUpdate"];

/** Checks a deployment's spec. */
export function validateDeployment({ spec }: Deployment): FieldError[] {
  const errors = notNegative("spec.replicas", spec.replicas);
  errors.push(...validateWorkload(spec));
  errors.push(...validateStrategy(spec.strategy));
  errors.push(...notNegative("spec.minReadySeconds", spec.minReadySeconds));
  errors.push(...notNegative("spec.revisionHistoryLimit", spec.revisionHistoryLimit));
  const { progressDeadlineSeconds, minReadySeconds = 0 } = spec;
  if (progressDeadlineSeconds !== undefined) {
    const path = "spec.progressDeadlineSeconds";
    errors.push(...notNegative(path, progressDeadlineSeconds));
    if (progressDeadlineSeconds <= minReadySeconds)
      errors.push(invalid(path, progressDeadlineSeconds, "must be greater than minReadySeconds"));
  }
  return errors;
}

/** Checks a change: the selector stays. */
export function validateDeploymentUpdate(
  deployment: Deployment,
  old: Deployment,
  subresource: Subresource,
): FieldError[] {
  if (subresource === "status") return validateStatus(deployment.status ?? {}, old.status ?? {});
  const errors = validateDeployment(deployment);
  if (!semanticEqual(deployment.spec.selector, old.spec.selector))
    errors.push(invalid("spec.selector", deployment.spec.selector, IMMUTABLE));
  return errors;
}

function validateStrategy(strategy: Deployment["spec"]["strategy"]): FieldError[] {
  const path = "spec.strategy";
  const { type = "", rollingUpdate } = strategy ?? {};
  if (type === "Recreate") {
    const text = "may not be specified when strategy `type` is 'Recreate'";
    return rollingUpdate === undefined ? [] : [forbidden(`${path}.rollingUpdate`, text)];
  }
  if (type !== "RollingUpdate") return [notSupported(`${path}.type`, type, STRATEGIES)];
  if (rollingUpdate === undefined)
    return [required(`${path}.rollingUpdate`, "this should be defaulted and never be nil")];
  const { maxSurge = 0, maxUnavailable = 0 } = rollingUpdate;
  const at = `${path}.rollingUpdate`;
  const errors = validateIntOrPercent(maxUnavailable, `${at}.maxUnavailable`);
  errors.push(...validateIntOrPercent(maxSurge, `${at}.maxSurge`));
  if (countOrPercent(maxUnavailable) === 0 && countOrPercent(maxSurge) === 0) {
    const text = "may not be 0 when `maxSurge` is 0";
    errors.push(invalid(`${at}.maxUnavailable`, maxUnavailable, text));
  }
  errors.push(...validateAtMostAll(maxUnavailable, `${at}.maxUnavailable`));
  return errors;
}

const COUNTS = [
  "observedGeneration",
  "replicas",
  "updatedReplicas",
  "readyReplicas",
  "availableReplicas",
  "unavailableReplicas",
  "terminatingReplicas",
  "collisionCount",
] as const;

function validateStatus(status: DeploymentStatus, old: DeploymentStatus): FieldError[] {
  const errors = COUNTS.flatMap((field) => notNegative(`status.${field}`, status[field]));
  const { replicas = 0, readyReplicas = 0, availableReplicas = 0 } = status;
  for (const field of ["updatedReplicas", "readyReplicas", "availableReplicas"] as const) {
    const count = status[field] ?? 0;
    if (count > replicas)
      errors.push(invalid(`status.${field}`, count, "cannot be greater than status.replicas"));
  }
  if (availableReplicas > readyReplicas) {
    const text = "cannot be greater than readyReplicas";
    errors.push(invalid("status.availableReplicas", availableReplicas, text));
  }
  const before = old.collisionCount;
  if (before !== undefined && (status.collisionCount ?? -1) < before) {
    const text = "cannot be decremented";
    errors.push(invalid("status.collisionCount", status.collisionCount ?? 0, text));
  }
  return errors;
}
