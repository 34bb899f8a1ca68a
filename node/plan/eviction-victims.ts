import { podRequests } from "../../api/schema/placement/resources.js";
import { toleratesTaint } from "../../api/schema/placement/tolerations.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import type { PodRejection } from "./admission.js";
import type { PressureCondition, StarvedResource, Starvation } from "./eviction.js";
import { type EvictionThreshold, unitsOf } from "./eviction-thresholds.js";
import { isCriticalPod } from "./pod-role.js";
import { allContainers } from "./pod-runtime.js";
import { qosClassOf } from "./qos.js";
import { wholeOf } from "./resources.js";

/** What a pod uses of what can run out; bytes, inodes and processes. */
export interface PodConsumption {
  readonly pod: Pod;
  readonly memoryBytes: number;
  /** Containers' layers and logs, and volumes on the node's disk. */
  readonly diskBytes: number;
  readonly inodes: number;
  readonly processes: number;
  readonly containers: readonly ContainerConsumption[];
  /** By name of the emptyDir; memory-backed ones too. */
  readonly volumes: ReadonlyMap<string, number>;
}

/** What one container uses. */
export interface ContainerConsumption {
  readonly name: string;
  readonly memoryBytes: number;
  /** Its own layer and its logs. */
  readonly diskBytes: number;
}

/** The reason in the status of a pod that had to go. */
export const EVICTED = "Evicted";

/**
 * The pods in the order in which they are to go: those that use more than they request first, of
 * these the least important, and of these the one that is furthest above its request. For process
 * ids nothing can be requested. Critical pods are not among them.
 */
export function rankVictims(
  resource: StarvedResource,
  pods: readonly PodConsumption[],
): readonly PodConsumption[] {
  const above = ({ pod, ...used }: PodConsumption): number => {
    const requests = podRequests(pod);
    switch (resource) {
      case "memory":
        return used.memoryBytes - requests.memoryBytes;
      case "ephemeral-storage":
        return used.diskBytes - requests.ephemeralBytes;
      case "inodes":
        return used.inodes;
      case "pids":
        return used.processes;
    }
  };
  const exceeds = (it: PodConsumption): number => (resource !== "pids" && above(it) > 0 ? 0 : 1);
  return pods
    .filter(({ pod }) => !isCriticalPod(pod))
    .sort(
      (a, b) =>
        exceeds(a) - exceeds(b) ||
        (a.pod.spec.priority ?? 0) - (b.pod.spec.priority ?? 0) ||
        above(b) - above(a),
    );
}

/** What a pod gets to end when there is no time, in seconds; nothing gets less. */
export const IMMEDIATE_GRACE_SECONDS = 1;

/**
 * How long the pod is given to end, in seconds: no time for a hard threshold, for a soft one what
 * it asks for, but not more than the node allows.
 */
export function evictionGraceSeconds(
  { spec }: Pod,
  { graceMs }: EvictionThreshold,
  maxPodGraceSeconds: number,
): number {
  if (graceMs === null) return IMMEDIATE_GRACE_SECONDS;
  const wanted = Math.min(spec.terminationGracePeriodSeconds ?? Infinity, maxPodGraceSeconds);
  return Math.max(IMMEDIATE_GRACE_SECONDS, wanted);
}

