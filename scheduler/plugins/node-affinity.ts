import type { NodeSelector, Pod } from "../../api/schema/types/core-v1.gen.js";
import type { CycleState } from "../framework/cycle-state.js";
import {
  type ClusterEvent,
  type FilterPlugin,
  type PreFilterPlugin,
  type PreScorePlugin,
  type QueueingHint,
  SKIP,
  type ScorePlugin,
  type Status,
  SUCCESS,
  unresolvable,
} from "../framework/interfaces.js";
import type { NodeInfo } from "../framework/node-info.js";
import type { PodInfo } from "../framework/pod-info.js";
import { fitsNodeAffinity, matchesNodeTerm } from "../../api/schema/placement/node-selection.js";
import { normalizeScores } from "./normalize-scores.js";

const MISMATCH = unresolvable("node(s) didn't match Pod's node affinity/selector");

/**
 * Sends a pod to the nodes it asks for by nodeSelector and node affinity, and prefers those it
 * would like.
 */
export class NodeAffinity implements PreFilterPlugin, FilterPlugin, PreScorePlugin, ScorePlugin {
  readonly name = "NodeAffinity";

  preFilter(_state: CycleState, { pod }: PodInfo): Status {
    return pod.spec.nodeSelector === undefined && requiredOf(pod) === undefined ? SKIP : SUCCESS;
  }

  /**
   * Terms that all name their node make looking at the others a waste: how pods of a DaemonSet find
   * theirs.
   */
  nodeNames({ pod }: PodInfo): ReadonlySet<string> | null {
    const terms = requiredOf(pod)?.nodeSelectorTerms ?? [];
    const names = new Set<string>();
    for (const { matchFields = [] } of terms) {
      const named = matchFields.find((c) => c.key === "metadata.name" && c.operator === "In");
      if (named === undefined) return null;
      for (const name of named.values ?? []) names.add(name);
    }
    return terms.length === 0 ? null : names;
  }

  filter(_state: CycleState, { pod }: PodInfo, { node }: NodeInfo): Status {
    return fitsNodeAffinity(pod.spec, node) ? SUCCESS : MISMATCH;
  }

  preScore(_state: CycleState, { pod }: PodInfo): Status {
    return preferredOf(pod).length === 0 ? SKIP : SUCCESS;
  }

  score(_state: CycleState, { pod }: PodInfo, { node }: NodeInfo): number {
    let sum = 0;
    for (const { weight, preference } of preferredOf(pod))
      if (weight !== 0 && matchesNodeTerm(preference, node)) sum += weight;
    return sum;
  }

  normalize(_state: CycleState, _pod: PodInfo, scores: number[]): void {
    normalizeScores(scores, { reverse: false });
  }

  hint({ pod }: PodInfo, event: ClusterEvent): QueueingHint {
    if (event.type === "PodUpdated") return "Queue";
    if (event.type === "NodeAdded")
      return fitsNodeAffinity(pod.spec, event.node) ? "Queue" : "Skip";
    if (event.type !== "NodeUpdated") return "Skip";
    return fitsNodeAffinity(pod.spec, event.node) && !fitsNodeAffinity(pod.spec, event.old)
      ? "Queue"
      : "Skip";
  }
}

function requiredOf(pod: Pod): NodeSelector | undefined {
  return pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
}

function preferredOf(pod: Pod) {
  return pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? NONE;
}
const NONE: readonly never[] = [];
