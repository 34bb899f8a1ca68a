import { assert } from "../../base/assert.js";
import type { Node, Pod, Service } from "../../api/schema/types/core-v1.gen.js";
import type {
  Endpoint,
  EndpointPort,
  EndpointSlice,
} from "../../api/schema/types/discovery-v1.gen.js";
import type { NewObject } from "../../api/schema/wire-types.js";
import { controllerRef } from "../common/controller-ref.js";
import { isPodReady, isPodTerminal } from "../common/pod-state.js";
import { canonicalJson, sameJson } from "../common/same-json.js";
import { addressesOf, hostnameIn, isHeadless, resolvePorts } from "../common/service-ports.js";

/** What makes the slices of a service right, with as few slices touched as possible. */
export interface EndpointSlicePlan {
  readonly create: readonly NewObject<EndpointSlice>[];
  readonly update: readonly EndpointSlice[];
  readonly remove: readonly EndpointSlice[];
}

/** What a plan is made from. */
export interface EndpointSliceWorld {
  readonly service: Service;
  /** The pods that the service selects. */
  readonly pods: readonly Pod[];
  /** The slices that this loop manages for the service. */
  readonly slices: readonly EndpointSlice[];
  readonly nodeOf: (name: string) => Node | undefined;
}

/** On a slice: whose it is. */
export const SERVICE_NAME = "kubernetes.io/service-name";
/** On a slice: who keeps it. */
export const MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
/** That it is this loop. */
export const MANAGER = "endpointslice-controller.k8s.io";
const HEADLESS = "service.kubernetes.io/headless";
const ZONE = "topology.kubernetes.io/zone";

type Family = "IPv4" | "IPv6";
interface Group {
  readonly family: Family;
  readonly ports: readonly EndpointPort[];
  /** What shall be, by identity. */
  readonly wanted: Map<string, Endpoint>;
  readonly slices: EndpointSlice[];
}

/** Pure: the same arguments give the same plan. */
export function planEndpointSlices(
  world: EndpointSliceWorld,
  endpointsMax: number,
): EndpointSlicePlan {
  assert(endpointsMax > 0, "endpointsMax must be positive");
  const plan = {
    create: [] as NewObject<EndpointSlice>[],
    update: [] as EndpointSlice[],
    remove: [] as EndpointSlice[],
  };
  const families = familiesOf(world.service);
  const groups = new Map<string, Group>();
  for (const pod of world.pods) addPod(world, { pod, families, groups });
  for (const slice of world.slices) {
    const group = groups.get(groupKey(slice.addressType, slice.ports ?? []));
    if (group === undefined) plan.remove.push(slice);
    else group.slices.push(slice);
  }
  for (const group of groups.values()) planGroup(world.service, group, { plan, endpointsMax });
  keepPlaceholder(world, families, plan);
  return plan;
}

interface MutablePlan {
  readonly create: NewObject<EndpointSlice>[];
  readonly update: EndpointSlice[];
  readonly remove: EndpointSlice[];
}

function familiesOf({ spec }: Service): readonly Family[] {
  const families = (spec.ipFamilies ?? []).filter((f): f is Family => f === "IPv4" || f === "IPv6");
  if (families.length > 0) return families;
  return [(spec.clusterIP ?? "").includes(":") ? "IPv6" : "IPv4"];
}

function addPod(
  world: EndpointSliceWorld,
  { pod, families, groups }: { pod: Pod; families: readonly Family[]; groups: Map<string, Group> },
): void {
  if (isPodTerminal(pod)) return;
  const { service } = world;
  const ports = resolvePorts(service, pod);
  // A pod that answers none of the ports is no endpoint, unless the service has none: then
  // addresses are all there is.
  if (ports.length === 0 && !(isHeadless(service) && (service.spec.ports ?? []).length === 0))
    return;
  for (const family of families) {
    const addresses = addressesOf(pod, family);
    if (addresses.length === 0) continue;
    const key = groupKey(family, ports);
    const group = groups.get(key) ?? { family, ports, wanted: new Map(), slices: [] };
    groups.set(key, group);
    const endpoint = endpointOf(world, pod, addresses);
    group.wanted.set(identityOf(endpoint), endpoint);
  }
}

function endpointOf(world: EndpointSliceWorld, pod: Pod, addresses: readonly string[]): Endpoint {
  const { service } = world;
  const serving = isPodReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  const { namespace, name, uid } = pod.metadata;
  const { nodeName } = pod.spec;
  const zone = nodeName === undefined ? undefined : world.nodeOf(nodeName)?.metadata.labels?.[ZONE];
  const hostname = hostnameIn(service, pod);
  return {
    addresses,
    conditions: { ready, serving, terminating },
    ...(hostname === undefined ? {} : { hostname }),
    ...(nodeName === undefined || nodeName === "" ? {} : { nodeName }),
    targetRef: { kind: "Pod", ...(namespace === undefined ? {} : { namespace }), name, uid },
    ...(zone === undefined ? {} : { zone }),
  };
}

