import { type FieldError, notSupported, required } from "../../../api/machinery/field-errors.js";
import {
  validateDns1123Label,
  validatePortNumber,
  validateQualifiedName,
} from "../../../api/machinery/names.js";
import type {
  EndpointAddress,
  EndpointPort,
  Endpoints,
} from "../../../api/schema/types/core-v1.gen.js";
import { invalidEach } from "../common/field-error-builders.js";
import { validateIp, validateNonSpecialIp } from "../common/ip-validation.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";

/** The protocols of ports, in the order in which Kubernetes tells them. */
export const PROTOCOLS: readonly string[] = ["SCTP", "TCP", "UDP"];

/** Checks the subsets of an Endpoints object. */
export function validateEndpoints(endpoints: Endpoints): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, subset] of (endpoints.subsets ?? []).entries()) {
    const path = `subsets[${index}]`;
    const { addresses = [], notReadyAddresses = [], ports = [] } = subset;
    if (addresses.length + notReadyAddresses.length === 0)
      errors.push(required(path, "must specify `addresses` or `notReadyAddresses`"));
    for (const [i, address] of addresses.entries())
      errors.push(...validateAddress(address, `${path}.addresses[${i}]`));
    for (const [i, address] of notReadyAddresses.entries())
      errors.push(...validateAddress(address, `${path}.notReadyAddresses[${i}]`));
    for (const [i, port] of ports.entries())
      errors.push(...validatePort(port, ports.length > 1, `${path}.ports[${i}]`));
  }
  return errors;
}

/** Checks that a protocol is given and known. */
export function validateProtocol(protocol: string | undefined, path: string): FieldError[] {
  if (protocol === undefined || protocol === "") return [required(path)];
  return PROTOCOLS.includes(protocol) ? [] : [notSupported(path, protocol, PROTOCOLS)];
}

function validateAddress(address: EndpointAddress, path: string): FieldError[] {
  const { ip, hostname = "", nodeName } = address;
  const errors = validateIp(ip, `${path}.ip`);
  if (hostname !== "")
    errors.push(...invalidEach(`${path}.hostname`, hostname, validateDns1123Label(hostname)));
  if (nodeName !== undefined)
    errors.push(...invalidEach(`${path}.nodeName`, nodeName, nameIsDnsSubdomain(nodeName, false)));
  errors.push(...validateNonSpecialIp(ip, `${path}.ip`));
  return errors;
}

function validatePort(port: EndpointPort, nameRequired: boolean, path: string): FieldError[] {
  const { name = "", appProtocol } = port;
  const errors: FieldError[] = [];
  if (name !== "") errors.push(...invalidEach(`${path}.name`, name, validateDns1123Label(name)));
  else if (nameRequired) errors.push(required(`${path}.name`));
  errors.push(...invalidEach(`${path}.port`, port.port, validatePortNumber(port.port)));
  errors.push(...validateProtocol(port.protocol, `${path}.protocol`));
  if (appProtocol !== undefined) {
    const texts = validateQualifiedName(appProtocol);
    errors.push(...invalidEach(`${path}.appProtocol`, appProtocol, texts));
  }
  return errors;
}
