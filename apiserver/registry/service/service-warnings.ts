import type { Service, ServiceSpec } from "../../../api/schema/types/core-v1.gen.js";
import { parseCidr, parseIp } from "../common/ip-address.js";

const OLD_TOPOLOGY = "service.kubernetes.io/topology-aware-hints";
const TOPOLOGY = "service.kubernetes.io/topology-mode";

/** What is allowed in a service, but is likely a mistake or will go away. */
export function serviceWarnings(service: Service): readonly string[] {
  const { spec } = service;
  const { externalIPs = [], externalName = "", type } = spec;
  const headless = type === "ClusterIP" && spec.clusterIP === "None";
  const warnings: string[] = [];
  if (service.metadata.annotations?.[OLD_TOPOLOGY] !== undefined)
    warnings.push(`annotation ${OLD_TOPOLOGY} is deprecated, please use ${TOPOLOGY} instead`);
  for (const [index, ip] of (spec.clusterIPs ?? []).entries())
    if (ip !== "None") warnings.push(...ipWarnings(`spec.clusterIPs[${index}]`, ip));
  if (headless) warnings.push(...headlessWarnings(spec));
  for (const [index, ip] of externalIPs.entries())
    warnings.push(...ipWarnings(`spec.externalIPs[${index}]`, ip));
  if (externalIPs.length > 0 && !headless && type !== "ExternalName")
    warnings.push(
      "spec.externalIPs is deprecated and may no longer be implemented in some clusters",
    );
  if ((spec.loadBalancerIP ?? "") !== "")
    warnings.push(...ipWarnings("spec.loadBalancerIP", spec.loadBalancerIP ?? ""));
  for (const [index, range] of (spec.loadBalancerSourceRanges ?? []).entries())
    warnings.push(...cidrWarnings(`spec.loadBalancerSourceRanges[${index}]`, range));
  if (type === "ExternalName" && externalIPs.length > 0)
    warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
  if (type !== "ExternalName" && externalName !== "")
    warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  if (spec.trafficDistribution === "PreferClose")
    warnings.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"');
  return warnings;
}

function headlessWarnings(spec: ServiceSpec): string[] {
  const warnings: string[] = [];
  if ((spec.loadBalancerIP ?? "") !== "")
    warnings.push("spec.loadBalancerIP is ignored for headless services");
  if ((spec.externalIPs ?? []).length > 0)
    warnings.push("spec.externalIPs is ignored for headless services");
  if ((spec.sessionAffinity ?? "None") !== "None")
    warnings.push("spec.SessionAffinity is ignored for headless services");
  return warnings;
}

function ipWarnings(path: string, ip: string): string[] {
  const parsed = parseIp(ip);
  if (parsed?.family !== "IPv4" || ip.includes(":")) return [];
  const plain = parsed.bytes.join(".");
  if (plain === ip) return [];
  return [
    `${path}: non-standard IP address "${ip}" will be considered invalid ` +
      `in a future Kubernetes release: use "${plain}"`,
  ];
}

function cidrWarnings(path: string, cidr: string): string[] {
  const parsed = parseCidr(cidr.trim());
  if (parsed?.family !== "IPv4") return [];
  const masked = parsed.bytes.map((byte, index) => {
    const bits = Math.max(0, Math.min(8, parsed.prefix - index * 8));
    return byte & (0xff << (8 - bits)) & 0xff;
  });
  if (masked.join(".") === parsed.bytes.join(".")) return [];
  const plain = `${masked.join(".")}/${parsed.prefix}`;
  return [
    `${path}: CIDR value "${cidr}" is ambiguous in this context ` +
      `(should be "${plain}" or "${parsed.bytes.join(".")}/32"?)`,
  ];
}
