import { type FieldError, invalid, required } from "../../../api/machinery/field-errors.js";
import {
  regexError,
  validateDns1123Subdomain,
  validatePathSegment,
} from "../../../api/machinery/names.js";
import { invalidEach } from "./field-error-builders.js";

const PATH = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";

/** Checks a path behind a domain, such as acme.io/foo. */
export function validateDomainPath(value: string, path: string): FieldError[] {
  if (value === "") return [required(path)];
  const slash = value.indexOf("/");
  const [domain, rest] = [value.slice(0, Math.max(slash, 0)), value.slice(slash + 1)];
  if (slash < 0 || domain === "" || rest === "") {
    const text = 'must be a domain-prefixed path (such as "acme.io/foo")';
    return [invalid(path, value, text)];
  }
  const errors = invalidEach(path, domain, validateDns1123Subdomain(domain));
  if (!new RegExp(`^${PATH}$`).test(rest))
    errors.push(invalid(path, rest, regexError("Invalid path", PATH, [])));
  return errors;
}

/** Checks a name that must be given and stand as one segment of a path. */
export function validateRequiredSegment(value: string, path: string): FieldError[] {
  if (value === "") return [required(path)];
  return invalidEach(path, value, validatePathSegment(value));
}
