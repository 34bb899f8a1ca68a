import { type FieldError, invalid } from "../../../api/machinery/field-errors.js";
import { percentOf } from "../../../api/machinery/intstr.js";
import { validatePercent } from "../../../api/machinery/names.js";
import type { IntOrString } from "../../../api/schema/wire-types.js";
import { invalidEach, notNegative } from "./field-error-builders.js";

/** Checks a count or a percentage: neither may be negative. */
export function validateIntOrPercent(value: IntOrString, path: string): FieldError[] {
  if (typeof value === "number") return notNegative(path, value);
  return invalidEach(path, value, validatePercent(value));
}

/** The errors of a percentage that is more than the whole. */
export function validateAtMostAll(value: IntOrString, path: string): FieldError[] {
  if (typeof value !== "string" || (percentOf(value) ?? 0) <= 100) return [];
  return [invalid(path, value, "must not be greater than 100%")];
}

/** The number itself, or that of a percentage; null for what is neither. */
export function countOrPercent(value: IntOrString): number | null {
  return typeof value === "number" ? value : percentOf(value);
}
