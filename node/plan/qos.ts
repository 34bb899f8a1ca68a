import { parseQuantity } from "../../api/machinery/quantity.js";
import type { PodSpec, ResourceRequirements } from "../../api/schema/types/core-v1.gen.js";

/** How a pod is treated when its node runs short. */
export type QosClass = "Guaranteed" | "Burstable" | "BestEffort";

const COUNTED = ["cpu", "memory"] as const;

interface Owner {
  readonly resources?: ResourceRequirements | undefined;
}

/**
 * Guaranteed: every container has limits for cpu and memory, and requests equal to them.
 * BestEffort: none has any. What is said of the whole pod (KEP-2837) decides alone.
 */
export function qosClassOf(spec: PodSpec): QosClass {
  const owners: readonly Owner[] =
    podResources(spec) === null
      ? [...(spec.initContainers ?? []), ...spec.containers]
      : [{ resources: spec.resources }];
  if (owners.every(hasNone)) return "BestEffort";
  return owners.every(isGuaranteed) ? "Guaranteed" : "Burstable";
}

/** What the containers of the pod share (KEP-2837); null: each has only its own. */
export function podResources({ resources }: PodSpec): ResourceRequirements | null {
  const { limits = {}, requests = {} } = resources ?? {};
  const stated = Object.keys(limits).length + Object.keys(requests).length > 0;
  return stated ? { limits, requests } : null;
}

function hasNone({ resources }: Owner): boolean {
  return COUNTED.every(
    (name) => isZero(resources?.limits?.[name]) && isZero(resources?.requests?.[name]),
  );
}

function isGuaranteed({ resources }: Owner): boolean {
  return COUNTED.every((name) => {
    const limit = resources?.limits?.[name];
    const request = resources?.requests?.[name] ?? limit;
    return !isZero(limit) && nanosOf(limit) === nanosOf(request);
  });
}

function isZero(quantity: string | undefined): boolean {
  return nanosOf(quantity) === 0n;
}

function nanosOf(quantity: string | undefined): bigint {
  return quantity === undefined ? 0n : (parseQuantity(quantity)?.nanos ?? 0n);
}
