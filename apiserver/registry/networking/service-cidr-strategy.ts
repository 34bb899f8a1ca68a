import { type FieldError, invalid, required } from "../../../api/machinery/field-errors.js";
import type { ServiceCIDR, ServiceCIDRSpec } from "../../../api/schema/types/networking-v1.gen.js";
import { ageOf } from "../common/age.js";
import { validateImmutable } from "../common/immutable.js";
import { formatIp, type IpAddress, parseCidr } from "../common/ip-address.js";
import { ipFamilyOfCidr, validateCidr } from "../common/ip-validation.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { withSpecOf, withStatusOf } from "../common/prepare.js";
import { AGE_COLUMN, column, NAME_COLUMN } from "../common/table-columns.js";
import type { Strategy, TableDefinition } from "../strategy.js";

const PATH = "spec.cidrs";
/** The longest prefix that leaves an address between the first and the last one. */
const PREFIX_MAX = 30;

const table: TableDefinition<ServiceCIDR> = {
  columns: [NAME_COLUMN, column("CIDRs", "The ranges of addresses."), AGE_COLUMN],
  cells: ({ metadata, spec }, nowMs) => [
    metadata.name,
    (spec.cidrs ?? []).join(","),
    ageOf(metadata.creationTimestamp, nowMs),
  ],
};

/**
 * ServiceCIDRs: the ranges never change. One is ready from the moment it is stored, because the
 * servers look at the objects themselves when they give an address away.
 */
export const serviceCidrStrategy: Strategy<ServiceCIDR> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (range, { now }) => ({ ...range, status: readyStatus(now) }),
  prepareForUpdate: (range, old, subresource) =>
    subresource === "status" ? withSpecOf(range, old) : withStatusOf(range, old),
  validate: ({ spec }) => validateRanges(spec),
  validateUpdate: ({ spec }, old) =>
    validateImmutable(PATH, { value: spec.cidrs, old: old.spec.cidrs }),
  table,
};

function readyStatus(now: string): NonNullable<ServiceCIDR["status"]> {
  const ready = {
    type: "Ready",
    status: "True",
    lastTransitionTime: now,
    reason: "",
    message: "Kubernetes Service CIDR is ready",
  };
  return { conditions: [ready] };
}

function validateRanges(spec: ServiceCIDRSpec): FieldError[] {
  const { cidrs = [] } = spec;
  if (cidrs.length === 0) return [required(PATH, "at least one CIDR required")];
  if (cidrs.length > 2) return [invalid(PATH, spec, "may only hold up to 2 values")];
  const families = cidrs.map(ipFamilyOfCidr);
  if (cidrs.length === 2 && (families.includes(null) || families[0] === families[1])) {
    const text =
      "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64";
    return [invalid(PATH, spec, text)];
  }
  return cidrs.flatMap((cidr, index) => validateRange(cidr, `${PATH}[${index}]`));
}

function validateRange(cidr: string, path: string): FieldError[] {
  const range = parseCidr(cidr);
  if (range === null) return validateCidr(cidr, path);
  const first = formatIp(firstOf(range));
  if (!cidr.startsWith(`${first}/`)) {
    const text = `must not have bits set beyond the prefix length (${first}/${range.prefix})`;
    return [invalid(path, cidr, text)];
  }
  // Services have IPv4 addresses alone: a range of the other family would promise what is not kept.
  if (range.family === "IPv6") return [invalid(path, cidr, "not configured on this cluster")];
  if (range.prefix <= PREFIX_MAX) return [];
  return [invalid(path, cidr, `must have a prefix of at most ${PREFIX_MAX} bits`)];
}

/** The address with all bits cleared that the prefix leaves open. */
function firstOf({ family, bytes, prefix }: IpAddress & { readonly prefix: number }): IpAddress {
  const cleared = bytes.map((byte, i) => {
    const kept = Math.min(Math.max(prefix - 8 * i, 0), 8);
    return byte & (0xff << (8 - kept)) & 0xff;
  });
  return { family, bytes: cleared };
}
