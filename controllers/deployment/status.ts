import type {
  Deployment,
  DeploymentCondition,
  DeploymentStatus,
  ReplicaSet,
  ReplicaSetCondition,
} from "../../api/schema/types/apps-v1.gen.js";
import {
  conditionOf,
  deadlineInMs,
  isComplete,
  isProgressing,
  progressDeadlineMs,
  REASON,
  withCondition,
  withFreshCondition,
  withoutCondition,
} from "./conditions.js";
import { boundsOf } from "./rollout-state.js";

/** What the status is computed from. */
export interface StatusWorld {
  readonly deployment: Deployment;
  readonly replicaSets: readonly ReplicaSet[];
  /** The ReplicaSet of the current template; undefined: there is none (yet). */
  readonly newReplicaSet: ReplicaSet | undefined;
  readonly conditions: readonly DeploymentCondition[];
  readonly nowMs: number;
}

type Count = "replicas" | "readyReplicas" | "availableReplicas" | "terminatingReplicas";

function sum(replicaSets: readonly ReplicaSet[], count: Count): number {
  return replicaSets.reduce((total, rs) => total + (rs.status?.[count] ?? 0), 0);
}

/** Counts, and whether enough pods are available. */
export function countStatus(world: StatusWorld): DeploymentStatus {
  const { deployment, replicaSets, newReplicaSet, nowMs } = world;
  const bounds = boundsOf(deployment);
  const available = sum(replicaSets, "availableReplicas");
  const specified = replicaSets.reduce((total, rs) => total + (rs.spec.replicas ?? 1), 0);
  const enough = available >= bounds.desired - bounds.unavailable;
  const conditions = withCondition(
    world.conditions,
    {
      type: "Available",
      status: enough ? "True" : "False",
      reason: enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
      message: `Deployment ${enough ? "has" : "does not have"} minimum availability.`,
    },
    nowMs,
  );
  const { collisionCount } = deployment.status ?? {};
  return {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas: sum(replicaSets, "replicas"),
    updatedReplicas: newReplicaSet?.status?.replicas ?? 0,
    readyReplicas: sum(replicaSets, "readyReplicas"),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, specified - available),
    terminatingReplicas: sum(replicaSets, "terminatingReplicas"),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    conditions,
  };
}

/** The status during a roll-out: counts, and the Progressing and ReplicaFailure conditions. */
export function rolloutStatus(world: StatusWorld): DeploymentStatus {
  const counted = countStatus(world);
  const progressed = withProgress(world, counted);
  const failure = replicaFailure(world);
  const conditions =
    failure === undefined
      ? withoutCondition(progressed, "ReplicaFailure")
      : withCondition(
          progressed,
          {
            type: "ReplicaFailure",
            status: failure.status === "True" ? "True" : "False",
            reason: failure.reason ?? "",
            message: failure.message ?? "",
          },
          world.nowMs,
        );
  return { ...counted, conditions };
}

function withProgress(
  world: StatusWorld,
  status: DeploymentStatus,
): readonly DeploymentCondition[] {
  const { deployment, newReplicaSet, nowMs } = world;
  const conditions = status.conditions ?? [];
  if (progressDeadlineMs(deployment) === null) return withoutCondition(conditions, "Progressing");
  const current = conditionOf(status, "Progressing");
  // Once complete it stays so: pods that come and go later are no roll-out.
  const wasComplete =
    status.replicas === status.updatedReplicas && current?.reason === REASON.available;
  if (wasComplete) return conditions;
  const subject =
    newReplicaSet === undefined
      ? `Deployment "${deployment.metadata.name}"`
      : `ReplicaSet "${newReplicaSet.metadata.name}"`;
  const type = "Progressing";
  if (isComplete(deployment, status)) {
    const message = `${subject} has successfully progressed.`;
    const facts = { type, status: "True", reason: REASON.available, message } as const;
    return withCondition(conditions, facts, nowMs);
  }
  if (isProgressing(deployment, status)) {
    const message = `${subject} is progressing.`;
    const facts = { type, status: "True", reason: REASON.replicaSetUpdated, message } as const;
    return withFreshCondition(conditions, facts, nowMs);
  }
  if (deadlineInMs(deployment, status, nowMs) === 0) {
    const message = `${subject} has timed out progressing.`;
    const facts = { type, status: "False", reason: REASON.timedOut, message } as const;
    return withCondition(conditions, facts, nowMs);
  }
  return conditions;
}

/** The failure to tell of: the new ReplicaSet's, otherwise any. */
function replicaFailure(world: StatusWorld): ReplicaSetCondition | undefined {
  const failureOf = (rs: ReplicaSet): ReplicaSetCondition | undefined =>
    rs.status?.conditions?.find((condition) => condition.type === "ReplicaFailure");
  const own = world.newReplicaSet === undefined ? undefined : failureOf(world.newReplicaSet);
  return own ?? world.replicaSets.map(failureOf).find((failure) => failure !== undefined);
}
