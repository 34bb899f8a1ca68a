import { createHash } from "node:crypto";

/** What the plans of a host's pod network are made from. */
export interface PodNetworkConfig {
  /** Unique among the clusters and hosts of the machine, such as "raftsman-dev-node-1". */
  readonly networkName: string;
  /** The node's own range, such as 10.244.1.0/24. */
  readonly podCidr: string;
  /** The range of all pods of the cluster, such as 10.244.0.0/16. */
  readonly clusterCidr: string;
  /** Where host-local keeps the addresses it gave out: inside the host's own folder. */
  readonly ipamDir: string;
  readonly mtu?: number;
}

/** Tags the routes this agent adds (`ip route … proto`), so that it removes only its own. */
export const ROUTE_PROTOCOL = "201";

/** The name of the file in the CNI folder. */
export const CONFLIST_FILE = "10-raftsman.conflist";

/**
 * The CNI configuration of one node: a routed pair of interfaces per pod (ptp), addresses from the
 * node's own range (host-local), host ports (portmap). The runtime adds the loopback interface
 * itself. Every packet between pods passes the host's IP layer, so Services work for pods of the
 * same node without br_netfilter, and a pod reaches itself through its Service. Masquerading is
 * ours (see renderMasquerade), so ipMasq is false.
 */
export function renderConflist(config: PodNetworkConfig): string {
  const ptp: Record<string, unknown> = {
    type: "ptp",
    ipMasq: false,
    ipam: {
      type: "host-local",
      dataDir: config.ipamDir,
      ranges: [[{ subnet: config.podCidr }]],
      routes: [{ dst: "0.0.0.0/0" }],
    },
  };
  if (config.mtu !== undefined) ptp["mtu"] = config.mtu;
  const conflist = {
    cniVersion: "0.4.0",
    name: config.networkName,
    plugins: [ptp, { type: "portmap", capabilities: { portMappings: true }, snat: true }],
  };
  return `${JSON.stringify(conflist, null, 2)}\n`;
}

/**
 * An nftables table name of this network: only letters, digits and underscores, at most 60
 * characters.
 */
export function nftTableName(networkName: string, part: string): string {
  const name = `${networkName}_${part}`.replaceAll(/[^A-Za-z0-9_]/g, "_");
  if (name.length <= 60) return name;
  const hash = createHash("sha256").update(networkName).digest("hex").slice(0, 12);
  return `raftsman_${hash}_${part}`;
}

/**
 * The nftables transaction that masquerades what leaves the cluster's range; replaces an older
 * version of itself.
 */
export function renderMasquerade(config: PodNetworkConfig): string {
  const table = nftTableName(config.networkName, "pods");
  return [
    `add table ip ${table}`,
    `delete table ip ${table}`,
    `table ip ${table} {`,
    "  chain postrouting {",
    "    type nat hook postrouting priority 100; policy accept;",
    `    ip saddr ${config.podCidr} ip daddr != ${config.clusterCidr} ip daddr != 224.0.0.0/4 ` +
      'oifname != "lo" masquerade fully-random',
    "  }",
    "}",
    "",
  ].join("\n");
}

/**
 * A kernel setting under /proc/sys. `wanted` null: only remembered, because setting another one
 * changes it.
 */
export interface SysctlSetting {
  readonly name: string;
  readonly wanted: string | null;
}

/** What a computer needs that only forwards, in the order in which it is made. */
export const FORWARDING_SYSCTLS: readonly SysctlSetting[] = [
  // Switching ip_forward on turns this one off.
  { name: "net.ipv4.conf.all.accept_redirects", wanted: null },
  { name: "net.ipv4.ip_forward", wanted: "1" },
];

/** The kernel settings pods and Services need, in the order in which they are made. */
export const POD_NETWORK_SYSCTLS: readonly SysctlSetting[] = [
  ...FORWARDING_SYSCTLS,
  // NodePorts on 127.0.0.1. The Service table drops packets for 127.0.0.0/8 that come from another
  // interface.
  { name: "net.ipv4.conf.all.route_localnet", wanted: "1" },
];

/** One setting that was changed: put back only while it still has the value we gave it. */
export interface SysctlChange {
  readonly name: string;
  readonly before: string;
  /** Null when only remembered. */
  readonly after: string | null;
}

