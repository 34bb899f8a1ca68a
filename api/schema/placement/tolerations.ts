import type { Pod, Taint, Toleration } from "../types/core-v1.gen.js";

/** True when one of the tolerations puts up with the taint. */
export function toleratesTaint(
  tolerations: readonly Toleration[] | undefined,
  taint: Taint,
): boolean {
  return matchingToleration(tolerations, taint) !== null;
}

/** The first of the tolerations that puts up with the taint, or null. */
export function matchingToleration(
  tolerations: readonly Toleration[] | undefined,
  taint: Taint,
): Toleration | null {
  return tolerations?.find((toleration) => tolerates(toleration, taint)) ?? null;
}

/** The first taint that keeps new pods away and that the pod does not put up with, or null. */
export function untoleratedTaint(pod: Pod, taints: readonly Taint[] | undefined): Taint | null {
  if (taints === undefined) return null;
  for (const taint of taints) {
    if (taint.effect !== "NoSchedule" && taint.effect !== "NoExecute") continue;
    if (!toleratesTaint(pod.spec.tolerations, taint)) return taint;
  }
  return null;
}

/** An empty effect means every effect, an empty key with Exists every key. */
function tolerates(toleration: Toleration, taint: Taint): boolean {
  const { effect = "", key = "", operator = "Equal", value = "" } = toleration;
  if (effect !== "" && effect !== taint.effect) return false;
  if (key !== "" && key !== taint.key) return false;
  const taintValue = taint.value ?? "";
  switch (operator) {
    case "":
    case "Equal":
      return key !== "" && value === taintValue;
    case "Exists":
      return true;
    case "Gt":
    case "Lt": // KEP-5471: the taint's value is compared with the toleration's.
      if (!INTEGER.test(value) || !INTEGER.test(taintValue)) return false;
      return operator === "Gt"
        ? BigInt(taintValue) > BigInt(value)
        : BigInt(taintValue) < BigInt(value);
    default:
      return false;
  }
}

const INTEGER = /^[+-]?\d{1,19}$/;
