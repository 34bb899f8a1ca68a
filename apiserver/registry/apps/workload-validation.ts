import {
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from "../../../api/machinery/field-errors.js";
import { selectorFromObject } from "../../../api/machinery/selectors.js";
import type { PodTemplateSpec } from "../../../api/schema/types/core-v1.gen.js";
import type { LabelSelector } from "../../../api/schema/types/meta-v1.gen.js";
import { isEmptySelector, validateLabelSelector } from "../common/label-validation.js";
import { validatePodTemplate } from "../pod/pod-validation.js";

/** What Deployments and ReplicaSets have in common. */
export interface Workload {
  readonly selector?: LabelSelector;
  readonly template?: PodTemplateSpec;
}

/**
 * Checks selector and template of a workload whose pods run for ever: the selector must choose the
 * template's pods, and they must always be restarted.
 */
export function validateWorkload({ selector, template }: Workload): FieldError[] {
  const errors: FieldError[] = [];
  if (selector === undefined) errors.push(required("spec.selector"));
  else {
    errors.push(...validateLabelSelector(selector, "spec.selector"));
    if (isEmptySelector(selector))
      errors.push(invalid("spec.selector", selector, "empty selector is invalid for deployment"));
  }
  if (template === undefined) return [...errors, required("spec.template")];
  const parsed = selectorFromObject(selector);
  if (!parsed.ok) return [...errors, invalid("spec.selector", selector, "invalid label selector")];
  errors.push(...validateTemplateLabels(selector, template));
  errors.push(...validatePodTemplate(template, "spec.template"));
  const { restartPolicy = "", activeDeadlineSeconds } = template.spec ?? {};
  if (restartPolicy !== "Always")
    errors.push(notSupported("spec.template.spec.restartPolicy", restartPolicy, ["Always"]));
  if (activeDeadlineSeconds !== undefined) {
    const text = "activeDeadlineSeconds in ReplicaSet is not Supported";
    errors.push(forbidden("spec.template.spec.activeDeadlineSeconds", text));
  }
  return errors;
}

/**
 * Checks that a selector chooses the pods of the template beside it in `spec`. None chooses
 * nothing; one that cannot be read has been reported.
 */
export function validateTemplateLabels(
  selector: LabelSelector | undefined,
  template: PodTemplateSpec,
  spec = "spec",
): FieldError[] {
  const parsed = selectorFromObject(selector);
  const { labels } = template.metadata ?? {};
  if (!parsed.ok || parsed.selector.matches(labels ?? {})) return [];
  const text = "`selector` does not match template `labels`";
  return [invalid(`${spec}.template.metadata.labels`, labels, text)];
}