/** Why a pod had to go, in the kubelet's words. */
export interface EvictionNote {
  readonly message: string;
  /** The same for programs, on the event. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** Why the pod had to go; ephemeral containers can request nothing and are not blamed. */
export function evictionNote(victim: PodConsumption, starvation: Starvation): EvictionNote {
  const { resource, threshold, observation } = starvation;
  const { available, capacity } = observation;
  const show = resource === "inodes" || resource === "pids" ? decimal : binary;
  const parts = [`The node was low on resource: ${resource}. `];
  const wanted = unitsOf(threshold.amount, capacity);
  if (wanted >= available)
    parts.push(`Threshold quantity: ${show(wanted)}, available: ${show(available)}. `);
  const offending = offendingContainers(victim, resource);
  for (const { name, usage, request } of offending)
    parts.push(
      `Container ${name} was using ${binary(usage)}, request is ${binary(request)}, ` +
        `has larger consumption of ${resource}. `,
    );
  const annotations = {
    offending_containers: offending.map(({ name }) => name).join(","),
    offending_containers_usage: offending.map(({ usage }) => binary(usage)).join(","),
    starved_resource: resource,
  };
  return { message: parts.join(""), annotations };
}

interface Offence {
  readonly name: string;
  readonly usage: number;
  readonly request: number;
}

/** The containers that use more than they request. */
function offendingContainers(
  { pod, containers }: PodConsumption,
  resource: StarvedResource,
): readonly Offence[] {
  if (resource !== "memory" && resource !== "ephemeral-storage") return [];
  const ephemeral = pod.spec.ephemeralContainers ?? [];
  const blamed = allContainers(pod).filter((it) => !ephemeral.some(({ name }) => name === it.name));
  return containers.flatMap(({ name, memoryBytes, diskBytes }): Offence[] => {
    const spec = blamed.find((it) => it.name === name);
    if (spec === undefined) return [];
    const request = wholeOf(spec.resources?.requests?.[resource]);
    const usage = resource === "memory" ? memoryBytes : diskBytes;
    return usage > request ? [{ name, usage, request }] : [];
  });
}

/**
 * What of its own limits on local storage the pod has exceeded; null: nothing. The kubelet's order:
 * sizes of emptyDirs, the pod as a whole, single containers.
 */
export function exceededLocalLimit(used: PodConsumption): string | null {
  const { pod } = used;
  for (const { name, emptyDir } of pod.spec.volumes ?? []) {
    const limit = wholeOf(emptyDir?.sizeLimit);
    if (limit > 0 && (used.volumes.get(name) ?? 0) > limit)
      return `Usage of EmptyDir volume "${name}" exceeds the limit "${emptyDir?.sizeLimit}". `;
  }
  const limits = pod.spec.containers.map((it) => it.resources?.limits?.["ephemeral-storage"]);
  const whole = limits.reduce((sum, limit) => sum + wholeOf(limit), 0);
  if (whole > 0 && used.diskBytes > whole)
    return `Pod ephemeral local storage usage exceeds the total limit of containers ${binary(whole)}. `;
  for (const { name, diskBytes } of used.containers) {
    const spec = pod.spec.containers.find((it) => it.name === name);
    const limit = spec?.resources?.limits?.["ephemeral-storage"];
    if (limit !== undefined && diskBytes > wholeOf(limit))
      return `Container ${name} exceeded its local ephemeral storage limit "${limit}". `;
  }
  return null;
}

/** True when exceededLocalLimit could find something: only such pods are worth measuring. */
export function hasLocalLimit({ spec }: Pod): boolean {
  return (
    (spec.volumes ?? []).some(({ emptyDir }) => wholeOf(emptyDir?.sizeLimit) > 0) ||
    spec.containers.some((it) => it.resources?.limits?.["ephemeral-storage"] !== undefined)
  );
}

/** Whether a node that is short of something takes a pod all the same; null: it does. */
export function planAdmissionUnderPressure(
  pod: Pod,
  conditions: ReadonlySet<PressureCondition>,
): PodRejection | null {
  if (conditions.size === 0 || isCriticalPod(pod)) return null;
  const onlyMemory = conditions.size === 1 && conditions.has("MemoryPressure");
  const taint = { key: "node.kubernetes.io/memory-pressure", effect: "NoSchedule" };
  const bears =
    qosClassOf(pod.spec) !== "BestEffort" || toleratesTaint(pod.spec.tolerations, taint);
  if (onlyMemory && bears) return null;
  return { reason: EVICTED, message: `The node had condition: [${[...conditions].join(" ")}]. ` };
}

/** As Kubernetes prints bytes: with the largest unit that leaves a whole number. */
function binary(value: number): string {
  return scaled(value, 1024, ["", "Ki", "Mi", "Gi", "Ti", "Pi"]);
}

function decimal(value: number): string {
  return scaled(value, 1000, ["", "k", "M", "G", "T", "P"]);
}

function scaled(value: number, step: number, units: readonly string[]): string {
  let [rest, index] = [Math.round(value), 0];
  while (rest !== 0 && rest % step === 0 && index < units.length - 1) {
    rest /= step;
    index += 1;
  }
  return `${rest}${units[index]}`;
}
