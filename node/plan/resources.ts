import { milliValue, parseQuantity, wholeValue } from "../../api/machinery/quantity.js";
import type {
  Container,
  PodSpec,
  ResourceRequirements,
} from "../../api/schema/types/core-v1.gen.js";
import type { LinuxContainerResources } from "../cri/cri-types.js";
import { isSidecar } from "./pod-runtime.js";
import { podResources, type QosClass, qosClassOf } from "./qos.js";

/** What the node has to give. */
export interface NodeCapacity {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  readonly ephemeralStorageBytes: number;
}

const PERIOD_US = 100_000;
const QUOTA_US_MIN = 1000;
const SHARES_MIN = 2;
const SHARES_MAX = 262_144;

/** Thousandths of a CPU; 0 when absent. */
export function cpuMilliOf(quantity: string | undefined): number {
  const parsed = quantity === undefined ? null : parseQuantity(quantity);
  return parsed === null ? 0 : Number(milliValue(parsed));
}

/** Whole units, such as bytes; 0 when absent. */
export function wholeOf(quantity: string | undefined): number {
  const parsed = quantity === undefined ? null : parseQuantity(quantity);
  return parsed === null ? 0 : Number(wholeValue(parsed));
}

/**
 * The limits and weights of one container in the units of cgroups v1, which the runtime translates
 * for v2.
 */
export function containerResources(
  spec: PodSpec,
  container: Container,
  capacity: NodeCapacity,
): LinuxContainerResources {
  const { limits: ownLimits = {}, requests = {} } = container.resources ?? {};
  // Programs that ask how much they may use find the pod's limit where they have none.
  const limits = { ...podResources(spec)?.limits, ...ownLimits };
  const limitMilli = cpuMilliOf(limits["cpu"]);
  const requestMilli = requests["cpu"] === undefined ? limitMilli : cpuMilliOf(requests["cpu"]);
  return {
    cpuShares: cpuShares(requestMilli),
    ...(limitMilli === 0 ? {} : { cpuPeriod: PERIOD_US, cpuQuota: cpuQuota(limitMilli) }),
    memoryLimitInBytes: wholeOf(limits["memory"]),
    oomScoreAdj: oomScore(spec, container, capacity),
  };
}

/** The weight for this many thousandths of a CPU. */
export function cpuShares(milli: number): number {
  return Math.min(SHARES_MAX, Math.max(SHARES_MIN, Math.floor((milli * 1024) / 1000)));
}

/** Microseconds of CPU in every period of 100 ms. */
export function cpuQuota(milli: number): number {
  return Math.max(QUOTA_US_MIN, Math.floor((milli * PERIOD_US) / 1000));
}

/**
 * Who is killed first when the node is out of memory: the higher, the sooner. A sidecar is not
 * killed before the containers that it serves.
 */
function oomScore(spec: PodSpec, container: Container, capacity: NodeCapacity): number {
  const qos = qosClassOf(spec);
  if (qos === "Guaranteed" || spec.priorityClassName === "system-node-critical") return -997;
  if (qos === "BestEffort") return 1000;
  const served = isSidecar(container) ? spec.containers : [];
  const least = Math.min(...served.map((it) => memoryShare(spec, it)));
  const own = memoryShare(spec, container);
  const bytes = served.length === 0 ? own : Math.max(own, least);
  const share = Math.floor((1000 * bytes) / Math.max(1, capacity.memoryBytes));
  return Math.min(999, Math.max(3, 1000 - share));
}

/** The memory that a container asked for, with its part of what only the pod asked for. */
function memoryShare(spec: PodSpec, container: Container): number {
  const own = requestedMemory(container);
  const ofPod = podResources(spec)?.requests?.["memory"];
  if (ofPod === undefined) return own;
  const { initContainers = [], containers } = spec;
  const sharing = [...initContainers.filter(isSidecar), ...containers];
  const asked = sharing.reduce((sum, it) => sum + requestedMemory(it), 0);
  return own + Math.floor(Math.max(0, wholeOf(ofPod) - asked) / sharing.length);
}

function requestedMemory({ resources }: Container): number {
  return wholeOf(resources?.requests?.["memory"] ?? resources?.limits?.["memory"]);
}

