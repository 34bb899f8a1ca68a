/** What went through a network interface since it was made. */
export interface InterfaceStats {
  readonly name: string;
  readonly receivedBytes: number;
  readonly receivedPackets: number;
  readonly receiveErrors: number;
  readonly receiveDropped: number;
  readonly sentBytes: number;
  readonly sentPackets: number;
  readonly sendErrors: number;
  readonly sendDropped: number;
}

/** The other ends of pods' interfaces, and what has no traffic of its own. */
const PASSED_OVER = /^(lo$|veth|cali|docker|cni|ifb)/;
/** A label's values must be few. */
const INTERFACES_MAX = 16;

/** Reads /proc/net/dev; without the loopback and the ends of pods' interfaces. */
export function parseNetDev(text: string): readonly InterfaceStats[] {
  const found: InterfaceStats[] = [];
  for (const line of text.split("\n")) {
    const [, name = "", rest = ""] = /^\s*([^:\s]+):(.*)$/.exec(line) ?? [];
    if (name === "" || PASSED_OVER.test(name) || found.length === INTERFACES_MAX) continue;
    const columns = rest.trim().split(/\s+/).map(Number);
    const at = (index: number): number => columns[index] ?? 0;
    found.push({
      name,
      receivedBytes: at(0),
      receivedPackets: at(1),
      receiveErrors: at(2),
      receiveDropped: at(3),
      sentBytes: at(8),
      sentPackets: at(9),
      sendErrors: at(10),
      sendDropped: at(11),
    });
  }
  return found;
}
