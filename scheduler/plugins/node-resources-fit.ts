import type { CycleState } from "../framework/cycle-state.js";
import {
  type ClusterEvent,
  type FilterPlugin,
  MAX_NODE_SCORE,
  type QueueingHint,
  type Refusal,
  type ScorePlugin,
  type Status,
  SUCCESS,
  unresolvable,
  unschedulable,
} from "../framework/interfaces.js";
import type { NodeInfo } from "../framework/node-info.js";
import { type PodInfo, podInfoOf } from "../framework/pod-info.js";
import { isNothing, type Resources, resourcesOf } from "../../api/schema/placement/resources.js";

/** Keeps pods off nodes that are full, and prefers those with the most left (LeastAllocated). */
export class NodeResourcesFit implements FilterPlugin, ScorePlugin {
  readonly name = "NodeResourcesFit";

  filter(_state: CycleState, pod: PodInfo, node: NodeInfo): Status {
    return fits(pod.requests, node) ? SUCCESS : refusal(pod.requests, node);
  }

  score(_state: CycleState, pod: PodInfo, node: NodeInfo): number {
    const { allocatable, usage } = node;
    const cpu = leastRequested(usage.milliCpu + pod.usage.milliCpu, allocatable.milliCpu);
    const memory = leastRequested(
      usage.memoryBytes + pod.usage.memoryBytes,
      allocatable.memoryBytes,
    );
    const resources = (allocatable.milliCpu > 0 ? 1 : 0) + (allocatable.memoryBytes > 0 ? 1 : 0);
    return resources === 0 ? 0 : Math.floor((cpu + memory) / resources);
  }

  hint(_pod: PodInfo, event: ClusterEvent): QueueingHint {
    switch (event.type) {
      case "PodUpdated":
      case "NodeAdded":
        return "Queue";
      case "NodeUpdated":
        return hasGrown(
          resourcesOf(event.node.status?.allocatable),
          event.old.status?.allocatable,
        ) || event.node.status?.allocatable?.["pods"] !== event.old.status?.allocatable?.["pods"]
          ? "Queue"
          : "Skip";
      case "AssignedPodDeleted":
        return "Queue";
      case "AssignedPodUpdated":
        return hasShrunk(podInfoOf(event.pod).requests, podInfoOf(event.old).requests)
          ? "Queue"
          : "Skip";
      case "AssignedPodAdded":
      case "ClaimChanged":
      case "VolumeChanged":
        return "Skip";
    }
  }
}

function fits(asked: Resources, node: NodeInfo): boolean {
  const { allocatable, requested } = node;
  if (node.pods.size + 1 > node.podsMax) return false;
  if (isNothing(asked)) return true;
  if (asked.milliCpu > 0 && asked.milliCpu > allocatable.milliCpu - requested.milliCpu)
    return false;
  if (asked.memoryBytes > 0 && asked.memoryBytes > allocatable.memoryBytes - requested.memoryBytes)
    return false;
  if (
    asked.ephemeralBytes > 0 &&
    asked.ephemeralBytes > allocatable.ephemeralBytes - requested.ephemeralBytes
  )
    return false;
  for (const [name, amount] of asked.scalars) {
    const free = (allocatable.scalars.get(name) ?? 0) - (requested.scalars.get(name) ?? 0);
    if (amount > 0 && amount > free) return false;
  }
  return true;
}

/**
 * Everything that is missing, each by its name. What the node would not have even if it were empty
 * is beyond help.
 */
function refusal(asked: Resources, node: NodeInfo): Refusal {
  const { allocatable, requested } = node;
  const reasons: string[] = [];
  let hopeless = false;
  const check = (
    name: string,
    want: number,
    { has, used }: { has: number; used: number },
  ): void => {
    if (want <= 0 || want <= has - used) return;
    reasons.push(`Insufficient ${name}`);
    hopeless ||= want > has;
  };
  if (node.pods.size + 1 > node.podsMax) reasons.push("Too many pods");
  check("cpu", asked.milliCpu, { has: allocatable.milliCpu, used: requested.milliCpu });
  check("memory", asked.memoryBytes, {
    has: allocatable.memoryBytes,
    used: requested.memoryBytes,
  });
  check("ephemeral-storage", asked.ephemeralBytes, {
    has: allocatable.ephemeralBytes,
    used: requested.ephemeralBytes,
  });
  for (const [name, amount] of asked.scalars)
    check(name, amount, {
      has: allocatable.scalars.get(name) ?? 0,
      used: requested.scalars.get(name) ?? 0,
    });
  return hopeless ? unresolvable(...reasons) : unschedulable(...reasons);
}

function leastRequested(used: number, capacity: number): number {
  if (capacity === 0 || used > capacity) return 0;
  return Math.floor(((capacity - used) * MAX_NODE_SCORE) / capacity);
}

function hasGrown(now: Resources, before: Parameters<typeof resourcesOf>[0]): boolean {
  return hasShrunk(resourcesOf(before), now);
}

/** True when any amount of `now` is below that of `before`. */
function hasShrunk(now: Resources, before: Resources): boolean {
  if (now.milliCpu < before.milliCpu || now.memoryBytes < before.memoryBytes) return true;
  if (now.ephemeralBytes < before.ephemeralBytes) return true;
  for (const [name, amount] of before.scalars)
    if ((now.scalars.get(name) ?? 0) < amount) return true;
  return false;
}
