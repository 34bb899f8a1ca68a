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
  unresolvable,
} from "../framework/interfaces.js";
import type { NodeInfo } from "../framework/node-info.js";
import type { PodInfo } from "../framework/pod-info.js";

/** Labels that say where a volume is, each with the one that has taken its place. */
const TOPOLOGY: ReadonlyMap<string, string> = new Map([
  ["failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"],
  ["failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region"],
  ["topology.kubernetes.io/zone", "topology.kubernetes.io/zone"],
  ["topology.kubernetes.io/region", "topology.kubernetes.io/region"],
]);
/** Between the zones of a volume that is in several. */
const DELIMITER = "__";

const ELSEWHERE = unresolvable("node(s) had no available volume zone");

/** A label of a bound volume, and which values a node may have there. */
interface Place {
  readonly label: string;
  readonly values: ReadonlySet<string>;
}

const PLACES = new StateKey<readonly Place[]>("VolumeZone");

/**
 * Sends a pod where its bound volumes are, by the labels of the volumes and the nodes. A node
 * without any such label is in no zone, and takes everything. Rules: kube-scheduler's VolumeZone.
 */
export class VolumeZone implements PreFilterPlugin, FilterPlugin {
  readonly name = "VolumeZone";

  preFilter(state: CycleState, { pod }: PodInfo, { storage }: ClusterView): Status {
    const places = claimsOf(pod).flatMap(({ claimName }) => {
      const claim = storage.claim(pod.metadata.namespace ?? "", claimName);
      const volume = storage.volume(claim?.spec.volumeName ?? "");
      const labels = volume?.metadata.labels ?? {};
      return [...TOPOLOGY.keys()].flatMap((label) => placeOf(label, labels[label]));
    });
    if (places.length === 0) return SKIP;
    state.write(PLACES, places);
    return SUCCESS;
  }

  filter(state: CycleState, _pod: PodInfo, { node }: NodeInfo): Status {
    const { labels = {} } = node.metadata;
    if (![...TOPOLOGY.keys()].some((label) => labels[label] !== undefined)) return SUCCESS;
    const isHere = ({ label, values }: Place): boolean =>
      values.has(labels[label] ?? labels[TOPOLOGY.get(label) ?? ""] ?? "");
    return state.read(PLACES).every(isHere) ? SUCCESS : ELSEWHERE;
  }

  hint(_pod: PodInfo, { type }: ClusterEvent): QueueingHint {
    switch (type) {
      case "NodeAdded":
      case "NodeUpdated":
      case "PodUpdated":
      case "ClaimChanged":
      case "VolumeChanged":
        return "Queue";
      default:
        return "Skip";
    }
  }
}

/** A value with an empty part says nothing that could be held to. */
function placeOf(label: string, value: string | undefined): readonly Place[] {
  if (value === undefined) return [];
  const values = value.split(DELIMITER).map((zone) => zone.trim());
  return values.includes("") ? [] : [{ label, values: new Set(values) }];
}
