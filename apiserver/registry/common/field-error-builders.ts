import { type FieldError, invalid } from "../../../api/machinery/field-errors.js";

/** One `invalid` error for each text. */
export function invalidEach(
  field: string,
  badValue: unknown,
  details: readonly string[],
): FieldError[] {
  return details.map((detail) => invalid(field, badValue, detail));
}

/** The errors of a number that must not be below zero. */
export function notNegative(field: string, value: number | undefined): FieldError[] {
  return value === undefined || value >= 0 ? [] : [invalid(field, value, NOT_NEGATIVE)];
}

/** The text for a field that was changed and may not be. */
export const IMMUTABLE = "field is immutable";

/** The text for a number below zero. */
export const NOT_NEGATIVE = "must be greater than or equal to 0";
