import type { UdpFlows } from "./service-rules.js";

/**
 * Flows that conntrack must forget. UDP has no end of a connection: while a client keeps sending,
 * the kernel keeps sending to the backend it once chose, also when that is gone.
 */
export interface StaleUdp {
  /** Arguments for `conntrack`. */
  readonly args: readonly string[];
}

/**
 * The flows that a change of a Service's UDP ports makes stale: to backends that left, and those
 * made when there was none.
 */
export function staleUdpFlows(
  before: readonly UdpFlows[],
  after: readonly UdpFlows[],
): readonly StaleUdp[] {
  const afterByPort = new Map(after.map((flows) => [flows.port, flows]));
  const beforeByPort = new Map(before.map((flows) => [flows.port, flows]));
  const stale: StaleUdp[] = [];
  for (const old of before) {
    const kept = new Set(afterByPort.get(old.port)?.backends);
    for (const backend of old.backends) {
      if (!kept.has(backend)) stale.push(...destinationsOf(old, ["--dst-nat", backend]));
    }
  }
  for (const flows of after) {
    const hadNone = (beforeByPort.get(flows.port)?.backends.length ?? 0) === 0;
    if (hadNone && flows.backends.length > 0) stale.push(...destinationsOf(flows, []));
  }
  return stale;
}

function destinationsOf(flows: UdpFlows, filter: readonly string[]): readonly StaleUdp[] {
  const port = ["--dport", String(flows.port)];
  const all = flows.addresses.map((address) => ["--orig-dst", address, ...port]);
  if (flows.nodePort !== null && flows.nodePort !== 0)
    all.push(["--dport", String(flows.nodePort)]);
  return all.map((destination) => ({ args: ["-D", "-p", "udp", ...destination, ...filter] }));
}
