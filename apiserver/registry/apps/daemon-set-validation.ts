import {
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from "../../../api/machinery/field-errors.js";
import type { DaemonSet, DaemonSetStatus } from "../../../api/schema/types/apps-v1.gen.js";
import { IMMUTABLE, notNegative } from "../common/field-error-builders.js";
import { isEmptySelector, validateLabelSelector } from "../common/label-validation.js";
import { semanticEqual } from "../common/semantic-equal.js";
import {
  countOrPercent,
  validateAtMostAll,
  validateIntOrPercent,
} from "../common/validate-int-or-percent.js";
import { validatePodTemplate } from "../pod/pod-validation.js";
import { validateTemplateLabels } from "./workload-validation.js";
import type { Subresource } from "../strategy.js";

const STRATEGIES: readonly string[] = ["RollingUpdate", "OnDelete"];
const STRATEGY = "spec.updateStrategy";

/** Checks a DaemonSet's spec. */
export function validateDaemonSet({ spec }: DaemonSet): FieldError[] {
  const errors: FieldError[] = [];
  const { selector, template } = spec;
  // Without a selector nothing is selected: Kubernetes says that alone.
  if (selector !== undefined) errors.push(...validateLabelSelector(selector, "spec.selector"));
  errors.push(...validateTemplateLabels(selector, template));
  if (selector !== undefined && isEmptySelector(selector))
    errors.push(invalid("spec.selector", selector, "empty selector is invalid for daemonset"));
  errors.push(...validatePodTemplate(template, "spec.template"));
  const { restartPolicy = "", activeDeadlineSeconds } = template.spec ?? {};
  if (restartPolicy !== "Always")
    errors.push(notSupported("spec.template.spec.restartPolicy", restartPolicy, ["Always"]));
  if (activeDeadlineSeconds !== undefined) {
    const text = "activeDeadlineSeconds in DaemonSet is not Supported";
    errors.push(forbidden("spec.template.spec.activeDeadlineSeconds", text));
  }
  errors.push(...notNegative("spec.minReadySeconds", spec.minReadySeconds));
  errors.push(...validateStrategy(spec.updateStrategy));
  errors.push(...notNegative("spec.revisionHistoryLimit", spec.revisionHistoryLimit));
  return errors;
}

/** Checks a change: the selector stays. */
export function validateDaemonSetUpdate(
  set: DaemonSet,
  old: DaemonSet,
  subresource: Subresource,
): FieldError[] {
  if (subresource === "status") return validateStatus(set.status, old.status);
  const errors = validateDaemonSet(set);
  if (!semanticEqual(set.spec.selector, old.spec.selector))
    errors.push(invalid("spec.selector", set.spec.selector, IMMUTABLE));
  return errors;
}

function validateStrategy(strategy: DaemonSet["spec"]["updateStrategy"]): FieldError[] {
  const { type = "", rollingUpdate } = strategy ?? {};
  if (type === "OnDelete") return [];
  if (type !== "RollingUpdate") return [notSupported(`${STRATEGY}.type`, type, STRATEGIES)];
  const at = `${STRATEGY}.rollingUpdate`;
  if (rollingUpdate === undefined) return [required(at)];
  const { maxSurge = 0, maxUnavailable = 0 } = rollingUpdate;
  const errors = validateIntOrPercent(maxUnavailable, `${at}.maxUnavailable`);
  errors.push(...validateAtMostAll(maxUnavailable, `${at}.maxUnavailable`));
  errors.push(...validateIntOrPercent(maxSurge, `${at}.maxSurge`));
  errors.push(...validateAtMostAll(maxSurge, `${at}.maxSurge`));
  const [surge, unavailable] = [countOrPercent(maxSurge), countOrPercent(maxUnavailable)];
  if (surge !== 0 && unavailable !== 0) {
    const text = "may not be set when maxUnavailable is non-zero";
    errors.push(invalid(`${at}.maxSurge`, maxSurge, text));
  }
  if (surge === 0 && unavailable === 0)
    errors.push(required(`${at}.maxUnavailable`, "cannot be 0 when maxSurge is 0"));
  return errors;
}

const COUNTS = [
  "currentNumberScheduled",
  "numberMisscheduled",
  "desiredNumberScheduled",
  "numberReady",
  "observedGeneration",
  "updatedNumberScheduled",
  "numberAvailable",
  "numberUnavailable",
  "collisionCount",
] as const;

function validateStatus(
  status: DaemonSetStatus | undefined,
  old: DaemonSetStatus | undefined,
): FieldError[] {
  const errors = COUNTS.flatMap((field) => notNegative(`status.${field}`, status?.[field]));
  const before = old?.collisionCount;
  if (before === undefined || (status?.collisionCount ?? -1) >= before) return errors;
  const count = status?.collisionCount ?? 0;
  return [...errors, invalid("status.collisionCount", count, "cannot be decremented")];
}