/**
 * Which settings to write now and what to remember first. `journal` is what earlier runs
 * remembered.
 */
export function planSysctls(
  current: ReadonlyMap<string, string>,
  journal: readonly SysctlChange[],
  settings: readonly SysctlSetting[] = POD_NETWORK_SYSCTLS,
): { readonly write: readonly SysctlChange[]; readonly journal: readonly SysctlChange[] } {
  const write = settings.flatMap(({ name, wanted }) => {
    const before = current.get(name);
    return wanted === null || before === undefined || before === wanted
      ? []
      : [{ name, before, after: wanted }];
  });
  if (write.length === 0) return { write, journal };
  const known = new Set(journal.map((change) => change.name));
  const remembered = settings
    .filter(({ wanted }) => wanted === null)
    .flatMap(({ name }) => {
      const before = current.get(name);
      return before === undefined ? [] : [{ name, before, after: null }];
    });
  const fresh = [...write, ...remembered].filter((change) => !known.has(change.name));
  return { write, journal: [...journal, ...fresh] };
}

/** What to write to undo a journal: settings that somebody else changed since are left alone. */
export function planSysctlRestore(
  current: ReadonlyMap<string, string>,
  journal: readonly SysctlChange[],
): readonly SysctlChange[] {
  // Those that were only remembered come last: restoring the others changes them.
  const ordered = [
    ...journal.filter(({ after }) => after !== null),
    ...journal.filter(({ after }) => after === null),
  ];
  return ordered.filter(({ name, after }) => after === null || current.get(name) === after);
}

/** A base chain at the forward hook that drops by policy. */
export interface DroppingChain {
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  /** True for iptables' own FORWARD chain, into which an exception can be put. */
  readonly canExcept: boolean;
}

/**
 * Finds what would drop forwarded pod traffic, in the answer of `nft -j list chains`. A drop by
 * policy in one base chain is final: no other table can overrule it.
 */
export function findDroppingChains(listing: string): readonly DroppingChain[] {
  const parsed = JSON.parse(listing) as { nftables?: readonly Record<string, unknown>[] };
  return (parsed.nftables ?? []).flatMap((item) => {
    const chain = item["chain"] as Record<string, unknown> | undefined;
    if (chain === undefined || chain["hook"] !== "forward" || chain["policy"] !== "drop") return [];
    const family = String(chain["family"]);
    if (family !== "ip" && family !== "inet") return [];
    const table = String(chain["table"]);
    const name = String(chain["name"]);
    const canExcept = family === "ip" && table === "filter" && name === "FORWARD";
    return [{ family, table, chain: name, canExcept }];
  });
}

/** Whose packets a computer has to forward, and in whose name the exceptions for them are made. */
export interface ForwardedRanges {
  readonly networkName: string;
  readonly ranges: readonly string[];
}

/** The comment on the exceptions we put into a foreign chain, by which they are found again. */
export function exceptionComment(networkName: string): string {
  return `raftsman ${networkName}`;
}

/** The transaction that lets pod traffic through a chain that drops by policy. */
export function renderForwardException(
  chain: DroppingChain,
  { networkName, ranges }: ForwardedRanges,
): string {
  const target = `${chain.family} ${chain.table} ${chain.chain}`;
  const comment = `comment "${exceptionComment(networkName)}"`;
  return ranges
    .flatMap((range) => [
      `insert rule ${target} ip saddr ${range} accept ${comment}\n`,
      `insert rule ${target} ip daddr ${range} accept ${comment}\n`,
    ])
    .join("");
}

/** Our exceptions in the answer of `nft -a -j list chain ip filter FORWARD`, as rule handles. */
export function findExceptionHandles(listing: string, networkName: string): readonly number[] {
  const parsed = JSON.parse(listing) as { nftables?: readonly Record<string, unknown>[] };
  return (parsed.nftables ?? []).flatMap((item) => {
    const rule = item["rule"] as { comment?: unknown; handle?: unknown } | undefined;
    if (rule === undefined || rule.comment !== exceptionComment(networkName)) return [];
    return typeof rule.handle === "number" ? [rule.handle] : [];
  });
}