/** The same pod, whatever its state. */
function identityOf({ targetRef, addresses }: Endpoint): string {
  return targetRef?.uid ?? addresses.join(",");
}

function groupKey(addressType: string, ports: readonly EndpointPort[]): string {
  const normal = ports.map(({ name = "", port, protocol = "TCP", appProtocol = null }) =>
    canonicalJson({ name, port: port ?? null, protocol, appProtocol }),
  );
  return `${addressType} ${normal.sort().join(" ")}`;
}

/**
 * Keeps endpoints where they are, fills what has to be written anyway, and only then touches or
 * makes another slice.
 */
function planGroup(
  service: Service,
  group: Group,
  { plan, endpointsMax }: { plan: MutablePlan; endpointsMax: number },
): void {
  const missing = new Map(group.wanted);
  const kept = group.slices.map((slice) => {
    const endpoints: Endpoint[] = [];
    let changed = false;
    for (const endpoint of slice.endpoints ?? []) {
      const identity = identityOf(endpoint);
      const wanted = missing.get(identity);
      missing.delete(identity);
      if (wanted === undefined)
        changed = true; // Gone, or twice in our slices.
      else {
        endpoints.push(wanted);
        if (!sameJson(wanted, endpoint)) changed = true;
      }
    }
    const labels = labelsFor(service);
    if (!sameJson(labels, slice.metadata.labels)) changed = true;
    return { slice, endpoints, labels, changed };
  });
  const rest = [...missing.values()];
  for (const one of kept)
    if (one.changed && one.endpoints.length > 0) fill(one, rest, endpointsMax);
  const roomFor = (one: Kept): number => endpointsMax - one.endpoints.length;
  if (rest.length > 0 && rest.length < endpointsMax) {
    const fits = kept.filter((one) => roomFor(one) >= rest.length);
    const tightest = fits.sort((a, b) => roomFor(a) - roomFor(b))[0];
    if (tightest !== undefined) fill(tightest, rest, endpointsMax);
  }
  for (const { slice, endpoints, labels, changed } of kept) {
    if (endpoints.length === 0) plan.remove.push(slice);
    else if (changed)
      plan.update.push({ ...slice, endpoints, metadata: { ...slice.metadata, labels } });
  }
  while (rest.length > 0) {
    const endpoints = rest.splice(0, endpointsMax);
    plan.create.push(newSlice(service, group.family, { ports: group.ports, endpoints }));
  }
}

interface Kept {
  readonly endpoints: Endpoint[];
  changed: boolean;
}

function fill(one: Kept, rest: Endpoint[], endpointsMax: number): void {
  const added = rest.splice(0, endpointsMax - one.endpoints.length);
  if (added.length === 0) return;
  one.endpoints.push(...added);
  one.changed = true;
}

/**
 * A service without endpoints has one empty slice per family, so that it is known to be a service
 * at all.
 */
function keepPlaceholder(
  world: EndpointSliceWorld,
  families: readonly Family[],
  plan: MutablePlan,
): void {
  for (const family of families) {
    const going = new Set(plan.remove);
    const stays = world.slices.some((s) => s.addressType === family && !going.has(s));
    const comes = plan.create.some((slice) => slice.addressType === family);
    if (stays || comes) continue;
    const spare = plan.remove.findIndex(({ addressType }) => addressType === family);
    const slice = plan.remove[spare];
    if (slice === undefined) {
      plan.create.push(newSlice(world.service, family, { ports: [], endpoints: [] }));
      continue;
    }
    plan.remove.splice(spare, 1);
    const labels = labelsFor(world.service);
    const isEmpty = (slice.endpoints ?? []).length === 0 && (slice.ports ?? []).length === 0;
    if (isEmpty && sameJson(labels, slice.metadata.labels)) continue;
    const metadata = { ...slice.metadata, labels };
    plan.update.push({ ...slice, metadata, endpoints: [], ports: [] });
  }
}

/** The service's labels, and those by which slices are found. */
function labelsFor(service: Service): Readonly<Record<string, string>> {
  const { [HEADLESS]: _headless, ...labels } = service.metadata.labels ?? {};
  return {
    ...labels,
    ...(isHeadless(service) ? { [HEADLESS]: "" } : {}),
    [SERVICE_NAME]: service.metadata.name,
    [MANAGED_BY]: MANAGER,
  };
}

function newSlice(
  service: Service,
  addressType: Family,
  content: { ports: readonly EndpointPort[]; endpoints: readonly Endpoint[] },
): NewObject<EndpointSlice> {
  const { namespace, name } = service.metadata;
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      generateName: `${name}-`,
      ...(namespace === undefined ? {} : { namespace }),
      labels: labelsFor(service),
      ownerReferences: [controllerRef(service)],
    },
    addressType,
    ...content,
  };
}
