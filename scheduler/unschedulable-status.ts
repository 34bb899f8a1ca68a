import type { Pod, PodCondition } from "../api/schema/types/core-v1.gen.js";
import type { JsonValue } from "../api/schema/wire-types.js";

/**
 * The patch of a pod's status that says why it has no node; null when the status says so already: a
 * pod that is refused again and again for the same reason costs no write.
 */
export function unschedulablePatch(pod: Pod, message: string, nowMs: number): JsonValue | null {
  const known = pod.status?.conditions?.find(({ type }) => type === "PodScheduled");
  if (saysSo(known, message)) return null;
  const turned = known?.status !== "False";
  const condition = {
    type: "PodScheduled",
    status: "False",
    reason: "Unschedulable",
    message,
    observedGeneration: pod.metadata.generation ?? 0,
    lastProbeTime: null,
    lastTransitionTime:
      turned || known?.lastTransitionTime === undefined
        ? `${new Date(nowMs).toISOString().slice(0, 19)}Z`
        : known.lastTransitionTime,
  };
  return { status: { conditions: [condition] } };
}

function saysSo(known: PodCondition | undefined, message: string): boolean {
  return (
    known !== undefined &&
    known.status === "False" &&
    known.reason === "Unschedulable" &&
    known.message === message
  );
}
