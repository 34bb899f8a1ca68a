import { resolveFenceposts } from "../../api/machinery/intstr.js";
import type { Deployment, ReplicaSet } from "../../api/schema/types/apps-v1.gen.js";

/** What a plan is made from. */
export interface DeploymentWorld {
  readonly deployment: Deployment;
  /** The Deployment's ReplicaSets, in any state. */
  readonly replicaSets: readonly ReplicaSet[];
  /**
   * Whether pods of its old ReplicaSets are still there and may run; asked for by Recreate alone.
   */
  readonly oldPodsRunning: () => boolean;
  readonly nowMs: number;
}

/** The numbers that a roll-out keeps to. */
export interface Bounds {
  readonly desired: number;
  readonly surge: number;
  readonly unavailable: number;
}

/** A ReplicaSet as it shall be; `original` null: to be created. */
export interface Draft {
  readonly original: ReplicaSet | null;
  readonly name: string;
  readonly replicas: number;
  readonly annotations: Readonly<Record<string, string>>;
  readonly minReadySeconds: number;
  /**
   * As the ReplicaSet's status says, but not more than `replicas`: pods that are about to go do not
   * count.
   */
  readonly availableReplicas: number;
  /**
   * Pods that may be there: the status lags behind a spec that grew, and the pods behind one that
   * shrank.
   */
  readonly presentReplicas: number;
}

/** Desired size and bounds; Kubernetes' defaults where the spec is silent. */
export function boundsOf({ spec }: Deployment): Bounds {
  const desired = spec.replicas ?? 1;
  if (spec.strategy?.type === "Recreate") return { desired, surge: 0, unavailable: 0 };
  const { maxSurge = "25%", maxUnavailable = "25%" } = spec.strategy?.rollingUpdate ?? {};
  const { surge, unavailable } = resolveFenceposts(maxSurge, maxUnavailable, desired);
  return { desired, surge, unavailable: Math.min(unavailable, desired) };
}

/** The draft that changes nothing. */
export function draftOf(replicaSet: ReplicaSet): Draft {
  const replicas = replicaSet.spec.replicas ?? 1;
  const { availableReplicas = 0, replicas: counted = 0 } = replicaSet.status ?? {};
  return {
    original: replicaSet,
    name: replicaSet.metadata.name,
    replicas,
    annotations: replicaSet.metadata.annotations ?? {},
    minReadySeconds: replicaSet.spec.minReadySeconds ?? 0,
    availableReplicas: Math.min(availableReplicas, replicas),
    presentReplicas: Math.max(counted, replicas),
  };
}

/** Sum of spec.replicas. */
export function totalReplicas(drafts: readonly Draft[]): number {
  return drafts.reduce((sum, draft) => sum + draft.replicas, 0);
}

/** Pods that may be there now. */
export function totalPresent(drafts: readonly Draft[]): number {
  return drafts.reduce((sum, draft) => sum + draft.presentReplicas, 0);
}

/** Pods that are available and not about to go. */
export function totalAvailable(drafts: readonly Draft[]): number {
  return drafts.reduce((sum, draft) => sum + draft.availableReplicas, 0);
}
