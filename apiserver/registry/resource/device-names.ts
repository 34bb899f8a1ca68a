import {
  type FieldError,
  invalid,
  required,
  tooLong,
} from "../../../api/machinery/field-errors.js";
import {
  byteLength,
  validateCIdentifier,
  validateDns1123Label,
  validateDns1123Subdomain,
} from "../../../api/machinery/names.js";
import { invalidEach } from "../common/field-error-builders.js";
import { validateDriverName } from "../storage/driver-name.js";

const ID_BYTES_MAX = 32;
const POOL_BYTES_MAX = 253;

/** Checks a name that is a DNS label: of a request, a device or a counter. */
export function validateLabelName(name: string, path: string): FieldError[] {
  return invalidEach(path, name, validateDns1123Label(name));
}

/** Checks the name of a pool: DNS subdomains parted by slashes. */
export function validatePoolName(name: string, path: string): FieldError[] {
  if (name === "") return [required(path)];
  const errors: FieldError[] =
    byteLength(name) > POOL_BYTES_MAX ? [tooLong(path, POOL_BYTES_MAX)] : [];
  for (const part of name.split("/"))
    errors.push(...invalidEach(path, part, validateDns1123Subdomain(part)));
  return errors;
}

/** Checks the name of an attribute or a capacity: an identifier, perhaps behind a domain. */
export function validateQualifiedDeviceName(name: string, path: string): FieldError[] {
  const [first = "", second, ...more] = name.split("/");
  if (more.length > 0) return [invalid(path, name, "must not contain more than one slash")];
  if (second === undefined) return validateIdentifier(first, path);
  const domain =
    first === ""
      ? [invalid(path, "", "the domain must not be empty")]
      : validateDriverName(first, path);
  const identifier =
    second === ""
      ? [invalid(path, "", "the name must not be empty")]
      : validateIdentifier(second, path);
  return [...domain, ...identifier];
}

/** The same where the domain must be there. */
export function validateFullDeviceName(name: string, path: string): FieldError[] {
  const errors = validateQualifiedDeviceName(name, path);
  if (name.includes("/")) return errors;
  const text = "a fully qualified name must be a domain and a name separated by a slash";
  return [...errors, invalid(path, name, text)];
}

function validateIdentifier(name: string, path: string): FieldError[] {
  const errors: FieldError[] = byteLength(name) > ID_BYTES_MAX ? [tooLong(path, ID_BYTES_MAX)] : [];
  return [...errors, ...invalidEach(path, name, validateCIdentifier(name))];
}
