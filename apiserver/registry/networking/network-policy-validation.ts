import {
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from "../../../api/machinery/field-errors.js";
import { validatePortName, validatePortNumber } from "../../../api/machinery/names.js";
import type {
  IPBlock,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from "../../../api/schema/types/networking-v1.gen.js";
import { invalidEach } from "../common/field-error-builders.js";
import { parseCidr } from "../common/ip-address.js";
import { validateCidr } from "../common/ip-validation.js";
import { validateLabelSelector } from "../common/label-validation.js";

const PROTOCOLS: readonly string[] = ["SCTP", "TCP", "UDP"];
const TYPES: readonly string[] = ["Egress", "Ingress"];

/** Checks a NetworkPolicy. */
export function validateNetworkPolicy({ spec }: NetworkPolicy): FieldError[] {
  const errors = validateLabelSelector(spec.podSelector, "spec.podSelector");
  for (const [index, { ports = [], from = [] }] of (spec.ingress ?? []).entries())
    errors.push(...validateRule({ ports, peers: from }, `spec.ingress[${index}]`, "from"));
  for (const [index, { ports = [], to = [] }] of (spec.egress ?? []).entries())
    errors.push(...validateRule({ ports, peers: to }, `spec.egress[${index}]`, "to"));
  const types = spec.policyTypes ?? [];
  if (types.length > TYPES.length) {
    const text = "may not specify more than two policyTypes";
    return [...errors, invalid("spec.policyTypes", types, text)];
  }
  for (const [index, type] of types.entries())
    if (!TYPES.includes(type))
      errors.push(notSupported(`spec.policyTypes[${index}]`, type, ["Ingress", "Egress"]));
  return errors;
}

interface Rule {
  readonly ports: readonly NetworkPolicyPort[];
  readonly peers: readonly NetworkPolicyPeer[];
}

function validateRule({ ports, peers }: Rule, path: string, peersField: string): FieldError[] {
  return [
    ...ports.flatMap((port, index) => validatePort(port, `${path}.ports[${index}]`)),
    ...peers.flatMap((peer, index) => validatePeer(peer, `${path}.${peersField}[${index}]`)),
  ];
}

function validatePort({ protocol, port, endPort }: NetworkPolicyPort, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (protocol !== undefined && !PROTOCOLS.includes(protocol))
    errors.push(notSupported(`${path}.protocol`, protocol, ["TCP", "UDP", "SCTP"]));
  const at = `${path}.endPort`;
  if (port === undefined) {
    if (endPort === undefined) return errors;
    return [...errors, invalid(at, endPort, "may not be specified when `port` is not specified")];
  }
  if (typeof port === "string") {
    if (endPort !== undefined)
      errors.push(invalid(at, endPort, "may not be specified when `port` is non-numeric"));
    return [...errors, ...invalidEach(`${path}.port`, port, validatePortName(port))];
  }
  errors.push(...invalidEach(`${path}.port`, port, validatePortNumber(port)));
  if (endPort === undefined) return errors;
  if (endPort < port) errors.push(invalid(at, endPort, "must be greater than or equal to `port`"));
  return [...errors, ...invalidEach(at, endPort, validatePortNumber(endPort))];
}

function validatePeer(peer: NetworkPolicyPeer, path: string): FieldError[] {
  const { podSelector, namespaceSelector, ipBlock } = peer;
  const errors = validateLabelSelector(podSelector, `${path}.podSelector`);
  errors.push(...validateLabelSelector(namespaceSelector, `${path}.namespaceSelector`));
  if (ipBlock !== undefined) errors.push(...validateIpBlock(ipBlock, `${path}.ipBlock`));
  const selects = podSelector !== undefined || namespaceSelector !== undefined;
  if (ipBlock === undefined && !selects) errors.push(required(path, "must specify a peer"));
  if (ipBlock !== undefined && selects)
    errors.push(forbidden(path, "may not specify both ipBlock and another peer"));
  return errors;
}

function validateIpBlock({ cidr, except = [] }: IPBlock, path: string): FieldError[] {
  if (cidr === "") return [required(`${path}.cidr`)];
  const errors = validateCidr(cidr, `${path}.cidr`);
  const block = parseCidr(cidr);
  if (block === null) return errors;
  for (const [index, inner] of except.entries()) {
    const at = `${path}.except[${index}]`;
    errors.push(...validateCidr(inner, at));
    const part = parseCidr(inner);
    if (part === null || isInside(part, block)) continue;
    errors.push(invalid(at, inner, "must be a strict subset of `cidr`"));
  }
  return errors;
}

type Network = NonNullable<ReturnType<typeof parseCidr>>;

function isInside(part: Network, block: Network): boolean {
  if (part.bytes.length !== block.bytes.length || part.prefix <= block.prefix) return false;
  return block.bytes.every((byte, index) => {
    const bits = Math.max(0, Math.min(8, block.prefix - 8 * index));
    const mask = (0xff << (8 - bits)) & 0xff;
    return ((part.bytes[index] ?? 0) & mask) === (byte & mask);
  });
}
