import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import {
  type ClusterEvent,
  type PreEnqueuePlugin,
  type QueueingHint,
  type Status,
  SUCCESS,
  unresolvable,
} from "../framework/interfaces.js";
import type { PodInfo } from "../framework/pod-info.js";

/** Holds a pod back until its scheduling gates are gone. */
export class SchedulingGates implements PreEnqueuePlugin {
  readonly name = "SchedulingGates";

  preEnqueue(pod: Pod): Status {
    const gates = pod.spec.schedulingGates ?? [];
    if (gates.length === 0) return SUCCESS;
    const names = gates.map(({ name }) => name).join(" ");
    return unresolvable(`waiting for scheduling gates: [${names}]`);
  }

  hint(_pod: PodInfo, event: ClusterEvent): QueueingHint {
    return event.type === "PodUpdated" ? "Queue" : "Skip";
  }
}
