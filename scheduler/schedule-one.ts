import type { Random } from "../base/random.js";
import { present } from "../base/assert.js";
import type { Diagnosis } from "./diagnosis.js";
import type { ClusterView } from "./framework/cluster-snapshot.js";
import { CycleState } from "./framework/cycle-state.js";
import {
  type Framework,
  type PluginRefusal,
  type PreFilterResult,
  runFilters,
} from "./framework/framework.js";
import { type FilterPlugin, type Refusal, unresolvable } from "./framework/interfaces.js";
import type { NodeInfo } from "./framework/node-info.js";
import type { Candidate } from "./preemption.js";
import { withPodsOn } from "./framework/what-if.js";
import type { PodInfo } from "./framework/pod-info.js";

/** The outcome of one scheduling cycle. */
export type ScheduleResult =
  | {
      readonly type: "scheduled";
      readonly nodeName: string;
      readonly state: CycleState;
      readonly feasibleNodes: number;
    }
  | {
      readonly type: "unschedulable";
      readonly diagnosis: Diagnosis;
      /** Who could be put out so that the pod has room; null: nobody. */
      readonly preemption: Candidate | null;
    };

/** Below so many nodes all are looked at. */
const FEASIBLE_MIN = 100;
const PERCENT_MIN = 5;

/**
 * How many feasible nodes are enough: of a hundred nodes all, of five thousand a tenth. A good node
 * among many is found in a sample, and the time for a decision stops growing with the cluster.
 */
export function feasibleNodesWanted(nodeCount: number): number {
  if (nodeCount < FEASIBLE_MIN) return nodeCount;
  const percent = Math.max(PERCENT_MIN, 50 - Math.floor(nodeCount / 125));
  return Math.max(FEASIBLE_MIN, Math.floor((nodeCount * percent) / 100));
}

/**
 * Decides where one pod goes: the scheduling cycle up to, and without, assume. Pure but for the
 * random choice among equals and the place where the next search begins, so that in turn every node
 * is looked at.
 */
export class PodPlacer {
  private readonly framework: Framework;
  private readonly random: Random;
  private nextStart = 0;

  constructor(framework: Framework, random: Random) {
    this.framework = framework;
    this.random = random;
  }

  place(pod: PodInfo, view: ClusterView): ScheduleResult {
    const state = new CycleState();
    const preFilter = this.framework.runPreFilter(state, pod, view);
    if (preFilter.type === "refused") return refusedByPreFilter(preFilter, view);
    const reserved = this.reservedNode(state, pod, { view, preFilter });
    const { feasible, refusals, refusedBy } =
      reserved ?? this.findFeasible(state, pod, { view, preFilter });
    if (feasible.length === 0) {
      const { text, preemption } = this.framework.runPostFilter(state, pod, { view, refusals });
      const nodeCount = view.nodes.length;
      const diagnosis = { nodeCount, preFilterText: "", refusals, refusedBy, postFilterText: text };
      return { type: "unschedulable", diagnosis, preemption };
    }
    const node = this.choose(state, pod, { view, feasible });
    return { type: "scheduled", nodeName: node.name, state, feasibleNodes: feasible.length };
  }

  /** The node on which room was made for the pod, if it will do by now; null otherwise. */
  private reservedNode(
    state: CycleState,
    pod: PodInfo,
    { view, preFilter }: { view: ClusterView; preFilter: Extract<PreFilterResult, { type: "go" }> },
  ): Found | null {
    const name = view.nominationOf(pod.uid);
    const node = name === undefined ? undefined : view.node(name);
    if (node === undefined) return null;
    if (preFilter.nodeNames !== null && !preFilter.nodeNames.has(node.name)) return null;
    const refusal = this.refusalOn(preFilter.filters, { state, pod, view })(node);
    return refusal === null
      ? { feasible: [node], refusals: new Map(), refusedBy: new Set() }
      : null;
  }

  /**
   * Asks the filters of nodes as they are, and where room is being made for others that are as
   * important, also as they will be once those are there.
   */
  private refusalOn(
    filters: readonly FilterPlugin[],
    { state, pod, view }: { state: CycleState; pod: PodInfo; view: ClusterView },
  ): (node: NodeInfo) => PluginRefusal | null {
    return (node) => {
      const refusal = runFilters(filters, { state, pod, node });
      if (refusal !== null) return refusal;
      const awaited = view
        .nominatedOn(node.name)
        .filter(({ uid, priority }) => uid !== pod.uid && priority >= pod.priority);
      if (awaited.length === 0) return null;
      const later = withPodsOn(view, node, [...node.pods.values(), ...awaited]);
      return this.framework.refusalAt(pod, later.view, later.node);
    };
  }

