import type { Node, Pod, TopologySpreadConstraint } from "../../api/schema/types/core-v1.gen.js";
import { type Selector, selectorOrNothing } from "../../api/machinery/selectors.js";
import type { ClusterView } from "../framework/cluster-snapshot.js";
import { type CycleState, StateKey } from "../framework/cycle-state.js";
import {
  type ClusterEvent,
  type FilterPlugin,
  MAX_NODE_SCORE,
  type PreFilterPlugin,
  type PreScorePlugin,
  type QueueingHint,
  SKIP,
  type ScoreContext,
  type ScorePlugin,
  type Status,
  SUCCESS,
  unresolvable,
  unschedulable,
} from "../framework/interfaces.js";
import type { NodeInfo } from "../framework/node-info.js";
import { type PodInfo, selectorWithKeys } from "../framework/pod-info.js";
import { fitsNodeAffinity } from "../../api/schema/placement/node-selection.js";
import { untoleratedTaint } from "../../api/schema/placement/tolerations.js";

const UNEVEN = unschedulable("node(s) didn't match pod topology spread constraints");
const NO_LABEL = unresolvable(
  "node(s) didn't match pod topology spread constraints (missing required label)",
);

interface Constraint {
  readonly key: string;
  readonly maxSkew: number;
  readonly minDomains: number;
  readonly selector: Selector;
  readonly honorsAffinity: boolean;
  readonly honorsTaints: boolean;
  /** The pod itself counts where it goes. */
  readonly selfMatch: boolean;
}
/** How many matching pods each domain of a constraint has; domains without any are in it with 0. */
interface Spread {
  readonly constraint: Constraint;
  readonly counts: ReadonlyMap<string, number>;
  readonly lowest: number;
}
interface SoftSpread extends Spread {
  /** Domains count less the more there are of them. */
  readonly weight: number;
}

const hard = new StateKey<readonly Spread[]>("PodTopologySpread/hard");
const soft = new StateKey<readonly SoftSpread[]>("PodTopologySpread/soft");

/** Spreads a pod's like over zones, nodes or whatever its constraints name. */
export class PodTopologySpread
  implements PreFilterPlugin, FilterPlugin, PreScorePlugin, ScorePlugin
{
  readonly name = "PodTopologySpread";

  preFilter(state: CycleState, { pod }: PodInfo, view: ClusterView): Status {
    const constraints = constraintsOf(pod, "DoNotSchedule");
    if (constraints.length === 0) return SKIP;
    const keys = constraints.map(({ key }) => key);
    state.write(
      hard,
      constraints.map((constraint) => spreadOf(constraint, { pod, nodes: view.nodes, keys })),
    );
    return SUCCESS;
  }

  filter(state: CycleState, _pod: PodInfo, { node }: NodeInfo): Status {
    for (const { constraint, counts, lowest } of state.read(hard)) {
      const domain = node.metadata.labels?.[constraint.key];
      if (domain === undefined) return NO_LABEL;
      const here = (counts.get(domain) ?? 0) + (constraint.selfMatch ? 1 : 0);
      if (here - lowest > constraint.maxSkew) return UNEVEN;
    }
    return SUCCESS;
  }

  preScore(state: CycleState, { pod }: PodInfo, { view, feasible }: ScoreContext): Status {
    const constraints = constraintsOf(pod, "ScheduleAnyway");
    if (constraints.length === 0) return SKIP;
    const spreads = constraints.map((constraint): SoftSpread => {
      const spread = spreadOf(constraint, { pod, nodes: view.nodes, keys: [] });
      const domains = new Set(feasible.map(({ node }) => node.metadata.labels?.[constraint.key]));
      return { ...spread, weight: Math.log(domains.size + 2) };
    });
    state.write(soft, spreads);
    return SUCCESS;
  }

  /**
   * The number of like pods around the node, weighed; fewer is better, and a node without the label
   * is the worst.
   */
  score(state: CycleState, _pod: PodInfo, { node }: NodeInfo): number {
    let sum = 0;
    for (const { constraint, counts, weight } of state.read(soft)) {
      const domain = node.metadata.labels?.[constraint.key];
      if (domain === undefined) return NO_DOMAIN;
      sum += (counts.get(domain) ?? 0) * weight + (constraint.maxSkew - 1);
    }
    return Math.round(sum);
  }

  normalize(_state: CycleState, _pod: PodInfo, scores: number[]): void {
    const counted = scores.filter((score) => score !== NO_DOMAIN);
    const highest = Math.max(0, ...counted);
    const lowest = Math.min(highest, ...counted);
    for (const [i, score] of scores.entries()) {
      if (score === NO_DOMAIN) scores[i] = 0;
      else if (highest === 0) scores[i] = MAX_NODE_SCORE;
      else scores[i] = Math.floor((MAX_NODE_SCORE * (highest + lowest - score)) / highest);
    }
  }

  hint({ pod }: PodInfo, event: ClusterEvent): QueueingHint {
    if (event.type === "NodeAdded" || event.type === "NodeUpdated" || event.type === "PodUpdated")
      return "Queue";
    if (event.type === "ClaimChanged" || event.type === "VolumeChanged") return "Skip";
    const { namespace, labels } = event.pod.metadata;
    const like =
      namespace === pod.metadata.namespace &&
      constraintsOf(pod, "DoNotSchedule").some(({ selector }) => selector.matches(labels));
    return like || event.type === "AssignedPodUpdated" ? "Queue" : "Skip";
  }
}

