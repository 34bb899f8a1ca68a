import type { Pod } from "../../api/schema/types/core-v1.gen.js";

/** Where the agent has a pod from: "file", or "api" when it is not said. */
export const CONFIG_SOURCE = "kubernetes.io/config.source";

/** Priorities from here on are the system's own (`system-cluster-critical` and above). */
const SYSTEM_CRITICAL_PRIORITY = 2_000_000_000;

/** True when the agent has the pod from elsewhere than the API server. */
export function isStaticPod({ metadata }: Pod): boolean {
  return (metadata.annotations?.[CONFIG_SOURCE] ?? "api") !== "api";
}

/** True when the node would rather do without any other pod than without this one. */
export function isCriticalPod(pod: Pod): boolean {
  return isStaticPod(pod) || (pod.spec.priority ?? 0) >= SYSTEM_CRITICAL_PRIORITY;
}
