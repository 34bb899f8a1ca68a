import type { Pod } from "../types/core-v1.gen.js";

/** A port of the host that a pod wants for itself. */
export interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

const NONE: readonly never[] = [];

/** The ports of the host that the pod wants while it runs. */
export function hostPortsOf(pod: Pod): readonly HostPort[] {
  const containers = [
    ...pod.spec.containers,
    ...(pod.spec.initContainers ?? []).filter((c) => c.restartPolicy === "Always"),
  ];
  const ports = containers
    .flatMap((container) => container.ports ?? NONE)
    .filter((port) => port.hostPort !== undefined && port.hostPort > 0)
    .map((port) => ({
      ip: port.hostIP === undefined || port.hostIP === "" ? "0.0.0.0" : port.hostIP,
      protocol: port.protocol ?? "TCP",
      port: port.hostPort ?? 0,
    }));
  return ports.length === 0 ? NONE : ports;
}

/** True when one of the ports that are wanted is taken. */
export function portsClash(wanted: readonly HostPort[], used: readonly HostPort[]): boolean {
  return wanted.some((want) => used.some((taken) => conflicts(want, taken)));
}

/** The wildcard address clashes with every address, as it does when a process binds the port. */
function conflicts(a: HostPort, b: HostPort): boolean {
  if (a.port !== b.port || a.protocol !== b.protocol) return false;
  return a.ip === b.ip || a.ip === "0.0.0.0" || b.ip === "0.0.0.0";
}
