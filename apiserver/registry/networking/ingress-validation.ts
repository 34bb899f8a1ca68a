import {
  type FieldError,
  invalid,
  notSupported,
  required,
} from "../../../api/machinery/field-errors.js";
import {
  regexError,
  validateDns1123Label,
  validateDns1123Subdomain,
  validatePortName,
  validatePortNumber,
} from "../../../api/machinery/names.js";
import type {
  HTTPIngressPath,
  Ingress,
  IngressBackend,
  IngressServiceBackend,
} from "../../../api/schema/types/networking-v1.gen.js";
import { invalidEach } from "../common/field-error-builders.js";
import { parseIp } from "../common/ip-address.js";
import { validateIp } from "../common/ip-validation.js";
import { validateRequiredSegment } from "../common/validate-domain-path.js";
import type { Subresource } from "../strategy.js";

const PATH_TYPES: readonly string[] = ["Exact", "ImplementationSpecific", "Prefix"];
const BAD_SEQUENCES = ["//", "/./", "/../", "%2f", "%2F"];
const BAD_ENDINGS = ["/..", "/."];
const CLASS_ANNOTATION = "kubernetes.io/ingress.class";
const WILDCARD = "\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
const WILDCARD_TEXT =
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, " +
  "which must consist of lower case alphanumeric characters, '-' or '.' and end with an " +
  "alphanumeric character";

/** Checks a new Ingress. */
export function validateIngress(ingress: Ingress): FieldError[] {
  const errors = validateSpec(ingress);
  const annotation = ingress.metadata.annotations?.[CLASS_ANNOTATION];
  const { ingressClassName } = ingress.spec;
  if (annotation === undefined || ingressClassName === undefined) return errors;
  if (annotation === ingressClassName) return errors;
  const text = "must match `ingressClassName` when both are specified";
  return [...errors, invalid(`annotations.${CLASS_ANNOTATION}`, annotation, text)];
}

/** Checks a change of an Ingress. */
export function validateIngressUpdate(
  ingress: Ingress,
  _old: Ingress,
  subresource: Subresource,
): FieldError[] {
  return subresource === "status" ? validateStatus(ingress) : validateSpec(ingress);
}

function validateSpec({ spec }: Ingress): FieldError[] {
  const errors: FieldError[] = [];
  const { rules = [], tls = [], defaultBackend, ingressClassName } = spec;
  if (rules.length === 0 && defaultBackend === undefined) {
    const text = "either `defaultBackend` or `rules` must be specified";
    errors.push(invalid("spec", null, text));
  }
  if (defaultBackend !== undefined)
    errors.push(...validateBackend(defaultBackend, "spec.defaultBackend"));
  for (const [index, { host = "", http }] of rules.entries()) {
    const at = `spec.rules[${index}]`;
    if (parseIp(host) !== null)
      errors.push(invalid(`${at}.host`, host, "must be a DNS name, not an IP address"));
    if (host !== "") errors.push(...invalidEach(`${at}.host`, host, hostErrors(host)));
    if (http === undefined) continue;
    if (http.paths.length === 0) errors.push(required(`${at}.http.paths`));
    for (const [i, path] of http.paths.entries())
      errors.push(...validatePath(path, `${at}.http.paths[${i}]`));
  }
  for (const [index, { hosts = [], secretName = "" }] of tls.entries()) {
    for (const [i, host] of hosts.entries())
      errors.push(...invalidEach(`spec.tls[${index}].hosts[${i}]`, host, hostErrors(host)));
    if (secretName === "") continue;
    const texts = validateDns1123Subdomain(secretName);
    errors.push(...invalidEach(`spec.tls[${index}].secretName`, secretName, texts));
  }
  if (ingressClassName === undefined) return errors;
  const texts = validateDns1123Subdomain(ingressClassName);
  return [...errors, ...invalidEach("spec.ingressClassName", ingressClassName, texts)];
}

function hostErrors(host: string): string[] {
  if (!host.includes("*")) return validateDns1123Subdomain(host);
  if (new RegExp(`^${WILDCARD}$`).test(host)) return [];
  return [regexError(WILDCARD_TEXT, WILDCARD, ["*.example.com"])];
}

function validatePath({ path = "", pathType, backend }: HTTPIngressPath, at: string): FieldError[] {
  if (pathType === undefined) return [required(`${at}.pathType`, "pathType must be specified")];
  if (!PATH_TYPES.includes(pathType))
    return [
      notSupported(`${at}.pathType`, pathType, PATH_TYPES),
      ...validateBackend(backend, `${at}.backend`),
    ];
  const errors: FieldError[] = [];
  const strict = pathType !== "ImplementationSpecific";
  if (!path.startsWith("/") && (strict || path !== ""))
    errors.push(invalid(`${at}.path`, path, "must be an absolute path"));
  for (const sequence of strict ? BAD_SEQUENCES : [])
    if (path.includes(sequence))
      errors.push(invalid(`${at}.path`, path, `must not contain '${sequence}'`));
  for (const ending of strict ? BAD_ENDINGS : [])
    if (path.endsWith(ending))
      errors.push(invalid(`${at}.path`, path, `cannot end with '${ending}'`));
  return [...errors, ...validateBackend(backend, `${at}.backend`)];
}

function validateBackend({ resource, service }: IngressBackend, path: string): FieldError[] {
  if (resource !== undefined && service !== undefined)
    return [invalid(path, "", "cannot set both resource and service backends")];
  if (service !== undefined) return validateService(service, path);
  if (resource === undefined) return [invalid(path, "", "resource or service backend is required")];
  const { apiGroup, kind, name } = resource;
  const at = `${path}.resource`;
  const group = apiGroup === undefined ? [] : validateDns1123Subdomain(apiGroup);
  return [
    ...invalidEach(`${at}.apiGroup`, apiGroup, group),
    ...validateRequiredSegment(kind, `${at}.kind`),
    ...validateRequiredSegment(name, `${at}.name`),
  ];
}

function validateService({ name, port = {} }: IngressServiceBackend, path: string): FieldError[] {
  const at = `${path}.service`;
  const errors =
    name === ""
      ? [required(`${at}.name`)]
      : invalidEach(`${at}.name`, name, validateDns1123Label(name));
  const { name: portName = "", number = 0 } = port;
  if (portName !== "" && number !== 0)
    return [...errors, invalid(path, "", "cannot set both port name & port number")];
  if (portName !== "")
    return [...errors, ...invalidEach(`${at}.port.name`, portName, validatePortName(portName))];
  if (number !== 0)
    return [...errors, ...invalidEach(`${at}.port.number`, number, validatePortNumber(number))];
  return [...errors, required(path, "port name or number is required")];
}

function validateStatus({ status }: Ingress): FieldError[] {
  return (status?.loadBalancer?.ingress ?? []).flatMap(({ ip = "", hostname = "" }, index) => {
    const at = `status.loadBalancer.ingress[${index}]`;
    const errors = ip === "" ? [] : validateIp(ip, `${at}.ip`);
    if (hostname === "") return errors;
    errors.push(...invalidEach(`${at}.hostname`, hostname, validateDns1123Subdomain(hostname)));
    if (parseIp(hostname) === null) return errors;
    return [
      ...errors,
      invalid(`${at}.hostname`, hostname, "must be a DNS name, not an IP address"),
    ];
  });
}
