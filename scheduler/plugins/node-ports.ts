import type { CycleState } from "../framework/cycle-state.js";
import {
  type ClusterEvent,
  type FilterPlugin,
  type PreFilterPlugin,
  type QueueingHint,
  SKIP,
  type Status,
  SUCCESS,
  unschedulable,
} from "../framework/interfaces.js";
import { portsClash } from "../../api/schema/placement/host-ports.js";
import type { NodeInfo } from "../framework/node-info.js";
import { type PodInfo, podInfoOf } from "../framework/pod-info.js";

const TAKEN = unschedulable("node(s) didn't have free ports for the requested pod ports");

/** Keeps two pods that ask for the same host port off one node. */
export class NodePorts implements PreFilterPlugin, FilterPlugin {
  readonly name = "NodePorts";

  preFilter(_state: CycleState, pod: PodInfo): Status {
    return pod.hostPorts.length === 0 ? SKIP : SUCCESS;
  }

  filter(_state: CycleState, pod: PodInfo, node: NodeInfo): Status {
    return portsClash(pod.hostPorts, node.usedHostPorts) ? TAKEN : SUCCESS;
  }

  hint(pod: PodInfo, event: ClusterEvent): QueueingHint {
    if (event.type === "NodeAdded") return "Queue";
    if (event.type !== "AssignedPodDeleted") return "Skip";
    return portsClash(pod.hostPorts, podInfoOf(event.pod).hostPorts) ? "Queue" : "Skip";
  }
}
