import { formatTime } from "../../api/machinery/time.js";
import { selectorFromMap } from "../../api/machinery/selectors.js";
import type {
  ReplicaSet,
  ReplicaSetCondition,
  ReplicaSetStatus,
} from "../../api/schema/types/apps-v1.gen.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import { availableInMs, isPodActive, isPodReady, isPodTerminal } from "../common/pod-state.js";
import { sameJson } from "../common/same-json.js";

/** Why pods could not be made or removed. */
export interface ReplicaFailure {
  readonly reason: "FailedCreate" | "FailedDelete";
  readonly message: string;
}

/** The status to write, and when to look again. */
export interface StatusPlan {
  /** Null: what is stored is right. */
  readonly status: ReplicaSetStatus | null;
  /** When the next ready pod becomes available; null: none is waiting. */
  readonly nextAvailableInMs: number | null;
}

/**
 * Counts the pods. `failure` null: nothing failed, or nothing was tried: then `managed` is false
 * and the old word stays.
 */
export function planStatus(
  replicaSet: ReplicaSet,
  pods: readonly Pod[],
  seen: {
    readonly failure: ReplicaFailure | null;
    readonly managed: boolean;
    readonly nowMs: number;
  },
): StatusPlan {
  const { spec } = replicaSet;
  const minReadySeconds = spec.minReadySeconds ?? 0;
  const template = selectorFromMap(spec.template?.metadata?.labels);
  const counts = { replicas: 0, labeled: 0, ready: 0, available: 0, terminating: 0 };
  let nextAvailableInMs: number | null = null;
  for (const pod of pods) {
    if (!isPodActive(pod)) {
      if (!isPodTerminal(pod)) counts.terminating += 1;
      continue;
    }
    counts.replicas += 1;
    if (template.matches(pod.metadata.labels)) counts.labeled += 1;
    if (isPodReady(pod)) counts.ready += 1;
    const inMs = availableInMs(pod, minReadySeconds, seen.nowMs);
    if (inMs === 0) counts.available += 1;
    else if (inMs !== null) nextAvailableInMs = Math.min(inMs, nextAvailableInMs ?? inMs);
  }
  const status: ReplicaSetStatus = {
    replicas: counts.replicas,
    fullyLabeledReplicas: counts.labeled,
    readyReplicas: counts.ready,
    availableReplicas: counts.available,
    terminatingReplicas: counts.terminating,
    observedGeneration: replicaSet.metadata.generation ?? 0,
    ...conditionsOf(replicaSet, seen),
  };
  const stored = withZeros(replicaSet.status);
  return { status: sameJson(status, stored) ? null : status, nextAvailableInMs };
}

function conditionsOf(
  replicaSet: ReplicaSet,
  seen: {
    readonly failure: ReplicaFailure | null;
    readonly managed: boolean;
    readonly nowMs: number;
  },
): { conditions?: readonly ReplicaSetCondition[] } {
  const old = replicaSet.status?.conditions ?? [];
  const known = old.find((condition) => condition.type === "ReplicaFailure");
  const others = old.filter((condition) => condition.type !== "ReplicaFailure");
  const conditions = [...others];
  if (seen.failure !== null) {
    const { reason, message } = seen.failure;
    const same = known?.status === "True" && known.reason === reason;
    const fresh = { type: "ReplicaFailure", status: "True", reason, message };
    conditions.push(same ? known : { ...fresh, lastTransitionTime: formatTime(seen.nowMs) });
  } else if (!seen.managed && known !== undefined) {
    conditions.push(known);
  }
  return conditions.length === 0 ? {} : { conditions };
}

/** Zeros are left out on the wire by Go's clients and may be by the server: they mean the same. */
function withZeros(status: ReplicaSetStatus | undefined): ReplicaSetStatus | undefined {
  if (status === undefined) return undefined;
  const { conditions, ...counts } = status;
  return {
    fullyLabeledReplicas: 0,
    readyReplicas: 0,
    availableReplicas: 0,
    terminatingReplicas: 0,
    ...counts,
    ...(conditions === undefined || conditions.length === 0 ? {} : { conditions }),
  };
}
