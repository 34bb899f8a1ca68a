import type { Container, Pod, Service, ServicePort } from "../../api/schema/types/core-v1.gen.js";

/** A port of a service as one pod answers it. */
export interface ResolvedPort {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
  readonly appProtocol?: string;
}

/** True for a service that has no virtual address. */
export function isHeadless({ spec }: Service): boolean {
  return spec.clusterIP === "None";
}

/**
 * The service's ports on this pod, in order; a named target port that the pod does not have is left
 * out.
 */
export function resolvePorts(service: Service, pod: Pod): readonly ResolvedPort[] {
  return (service.spec.ports ?? []).flatMap((servicePort) => {
    const port = targetPort(servicePort, pod);
    if (port === null) return [];
    const { name = "", protocol = "TCP", appProtocol } = servicePort;
    return [{ name, port, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) }];
  });
}

function targetPort(servicePort: ServicePort, pod: Pod): number | null {
  const { targetPort: target, port, protocol = "TCP" } = servicePort;
  if (target === undefined || target === 0 || target === "") return port;
  if (typeof target === "number") return target;
  // Init containers that restart are sidecars: they answer as long as the pod lives.
  const sidecars = (pod.spec.initContainers ?? []).filter((c) => c.restartPolicy === "Always");
  for (const container of [...pod.spec.containers, ...sidecars]) {
    const found = namedPort(container, target, protocol);
    if (found !== null) return found;
  }
  return null;
}

function namedPort({ ports = [] }: Container, name: string, protocol: string): number | null {
  const found = ports.find((port) => port.name === name && (port.protocol ?? "TCP") === protocol);
  return found?.containerPort ?? null;
}

/** The pod's addresses of a family, the first one first. */
export function addressesOf(pod: Pod, family: "IPv4" | "IPv6"): readonly string[] {
  const { podIPs, podIP } = pod.status ?? {};
  const all = podIPs?.map(({ ip }) => ip) ?? (podIP === undefined || podIP === "" ? [] : [podIP]);
  return all.filter((ip) => ip !== "" && ip.includes(":") === (family === "IPv6"));
}

/** The pod's name within the service's domain; undefined when it has none. */
export function hostnameIn(service: Service, pod: Pod): string | undefined {
  const { hostname, subdomain } = pod.spec;
  return hostname !== undefined && hostname !== "" && subdomain === service.metadata.name
    ? hostname
    : undefined;
}
