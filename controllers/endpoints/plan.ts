import type {
  EndpointAddress,
  EndpointPort,
  Endpoints,
  EndpointSubset,
  Pod,
  Service,
} from "../../api/schema/types/core-v1.gen.js";
import type { NewObject } from "../../api/schema/wire-types.js";
import { isPodReady, isPodTerminal } from "../common/pod-state.js";
import { canonicalJson, sameJson } from "../common/same-json.js";
import { addressesOf, hostnameIn, isHeadless, resolvePorts } from "../common/service-ports.js";

/** What makes the Endpoints of a service right; both null: they are. */
export interface EndpointsPlan {
  readonly create: NewObject<Endpoints> | null;
  readonly update: Endpoints | null;
}

const HEADLESS = "service.kubernetes.io/headless";
const MANAGED_BY = "endpoints.kubernetes.io/managed-by";
const OVER_CAPACITY = "endpoints.kubernetes.io/over-capacity";

interface Subset {
  readonly ports: readonly EndpointPort[];
  readonly ready: EndpointAddress[];
  readonly notReady: EndpointAddress[];
}

/** Pure: the same arguments give the same plan. `current` null: there are none yet. */
export function planEndpoints(
  service: Service,
  { pods, current }: { pods: readonly Pod[]; current: Endpoints | null },
  addressesMax: number,
): EndpointsPlan {
  const all = subsetsOf(service, pods);
  const count = all.reduce((sum, { ready, notReady }) => sum + ready.length + notReady.length, 0);
  const kept = count > addressesMax ? truncate(all, addressesMax) : all;
  const subsets = kept.map(toWire);
  const { [HEADLESS]: _headless, ...own } = service.metadata.labels ?? {};
  const labels = {
    ...own,
    ...(isHeadless(service) ? { [HEADLESS]: "" } : {}),
    [MANAGED_BY]: "endpoint-controller",
  };
  const annotations = annotationsOf(current, count > addressesMax);
  const { namespace, name } = service.metadata;
  if (current === null) {
    const metadata = {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels,
      annotations,
    };
    return { create: { apiVersion: "v1", kind: "Endpoints", metadata, subsets }, update: null };
  }
  const same =
    sameJson(current.subsets ?? [], subsets) &&
    sameJson(current.metadata.labels, labels) &&
    sameJson(current.metadata.annotations ?? {}, annotations);
  if (same) return { create: null, update: null };
  const metadata = { ...current.metadata, labels, annotations };
  return { create: null, update: { ...current, metadata, subsets } };
}

function annotationsOf(
  current: Endpoints | null,
  isTruncated: boolean,
): Readonly<Record<string, string>> {
  const { [OVER_CAPACITY]: _old, ...others } = current?.metadata.annotations ?? {};
  return isTruncated ? { ...others, [OVER_CAPACITY]: "truncated" } : others;
}

function subsetsOf(service: Service, pods: readonly Pod[]): readonly Subset[] {
  const byPorts = new Map<string, Subset>();
  const tolerant = service.spec.publishNotReadyAddresses === true;
  for (const pod of pods) {
    if (isPodTerminal(pod)) continue;
    if (pod.metadata.deletionTimestamp !== undefined && !tolerant) continue;
    const address = addressOf(service, pod);
    if (address === null) continue;
    const ports = resolvePorts(service, pod).map(({ name, ...port }) =>
      name === "" ? port : { name, ...port },
    );
    const portless = isHeadless(service) && (service.spec.ports ?? []).length === 0;
    if (ports.length === 0 && !portless) continue;
    const key = ports.map((port) => canonicalJson({ ...port })).join(" ");
    const subset = byPorts.get(key) ?? { ports, ready: [], notReady: [] };
    byPorts.set(key, subset);
    (tolerant || isPodReady(pod) ? subset.ready : subset.notReady).push(address);
  }
  const keys = [...byPorts.keys()].sort();
  return keys.flatMap((key) => byPorts.get(key) ?? []);
}

function addressOf(service: Service, pod: Pod): EndpointAddress | null {
  const isV6 = service.spec.ipFamilies?.[0] === "IPv6";
  const ip = addressesOf(pod, isV6 ? "IPv6" : "IPv4")[0];
  if (ip === undefined) return null;
  const { namespace, name, uid } = pod.metadata;
  const { nodeName } = pod.spec;
  const hostname = hostnameIn(service, pod);
  return {
    ip,
    ...(hostname === undefined ? {} : { hostname }),
    ...(nodeName === undefined || nodeName === "" ? {} : { nodeName }),
    targetRef: { kind: "Pod", ...(namespace === undefined ? {} : { namespace }), name, uid },
  };
}

/** Ready addresses are kept first; each subset gives up its share. */
function truncate(subsets: readonly Subset[], addressesMax: number): readonly Subset[] {
  const readyCount = subsets.reduce((sum, { ready }) => sum + ready.length, 0);
  const readyMax = Math.min(readyCount, addressesMax);
  const readyKept = share(
    subsets.map((s) => s.ready.length),
    readyMax,
  );
  const notReadyKept = share(
    subsets.map((s) => s.notReady.length),
    addressesMax - readyMax,
  );
  return subsets
    .map(({ ports, ready, notReady }, i) => ({
      ports,
      ready: ready.slice(0, readyKept[i]),
      notReady: notReady.slice(0, notReadyKept[i]),
    }))
    .filter(({ ready, notReady }) => ready.length + notReady.length > 0);
}

/** Divides `total` in proportion to `sizes`, none getting more than its size. */
function share(sizes: readonly number[], total: number): readonly number[] {
  const all = sizes.reduce((sum, size) => sum + size, 0);
  let [left, rest] = [Math.min(total, all), all];
  return sizes.map((size) => {
    const part = rest === 0 ? 0 : Math.min(size, Math.ceil((left * size) / rest));
    left -= part;
    rest -= size;
    return part;
  });
}

function toWire({ ports, ready, notReady }: Subset): EndpointSubset {
  return {
    ...(ready.length === 0 ? {} : { addresses: ready.sort(byAddress) }),
    ...(notReady.length === 0 ? {} : { notReadyAddresses: notReady.sort(byAddress) }),
    ...(ports.length === 0 ? {} : { ports }),
  };
}

function byAddress(a: EndpointAddress, b: EndpointAddress): number {
  const [first, second] = [`${a.ip} ${a.targetRef?.uid}`, `${b.ip} ${b.targetRef?.uid}`];
  return first < second ? -1 : first > second ? 1 : 0;
}
