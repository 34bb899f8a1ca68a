import { formatTime } from "../../api/machinery/time.js";
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
} from "../../api/schema/types/apiextensions-v1.gen.js";

/** Holds a definition until its objects are gone. */
export const FINALIZER = "customresourcecleanup.apiextensions.k8s.io";

/** True while there is something to do for this loop. */
export function isEnding({ metadata }: CustomResourceDefinition): boolean {
  return (
    metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).includes(FINALIZER)
  );
}

/** The conditions of a definition whose objects are being deleted; null when they say so already. */
export function terminatingConditions(
  definition: CustomResourceDefinition,
  nowMs: number,
): readonly CustomResourceDefinitionCondition[] | null {
  const conditions = definition.status?.conditions ?? [];
  if (conditions.some(({ type, status }) => type === "Terminating" && status === "True")) {
    return null;
  }
  const terminating: CustomResourceDefinitionCondition = {
    type: "Terminating",
    status: "True",
    reason: "InstanceDeletionInProgress",
    message: "CustomResource deletion is in progress",
    lastTransitionTime: formatTime(nowMs),
  };
  return [...conditions.filter(({ type }) => type !== "Terminating"), terminating];
}
