import {
  type FieldError,
  invalid,
  required,
  tooLong,
} from "../../../api/machinery/field-errors.js";
import { byteLength, validateQualifiedName } from "../../../api/machinery/names.js";
import { invalidEach } from "../common/field-error-builders.js";

const PARAMETERS_MAX = 512;
const PARAMETERS_BYTES_MAX = 256 * 1024;

/** Checks the name of what makes or changes volumes. */
export function validateProvisioner(provisioner: string, path: string): FieldError[] {
  if (provisioner === "") return [required(path)];
  return invalidEach(path, provisioner, validateQualifiedName(provisioner.toLowerCase()));
}

/** Checks what a class passes on to its driver. */
export function validateParameters(
  parameters: Readonly<Record<string, string>>,
  path: string,
): FieldError[] {
  const entries = Object.entries(parameters);
  if (entries.length > PARAMETERS_MAX) return [tooLong(path, PARAMETERS_MAX)];
  const errors: FieldError[] = [];
  let sizeBytes = 0;
  for (const [key, value] of entries) {
    if (key === "") errors.push(invalid(path, key, "field can not be empty."));
    sizeBytes += byteLength(key) + byteLength(value);
  }
  if (sizeBytes > PARAMETERS_BYTES_MAX) errors.push(tooLong(path, PARAMETERS_BYTES_MAX));
  return errors;
}
