import type { Pod, PodSpec } from "../../api/schema/types/core-v1.gen.js";
import type { JsonValue } from "../../api/schema/wire-types.js";
import { equalJson } from "./status-patch.js";

/** A write of our own status is no reason to look at the pod. */
export function needsStep(before: Pod, after: Pod): boolean {
  return (
    before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp ||
    !equalJson(jsonOf(before.spec), jsonOf(after.spec)) ||
    !equalJson(gatesOf(before), gatesOf(after))
  );
}

/** Readiness gates are conditions that others write. */
function gatesOf(pod: Pod): JsonValue {
  const gates = new Set((pod.spec.readinessGates ?? []).map(({ conditionType }) => conditionType));
  const conditions = pod.status?.conditions ?? [];
  return conditions.filter(({ type }) => gates.has(type)).map(({ type, status }) => [type, status]);
}

/** Labels and annotations may stand in files of the pod (downward API). */
export function sameMetadata(before: Pod, after: Pod): boolean {
  const { metadata: a } = before;
  const { metadata: b } = after;
  return (
    equalJson(a.labels ?? {}, b.labels ?? {}) && equalJson(a.annotations ?? {}, b.annotations ?? {})
  );
}

function jsonOf(spec: PodSpec): JsonValue {
  return spec as unknown as JsonValue;
}
