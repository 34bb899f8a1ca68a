import type { Pod } from "../../api/schema/types/core-v1.gen.js";
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
import { type AffinityTerm, type PodInfo, termMatches } from "../framework/pod-info.js";

const AFFINITY = unresolvable("node(s) didn't match pod affinity rules");
const ANTI_AFFINITY = unschedulable("node(s) didn't match pod anti-affinity rules");
const EXISTING = unschedulable("node(s) didn't satisfy existing pods anti-affinity rules");

/**
 * Counts by topology: how many pods speak for (or against) the domains, keyed by label and value.
 */
class DomainCounts {
  private readonly counts = new Map<string, Map<string, number>>();

  add(key: string, node: NodeInfo, amount: number): void {
    const value = node.node.metadata.labels?.[key];
    if (value === undefined || amount === 0) return;
    const values = this.counts.get(key) ?? new Map<string, number>();
    values.set(value, (values.get(value) ?? 0) + amount);
    this.counts.set(key, values);
  }

  at(key: string, node: NodeInfo): number {
    const value = node.node.metadata.labels?.[key];
    return value === undefined ? 0 : (this.counts.get(key)?.get(value) ?? 0);
  }

  /** The sum over every key for the domains a node is in. */
  sumAt(node: NodeInfo): number {
    let sum = 0;
    for (const key of this.counts.keys()) sum += this.at(key, node);
    return sum;
  }

  get isEmpty(): boolean {
    return this.counts.size === 0;
  }
}

interface Required {
  /** Domains in which somebody stands who wants to be without such a pod. */
  readonly shunned: DomainCounts;
  readonly affinity: DomainCounts;
  readonly antiAffinity: readonly DomainCounts[];
  /**
   * Nobody anywhere meets the affinity, but the pod does itself: it may be the first of its kind.
   */
  readonly mayBeFirst: boolean;
}
const required = new StateKey<Required>("InterPodAffinity/required");
const preferred = new StateKey<DomainCounts>("InterPodAffinity/preferred");

/** A required term of a pod that runs makes its own kind welcome there. */
const HARD_AFFINITY_WEIGHT = 1;

/**
 * Puts pods near others they like and away from those they do not, and respects the same wish of
 * pods that run.
 */
export class InterPodAffinity
  implements PreFilterPlugin, FilterPlugin, PreScorePlugin, ScorePlugin
{
  readonly name = "InterPodAffinity";

  preFilter(state: CycleState, info: PodInfo, view: ClusterView): Status {
    const shunned = new DomainCounts();
    for (const node of view.nodesWithAffinity)
      for (const other of node.podsWithRequiredAntiAffinity.values())
        for (const term of other.requiredAntiAffinity)
          if (termMatches(term, info.pod, (name) => view.namespaceLabels(name)))
            shunned.add(term.topologyKey, node, 1);
    const { requiredAffinity, requiredAntiAffinity } = info;
    const asksNothing = requiredAffinity.length === 0 && requiredAntiAffinity.length === 0;
    if (asksNothing && shunned.isEmpty) return SKIP;
    const affinity = new DomainCounts();
    const antiAffinity = requiredAntiAffinity.map(() => new DomainCounts());
    if (!asksNothing) countRequired(info, view, { affinity, antiAffinity });
    const mayBeFirst =
      affinity.isEmpty &&
      matchesAll(requiredAffinity, info.pod, view) &&
      requiredAffinity.length > 0;
    state.write(required, { shunned, affinity, antiAffinity, mayBeFirst });
    return SUCCESS;
  }

  filter(state: CycleState, info: PodInfo, node: NodeInfo): Status {
    const { shunned, affinity, antiAffinity, mayBeFirst } = state.read(required);
    const labels = node.node.metadata.labels ?? {};
    for (const { topologyKey } of info.requiredAffinity) {
      if (labels[topologyKey] === undefined) return AFFINITY;
      if (affinity.at(topologyKey, node) === 0 && !mayBeFirst) return AFFINITY;
    }
    for (const [i, { topologyKey }] of info.requiredAntiAffinity.entries())
      if ((antiAffinity[i]?.at(topologyKey, node) ?? 0) > 0) return ANTI_AFFINITY;
    return shunned.sumAt(node) > 0 ? EXISTING : SUCCESS;
  }

  preScore(state: CycleState, info: PodInfo, { view }: ScoreContext): Status {
    const asks = info.preferredAffinity.length > 0 || info.preferredAntiAffinity.length > 0;
    if (!asks && view.nodesWithAffinity.size === 0) return SKIP;
    const counts = new DomainCounts();
    for (const node of asks ? view.nodes : view.nodesWithAffinity)
      for (const other of (asks ? node.pods : node.podsWithAffinity).values())
        countPreferred(counts, { info, other, node, view });
    if (counts.isEmpty) return SKIP;
    state.write(preferred, counts);
    return SUCCESS;
  }

  score(state: CycleState, _info: PodInfo, node: NodeInfo): number {
    return state.read(preferred).sumAt(node);
  }

  normalize(_state: CycleState, _info: PodInfo, scores: number[]): void {
    const highest = Math.max(...scores);
    const lowest = Math.min(...scores);
    const span = highest - lowest;
    for (const [i, score] of scores.entries())
      scores[i] = span === 0 ? 0 : Math.floor((MAX_NODE_SCORE * (score - lowest)) / span);
  }

  /** Whoever comes or goes may be liked or disliked; who of them it is, the next try finds out. */
  hint(_info: PodInfo, { type }: ClusterEvent): QueueingHint {
    return type === "ClaimChanged" || type === "VolumeChanged" ? "Skip" : "Queue";
  }
}

/** A pod meets the affinity only if it meets every term at once. */
function countRequired(
  info: PodInfo,
  view: ClusterView,
  { affinity, antiAffinity }: { affinity: DomainCounts; antiAffinity: readonly DomainCounts[] },
): void {
  const { requiredAffinity, requiredAntiAffinity } = info;
  for (const node of view.nodes)
    for (const { pod } of node.pods.values()) {
      if (requiredAffinity.length > 0 && matchesAll(requiredAffinity, pod, view))
        for (const { topologyKey } of requiredAffinity) affinity.add(topologyKey, node, 1);
      for (const [i, term] of requiredAntiAffinity.entries())
        if (termMatches(term, pod, (name) => view.namespaceLabels(name)))
          antiAffinity[i]?.add(term.topologyKey, node, 1);
    }
}

function countPreferred(
  counts: DomainCounts,
  meeting: { info: PodInfo; other: PodInfo; node: NodeInfo; view: ClusterView },
): void {
  const { info, other, node, view } = meeting;
  const labels = (name: string) => view.namespaceLabels(name);
  const weigh = (term: AffinityTerm, pod: Pod, weight: number): void => {
    if (termMatches(term, pod, labels)) counts.add(term.topologyKey, node, weight);
  };
  for (const term of info.preferredAffinity) weigh(term, other.pod, term.weight);
  for (const term of info.preferredAntiAffinity) weigh(term, other.pod, -term.weight);
  for (const term of other.requiredAffinity) weigh(term, info.pod, HARD_AFFINITY_WEIGHT);
  for (const term of other.preferredAffinity) weigh(term, info.pod, term.weight);
  for (const term of other.preferredAntiAffinity) weigh(term, info.pod, -term.weight);
}

function matchesAll(terms: readonly AffinityTerm[], pod: Pod, view: ClusterView): boolean {
  return terms.every((term) => termMatches(term, pod, (name) => view.namespaceLabels(name)));
}
