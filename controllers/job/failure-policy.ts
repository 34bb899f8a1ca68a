import type {
  PodFailurePolicy,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyRule,
} from "../../api/schema/types/batch-v1.gen.js";
import type { ContainerStatus, Pod } from "../../api/schema/types/core-v1.gen.js";

/** What follows from the failure of a pod. */
export interface FailureVerdict {
  /** Of the first rule that fits; null: none does. */
  readonly action: string | null;
  /** It counts towards backoffLimit. */
  readonly counts: boolean;
  /** Why the whole Job fails; null: it does not. */
  readonly failJob: string | null;
}

const COUNTED: FailureVerdict = { action: null, counts: true, failJob: null };

/** Holds a failed pod against the Job's podFailurePolicy: the first rule that fits decides. */
export function judgeFailure(policy: PodFailurePolicy | undefined, pod: Pod): FailureVerdict {
  const rules = policy?.rules ?? [];
  for (const [index, rule] of rules.entries()) {
    const fit = fitOf(rule, pod);
    if (fit === null) continue;
    const { action } = rule;
    const failJob =
      action === "FailJob" ? `${fit} matching ${action} rule at index ${index}` : null;
    return { action, counts: action !== "Ignore", failJob };
  }
  return COUNTED;
}

/** What about the pod fits the rule, as the first half of a sentence; null: nothing does. */
function fitOf(
  { onExitCodes, onPodConditions = [] }: PodFailurePolicyRule,
  pod: Pod,
): string | null {
  const { name, namespace = "" } = pod.metadata;
  if (onExitCodes !== undefined) {
    if (pod.status?.phase !== "Failed") return null;
    const statuses = [
      ...(pod.status.containerStatuses ?? []),
      ...(pod.status.initContainerStatuses ?? []),
    ];
    const found = statuses.find((status) => fitsExitCode(onExitCodes, status));
    if (found === undefined) return null;
    const code = found.state?.terminated?.exitCode ?? 0;
    return `Container ${found.name} for pod ${namespace}/${name} failed with exit code ${code}`;
  }
  for (const pattern of onPodConditions) {
    const { type, status = "True" } = pattern;
    const has = pod.status?.conditions?.some(
      (each) => each.type === type && each.status === status,
    );
    if (has === true) return `Pod ${namespace}/${name} has condition ${type}`;
  }
  return null;
}

function fitsExitCode(
  { containerName, operator, values }: PodFailurePolicyOnExitCodesRequirement,
  { name, state }: ContainerStatus,
): boolean {
  if (containerName !== undefined && containerName !== name) return false;
  const code = state?.terminated?.exitCode ?? 0;
  // A container that succeeded, or still runs, is not why the pod failed.
  if (code === 0) return false;
  return values.includes(code) === (operator === "In");
}
