import type { Toleration } from "../../api/schema/types/core-v1.gen.js";
import { type CycleState, StateKey } from "../framework/cycle-state.js";
import {
  type ClusterEvent,
  type FilterPlugin,
  type PreScorePlugin,
  type QueueingHint,
  SKIP,
  type ScoreContext,
  type ScorePlugin,
  type Status,
  SUCCESS,
  unresolvable,
} from "../framework/interfaces.js";
import type { NodeInfo } from "../framework/node-info.js";
import type { PodInfo } from "../framework/pod-info.js";
import { normalizeScores } from "./normalize-scores.js";
import { toleratesTaint, untoleratedTaint } from "../../api/schema/placement/tolerations.js";

const UNTOLERATED = unresolvable("node(s) had untolerated taint(s)");

const preferred = new StateKey<readonly Toleration[]>("TaintToleration/preferred");

/**
 * Keeps pods off nodes whose taints they do not tolerate, and prefers nodes that do not mind them.
 */
export class TaintToleration implements FilterPlugin, PreScorePlugin, ScorePlugin {
  readonly name = "TaintToleration";

  filter(_state: CycleState, { pod }: PodInfo, { node }: NodeInfo): Status {
    return untoleratedTaint(pod, node.spec.taints) === null ? SUCCESS : UNTOLERATED;
  }

  preScore(state: CycleState, { pod }: PodInfo, { feasible }: ScoreContext): Status {
    const hinted = feasible.some(
      ({ node }) => node.spec.taints?.some((taint) => taint.effect === "PreferNoSchedule") ?? false,
    );
    if (!hinted) return SKIP; // Every node would get the same score.
    const tolerations = (pod.spec.tolerations ?? []).filter(
      ({ effect = "" }) => effect === "" || effect === "PreferNoSchedule",
    );
    state.write(preferred, tolerations);
    return SUCCESS;
  }

  score(state: CycleState, _pod: PodInfo, { node }: NodeInfo): number {
    const tolerations = state.read(preferred);
    let intolerable = 0;
    for (const taint of node.spec.taints ?? [])
      if (taint.effect === "PreferNoSchedule" && !toleratesTaint(tolerations, taint))
        intolerable += 1;
    return intolerable;
  }

  normalize(_state: CycleState, _pod: PodInfo, scores: number[]): void {
    normalizeScores(scores, { reverse: true });
  }

  hint({ pod }: PodInfo, event: ClusterEvent): QueueingHint {
    if (event.type === "PodUpdated") return "Queue";
    if (event.type !== "NodeAdded" && event.type !== "NodeUpdated") return "Skip";
    return untoleratedTaint(pod, event.node.spec.taints) === null ? "Queue" : "Skip";
  }
}
