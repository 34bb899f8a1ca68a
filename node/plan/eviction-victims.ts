import { podRequests } from "../../api/schema/placement/resources.js";
import { toleratesTaint } from "../../api/schema/placement/tolerations.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import type { PodRejection } from "./admission.js";
import type { PressureCondition, StarvedResource, Starvation } from "./eviction.js";
import { unitsOf } from "./eviction-thresholds.js";
import { isCriticalPod } from "./pod-role.js";
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

/** Why the pod had to go, in the kubelet's words. */
export function evictionMessage(victim: PodConsumption, starvation: Starvation): string {
  const { resource, threshold, observation } = starvation;
  const { available, capacity } = observation;
  const show = resource === "inodes" || resource === "pids" ? decimal : binary;
  const parts = [`The node was low on resource: ${resource}. `];
  const wanted = unitsOf(threshold.amount, capacity);
  if (wanted >= available)
    parts.push(`Threshold quantity: ${show(wanted)}, available: ${show(available)}. `);
  if (resource !== "memory" && resource !== "ephemeral-storage") return parts.join("");
  for (const { name, memoryBytes, diskBytes } of victim.containers) {
    const spec = victim.pod.spec.containers.find((it) => it.name === name);
    const request = wholeOf(spec?.resources?.requests?.[resource]);
    const usage = resource === "memory" ? memoryBytes : diskBytes;
    if (usage > request)
      parts.push(
        `Container ${name} was using ${binary(usage)}, request is ${binary(request)}, ` +
          `has larger consumption of ${resource}. `,
      );
  }
  return parts.join("");
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
