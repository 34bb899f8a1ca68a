import type { ServiceSpec } from "../../../api/schema/types/core-v1.gen.js";

/** True when clients outside the cluster can reach the service. */
export function isExternallyAccessible({ type, externalIPs = [] }: ServiceSpec): boolean {
  if (type === "LoadBalancer" || type === "NodePort") return true;
  return type === "ClusterIP" && externalIPs.length > 0;
}

/** True when load balancers must be able to ask a node whether it has endpoints of its own. */
export function needsHealthCheck({ type, externalTrafficPolicy }: ServiceSpec): boolean {
  return type === "LoadBalancer" && externalTrafficPolicy === "Local";
}

/** True for a service without a virtual IP of its own. */
export function isHeadless({ clusterIP, clusterIPs = [] }: ServiceSpec): boolean {
  return clusterIPs.length > 0 ? clusterIPs[0] === "None" : clusterIP === "None";
}

/** True for the types whose services live behind a virtual IP, unless they are headless. */
export function hasClusterIp({ type }: ServiceSpec): boolean {
  return type === "ClusterIP" || type === "NodePort" || type === "LoadBalancer";
}
