import type { EndpointAddress, Endpoints, Service } from "../../api/schema/types/core-v1.gen.js";
import type {
  Endpoint,
  EndpointPort,
  EndpointSlice,
} from "../../api/schema/types/discovery-v1.gen.js";
import type { NewObject } from "../../api/schema/wire-types.js";
import { controllerRef } from "../common/controller-ref.js";
import { canonicalJson, sameJson } from "../common/same-json.js";
import { type EndpointSlicePlan, MANAGED_BY, SERVICE_NAME } from "../endpointslice/plan.js";

/** On a slice: that it mirrors Endpoints. */
export const MIRRORING_MANAGER = "endpointslicemirroring-controller.k8s.io";
/** Kubernetes' --mirroring-max-endpoints-per-subset: of each subset no more are mirrored. */
export const ADDRESSES_MAX = 1_000;

const SKIP_MIRROR = "endpointslice.kubernetes.io/skip-mirror";
const LEADER = "control-plane.alpha.kubernetes.io/leader";
const HEADLESS = "service.kubernetes.io/headless";
/** Annotations that speak of the Endpoints themselves. */
const OWN_ANNOTATIONS = new Set([
  "endpoints.kubernetes.io/last-change-trigger-time",
  "kubectl.kubernetes.io/last-applied-configuration",
]);

/** True when nobody else makes slices for these Endpoints. */
export function shouldMirror(
  endpoints: Endpoints | undefined,
  service: Service | undefined,
): boolean {
  if (endpoints === undefined || service === undefined) return false;
  const { labels = {}, annotations = {}, deletionTimestamp } = endpoints.metadata;
  if (deletionTimestamp !== undefined) return false;
  if (labels[SKIP_MIRROR] === "true" || annotations[LEADER] !== undefined) return false;
  // With a selector the slices come from the pods.
  return service.spec.selector === undefined;
}

/** What makes the mirror right, and how many addresses were left out. */
export interface MirrorPlan extends EndpointSlicePlan {
  readonly skipped: number;
}

/** Takes all slices away. */
export function planNoMirror(slices: readonly EndpointSlice[]): MirrorPlan {
  return { create: [], update: [], remove: slices, skipped: 0 };
}

type Family = "IPv4" | "IPv6";
interface Group {
  readonly family: Family;
  readonly ports: readonly EndpointPort[];
  readonly endpoints: Endpoint[];
}

/**
 * One slice for each family and set of ports, or several where a slice would hold too many. Slices
 * that are there are filled again. Pure: the same arguments give the same plan.
 */
export function planMirror(endpoints: Endpoints, slices: readonly EndpointSlice[]): MirrorPlan {
  const { groups, skipped } = groupsOf(endpoints);
  const spare = new Map<string, EndpointSlice[]>();
  for (const slice of slices) {
    const key = groupKey(slice.addressType, slice.ports ?? []);
    spare.set(key, [...(spare.get(key) ?? []), slice]);
  }
  const create: NewObject<EndpointSlice>[] = [];
  const update: EndpointSlice[] = [];
  for (const [key, { family, ports, endpoints: all }] of groups) {
    for (let from = 0; from < all.length; from += ADDRESSES_MAX) {
      const wanted = newSlice(endpoints, family, {
        ports,
        endpoints: all.slice(from, from + ADDRESSES_MAX),
      });
      const slice = spare.get(key)?.shift();
      if (slice === undefined) create.push(wanted);
      else if (!isSame(slice, wanted)) {
        const { labels, annotations = {}, ownerReferences } = wanted.metadata;
        const metadata = { ...slice.metadata, labels, annotations, ownerReferences };
        update.push({ ...slice, metadata, endpoints: wanted.endpoints } as EndpointSlice);
      }
    }
  }
  return { create, update, remove: [...spare.values()].flat(), skipped };
}

function groupsOf({ subsets = [] }: Endpoints): {
  readonly groups: ReadonlyMap<string, Group>;
  readonly skipped: number;
} {
  const groups = new Map<string, Group>();
  let skipped = 0;
  for (const { addresses = [], notReadyAddresses = [], ports: given = [] } of subsets) {
    const ports = given.map(({ name = "", port, protocol = "TCP", appProtocol }) => ({
      name,
      port,
      protocol,
      ...(appProtocol === undefined ? {} : { appProtocol }),
    }));
    const all = [
      ...addresses.map((address) => endpointOf(address, true)),
      ...notReadyAddresses.map((address) => endpointOf(address, false)),
    ];
    skipped += Math.max(0, all.length - ADDRESSES_MAX);
    for (const endpoint of all.slice(0, ADDRESSES_MAX)) {
      const family = endpoint.addresses[0]?.includes(":") === true ? "IPv6" : "IPv4";
      const key = groupKey(family, ports);
      const group = groups.get(key) ?? { family, ports, endpoints: [] };
      groups.set(key, group);
      group.endpoints.push(endpoint);
    }
  }
  return { groups, skipped };
}

function endpointOf(address: EndpointAddress, ready: boolean): Endpoint {
  const { ip, hostname = "", nodeName, targetRef } = address;
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname === "" ? {} : { hostname }),
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(targetRef === undefined ? {} : { targetRef }),
  };
}

function groupKey(family: string, ports: readonly EndpointPort[]): string {
  return `${family} ${ports
    .map((port) => canonicalJson({ ...port }))
    .sort()
    .join(" ")}`;
}

function newSlice(
  { apiVersion, kind, metadata }: Endpoints,
  addressType: Family,
  content: { ports: readonly EndpointPort[]; endpoints: readonly Endpoint[] },
): NewObject<EndpointSlice> {
  const { name, namespace, labels = {}, annotations = {} } = metadata;
  const { [HEADLESS]: _headless, ...own } = labels;
  const kept = Object.entries(annotations).filter(([key]) => !OWN_ANNOTATIONS.has(key));
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      generateName: `${name}-`,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...own, [SERVICE_NAME]: name, [MANAGED_BY]: MIRRORING_MANAGER },
      ...(kept.length === 0 ? {} : { annotations: Object.fromEntries(kept) }),
      ownerReferences: [controllerRef({ apiVersion, kind, metadata })],
    },
    addressType,
    ...content,
  };
}

function isSame(slice: EndpointSlice, wanted: NewObject<EndpointSlice>): boolean {
  const { metadata, endpoints = [] } = slice;
  return (
    sameJson(endpoints, wanted.endpoints) &&
    sameJson(metadata.labels, wanted.metadata.labels) &&
    sameJson(metadata.annotations ?? {}, wanted.metadata.annotations ?? {}) &&
    sameJson(metadata.ownerReferences, wanted.metadata.ownerReferences)
  );
}
