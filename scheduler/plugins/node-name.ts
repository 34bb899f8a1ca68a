import type { CycleState } from "../framework/cycle-state.js";
import {
  type ClusterEvent,
  type FilterPlugin,
  type QueueingHint,
  type Status,
  SUCCESS,
  unresolvable,
} from "../framework/interfaces.js";
import type { NodeInfo } from "../framework/node-info.js";
import type { PodInfo } from "../framework/pod-info.js";

const MISMATCH = unresolvable("node(s) didn't match the requested node name");

/** A pod that names its node goes nowhere else. */
export class NodeName implements FilterPlugin {
  readonly name = "NodeName";

  filter(_state: CycleState, { pod }: PodInfo, node: NodeInfo): Status {
    const wanted = pod.spec.nodeName ?? "";
    return wanted === "" || wanted === node.name ? SUCCESS : MISMATCH;
  }

  hint({ pod }: PodInfo, event: ClusterEvent): QueueingHint {
    return event.type === "NodeAdded" && event.node.metadata.name === pod.spec.nodeName
      ? "Queue"
      : "Skip";
  }
}