/** What a pod's own cgroup is given; null: no limit. */
export interface PodCgroupPlan {
  /** Below the root of every hierarchy. */
  readonly path: string;
  readonly cpuShares: number;
  readonly cpuQuotaUs: number | null;
  readonly cpuPeriodUs: number;
  readonly memoryBytes: number | null;
}

/** The folder of a QoS class; Guaranteed pods stand directly below the node's. */
export function qosCgroup(root: string, qos: QosClass): string {
  return qos === "Guaranteed" ? root : `${root}/${qos.toLowerCase()}`;
}

/** The cgroup of a pod and what all its containers together may use. */
export function podCgroupPlan(root: string, uid: string, spec: PodSpec): PodCgroupPlan {
  const readRequest: Reading = (resources) =>
    cpuMilliOf(resources?.requests?.["cpu"] ?? resources?.limits?.["cpu"]);
  const requestMilli = readRequest(podResources(spec) ?? {}) || podTotal(spec, readRequest);
  const limitMilli = podLimit(spec, (resources) => cpuMilliOf(resources?.limits?.["cpu"]));
  return {
    path: `${qosCgroup(root, qosClassOf(spec))}/pod${uid}`,
    cpuShares: cpuShares(requestMilli),
    cpuQuotaUs: limitMilli === null ? null : cpuQuota(limitMilli),
    cpuPeriodUs: PERIOD_US,
    memoryBytes: podLimit(spec, (resources) => wholeOf(resources?.limits?.["memory"])),
  };
}

type Reading = (resources: ResourceRequirements | undefined) => number;

/**
 * Init containers run one at a time before the others (sidecars beside them): the larger need
 * counts.
 */
function podTotal(spec: PodSpec, read: Reading): number {
  let sidecars = 0;
  let initPeak = 0;
  for (const container of spec.initContainers ?? []) {
    const need = read(container.resources);
    if (container.restartPolicy === "Always") sidecars += need;
    else initPeak = Math.max(initPeak, sidecars + need);
  }
  const mains = spec.containers.reduce((sum, container) => sum + read(container.resources), 0);
  return Math.max(initPeak, mains + sidecars);
}

/** Its own; otherwise a pod has a limit only where every container has one. */
function podLimit(spec: PodSpec, read: Reading): number | null {
  const own = read(podResources(spec) ?? {});
  if (own > 0) return own;
  const all = [...(spec.initContainers ?? []), ...spec.containers];
  return all.every(({ resources }) => read(resources) > 0) ? podTotal(spec, read) : null;
}

const RESOURCE_FIELD = /^(limits|requests)\.(cpu|memory|ephemeral-storage)$/;

/**
 * The value of a resourceFieldRef, rounded up to whole divisors; a limit that is not set is the
 * pod's, or what the node has. Null when the field is none that is offered.
 */
export function resourceFieldValue(
  { spec, container }: { readonly spec: PodSpec; readonly container: Container },
  field: { readonly resource: string; readonly divisor?: string | undefined },
  capacity: NodeCapacity,
): string | null {
  const match = RESOURCE_FIELD.exec(field.resource);
  if (match === null) return null;
  const [, side, name = ""] = match;
  const { limits = {}, requests = {} } = container.resources ?? {};
  const limit = limits[name] ?? podResources(spec)?.limits?.[name];
  const set = side === "limits" ? limit : (requests[name] ?? limits[name]);
  const milli = set === undefined ? null : parseQuantity(set);
  const valueMilli =
    milli === null ? (side === "limits" ? capacityMilli(name, capacity) : 0n) : milliValue(milli);
  const divisor = parseQuantity(
    field.divisor === undefined || field.divisor === "0" ? "1" : field.divisor,
  );
  const divisorMilli = divisor === null ? 1000n : milliValue(divisor);
  return `${(valueMilli + divisorMilli - 1n) / divisorMilli}`;
}

function capacityMilli(name: string, capacity: NodeCapacity): bigint {
  if (name === "cpu") return BigInt(capacity.cpuMilli);
  const bytes = name === "memory" ? capacity.memoryBytes : capacity.ephemeralStorageBytes;
  return BigInt(bytes) * 1000n;
}
