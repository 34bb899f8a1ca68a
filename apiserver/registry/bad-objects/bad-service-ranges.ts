import type { JsonObject, JsonValue } from "../../../api/schema/wire-types.js";
import { bad, type BadObject, missing, TEXT, withSpec, wrong } from "./bad-object.js";

const NETWORKING = "networking.k8s.io/v1";
const range = (...cidrs: readonly JsonValue[]): JsonObject =>
  withSpec(NETWORKING, "ServiceCIDR", { cidrs });
const address = (name: string, parentRef: JsonObject): JsonObject => ({
  apiVersion: NETWORKING,
  kind: "IPAddress",
  metadata: { name },
  spec: { parentRef },
});
const parent = { resource: "services", namespace: "default", name: "web" };

/** ServiceCIDRs and IPAddresses that are wrong. */
export const BAD_SERVICE_RANGES: readonly BadObject[] = [
  bad("range without addresses", range(), missing("spec.cidrs", "at least one CIDR required")),
  bad("range that is none", range("10.0.0.0"), wrong("spec.cidrs[0]", "10.0.0.0", TEXT.cidr)),
  bad(
    "range with bits of hosts",
    range("10.0.0.1/24"),
    wrong(
      "spec.cidrs[0]",
      "10.0.0.1/24",
      "must not have bits set beyond the prefix length (10.0.0.0/24)",
    ),
  ),
  bad(
    "two ranges of one family of addresses",
    range("10.0.0.0/24", "10.0.1.0/24"),
    wrong(
      "spec.cidrs",
      { cidrs: ["10.0.0.0/24", "10.0.1.0/24"] },
      "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64",
    ),
  ),
  bad(
    "three ranges",
    range("10.0.0.0/24", "fd00::/64", "10.0.1.0/24"),
    wrong(
      "spec.cidrs",
      { cidrs: ["10.0.0.0/24", "fd00::/64", "10.0.1.0/24"] },
      "may only hold up to 2 values",
    ),
  ),
  bad(
    "range of IPv6",
    range("fd00::/64"),
    wrong("spec.cidrs[0]", "fd00::/64", "not configured on this cluster"),
  ),
  bad(
    "range without a place",
    range("10.0.0.0/31"),
    wrong("spec.cidrs[0]", "10.0.0.0/31", "must have a prefix of at most 30 bits"),
  ),
  bad("address that is none", address("bad", parent), wrong("metadata.name", "bad", TEXT.ip)),
  bad(
    "address in another form",
    address("2001:DB8::1", parent),
    wrong("metadata.name", "2001:DB8::1", 'must be in canonical form ("2001:db8::1")'),
  ),
  bad(
    "address of no resource",
    address("10.9.0.1", { ...parent, resource: "" }),
    missing("spec.parentRef.resource"),
  ),
  bad(
    "address of nobody",
    address("10.9.0.1", { ...parent, name: "" }),
    missing("spec.parentRef.name"),
  ),
  bad(
    "address of a group that cannot be",
    address("10.9.0.1", { ...parent, group: "A" }),
    wrong("spec.parentRef.group", "A", TEXT.subdomain),
  ),
  bad(
    "address in a namespace that cannot be",
    address("10.9.0.1", { ...parent, namespace: "a/b" }),
    wrong("spec.parentRef.namespace", "a/b", "may not contain '/'"),
  ),
];