const NO_DOMAIN = -1;

function constraintsOf(
  pod: Pod,
  action: "DoNotSchedule" | "ScheduleAnyway",
): readonly Constraint[] {
  const all = pod.spec.topologySpreadConstraints ?? [];
  return all
    .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === action)
    .map((constraint: TopologySpreadConstraint) => {
      const selector = selectorOrNothing(selectorWithKeys(pod, constraint));
      return {
        key: constraint.topologyKey,
        maxSkew: constraint.maxSkew,
        minDomains: constraint.minDomains ?? 1,
        selector,
        honorsAffinity: (constraint.nodeAffinityPolicy ?? "Honor") === "Honor",
        honorsTaints: constraint.nodeTaintsPolicy === "Honor",
        selfMatch: selector.matches(pod.metadata.labels),
      };
    });
}

/**
 * Counts over all nodes that take part: those with every key of the pod's constraints, and that the
 * policies admit.
 */
function spreadOf(
  constraint: Constraint,
  { pod, nodes, keys }: { pod: Pod; nodes: readonly NodeInfo[]; keys: readonly string[] },
): Spread {
  const counts = new Map<string, number>();
  for (const info of nodes) {
    const labels = info.node.metadata.labels ?? {};
    const domain = labels[constraint.key];
    if (domain === undefined || keys.some((key) => labels[key] === undefined)) continue;
    if (!takesPart(constraint, pod, info.node)) continue;
    counts.set(domain, (counts.get(domain) ?? 0) + countMatching(constraint, pod, info));
  }
  const enoughDomains = counts.size >= constraint.minDomains;
  const lowest = enoughDomains && counts.size > 0 ? lowestOf(counts.values()) : 0;
  return { constraint, counts, lowest };
}

function takesPart(constraint: Constraint, pod: Pod, node: Node): boolean {
  if (constraint.honorsAffinity && !fitsNodeAffinity(pod.spec, node)) return false;
  return !constraint.honorsTaints || untoleratedTaint(pod, node.spec.taints) === null;
}

/** A pod that is going no longer counts. */
function countMatching({ selector }: Constraint, pod: Pod, info: NodeInfo): number {
  let count = 0;
  for (const { pod: other } of info.pods.values()) {
    const { namespace, labels, deletionTimestamp } = other.metadata;
    if (namespace === pod.metadata.namespace && deletionTimestamp === undefined)
      if (selector.matches(labels)) count += 1;
  }
  return count;
}

function lowestOf(values: Iterable<number>): number {
  let lowest = Number.POSITIVE_INFINITY;
  for (const value of values) lowest = Math.min(lowest, value);
  return lowest;
}
