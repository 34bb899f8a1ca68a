import { parseQuantity } from "../../api/machinery/quantity.js";
import type { Container, PodSpec } from "../../api/schema/types/core-v1.gen.js";

/** How a pod is treated when its node runs short. */
export type QosClass = "Guaranteed" | "Burstable" | "BestEffort";

const COUNTED = ["cpu", "memory"] as const;

/**
 * Guaranteed: every container has limits for cpu and memory, and requests equal to them.
 * BestEffort: none has any.
 */
export function qosClassOf(spec: PodSpec): QosClass {
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  if (containers.every(hasNone)) return "BestEffort";
  return containers.every(isGuaranteed) ? "Guaranteed" : "Burstable";
}

function hasNone({ resources }: Container): boolean {
  return COUNTED.every(
    (name) => isZero(resources?.limits?.[name]) && isZero(resources?.requests?.[name]),
  );
}

function isGuaranteed({ resources }: Container): boolean {
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
