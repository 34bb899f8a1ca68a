import { scaledValue } from "../../api/machinery/intstr.js";
import { formatTime, parseTimeMs } from "../../api/machinery/time.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import type { Condition, LabelSelector } from "../../api/schema/types/meta-v1.gen.js";
import type {
  PodDisruptionBudget,
  PodDisruptionBudgetStatus,
} from "../../api/schema/types/policy-v1.gen.js";
import { controllerOf } from "../common/controller-ref.js";
import { isPodReady } from "../common/pod-state.js";
import { sameJson } from "../common/same-json.js";

/** An evicted pod that has not begun to go after this long is counted again. */
export const DELETION_TIMEOUT_MS = 120_000;

/** A workload that controls some of a budget's pods. */
export interface ControllerScale {
  readonly uid: string;
  /** How many pods it wants. */
  readonly replicas: number;
}

/** What a budget is about. */
export interface BudgetView {
  readonly budget: PodDisruptionBudget;
  /** The pods that its selector matches. */
  readonly pods: readonly Pod[];
  /**
   * The workloads that control them, each once; the reason when some pod's workload cannot be
   * asked how many pods it wants.
   */
  readonly scales: readonly ControllerScale[] | { readonly failure: string };
}

/** What is to be done about a budget. */
export interface DisruptionPlan {
  /** The status to write; null: it is right already. */
  readonly status: PodDisruptionBudgetStatus | null;
  /** Pods that were evicted and never began to go, for an event each. */
  readonly notDeleted: readonly Pod[];
  /**
   * Pods that nobody controls, where the budget is a share of what their workloads want: they are
   * not in `expectedPods`.
   */
  readonly unmanaged: readonly Pod[];
  /** When to look again; null: when something changes. */
  readonly recheckAfterMs: number | null;
  /** Why the budget could not be worked out; it then allows nothing. */
  readonly failure: string | null;
}

/** How many of a budget's pods may go. The same arguments give the same plan. */
export function planDisruption(view: BudgetView, nowMs: number): DisruptionPlan {
  const { budget, pods, scales } = view;
  const disrupted = planDisrupted(view, nowMs);
  const { notDeleted, recheckAfterMs } = disrupted;
  const observedGeneration = budget.metadata.generation ?? 0;
  const about = { budget, nowMs, observedGeneration };
  const counted = expectationOf(budget, pods.length, scales);
  if ("failure" in counted) {
    const conditions = withCondition(about, {
      status: "False",
      reason: "SyncFailed",
      message: counted.failure,
    });
    const status = { ...budget.status, disruptionsAllowed: 0, observedGeneration, conditions };
    const { failure } = counted;
    return { ...changed(budget, status), notDeleted, unmanaged: [], recheckAfterMs, failure };
  }
  const unmanaged = asksWorkloads(budget)
    ? pods.filter((pod) => controllerOf(pod) === undefined)
    : [];
  const { expectedPods, desiredHealthy } = counted;
  const currentHealthy = pods.filter((pod) => isHealthy(pod, disrupted.map)).length;
  const spare = currentHealthy - desiredHealthy;
  const disruptionsAllowed = expectedPods <= 0 ? 0 : Math.max(0, spare);
  const enough = disruptionsAllowed > 0;
  const conditions = withCondition(about, {
    status: enough ? "True" : "False",
    reason: enough ? "SufficientPods" : "InsufficientPods",
    message: "",
  });
  const status: PodDisruptionBudgetStatus = {
    currentHealthy,
    desiredHealthy,
    disruptionsAllowed,
    expectedPods,
    observedGeneration,
    ...(Object.keys(disrupted.map).length === 0 ? {} : { disruptedPods: disrupted.map }),
    conditions,
  };
  return { ...changed(budget, status), notDeleted, unmanaged, recheckAfterMs, failure: null };
}

/** Whether the budget depends on how many pods their workloads want. */
export function asksWorkloads({ spec }: PodDisruptionBudget): boolean {
  return spec.maxUnavailable !== undefined || typeof spec.minAvailable === "string";
}

