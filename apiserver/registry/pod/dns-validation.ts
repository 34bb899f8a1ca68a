import {
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
  tooLong,
} from "../../../api/machinery/field-errors.js";
import {
  byteLength,
  regexError,
  validateDns1123Label,
  validateDns1123Subdomain,
} from "../../../api/machinery/names.js";
import type { PodDNSConfig, PodSpec } from "../../../api/schema/types/core-v1.gen.js";
import { invalidEach } from "../common/field-error-builders.js";
import { validateIp } from "../common/ip-validation.js";

const POLICIES: readonly string[] = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
const NAMESERVERS_MAX = 3;
const SEARCHES_MAX = 32;
const SEARCH_CHARACTERS_MAX = 2048;
const HOSTNAME_BYTES_MAX = 64;
const UNDERSCORE_LABEL = "[a-z0-9_]([-_a-z0-9]*[a-z0-9_])?";
const UNDERSCORE_SUBDOMAIN = `${UNDERSCORE_LABEL}(\\.${UNDERSCORE_LABEL})*`;

/** Checks how a pod resolves names. */
export function validateDns(spec: PodSpec, path: string): FieldError[] {
  const { dnsPolicy = "", dnsConfig } = spec;
  const errors: FieldError[] = [];
  if (dnsPolicy === "") errors.push(required(`${path}.dnsPolicy`));
  else if (!POLICIES.includes(dnsPolicy))
    errors.push(notSupported(`${path}.dnsPolicy`, dnsPolicy, POLICIES));
  const at = `${path}.dnsConfig`;
  if (dnsPolicy === "None") {
    if (dnsConfig === undefined)
      return [...errors, required(at, "must provide `dnsConfig` when `dnsPolicy` is None")];
    if ((dnsConfig.nameservers ?? []).length === 0) {
      const text = "must provide at least one DNS nameserver when `dnsPolicy` is None";
      return [...errors, required(`${at}.nameservers`, text)];
    }
  }
  if (dnsConfig !== undefined) errors.push(...validateConfig(dnsConfig, at));
  return errors;
}

function validateConfig(config: PodDNSConfig, path: string): FieldError[] {
  const { nameservers = [], searches = [], options = [] } = config;
  const errors: FieldError[] = [];
  if (nameservers.length > NAMESERVERS_MAX) {
    const text = `must not have more than ${NAMESERVERS_MAX} nameservers`;
    errors.push(invalid(`${path}.nameservers`, nameservers, text));
  }
  for (const [index, address] of nameservers.entries())
    errors.push(...validateIp(address, `${path}.nameservers[${index}]`));
  const at = `${path}.searches`;
  if (searches.length > SEARCHES_MAX)
    errors.push(invalid(at, searches, `must not have more than ${SEARCHES_MAX} search paths`));
  if (searches.join(" ").length > SEARCH_CHARACTERS_MAX) {
    const text =
      `must not have more than ${SEARCH_CHARACTERS_MAX} characters ` +
      "(including spaces) in the search list";
    errors.push(invalid(at, searches, text));
  }
  for (const [index, search] of searches.entries()) {
    if (search === ".") continue;
    const domain = search.replace(/\.$/, "");
    errors.push(...invalidEach(`${at}[${index}]`, domain, searchErrors(domain)));
  }
  for (const [index, { name = "" }] of options.entries())
    if (name === "") errors.push(required(`${path}.options[${index}]`, "must not be empty"));
  return errors;
}

/** As a DNS subdomain, but with underscores, which some names of services have. */
function searchErrors(domain: string): string[] {
  const plain = validateDns1123Subdomain(domain.replaceAll("_", "a"));
  if (plain.length === 0) return [];
  if (new RegExp(`^${UNDERSCORE_SUBDOMAIN}$`).test(domain)) return plain;
  const text =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-', " +
    "'_', or '.', and must start and end with an alphanumeric character or an underscore";
  return [regexError(text, UNDERSCORE_SUBDOMAIN, ["example.com"])];
}

/** Checks the names that a pod gives itself and others. */
export function validateHostnames(spec: PodSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ["hostname", "subdomain"] as const) {
    const name = spec[field] ?? "";
    if (name === "") continue;
    errors.push(...invalidEach(`${path}.${field}`, name, validateDns1123Label(name)));
  }
  const { hostnameOverride: override } = spec;
  if (override !== undefined) {
    const at = `${path}.hostnameOverride`;
    errors.push(...invalidEach(at, override, validateDns1123Subdomain(override)));
    if (byteLength(override) > HOSTNAME_BYTES_MAX) errors.push(tooLong(at, HOSTNAME_BYTES_MAX));
    if (spec.setHostnameAsFQDN === true)
      errors.push(forbidden(at, "may not be specified when setHostnameAsFQDN is true"));
    if (spec.hostNetwork === true)
      errors.push(forbidden(at, "may not be specified when hostNetwork is true"));
  }
  for (const [index, { ip, hostnames = [] }] of (spec.hostAliases ?? []).entries()) {
    const at = `${path}.hostAliases[${index}]`;
    errors.push(...validateIp(ip, `${at}.ip`));
    for (const [i, name] of hostnames.entries())
      errors.push(...invalidEach(`${at}.hostnames[${i}]`, name, validateDns1123Subdomain(name)));
  }
  return errors;
}
