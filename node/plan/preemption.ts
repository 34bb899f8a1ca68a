import type { Node, Pod } from "../../api/schema/types/core-v1.gen.js";
import { planAdmission } from "./admission.js";
import { isCriticalPod } from "./pod-role.js";
import { qosClassOf } from "./qos.js";

/** The reason in the status of a pod that made way. */
export const PREEMPTING = "Preempting";

const CLASSES = ["BestEffort", "Burstable", "Guaranteed"] as const;

/**
 * The pods that have to make way so that the node can take a critical pod which it would refuse;
 * empty: none would help, or the pod is not critical. `candidates` are those of `others` that can
 * be ended. The lesser classes of service go first, and no more than it takes.
 */
export function planPreemption(
  pod: Pod,
  node: Node,
  { others, candidates }: { readonly others: readonly Pod[]; readonly candidates: readonly Pod[] },
): readonly Pod[] {
  if (!isCriticalPod(pod)) return [];
  const fitsWithout = (gone: ReadonlySet<Pod>): boolean =>
    planAdmission(
      pod,
      node,
      others.filter((other) => !gone.has(other)),
    ) === null;
  const gone = new Set<Pod>();
  for (const victim of candidates.filter((it) => yieldsTo(it, pod)).sort(leastFirst)) {
    if (fitsWithout(gone)) break;
    gone.add(victim);
  }
  if (!fitsWithout(gone)) return [];
  for (const victim of [...gone].reverse()) {
    const fewer = new Set(gone);
    fewer.delete(victim);
    if (fitsWithout(fewer)) gone.delete(victim);
  }
  return [...gone];
}

function yieldsTo(victim: Pod, pod: Pod): boolean {
  if (!isCriticalPod(victim)) return true;
  const [own, other] = [pod.spec.priority, victim.spec.priority];
  return own !== undefined && other !== undefined && own > other;
}

function leastFirst(a: Pod, b: Pod): number {
  const rank = ({ spec }: Pod): number => CLASSES.indexOf(qosClassOf(spec));
  return rank(a) - rank(b) || (a.spec.priority ?? 0) - (b.spec.priority ?? 0);
}