/** What the event about unmanaged pods says, in Kubernetes' words. */
export function unmanagedMessage({ spec }: PodDisruptionBudget): string {
  return (
    `Pods selected by this PodDisruptionBudget (selector: ${printed(spec.selector)}) were found ` +
    "to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which " +
    'may result in undefined behavior. To account for these pods please set ".spec.minAvailable" ' +
    "field of the PDB to an integer value."
  );
}

/** A selector as Go prints it. */
function printed({ matchLabels = {}, matchExpressions = [] }: LabelSelector = {}): string {
  const labels = Object.keys(matchLabels)
    .sort()
    .map((key) => `${key}: ${matchLabels[key]},`);
  const expressions = matchExpressions.map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(" ")}],},`,
  );
  const lists =
    `MatchLabels:map[string]string{${labels.join("")}},` +
    `MatchExpressions:[]LabelSelectorRequirement{${expressions.join("")}},`;
  return `&LabelSelector{${lists}}`;
}

function changed(
  budget: PodDisruptionBudget,
  status: PodDisruptionBudgetStatus,
): { readonly status: PodDisruptionBudgetStatus | null } {
  return { status: sameJson(budget.status, status) ? null : status };
}

type Expectation =
  | { readonly expectedPods: number; readonly desiredHealthy: number }
  | { readonly failure: string };

/** Percentages and maxUnavailable are of what the workloads want, not of what there is. */
function expectationOf(
  { spec }: PodDisruptionBudget,
  podCount: number,
  scales: BudgetView["scales"],
): Expectation {
  const { minAvailable, maxUnavailable } = spec;
  if (maxUnavailable === undefined && typeof minAvailable === "number")
    return { expectedPods: podCount, desiredHealthy: minAvailable };
  if (maxUnavailable === undefined && minAvailable === undefined)
    return { expectedPods: 0, desiredHealthy: 0 };
  if ("failure" in scales) return scales;
  const expectedPods = scales.reduce((sum, { replicas }) => sum + replicas, 0);
  const value = maxUnavailable ?? minAvailable ?? 0;
  const scaled = scaledValue(value, expectedPods, "up") ?? 0;
  if (maxUnavailable === undefined) return { expectedPods, desiredHealthy: scaled };
  return { expectedPods, desiredHealthy: Math.max(0, expectedPods - scaled) };
}

type Times = Readonly<Record<string, string>>;

/** Evicted pods that are still there and may yet go. */
function planDisrupted(
  { budget, pods }: BudgetView,
  nowMs: number,
): { map: Times; notDeleted: readonly Pod[]; recheckAfterMs: number | null } {
  const before = budget.status?.disruptedPods ?? {};
  const map: Record<string, string> = {};
  const notDeleted: Pod[] = [];
  let recheckAfterMs: number | null = null;
  for (const pod of pods) {
    const since = before[pod.metadata.name];
    if (since === undefined || since === null) continue;
    if (pod.metadata.deletionTimestamp !== undefined) continue;
    const leftMs = (parseTimeMs(since) ?? 0) + DELETION_TIMEOUT_MS - nowMs;
    if (leftMs < 0) {
      notDeleted.push(pod);
      continue;
    }
    map[pod.metadata.name] = since;
    recheckAfterMs = Math.min(recheckAfterMs ?? leftMs, leftMs);
  }
  return { map, notDeleted, recheckAfterMs };
}

function isHealthy(pod: Pod, disrupted: Times): boolean {
  if (pod.metadata.deletionTimestamp !== undefined) return false;
  return disrupted[pod.metadata.name] === undefined && isPodReady(pod);
}

const TYPE = "DisruptionAllowed";

function withCondition(
  about: { readonly budget: PodDisruptionBudget; nowMs: number; observedGeneration: number },
  next: Pick<Condition, "status" | "reason" | "message">,
): readonly Condition[] {
  const { budget, nowMs, observedGeneration } = about;
  const conditions = budget.status?.conditions ?? [];
  const before = conditions.find(({ type }) => type === TYPE);
  const lastTransitionTime =
    before?.status === next.status ? before.lastTransitionTime : formatTime(nowMs);
  const condition: Condition = { type: TYPE, ...next, observedGeneration, lastTransitionTime };
  if (before === undefined) return [...conditions, condition];
  return conditions.map((each) => (each.type === TYPE ? condition : each));
}
