import type { CycleState } from "../framework/cycle-state.js";
import {
  MAX_NODE_SCORE,
  type PreScorePlugin,
  SKIP,
  type ScorePlugin,
  type Status,
  SUCCESS,
} from "../framework/interfaces.js";
import type { NodeInfo } from "../framework/node-info.js";
import type { PodInfo } from "../framework/pod-info.js";

/** Prefers nodes on which the pod leaves CPU and memory used to a like share. */
export class NodeResourcesBalancedAllocation implements PreScorePlugin, ScorePlugin {
  readonly name = "NodeResourcesBalancedAllocation";

  /** A pod that asks for nothing balances nothing. */
  preScore(_state: CycleState, { requests }: PodInfo): Status {
    return requests.milliCpu === 0 && requests.memoryBytes === 0 ? SKIP : SUCCESS;
  }

  score(_state: CycleState, { requests }: PodInfo, { allocatable, requested }: NodeInfo): number {
    if (allocatable.milliCpu === 0 || allocatable.memoryBytes === 0) return MAX_NODE_SCORE;
    const cpu = share(requested.milliCpu + requests.milliCpu, allocatable.milliCpu);
    const memory = share(requested.memoryBytes + requests.memoryBytes, allocatable.memoryBytes);
    // The standard deviation of two shares is half their distance.
    return Math.floor((1 - Math.abs(cpu - memory) / 2) * MAX_NODE_SCORE);
  }
}

function share(used: number, capacity: number): number {
  return Math.min(1, used / capacity);
}
