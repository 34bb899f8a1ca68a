import { assert } from "../../base/assert.js";
import type { ReplicaSet } from "../../api/schema/types/apps-v1.gen.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import { cheapestFirst } from "../common/pod-ranking.js";
import { isPodActive } from "../common/pod-state.js";

/** What brings the pods in line with the spec. */
export interface ReplicaSetPlan {
  readonly create: number;
  readonly remove: readonly Pod[];
}

/** What a plan is made from. */
export interface ReplicaSetWorld {
  readonly replicaSet: ReplicaSet;
  /** The ReplicaSet's pods, in any state. */
  readonly pods: readonly Pod[];
  /** Active pods of all ReplicaSets of the same owner, for spreading deletions over the nodes. */
  readonly related: readonly Pod[];
  readonly nowMs: number;
}

/** Not more than this many pods are made or removed at once. */
export const BURST_REPLICAS = 500;

/** Pure: the same arguments give the same plan. */
export function planReplicaSet(world: ReplicaSetWorld, burstMax: number): ReplicaSetPlan {
  assert(burstMax > 0, "burstMax must be positive");
  const active = world.pods.filter(isPodActive);
  const diff = (world.replicaSet.spec.replicas ?? 1) - active.length;
  if (diff >= 0) return { create: Math.min(diff, burstMax), remove: [] };
  const count = Math.min(-diff, burstMax);
  return { create: 0, remove: cheapestFirst(active, world).slice(0, count) };
}
