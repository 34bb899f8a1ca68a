import { claimsOf } from "../../api/schema/storage/pod-claims.js";
import type { ClusterView } from "../framework/cluster-snapshot.js";
import { type CycleState, StateKey } from "../framework/cycle-state.js";
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
import type { PodInfo } from "../framework/pod-info.js";

const IN_USE = unschedulable(
  "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode",
);
const IS_USED = new StateKey<boolean>("VolumeRestrictions");

/** A claim of access mode ReadWriteOncePod is one pod's in the whole cluster (KEP-2485). */
export class VolumeRestrictions implements PreFilterPlugin, FilterPlugin {
  readonly name = "VolumeRestrictions";

  preFilter(state: CycleState, info: PodInfo, view: ClusterView): Status {
    const { namespace = "" } = info.pod.metadata;
    const exclusive = new Set(
      claimsOf(info.pod)
        .map(({ claimName }) => claimName)
        .filter((name) => {
          const modes = view.storage.claim(namespace, name)?.spec.accessModes ?? [];
          return modes.includes("ReadWriteOncePod");
        }),
    );
    if (exclusive.size === 0) return SKIP;
    const isUser = ({ uid, pod }: PodInfo): boolean =>
      uid !== info.uid &&
      pod.metadata.namespace === namespace &&
      claimsOf(pod).some(({ claimName }) => exclusive.has(claimName));
    const isUsed = view.nodes.some(({ pods }) => [...pods.values()].some(isUser));
    state.write(IS_USED, isUsed);
    return SUCCESS;
  }

  filter(state: CycleState): Status {
    return state.read(IS_USED) ? IN_USE : SUCCESS;
  }

  hint(_pod: PodInfo, { type }: ClusterEvent): QueueingHint {
    return type === "AssignedPodDeleted" || type === "PodUpdated" || type === "ClaimChanged"
      ? "Queue"
      : "Skip";
  }
}