  private findFeasible(
    state: CycleState,
    pod: PodInfo,
    { view, preFilter }: { view: ClusterView; preFilter: Extract<PreFilterResult, { type: "go" }> },
  ): Found {
    const { filters, nodeNames, narrowedBy } = preFilter;
    const { nodes } = view;
    const refusalOn = this.refusalOn(filters, { state, pod, view });
    const refusals = new Map<string, Refusal>();
    const refusedBy = new Set<string>();
    if (nodeNames !== null) {
      const named = [...nodeNames].flatMap((name) => view.node(name) ?? []);
      const found = sift(named, refusalOn, { wanted: named.length, start: 0 });
      for (const name of narrowedBy) if (named.length < nodes.length) refusedBy.add(name);
      const elsewhere = unresolvable(`node(s) didn't satisfy plugin(s) [${narrowedBy.join(" ")}]`);
      if (found.feasible.length === 0)
        for (const { name } of nodes) if (!nodeNames.has(name)) refusals.set(name, elsewhere);
      return merge(found, refusals, refusedBy);
    }
    const wanted = feasibleNodesWanted(nodes.length);
    const start = nodes.length === 0 ? 0 : this.nextStart % nodes.length;
    const found = sift(nodes, refusalOn, { wanted, start });
    this.nextStart = start + found.examined;
    return merge(found, refusals, refusedBy);
  }

  /** The best score wins; among equals each has the same chance. */
  private choose(
    state: CycleState,
    pod: PodInfo,
    { view, feasible }: { view: ClusterView; feasible: readonly NodeInfo[] },
  ): NodeInfo {
    const [only] = feasible;
    if (feasible.length === 1) return present(only, "feasible node");
    const totals = this.framework.runScore(state, pod, { view, feasible });
    let best = 0;
    let equals = 1;
    for (let i = 1; i < totals.length; i += 1) {
      const difference = (totals[i] ?? 0) - (totals[best] ?? 0);
      if (difference > 0) {
        best = i;
        equals = 1;
      } else if (difference === 0) {
        equals += 1;
        if (this.random.below(equals) === 0) best = i;
      }
    }
    return present(feasible[best], "best node");
  }
}

interface Found {
  readonly feasible: readonly NodeInfo[];
  readonly refusals: Map<string, Refusal>;
  readonly refusedBy: Set<string>;
}

interface Sifted {
  readonly feasible: NodeInfo[];
  readonly refused: readonly { node: string; plugin: string; status: Refusal }[];
  readonly examined: number;
}

/** Runs the filters over the nodes from `start` on, round and round, until enough will do. */
function sift(
  nodes: readonly NodeInfo[],
  refusalOn: (node: NodeInfo) => PluginRefusal | null,
  { wanted, start }: { readonly wanted: number; readonly start: number },
): Sifted {
  const feasible: NodeInfo[] = [];
  const refused: { node: string; plugin: string; status: Refusal }[] = [];
  let examined = 0;
  while (examined < nodes.length && feasible.length < wanted) {
    const node = nodes[(start + examined) % nodes.length] as NodeInfo;
    examined += 1;
    const refusal = refusalOn(node);
    if (refusal === null) feasible.push(node);
    else refused.push({ node: node.name, plugin: refusal.plugin, status: refusal.status });
  }
  return { feasible, refused, examined };
}

function merge(
  { feasible, refused }: Sifted,
  refusals: Map<string, Refusal>,
  refusedBy: Set<string>,
): Found {
  if (feasible.length === 0)
    for (const { node, plugin, status } of refused) {
      refusals.set(node, status);
      refusedBy.add(plugin);
    }
  return { feasible, refusals, refusedBy };
}

function refusedByPreFilter(
  { refusal }: Extract<PreFilterResult, { type: "refused" }>,
  view: ClusterView,
): ScheduleResult {
  const diagnosis: Diagnosis = {
    nodeCount: view.nodes.length,
    preFilterText: refusal.status.reasons.join(", "),
    refusals: new Map(),
    refusedBy: new Set([refusal.plugin]),
    postFilterText: "",
  };
  return { type: "unschedulable", diagnosis, preemption: null };
}
