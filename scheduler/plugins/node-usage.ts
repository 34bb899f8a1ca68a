import type { CycleState } from "../framework/cycle-state.js";
import { MAX_NODE_SCORE, type ScorePlugin } from "../framework/interfaces.js";
import type { NodeInfo } from "../framework/node-info.js";
import type { PodInfo } from "../framework/pod-info.js";

/** What a node was measured to use. */
export interface MeasuredUsage {
  readonly milliCpu: number;
  readonly memoryBytes: number;
  /** When the measurement began, in milliseconds since 1970: what started later is not in it. */
  readonly sinceMs: number;
}

/**
 * Prefers nodes that were measured to use little: 100 for an idle one, 0 for one whose CPU and
 * memory are used up, each counting half. Off unless it is asked for: kube-scheduler knows nothing
 * like it.
 *
 * Pods that the measurement cannot show yet count with what they ask for, or everything that comes
 * between two measurements would go to one node. So do all pods of a node of which nothing was
 * measured.
 */
export class NodeUsage implements ScorePlugin {
  readonly name = "NodeUsage";
  private readonly measured: (nodeName: string) => MeasuredUsage | null;

  /** `measured`: the newest; null when there is none, or none that is worth anything. */
  constructor(measured: (nodeName: string) => MeasuredUsage | null) {
    this.measured = measured;
  }

  score(_state: CycleState, pod: PodInfo, node: NodeInfo): number {
    const { milliCpu, memoryBytes } = this.expected(node);
    const cpu = free(milliCpu + pod.usage.milliCpu, node.allocatable.milliCpu);
    const memory = free(memoryBytes + pod.usage.memoryBytes, node.allocatable.memoryBytes);
    return Math.floor(((cpu + memory) / 2) * MAX_NODE_SCORE);
  }

  /** What the node uses, as far as can be told. */
  private expected(node: NodeInfo): { readonly milliCpu: number; readonly memoryBytes: number } {
    const measured = this.measured(node.name);
    if (measured === null) return node.usage;
    let { milliCpu, memoryBytes } = measured;
    for (const { pod, usage } of node.pods.values()) {
      if (startedMs(pod.status?.startTime) <= measured.sinceMs) continue;
      milliCpu += usage.milliCpu;
      memoryBytes += usage.memoryBytes;
    }
    return { milliCpu, memoryBytes };
  }
}

/** A pod that its node has not taken up yet has not started. */
function startedMs(startTime: string | undefined): number {
  return startTime === undefined ? Number.POSITIVE_INFINITY : Date.parse(startTime);
}

function free(used: number, capacity: number): number {
  return capacity === 0 ? 0 : 1 - Math.min(1, used / capacity);
}
