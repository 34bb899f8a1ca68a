import type { Node } from "../../api/schema/types/core-v1.gen.js";
import { parseQuantity, wholeValue } from "../../api/machinery/quantity.js";
import type { HostPort } from "../../api/schema/placement/host-ports.js";
import {
  addResources,
  NO_RESOURCES,
  type Resources,
  resourcesOf,
} from "../../api/schema/placement/resources.js";
import type { PodInfo } from "./pod-info.js";

/**
 * A node with everything that runs or will run on it. Plugins read it; only ClusterSnapshot changes
 * it.
 */
export interface NodeInfo {
  readonly name: string;
  readonly node: Node;
  readonly pods: ReadonlyMap<string, PodInfo>;
  readonly allocatable: Resources;
  readonly podsMax: number;
  /** The sum of what its pods ask for. */
  readonly requested: Resources;
  /** The sum of what its pods are expected to use. */
  readonly usage: { readonly milliCpu: number; readonly memoryBytes: number };
  readonly usedHostPorts: readonly HostPort[];
  /** Pods with any term of (anti-)affinity, and those with a required term of anti-affinity. */
  readonly podsWithAffinity: ReadonlyMap<string, PodInfo>;
  readonly podsWithRequiredAntiAffinity: ReadonlyMap<string, PodInfo>;
  /** Bytes of the images present, by name. */
  readonly imageBytes: ReadonlyMap<string, number>;
}

/** The NodeInfo that ClusterSnapshot keeps up to date. */
export class MutableNodeInfo implements NodeInfo {
  readonly name: string;
  node: Node;
  readonly pods = new Map<string, PodInfo>();
  readonly podsWithAffinity = new Map<string, PodInfo>();
  readonly podsWithRequiredAntiAffinity = new Map<string, PodInfo>();
  allocatable: Resources = NO_RESOURCES;
  podsMax = 0;
  requested: Resources = NO_RESOURCES;
  usage = { milliCpu: 0, memoryBytes: 0 };
  usedHostPorts: readonly HostPort[] = [];
  imageBytes: ReadonlyMap<string, number> = new Map();

  constructor(node: Node) {
    this.name = node.metadata.name;
    this.node = node;
    this.setNode(node);
  }

  /** The node changed; its pods stay. */
  setNode(node: Node): void {
    const before = this.node.status;
    this.node = node;
    const { allocatable, images } = node.status ?? {};
    this.allocatable = resourcesOf(allocatable);
    this.podsMax = podsMaxOf(allocatable?.["pods"]);
    if (before === node.status || before?.images !== images)
      this.imageBytes = new Map(
        (images ?? []).flatMap(({ names = [], sizeBytes = 0 }) =>
          names.map((name): [string, number] => [name, sizeBytes]),
        ),
      );
  }

  addPod(pod: PodInfo): void {
    this.pods.set(pod.uid, pod);
    this.account(pod, 1);
    if (pod.hostPorts.length > 0) this.usedHostPorts = [...this.usedHostPorts, ...pod.hostPorts];
    if (hasAffinity(pod)) this.podsWithAffinity.set(pod.uid, pod);
    if (pod.requiredAntiAffinity.length > 0) this.podsWithRequiredAntiAffinity.set(pod.uid, pod);
  }

  removePod(pod: PodInfo): void {
    if (!this.pods.delete(pod.uid)) return;
    this.account(pod, -1);
    this.podsWithAffinity.delete(pod.uid);
    this.podsWithRequiredAntiAffinity.delete(pod.uid);
    if (pod.hostPorts.length > 0)
      this.usedHostPorts = [...this.pods.values()].flatMap((other) => other.hostPorts);
  }

  private account(pod: PodInfo, sign: 1 | -1): void {
    this.requested = addResources(this.requested, pod.requests, sign);
    this.usage = {
      milliCpu: this.usage.milliCpu + sign * pod.usage.milliCpu,
      memoryBytes: this.usage.memoryBytes + sign * pod.usage.memoryBytes,
    };
  }
}

function hasAffinity(pod: PodInfo): boolean {
  return (
    pod.requiredAffinity.length > 0 ||
    pod.requiredAntiAffinity.length > 0 ||
    pod.preferredAffinity.length > 0 ||
    pod.preferredAntiAffinity.length > 0
  );
}

function podsMaxOf(quantity: string | undefined): number {
  const parsed = quantity === undefined ? null : parseQuantity(quantity);
  return parsed === null ? 0 : Number(wholeValue(parsed));
}
