import { type FieldError, required, tooLong } from "../../../api/machinery/field-errors.js";
import { byteLength, validateDns1123Subdomain } from "../../../api/machinery/names.js";
import { invalidEach } from "../common/field-error-builders.js";

const NAME_BYTES_MAX = 63;

/** Checks the name of a CSI driver, or of a driver of devices, at the path of the name itself. */
export function validateDriverName(name: string, path: string): FieldError[] {
  const errors: FieldError[] = name === "" ? [required(path)] : [];
  if (byteLength(name) > NAME_BYTES_MAX) errors.push(tooLong(path, NAME_BYTES_MAX));
  return [...errors, ...invalidEach(path, name, validateDns1123Subdomain(name.toLowerCase()))];
}
