import {
  type FieldError,
  forbidden,
  invalid,
  required,
} from "../../../api/machinery/field-errors.js";
import type { LabelSelector } from "../../../api/schema/types/meta-v1.gen.js";
import { invalidEach } from "./field-error-builders.js";
import { validateLabelValue, validateQualifiedName } from "../../../api/machinery/names.js";

/** Checks keys and values of labels. */
export function validateLabels(
  labels: { readonly [key: string]: string } | undefined,
  path: string,
): FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...validateLabelKey(key, path),
    ...invalidEach(path, value, validateLabelValue(value)),
  ]);
}

/** Checks one label key. */
export function validateLabelKey(key: string, path: string): FieldError[] {
  return invalidEach(path, key, validateQualifiedName(key));
}

/** Checks a selector's keys, operators and values. */
export function validateLabelSelector(
  selector: LabelSelector | undefined,
  path: string,
): FieldError[] {
  if (selector === undefined) return [];
  const errors = validateLabels(selector.matchLabels, `${path}.matchLabels`);
  for (const [index, expression] of (selector.matchExpressions ?? []).entries()) {
    const at = `${path}.matchExpressions[${index}]`;
    const values = expression.values ?? [];
    switch (expression.operator) {
      case "In":
      case "NotIn":
        if (values.length === 0) {
          const text = "must be specified when `operator` is 'In' or 'NotIn'";
          errors.push(required(`${at}.values`, text));
        }
        break;
      case "Exists":
      case "DoesNotExist":
        if (values.length > 0) {
          const text = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
          errors.push(forbidden(`${at}.values`, text));
        }
        break;
      default:
        errors.push(
          invalid(`${at}.operator`, expression.operator, "not a valid selector operator"),
        );
    }
    errors.push(...validateLabelKey(expression.key, `${at}.key`));
    for (const [valueIndex, value] of values.entries())
      errors.push(...invalidEach(`${at}.values[${valueIndex}]`, value, validateLabelValue(value)));
  }
  return errors;
}

/** True when the selector has no requirement, and so would match every object. */
export function isEmptySelector(selector: LabelSelector): boolean {
  const labels = Object.keys(selector.matchLabels ?? {}).length;
  return labels + (selector.matchExpressions ?? []).length === 0;
}
