import { selectorOrNothing } from "../api/machinery/selectors.js";
import { compareTimes } from "../api/machinery/time.js";
import type { PodDisruptionBudget } from "../api/schema/types/policy-v1.gen.js";
import type { ClusterView } from "./framework/cluster-snapshot.js";
import type { Refusal } from "./framework/interfaces.js";
import type { NodeInfo } from "./framework/node-info.js";
import type { PodInfo } from "./framework/pod-info.js";
import { withPodsOn } from "./framework/what-if.js";

/** A node on which a pod would fit if these went. */
export interface Candidate {
  readonly nodeName: string;
  /** The most important first. */
  readonly victims: readonly PodInfo[];
  /** How many of them a PodDisruptionBudget would keep. */
  readonly violations: number;
}

/** Why a pod may not run on a node; null: it may. Asked of a cluster that is only imagined. */
export type Fits = (view: ClusterView, node: NodeInfo) => Refusal | null;

/**
 * Whom to put off a node for the pod: of the less important ones as few as will do, those that a
 * budget protects last, and of the rest the least important first. A refusal: nobody's leaving
 * helps; null: there is nobody less important. Rules: kube-scheduler's SelectVictimsOnNode.
 */
export function selectVictims(
  pod: PodInfo,
  node: NodeInfo,
  { view, fits }: { readonly view: ClusterView; readonly fits: Fits },
): Candidate | Refusal | null {
  const lower = [...node.pods.values()].filter((other) => other.priority < pod.priority);
  if (lower.length === 0) return null;
  const staying = new Map(node.pods);
  for (const { uid } of lower) staying.delete(uid);
  const ask = (): Refusal | null => {
    const imagined = withPodsOn(view, node, staying.values());
    return fits(imagined.view, imagined.node);
  };
  const refusal = ask();
  if (refusal !== null) return refusal;
  lower.sort(moreImportantFirst);
  const { violating, others } = splitByBudgets(lower, view.budgets());
  const reprieve = (candidates: readonly PodInfo[]): readonly PodInfo[] =>
    candidates.filter((candidate) => {
      staying.set(candidate.uid, candidate);
      if (ask() === null) return false;
      staying.delete(candidate.uid);
      return true;
    });
  const violated = reprieve(violating);
  const victims = [...violated, ...reprieve(others)].sort(moreImportantFirst);
  return { nodeName: node.name, victims, violations: violated.length };
}

/**
 * The node where it costs least: the fewest broken budgets, then the least important of the most
 * important victims, the smallest sum of priorities, the fewest victims, the youngest of the most
 * important ones. Undefined: there is none. Rules: kube-scheduler's pickOneNodeForPreemption.
 */
export function pickCandidate(candidates: readonly Candidate[]): Candidate | undefined {
  let [best, ...others] = candidates;
  for (const other of others) if (best === undefined || isCheaper(other, best)) best = other;
  return best;
}

/** Priorities may be negative: shifted, so that a further victim always adds to the sum. */
const SHIFT = 2 ** 31;

function isCheaper(a: Candidate, b: Candidate): boolean {
  const costs: readonly ((candidate: Candidate) => number)[] = [
    ({ violations }) => violations,
    ({ victims }) => victims[0]?.priority ?? Number.NEGATIVE_INFINITY,
    ({ victims }) => victims.reduce((sum, { priority }) => sum + priority + SHIFT, 0),
    ({ victims }) => victims.length,
  ];
  for (const cost of costs) {
    const difference = cost(a) - cost(b);
    if (difference !== 0) return difference < 0;
  }
  return (compareTimes(earliestStart(a), earliestStart(b)) ?? 0) > 0;
}

/** When the first of the most important victims started. */
function earliestStart({ victims }: Candidate): string {
  const highest = victims[0]?.priority;
  const starts = victims
    .filter(({ priority }) => priority === highest)
    .map(startOf)
    .sort((a, b) => compareTimes(a, b) ?? 0);
  return starts[0] ?? "";
}

/** A pod that has not started counts from when it was made. */
function startOf({ pod }: PodInfo): string {
  return pod.status?.startTime ?? pod.metadata.creationTimestamp;
}

function moreImportantFirst(a: PodInfo, b: PodInfo): number {
  if (a.priority !== b.priority) return b.priority - a.priority;
  return compareTimes(startOf(a), startOf(b)) ?? 0;
}

/** Which of the pods could not go without breaking a budget, if all were to go in this order. */
function splitByBudgets(
  pods: readonly PodInfo[],
  budgets: Iterable<PodDisruptionBudget>,
): { readonly violating: readonly PodInfo[]; readonly others: readonly PodInfo[] } {
  const known = [...budgets].map(({ metadata, spec, status }) => ({
    namespace: metadata.namespace ?? "",
    selector: selectorOrNothing(spec.selector),
    disrupted: status?.disruptedPods ?? {},
    allowed: status?.disruptionsAllowed ?? 0,
  }));
  const violating: PodInfo[] = [];
  const others: PodInfo[] = [];
  for (const info of pods) {
    const { namespace = "", name, labels } = info.pod.metadata;
    let breaks = false;
    for (const budget of known) {
      if (budget.namespace !== namespace || !budget.selector.matches(labels)) continue;
      if (budget.disrupted[name] !== undefined) continue; // It was counted when it was evicted.
      budget.allowed -= 1;
      if (budget.allowed < 0) breaks = true;
    }
    (breaks ? violating : others).push(info);
  }
  return { violating, others };
}
