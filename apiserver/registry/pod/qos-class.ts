import type { PodSpec, ResourceRequirements } from "../../../api/schema/types/core-v1.gen.js";
import type { Quantity } from "../../../api/schema/wire-types.js";
import { compareAmounts } from "../common/amounts.js";

/** How a pod is treated when its node runs out of memory. */
export type QosClass = "Guaranteed" | "Burstable" | "BestEffort";

const COUNTED: readonly string[] = ["cpu", "memory"];

/**
 * The quality-of-service class: Guaranteed when every container limits both cpu and memory and
 * requests as much, BestEffort when no container says anything about them, else Burstable.
 * Resources stated for the whole pod decide alone when there are any.
 */
export function qosClassOf(spec: PodSpec): QosClass {
  const ofPod = spec.resources;
  const stated = ofPod !== undefined && (hasAny(ofPod.requests) || hasAny(ofPod.limits));
  const all = stated
    ? [ofPod]
    : [...spec.containers, ...(spec.initContainers ?? [])].map(({ resources }) => resources ?? {});
  if (all.every((resources) => !isCounted(resources))) return "BestEffort";
  return all.every(isGuaranteed) ? "Guaranteed" : "Burstable";
}

function hasAny(list: { readonly [name: string]: Quantity } | undefined): boolean {
  return Object.keys(list ?? {}).length > 0;
}

function isCounted(resources: ResourceRequirements): boolean {
  return COUNTED.some(
    (name) => isPositive(resources.requests?.[name]) || isPositive(resources.limits?.[name]),
  );
}

function isGuaranteed(resources: ResourceRequirements): boolean {
  return COUNTED.every((name) => {
    const limit = resources.limits?.[name];
    if (limit === undefined || !isPositive(limit)) return false;
    const request = resources.requests?.[name];
    return request === undefined || compareAmounts(request, limit) === 0;
  });
}

function isPositive(quantity: Quantity | undefined): boolean {
  return quantity !== undefined && compareAmounts(quantity, "0") > 0;
}
