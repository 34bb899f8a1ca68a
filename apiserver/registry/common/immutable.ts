import { type FieldError, invalid } from "../../../api/machinery/field-errors.js";
import { IMMUTABLE } from "./field-error-builders.js";
import { semanticEqual } from "./semantic-equal.js";

/** What a field that never changes is before and after. */
export interface FieldChange {
  readonly value: unknown;
  readonly old: unknown;
}

/** The error of a field that was changed and may not be; the name is the last part of `path`. */
export function validateImmutable(path: string, { value, old }: FieldChange): FieldError[] {
  const name = path.slice(path.lastIndexOf(".") + 1);
  return semanticEqual(value, old, name) ? [] : [invalid(path, value ?? null, IMMUTABLE)];
}
