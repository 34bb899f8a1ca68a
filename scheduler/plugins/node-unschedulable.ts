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
import { toleratesTaint } from "../../api/schema/placement/tolerations.js";

const CORDONED = unresolvable("node(s) were unschedulable");
/** A cordoned node counts as having this taint, whether or not somebody has put it there yet. */
const CORDON_TAINT = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };

/** Keeps pods off cordoned nodes. */
export class NodeUnschedulable implements FilterPlugin {
  readonly name = "NodeUnschedulable";

  filter(_state: CycleState, { pod }: PodInfo, { node }: NodeInfo): Status {
    if (node.spec.unschedulable !== true) return SUCCESS;
    return toleratesTaint(pod.spec.tolerations, CORDON_TAINT) ? SUCCESS : CORDONED;
  }

  hint(_pod: PodInfo, event: ClusterEvent): QueueingHint {
    if (event.type === "PodUpdated") return "Queue";
    if (event.type === "NodeAdded")
      return event.node.spec.unschedulable === true ? "Skip" : "Queue";
    if (event.type !== "NodeUpdated") return "Skip";
    const opened = event.old.spec.unschedulable === true && event.node.spec.unschedulable !== true;
    return opened ? "Queue" : "Skip";
  }
}
