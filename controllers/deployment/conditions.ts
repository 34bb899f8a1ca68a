import { formatTime, parseTimeMs } from "../../api/machinery/time.js";
import type {
  Deployment,
  DeploymentCondition,
  DeploymentStatus,
} from "../../api/schema/types/apps-v1.gen.js";

/** Reasons of the Progressing condition, in Kubernetes' words. */
export const REASON = {
  newReplicaSet: "NewReplicaSetCreated",
  foundReplicaSet: "FoundNewReplicaSet",
  replicaSetUpdated: "ReplicaSetUpdated",
  failedCreate: "ReplicaSetCreateError",
  available: "NewReplicaSetAvailable",
  timedOut: "ProgressDeadlineExceeded",
  paused: "DeploymentPaused",
  resumed: "DeploymentResumed",
} as const;

const NO_DEADLINE = 2 ** 31 - 1;

/** What a condition says. */
export interface ConditionFacts {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
}

/** The condition of this type; undefined when there is none. */
export function conditionOf(
  status: DeploymentStatus | undefined,
  type: string,
): DeploymentCondition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

/**
 * Sets a condition. With the status and reason it has already it stays as it is, its times and its
 * message too.
 */
export function withCondition(
  conditions: readonly DeploymentCondition[],
  facts: ConditionFacts,
  nowMs: number,
): readonly DeploymentCondition[] {
  const known = conditions.find((condition) => condition.type === facts.type);
  if (known?.status === facts.status && known.reason === facts.reason) return conditions;
  return replaceCondition(conditions, stamped(facts, known, nowMs));
}

/**
 * Sets a condition anew, so that its lastUpdateTime is now; lastTransitionTime changes with the
 * status alone.
 */
export function withFreshCondition(
  conditions: readonly DeploymentCondition[],
  facts: ConditionFacts,
  nowMs: number,
): readonly DeploymentCondition[] {
  const known = conditions.find((condition) => condition.type === facts.type);
  return replaceCondition(conditions, stamped(facts, known, nowMs));
}

/** Without the condition of this type. */
export function withoutCondition(
  conditions: readonly DeploymentCondition[],
  type: string,
): readonly DeploymentCondition[] {
  return conditions.some((condition) => condition.type === type)
    ? conditions.filter((condition) => condition.type !== type)
    : conditions;
}

function stamped(
  facts: ConditionFacts,
  known: DeploymentCondition | undefined,
  nowMs: number,
): DeploymentCondition {
  const now = formatTime(nowMs);
  const lastTransitionTime =
    known?.status === facts.status ? (known.lastTransitionTime ?? now) : now;
  return { ...facts, lastUpdateTime: now, lastTransitionTime };
}

function replaceCondition(
  conditions: readonly DeploymentCondition[],
  condition: DeploymentCondition,
): readonly DeploymentCondition[] {
  return [...conditions.filter((other) => other.type !== condition.type), condition];
}

/** Whether a lack of progress is ever reported. */
export function progressDeadlineMs({ spec }: Deployment): number | null {
  const seconds = spec.progressDeadlineSeconds;
  return seconds === undefined || seconds >= NO_DEADLINE ? null : seconds * 1000;
}

/** Every pod is of the new template, available, and no other is left. */
export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const desired = deployment.spec.replicas ?? 1;
  return (
    (status.updatedReplicas ?? 0) === desired &&
    (status.replicas ?? 0) === desired &&
    (status.availableReplicas ?? 0) === desired &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

/** Something got better since the stored status. */
export function isProgressing(deployment: Deployment, status: DeploymentStatus): boolean {
  const old = deployment.status ?? {};
  const outdated = (s: DeploymentStatus): number => (s.replicas ?? 0) - (s.updatedReplicas ?? 0);
  return (
    (status.updatedReplicas ?? 0) > (old.updatedReplicas ?? 0) ||
    outdated(status) < outdated(old) ||
    (status.readyReplicas ?? 0) > (old.readyReplicas ?? 0) ||
    (status.availableReplicas ?? 0) > (old.availableReplicas ?? 0)
  );
}

/** Milliseconds until the deadline for progress passes, 0 when it has; null when none runs. */
export function deadlineInMs(
  deployment: Deployment,
  status: DeploymentStatus,
  nowMs: number,
): number | null {
  const deadlineMs = progressDeadlineMs(deployment);
  const condition = conditionOf(status, "Progressing");
  if (deadlineMs === null || condition === undefined) return null;
  if (condition.reason === REASON.available) return null;
  if (condition.reason === REASON.timedOut) return 0;
  const fromMs = parseTimeMs(condition.lastUpdateTime ?? "") ?? nowMs;
  return Math.max(0, fromMs + deadlineMs - nowMs);
}
