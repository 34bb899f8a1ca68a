import {
  duplicate,
  type FieldError,
  invalid,
  notSupported,
  required,
} from "../../../api/machinery/field-errors.js";
import type { ServiceSpec } from "../../../api/schema/types/core-v1.gen.js";
import { parseIp } from "../common/ip-address.js";
import { validateIp } from "../common/ip-validation.js";
import { isHeadless } from "./service-access.js";

const FAMILIES: readonly string[] = ["IPv4", "IPv6"];
const POLICIES: readonly string[] = ["PreferDualStack", "RequireDualStack", "SingleStack"];
const IPS = "spec.clusterIPs";

/** Checks cluster IPs, IP families and their policy against each other. */
export function validateClusterIps(spec: ServiceSpec): FieldError[] {
  if (spec.type === "ExternalName") return [];
  const { clusterIP = "", clusterIPs = [], ipFamilies = [], ipFamilyPolicy } = spec;
  const errors: FieldError[] = [];
  if (clusterIP === "" && clusterIPs.length > 0)
    errors.push(invalid(IPS, clusterIPs, "must be empty when `clusterIP` is not specified"));
  if (clusterIP !== "" && clusterIPs.length === 0) errors.push(required(IPS));
  else if (clusterIP !== "" && clusterIPs[0] !== clusterIP)
    errors.push(invalid(IPS, clusterIPs, "first value must match `clusterIP`"));
  for (const [index, family] of ipFamilies.entries()) {
    const path = `spec.ipFamilies[${index}]`;
    if (!FAMILIES.includes(family)) errors.push(notSupported(path, family, FAMILIES));
    if (ipFamilies.indexOf(family) < index) errors.push(duplicate(path, family));
  }
  if (ipFamilyPolicy !== undefined && !POLICIES.includes(ipFamilyPolicy))
    errors.push(notSupported("spec.ipFamilyPolicy", ipFamilyPolicy, POLICIES));
  const malformed = validateEachIp(clusterIPs);
  errors.push(...malformed);
  if (clusterIPs.length > 2) errors.push(invalid(IPS, clusterIPs, "may only hold up to 2 values"));
  if (malformed.length === 0) errors.push(...validateIpFamilies(spec));
  return errors;
}

function validateEachIp(clusterIps: readonly string[]): FieldError[] {
  return clusterIps.flatMap((ip, index) => {
    if (index > 0 || ip !== "None") return validateIp(ip, `${IPS}[${index}]`);
    const text = "'None' must be the first and only value";
    return clusterIps.length > 1 ? [invalid(IPS, clusterIps, text)] : [];
  });
}

function validateIpFamilies(spec: ServiceSpec): FieldError[] {
  const { clusterIPs = [], ipFamilies = [] } = spec;
  const errors: FieldError[] = [];
  const families = clusterIPs.map((ip) => parseIp(ip)?.family);
  if (clusterIPs.length > 1 && new Set(families).size < 2) {
    const text = "may specify no more than one IP for each IP family";
    errors.push(invalid(IPS, clusterIPs, text));
  }
  if (isHeadless(spec)) return errors;
  for (const [index, ip] of clusterIPs.entries()) {
    const wanted = ipFamilies[index];
    if (wanted === undefined || !FAMILIES.includes(wanted) || families[index] === wanted) continue;
    const text = `expected an ${wanted} value as indicated by \`ipFamilies[${index}]\``;
    errors.push(invalid(`${IPS}[${index}]`, ip, text));
  }
  return errors;
}

/** What a service was given stays: only a second IP may come and go. */
export function validateClusterIpChange(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  if (spec.type === "ExternalName" || old.type === "ExternalName") return [];
  if (isHeadless(spec) && isHeadless(old)) return [];
  const errors = validateListChange(spec.clusterIPs ?? [], old.clusterIPs ?? [], {
    path: IPS,
    unset: "primary clusterIP can not be unset",
  });
  const released = (spec.clusterIPs ?? []).length === 1 && (old.clusterIPs ?? []).length > 1;
  if (released && spec.ipFamilyPolicy !== "SingleStack") {
    const text = "must be set to 'SingleStack' when releasing the secondary clusterIP";
    errors.push(invalid("spec.ipFamilyPolicy", spec.ipFamilyPolicy ?? null, text));
  }
  if (isHeadless(spec) !== isHeadless(old)) return errors;
  const families = { path: "spec.ipFamilies", unset: "primary ipFamily can not be unset" };
  errors.push(...validateListChange(spec.ipFamilies ?? [], old.ipFamilies ?? [], families));
  return errors;
}

function validateListChange(
  list: readonly string[],
  old: readonly string[],
  { path, unset }: { path: string; unset: string },
): FieldError[] {
  if (old.length > list.length && list.length === 0) return [invalid(`${path}[0]`, list, unset)];
  const compared = old.length === list.length ? old.length : Math.min(1, old.length, list.length);
  const errors: FieldError[] = [];
  for (let i = 0; i < compared; i += 1) {
    if (list[i] === old[i]) continue;
    errors.push(invalid(`${path}[${i}]`, list, "may not change once set"));
  }
  return errors;
}
