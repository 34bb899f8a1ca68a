import type { Pod, Service } from "../../api/schema/types/core-v1.gen.js";

/**
 * The Services that a pod is told of: those of its namespace unless it does not want them, and the
 * API's own always. A Service of the pod's namespace wins over one of the same name.
 */
export function servicesForPod(pod: Pod, services: Iterable<Service>): readonly Service[] {
  const found = new Map<string, Service>();
  const links = pod.spec.enableServiceLinks !== false;
  for (const service of services) {
    const { namespace, name } = service.metadata;
    const own = links && namespace === pod.metadata.namespace;
    const master = namespace === "default" && name === "kubernetes";
    if (own || (master && !found.has(name))) found.set(name, service);
  }
  return [...found.values()];
}

/**
 * The variables that tell a container of the Services that existed when it started (docker links'
 * form).
 */
export function serviceEnvironment(services: readonly Service[]): Map<string, string> {
  const env = new Map<string, string>();
  for (const service of services) {
    const address = service.spec.clusterIP ?? "";
    const ports = service.spec.ports ?? [];
    const [first] = ports;
    if (address === "" || address === "None" || first === undefined) continue;
    const prefix = variableName(service.metadata.name);
    env.set(`${prefix}_SERVICE_HOST`, address);
    env.set(`${prefix}_SERVICE_PORT`, `${first.port}`);
    for (const port of ports) {
      if (port.name) env.set(`${prefix}_SERVICE_PORT_${variableName(port.name)}`, `${port.port}`);
    }
    for (const [index, port] of ports.entries()) {
      const protocol = port.protocol ?? "TCP";
      const url = `${protocol.toLowerCase()}://${address}:${port.port}`;
      if (index === 0) env.set(`${prefix}_PORT`, url);
      const name = `${prefix}_PORT_${port.port}_${protocol}`;
      env.set(name, url);
      env.set(`${name}_PROTO`, protocol.toLowerCase());
      env.set(`${name}_PORT`, `${port.port}`);
      env.set(`${name}_ADDR`, address);
    }
  }
  return env;
}

function variableName(name: string): string {
  return name.toUpperCase().replaceAll("-", "_");
}
