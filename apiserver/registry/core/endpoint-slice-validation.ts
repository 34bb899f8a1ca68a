import {
  duplicate,
  type FieldError,
  invalid,
  notSupported,
  required,
  tooMany,
} from "../../../api/machinery/field-errors.js";
import {
  validateDns1123Label,
  validateDns1123Subdomain,
  validateLabelValue,
  validateQualifiedName,
} from "../../../api/machinery/names.js";
import type {
  Endpoint,
  EndpointPort,
  EndpointSlice,
} from "../../../api/schema/types/discovery-v1.gen.js";
import { IMMUTABLE, invalidEach } from "../common/field-error-builders.js";
import { validateIpOf, validateNonSpecialIp } from "../common/ip-validation.js";
import { validateLabels } from "../common/label-validation.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { validateProtocol } from "./endpoints-validation.js";

const ADDRESS_TYPES: readonly string[] = ["FQDN", "IPv4", "IPv6"];
const ADDRESSES_MAX = 100;
const ENDPOINTS_MAX = 1000;
const PORTS_MAX = 20_000;
const TOPOLOGY_LABELS_MAX = 16;
const HINTS_MAX = 8;

/** Checks address type, endpoints and ports. */
export function validateEndpointSlice(slice: EndpointSlice): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { addressType, endpoints = [], ports = [] } = slice;
  if (addressType === "") errors.push(required("addressType"));
  else if (!ADDRESS_TYPES.includes(addressType))
    errors.push(notSupported("addressType", addressType, ADDRESS_TYPES));
  if (endpoints.length > ENDPOINTS_MAX)
    errors.push(tooMany("endpoints", endpoints.length, ENDPOINTS_MAX));
  else {
    for (const [index, endpoint] of endpoints.entries())
      errors.push(...validateEndpoint(endpoint, addressType, `endpoints[${index}]`));
  }
  errors.push(...validatePorts(ports));
  return errors;
}

/** Checks a change: the address type stays. */
export function validateEndpointSliceUpdate(
  slice: EndpointSlice,
  old: EndpointSlice,
): readonly FieldError[] {
  const errors = [...validateEndpointSlice(slice)];
  if (slice.addressType !== old.addressType)
    errors.push(invalid("addressType", slice.addressType, IMMUTABLE));
  return errors;
}

function validateEndpoint(endpoint: Endpoint, addressType: string, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { addresses, hostname, nodeName, deprecatedTopology = {} } = endpoint;
  const at = `${path}.addresses`;
  if (addresses.length === 0) errors.push(required(at, "must contain at least 1 address"));
  else if (addresses.length > ADDRESSES_MAX)
    errors.push(tooMany(at, addresses.length, ADDRESSES_MAX));
  for (const [index, address] of addresses.entries())
    errors.push(...validateAddress(address, addressType, `${at}[${index}]`));
  if (nodeName !== undefined)
    errors.push(...invalidEach(`${path}.nodeName`, nodeName, nameIsDnsSubdomain(nodeName, false)));
  const count = Object.keys(deprecatedTopology).length;
  if (count > TOPOLOGY_LABELS_MAX)
    errors.push(tooMany(`${path}.deprecatedTopology`, count, TOPOLOGY_LABELS_MAX));
  errors.push(...validateLabels(deprecatedTopology, `${path}.deprecatedTopology`));
  if (hostname !== undefined)
    errors.push(...invalidEach(`${path}.hostname`, hostname, validateDns1123Label(hostname)));
  errors.push(...validateHints(endpoint, `${path}.hints`));
  return errors;
}

function validateAddress(address: string, addressType: string, path: string): FieldError[] {
  switch (addressType) {
    case "IPv4":
    case "IPv6":
      return [...validateIpOf(addressType, address, path), ...validateNonSpecialIp(address, path)];
    case "FQDN":
      return validateFqdn(address, path);
    default:
      return [];
  }
}

function validateFqdn(name: string, path: string): FieldError[] {
  if (name === "") return [required(path)];
  const plain = name.endsWith(".") ? name.slice(0, -1) : name;
  const texts = validateDns1123Subdomain(plain);
  if (texts.length > 0) return invalidEach(path, plain, texts);
  const labels = plain.split(".");
  if (labels.length < 2)
    return [
      invalid(path, plain, "should be a domain with at least two segments separated by dots"),
    ];
  return labels.flatMap((label) => invalidEach(path, label, validateDns1123Label(label)));
}

function validateHints({ hints }: Endpoint, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const list of ["forZones", "forNodes"] as const) {
    const entries = hints?.[list] ?? [];
    if (entries.length > HINTS_MAX) {
      errors.push(tooMany(`${path}.${list}`, entries.length, HINTS_MAX));
      continue;
    }
    const seen = new Set<string>();
    for (const [index, { name }] of entries.entries()) {
      const at = `${path}.${list}[${index}].name`;
      if (seen.has(name)) errors.push(duplicate(at, name));
      seen.add(name);
      const texts =
        list === "forZones" ? validateLabelValue(name) : nameIsDnsSubdomain(name, false);
      errors.push(...invalidEach(at, name, texts));
    }
  }
  return errors;
}

function validatePorts(ports: readonly EndpointPort[]): FieldError[] {
  if (ports.length > PORTS_MAX) return [tooMany("ports", ports.length, PORTS_MAX)];
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [index, { name = "", protocol, appProtocol }] of ports.entries()) {
    const path = `ports[${index}]`;
    if (name !== "") errors.push(...invalidEach(`${path}.name`, name, validateDns1123Label(name)));
    if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
    names.add(name);
    errors.push(...validateProtocol(protocol, `${path}.protocol`));
    if (appProtocol !== undefined) {
      const texts = validateQualifiedName(appProtocol);
      errors.push(...invalidEach(`${path}.appProtocol`, appProtocol, texts));
    }
  }
  return errors;
}
