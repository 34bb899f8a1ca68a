import { type FieldError, invalid } from "../../../api/machinery/field-errors.js";

/** What a file mode outside 0–0777 is told. */
const MODE_TEXT = "must be a number between 0 and 0777 (octal), both inclusive";

/** Refuses paths that climb up. */
export function validateNoBacksteps(path: string, field: string): FieldError[] {
  return path.split("/").includes("..") ? [invalid(field, path, "must not contain '..'")] : [];
}

/** Refuses absolute paths and paths that climb up. */
export function validateDescendingPath(path: string, field: string): FieldError[] {
  const errors = path.startsWith("/") ? [invalid(field, path, "must be a relative path")] : [];
  errors.push(...validateNoBacksteps(path, field));
  return errors;
}

/**
 * As validateDescendingPath, and refuses names that start with "..", which volumes keep for
 * themselves.
 */
export function validateUnreservedPath(path: string, field: string): FieldError[] {
  const errors = validateDescendingPath(path, field);
  if (path.startsWith("..") && !path.startsWith("../"))
    errors.push(invalid(field, path, "must not start with '..'"));
  return errors;
}

/** Checks a file mode. */
export function validateFileMode(mode: number | undefined, field: string): FieldError[] {
  if (mode === undefined || (mode >= 0 && mode <= 0o777)) return [];
  return [invalid(field, mode, MODE_TEXT)];
}
