import type { Random } from "../../../base/random.js";
import { shuffle } from "./pick.js";

/** What one server no longer hears: packets from these others are dropped where they arrive. */
export type Grudge = ReadonlyMap<string, readonly string[]>;

export type Partition = "halves" | "ring" | "one-way" | "leader";

/**
 * Who is cut off from whom. `leader` names the server that "leader" isolates. Pure.
 * - halves: two groups, the smaller one without a majority.
 * - ring: each hears its neighbours alone; of three servers, who are all neighbours, two lose each
 *   other: every one still reaches a majority, no two the same.
 * - one-way: one server hears nobody, or is heard by nobody.
 * - leader: the leader alone.
 */
export function planPartition(
  kind: Partition,
  servers: readonly string[],
  { leader, random }: { readonly leader: string; readonly random: Random },
): Grudge {
  const order = shuffle(random, servers);
  const [first = ""] = order;
  switch (kind) {
    case "halves": {
      const minority = order.slice(0, Math.floor(order.length / 2));
      return cutBothWays(order, (a, b) => minority.includes(a) !== minority.includes(b));
    }
    case "ring":
      return cutBothWays(order, (a, b) => !isNeighbour(order, a, b));
    case "one-way": {
      const isDeaf = random.below(2) === 0;
      const others = order.filter((name) => name !== first);
      return isDeaf
        ? new Map([[first, others]])
        : new Map(others.map((name) => [name, [first]] as const));
    }
    case "leader":
      return cutBothWays(order, (a, b) => (a === leader) !== (b === leader));
  }
}

function cutBothWays(
  servers: readonly string[],
  isCut: (a: string, b: string) => boolean,
): Map<string, readonly string[]> {
  const grudge = new Map<string, readonly string[]>();
  for (const to of servers) {
    const from = servers.filter((other) => other !== to && isCut(to, other));
    if (from.length > 0) grudge.set(to, from);
  }
  return grudge;
}

function isNeighbour(order: readonly string[], a: string, b: string): boolean {
  const apart = Math.abs(order.indexOf(a) - order.indexOf(b));
  if (order.length <= 3) return apart === 1;
  return apart === 1 || apart === order.length - 1;
}

export const PARTITION_TABLE = "raftsman_chaos";

/** The nftables transaction that makes a server deaf to these addresses. */
export function renderDeafness(addresses: readonly string[]): string {
  return [
    `table inet ${PARTITION_TABLE} {`,
    "  chain input {",
    "    type filter hook input priority -150; policy accept;",
    `    ip saddr { ${addresses.join(", ")} } counter drop`,
    "  }",
    "}",
    "",
  ].join("\n");
}

/** The packets that the rule has dropped, from the listing of its table. */
export function droppedPackets(listing: string): number {
  return Number(/counter packets (\d+)/.exec(listing)?.[1] ?? 0);
}
