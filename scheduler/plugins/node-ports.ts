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
import type { NodeInfo } from "../framework/node-info.js";
import { type HostPort, type PodInfo, podInfoOf } from "../framework/pod-info.js";

const TAKEN = unschedulable("node(s) didn't have free ports for the requested pod ports");

/** Keeps two pods that ask for the same host port off one node. */
export class NodePorts implements PreFilterPlugin, FilterPlugin {
  readonly name = "NodePorts";

  preFilter(_state: CycleState, pod: PodInfo): Status {
    return pod.hostPorts.length === 0 ? SKIP : SUCCESS;
  }

  filter(_state: CycleState, pod: PodInfo, node: NodeInfo): Status {
    return clash(pod.hostPorts, node.usedHostPorts) ? TAKEN : SUCCESS;
  }

  hint(pod: PodInfo, event: ClusterEvent): QueueingHint {
    if (event.type === "NodeAdded") return "Queue";
    if (event.type !== "AssignedPodDeleted") return "Skip";
    return clash(pod.hostPorts, podInfoOf(event.pod).hostPorts) ? "Queue" : "Skip";
  }
}

function clash(wanted: readonly HostPort[], used: readonly HostPort[]): boolean {
  return wanted.some((want) => used.some((taken) => conflicts(want, taken)));
}

/** The wildcard address clashes with every address, as it does when a process binds the port. */
function conflicts(a: HostPort, b: HostPort): boolean {
  if (a.port !== b.port || a.protocol !== b.protocol) return false;
  return a.ip === b.ip || a.ip === "0.0.0.0" || b.ip === "0.0.0.0";
}
