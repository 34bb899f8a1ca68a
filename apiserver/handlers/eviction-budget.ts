import { failure, forbidden, internalError, type StatusBody } from "../../api/machinery/status.js";
import { selectorOrNothing } from "../../api/machinery/selectors.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import type { PodDisruptionBudget } from "../../api/schema/types/policy-v1.gen.js";

/** The resource of budgets. */
export const BUDGETS = { group: "policy", resource: "poddisruptionbudgets" };
const PODS = { group: "", resource: "pods" };
/** So many evictions that the controller has not confirmed are too many. */
const DISRUPTED_PODS_MAX = 2000;
const BUSY_RETRY_SECONDS = 10;

/** What an eviction must do before it deletes the pod; pure. */
export type EvictionPlan =
  /** Nothing: no budget has a say. */
  | { readonly type: "delete" }
  /** The pod must be as it was looked at: a pod that became ready would count. */
  | { readonly type: "deleteUnchanged" }
  /** Take one disruption from the budget of this name. */
  | { readonly type: "spend"; readonly budgetName: string }
  | { readonly type: "refuse"; readonly status: StatusBody };

/** Decides by the budgets of the pod's namespace. */
export function planEviction(pod: Pod, budgets: readonly PodDisruptionBudget[]): EvictionPlan {
  const { phase = "", conditions = [] } = pod.status ?? {};
  const idle = phase === "Succeeded" || phase === "Failed" || phase === "Pending";
  if (idle || pod.metadata.deletionTimestamp !== undefined) return { type: "delete" };
  const [budget, another] = budgets.filter(({ spec }) =>
    selectorOrNothing(spec.selector).matches(pod.metadata.labels),
  );
  if (budget === undefined) return { type: "delete" };
  if (another !== undefined) {
    const text =
      "This pod has more than one PodDisruptionBudget, which the eviction subresource does not " +
      "support.";
    // Kubernetes gives no reason, so that clients print the sentence as it is.
    const { details: _none, reason: _never, ...status } = internalError(text);
    return { type: "refuse", status: { ...status, message: text } };
  }
  const ready = conditions.some(({ type, status }) => type === "Ready" && status === "True");
  if (!ready) {
    const { currentHealthy = 0, desiredHealthy = 0 } = budget.status ?? {};
    if (budget.spec.unhealthyPodEvictionPolicy === "AlwaysAllow")
      return { type: "deleteUnchanged" };
    if (currentHealthy >= desiredHealthy && desiredHealthy > 0) return { type: "deleteUnchanged" };
  }
  return { type: "spend", budgetName: budget.metadata.name };
}

/** A budget with one disruption less, or why it has none to give. */
export type SpentBudget =
  | { readonly ok: true; readonly budget: PodDisruptionBudget }
  | { readonly ok: false; readonly status: StatusBody };

/** Takes one disruption for the pod of this name; `now` is RFC 3339. */
export function spendDisruption(
  budget: PodDisruptionBudget,
  podName: string,
  now: string,
): SpentBudget {
  const { metadata, status = {} } = budget;
  const { name, generation = 0 } = metadata;
  const { disruptionsAllowed = 0, disruptedPods = {} } = status;
  if ((status.observedGeneration ?? 0) < generation) {
    const text = `The disruption budget ${name} is still being processed by the server.`;
    return { ok: false, status: refused(text, BUSY_RETRY_SECONDS) };
  }
  if (Object.keys(disruptedPods).length > DISRUPTED_PODS_MAX) {
    const text = "DisruptedPods map too big - too many evictions not confirmed by PDB controller";
    return { ok: false, status: forbidden(PODS, name, text) };
  }
  if (disruptionsAllowed <= 0) {
    return { ok: false, status: refused(whyNone(budget), null) };
  }
  const left = disruptionsAllowed - 1;
  const conditions = left > 0 ? status.conditions : exhausted(budget, now);
  return {
    ok: true,
    budget: {
      ...budget,
      status: {
        ...status,
        disruptionsAllowed: left,
        disruptedPods: { ...disruptedPods, [podName]: now },
        ...(conditions === undefined ? {} : { conditions }),
      },
    },
  };
}

/** Why a budget allows nothing, in Kubernetes' words. */
function whyNone({ metadata: { name }, status = {} }: PodDisruptionBudget): string {
  const { currentHealthy = 0, desiredHealthy = 0, conditions = [] } = status;
  const refusal = conditions.find(
    ({ type, status: is, message }) =>
      type === "DisruptionAllowed" && is === "False" && message !== "",
  );
  const barred = `The disruption budget ${name} does not allow evicting pods currently`;
  // First, since the numbers are not to be trusted then.
  if (refusal?.reason === "SyncFailed")
    return `${barred} because it failed sync: ${refusal.message}`;
  if (currentHealthy <= desiredHealthy)
    return (
      `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ` +
      `${currentHealthy} currently`
    );
  return refusal === undefined ? barred : `${barred} (${refusal.reason}): ${refusal.message}`;
}

function exhausted({ metadata, status }: PodDisruptionBudget, now: string) {
  const type = "DisruptionAllowed";
  const others = (status?.conditions ?? []).filter((condition) => condition.type !== type);
  const observedGeneration = metadata.generation ?? 0;
  const reason = "InsufficientPods";
  const since = { lastTransitionTime: now, observedGeneration };
  return [...others, { type, status: "False", reason, message: "", ...since }];
}

function refused(cause: string, retryAfterSeconds: number | null): StatusBody {
  const message = "Cannot evict pod as it would violate the pod's disruption budget.";
  return failure(429, "TooManyRequests", message, {
    causes: [{ reason: "DisruptionBudget", message: cause }],
    ...(retryAfterSeconds === null ? {} : { retryAfterSeconds }),
  });
}
