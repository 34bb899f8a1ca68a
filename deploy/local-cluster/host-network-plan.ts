import { createHash } from "node:crypto";
import { formatAddress, overlaps, parseCidr } from "../server/cidr.js";
import { type ClusterNetwork, type HostState, isNode } from "./cluster-state.js";

/** Tags the routes of local clusters on the computer (`ip route … proto`), as the agents' are. */
export const ROUTE_PROTOCOL = "201";

const SUBNETS = Array.from({ length: 100 }, (_, index) => `10.201.${index}.0/24`);
/** Where addresses of a kind begin in the subnet; .1 is the computer's own. */
const FIRST = { gateway: 1, virtual: 2, server: 11, agent: 101 } as const;

/** How many hosts of a kind one subnet has room for. */
export const HOSTS_MAX = { server: 7, agent: 100 } as const;

/** The link between the hosts of a cluster: rm-dev. */
export function bridgeNameOf(cluster: string): string {
  return `rm-${cluster}`;
}

/** The network namespace of a host: raftsman-dev-server-1. */
export function netnsNameOf(cluster: string, host: string): string {
  return `raftsman-${cluster}-${host}`;
}

/** The computer's end of a host's link; at most 15 characters, as the kernel wants it. */
export function hostLinkOf(netns: string): string {
  return `rmh-${createHash("sha256").update(netns).digest("hex").slice(0, 10)}`;
}

/** The first range for hosts that none of the routes leads into; null when all are taken. */
export function chooseSubnet(routes: readonly string[]): string | null {
  const taken = routes.flatMap((route) => parseCidr(withLength(route)) ?? []);
  const isFree = (subnet: string): boolean => {
    const range = parseCidr(subnet);
    return range !== null && !taken.some((other) => overlaps(range, other));
  };
  return SUBNETS.find(isFree) ?? null;
}

/** The addresses that a subnet gives to the computer itself and to the virtual address. */
export function networkOf(cluster: string, subnet: string): ClusterNetwork {
  return {
    bridge: bridgeNameOf(cluster),
    subnet,
    gateway: addressAt(subnet, FIRST.gateway),
    virtualAddress: addressAt(subnet, FIRST.virtual),
  };
}

/** The address of the n-th host (from 0) of its kind. */
export function hostAddressOf(subnet: string, role: HostState["role"], index: number): string {
  return addressAt(subnet, FIRST[role] + index);
}

/** What the computer has of a cluster's network already. */
export interface NetworkPresence {
  readonly links: ReadonlySet<string>;
}

/** Lines for `ip -batch` in the computer's own namespace; host namespaces must be there. */
export function planComputerLinks(
  network: ClusterNetwork,
  hosts: readonly HostState[],
  present: NetworkPresence,
): readonly string[] {
  const { bridge, subnet, gateway } = network;
  const lines: string[] = [];
  if (!present.links.has(bridge)) lines.push(`link add ${bridge} type bridge forward_delay 0`);
  lines.push(`addr replace ${gateway}/${lengthOf(subnet)} dev ${bridge}`, `link set ${bridge} up`);
  for (const { netns } of hosts) {
    if (netns === null) continue;
    const link = hostLinkOf(netns);
    if (!present.links.has(link))
      lines.push(`link add ${link} type veth peer name eth0 netns ${netns}`);
    lines.push(`link set ${link} master ${bridge}`, `link set ${link} up`);
  }
  return lines;
}

/** Lines for `ip -batch` inside the namespace of a host; may be repeated. */
export function planHostLinks(network: ClusterNetwork, host: HostState): readonly string[] {
  return [
    "link set lo up",
    `addr replace ${host.address}/${lengthOf(network.subnet)} dev eth0`,
    "link set eth0 up",
    `route replace default via ${network.gateway}`,
  ];
}

/**
 * Lines for `ip -batch` that lead the computer to the cluster's pods and Services, over the first
 * node; servers that are no nodes go the same way, by their default route.
 */
export function planComputerRoutes(
  hosts: readonly HostState[],
  ranges: readonly string[],
): readonly string[] {
  const via = (hosts.find(({ role }) => role === "agent") ?? hosts.find(isNode))?.address;
  if (via === undefined) return [];
  return ranges.map((range) => `route replace ${range} via ${via} proto ${ROUTE_PROTOCOL}`);
}

/** The nftables transaction that lets hosts reach what lies beyond the computer. */
export function renderUplink(table: string, { bridge, subnet }: ClusterNetwork): string {
  return [
    `add table ip ${table}`,
    `delete table ip ${table}`,
    `table ip ${table} {`,
    "  chain postrouting {",
    "    type nat hook postrouting priority 100; policy accept;",
    `    ip saddr ${subnet} oifname != "${bridge}" masquerade fully-random`,
    "  }",
    "}",
    "",
  ].join("\n");
}

function addressAt(subnet: string, offset: number): string {
  return formatAddress((parseCidr(subnet)?.base ?? 0) + offset);
}

function lengthOf(subnet: string): string {
  return subnet.split("/")[1] ?? "24";
}

/** `ip` writes single addresses without their length. */
function withLength(route: string): string {
  return route.includes("/") ? route : `${route}/32`;
}
