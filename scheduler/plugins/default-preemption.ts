import { histogram } from "../diagnosis.js";
import type { CycleState } from "../framework/cycle-state.js";
import {
  type PostFilterContext,
  type PostFilterPlugin,
  type PostFilterResult,
  type Refusal,
  unresolvable,
} from "../framework/interfaces.js";
import type { PodInfo } from "../framework/pod-info.js";
import { type Candidate, pickCandidate, selectVictims } from "../preemption.js";

const NOT_HELPFUL = unresolvable("Preemption is not helpful for scheduling");
const NO_VICTIMS = unresolvable("No preemption victims found for incoming pod");
/** kube-scheduler's minCandidateNodesAbsolute and minCandidateNodesPercentage. */
const CANDIDATES_MIN = 100;
const CANDIDATES_PERCENT = 10;

/**
 * Looks for a node on which a pod would fit if less important ones went, and says which, or why
 * there is none, in kube-scheduler's words. It evicts nobody itself.
 */
export class DefaultPreemption implements PostFilterPlugin {
  readonly name = "DefaultPreemption";

  postFilter(_state: CycleState, pod: PodInfo, context: PostFilterContext): PostFilterResult {
    const why = whyNotEligible(pod, context);
    if (why !== null) return { text: `preemption: not eligible due to ${why}`, preemption: null };
    const { view, refusals } = context;
    const outlook: Refusal[] = [];
    const candidates: Candidate[] = [];
    const enough = Math.max(CANDIDATES_MIN, (view.nodes.length * CANDIDATES_PERCENT) / 100);
    for (const [name, refusal] of refusals) {
      const node = view.node(name);
      if (refusal.code === "UnschedulableAndUnresolvable" || node === undefined) {
        outlook.push(NOT_HELPFUL);
        continue;
      }
      if (candidates.length >= enough) break;
      const found = selectVictims(pod, node, context);
      if (found === null) outlook.push(NO_VICTIMS);
      else if ("victims" in found) candidates.push(found);
      else outlook.push(found);
    }
    const preemption = pickCandidate(candidates) ?? null;
    if (preemption !== null) return { text: "", preemption };
    const text = `0/${view.nodes.length} nodes are available: ${histogram(outlook)}.`;
    return { text: `preemption: ${text}`, preemption: null };
  }
}

/** Why others must not be put out for the pod, now or ever; null: they may. */
function whyNotEligible(
  { pod, uid, priority }: PodInfo,
  { view, refusals }: PostFilterContext,
): string | null {
  if (pod.spec.preemptionPolicy === "Never") return "preemptionPolicy=Never.";
  const nominated = view.nominationOf(uid);
  // Where nobody's leaving helps any more it may try another node.
  if (nominated === undefined || refusals.get(nominated)?.code === "UnschedulableAndUnresolvable")
    return null;
  for (const other of view.node(nominated)?.pods.values() ?? [])
    if (other.priority < priority && isPreempted(other))
      return "a terminating pod on the nominated node.";
  return null;
}

function isPreempted({ pod }: PodInfo): boolean {
  if (pod.metadata.deletionTimestamp === undefined) return false;
  const conditions = pod.status?.conditions ?? [];
  return conditions.some(
    ({ type, status, reason }) =>
      type === "DisruptionTarget" && status === "True" && reason === "PreemptionByScheduler",
  );
}
