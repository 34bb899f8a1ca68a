import { CommandError } from "../cli/output.js";
import { DEFAULT_AGENT_PORT } from "../agent/agent-config.js";
import { DEFAULT_API_PORT } from "../server/server-config.js";
import { type ClusterState, type HostState, isNode, type Runtime } from "./cluster-state.js";
import { HOSTS_MAX, hostAddressOf, netnsNameOf, networkOf } from "./host-network-plan.js";

/** The shape that `up` was asked for. */
export interface WantedCluster {
  readonly name: string;
  readonly servers: number;
  readonly nodes: number;
  /** The servers are Nodes too. */
  readonly serverNodes: boolean;
  readonly runtime: Runtime;
  readonly registryMirrors: Readonly<Record<string, string>>;
}

/** What planning must know of the computer. */
export interface ClusterFacts {
  readonly address: string;
  /**
   * Ports nobody listens on, portsNeeded of them: the servers' APIs, the nodes' agents, the peers',
   * the servers' agents.
   */
  readonly freePorts: readonly number[];
  /** A range for the hosts of a cluster that needs namespaces; null when none is free. */
  readonly subnet: string | null;
}

/**
 * True when each host gets a network namespace: real containers, and more than one host of a kind
 * or more than one Node.
 */
export function needsNamespaces({ runtime, servers, nodes, serverNodes }: WantedCluster): boolean {
  return runtime === "containerd" && (servers > 1 || nodes > 1 || (serverNodes && nodes > 0));
}

/** How many TCP ports of this computer a cluster of that shape needs. */
export function portsNeeded(wanted: WantedCluster): number {
  if (needsNamespaces(wanted)) return 0;
  return (wanted.serverNodes ? 3 : 2) * wanted.servers + wanted.nodes;
}

/**
 * The hosts of a new cluster. Pure. Throws CommandError "Usage" for a shape that cannot be run
 * here.
 */
export function planCluster(wanted: WantedCluster, facts: ClusterFacts): ClusterState {
  refuseShape(wanted);
  const base = {
    formatVersion: 1,
    name: wanted.name,
    runtime: wanted.runtime,
    registryMirrors: wanted.registryMirrors,
  } as const;
  if (!needsNamespaces(wanted)) return { ...base, hosts: hostsOnComputer(wanted, facts) };
  if (facts.subnet === null)
    throw new CommandError("Failed", "no range of addresses is free for the hosts", {
      hint: "Every network 10.201.N.0/24 is in use here: ip route show table all",
    });
  return {
    ...base,
    hosts: hostsInNamespaces(wanted, facts.subnet),
    network: networkOf(wanted.name, facts.subnet),
  };
}

function refuseShape({ servers, nodes, runtime, registryMirrors }: WantedCluster): void {
  if (servers < 1 || servers > HOSTS_MAX.server)
    throw new CommandError("Usage", `--servers ${servers}: 1 to ${HOSTS_MAX.server}`, {
      hint: "An odd number: three servers bear the loss of one, five of two.",
    });
  if (nodes < 0 || (runtime === "containerd" && nodes > HOSTS_MAX.agent))
    throw new CommandError("Usage", `--nodes ${nodes}: 0 to ${HOSTS_MAX.agent} with containers`, {
      hint: "Simulated nodes can be more: --runtime hollow",
    });
  const local = Object.values(registryMirrors).find((url) =>
    /^https?:\/\/(localhost|127\.)/.test(url),
  );
  if (local !== undefined && runtime === "containerd" && (servers > 1 || nodes > 1))
    throw new CommandError("Usage", `--registry-mirror ${local}: each host is its own loopback`, {
      hint: "Let the registry listen on an address of this computer and name that one.",
    });
}

/** With one server and one node, or simulated pods, all hosts are the computer itself. */
function hostsOnComputer(wanted: WantedCluster, facts: ClusterFacts): readonly HostState[] {
  return hostsOf(wanted, (role, index) => {
    const { servers, nodes, serverNodes } = wanted;
    const port = (at: number): number => facts.freePorts[at + index] ?? 0;
    const ports =
      role === "server"
        ? {
            api: port(0),
            peer: port(servers + nodes),
            ...(serverNodes ? { agent: port(2 * servers + nodes) } : {}),
          }
        : { agent: port(servers) };
    return { address: facts.address, netns: null, ports };
  });
}

function hostsInNamespaces(wanted: WantedCluster, subnet: string): readonly HostState[] {
  return hostsOf(wanted, (role, index, name) => ({
    address: hostAddressOf(subnet, role, index),
    netns: netnsNameOf(wanted.name, name),
    ports:
      role === "server"
        ? {
            api: DEFAULT_API_PORT,
            peer: DEFAULT_API_PORT + 1,
            ...(wanted.serverNodes ? { agent: DEFAULT_AGENT_PORT } : {}),
          }
        : { agent: DEFAULT_AGENT_PORT },
  }));
}

function hostsOf(
  wanted: WantedCluster,
  place: (
    role: HostState["role"],
    index: number,
    name: string,
  ) => Pick<HostState, "address" | "netns" | "ports">,
): readonly HostState[] {
  const kind = (role: HostState["role"], count: number, prefix: string): HostState[] =>
    Array.from({ length: count }, (_, index) => {
      const name = `${prefix}-${index + 1}`;
      return { name, role, ...place(role, index, name) };
    });
  return [...kind("server", wanted.servers, "server"), ...kind("agent", wanted.nodes, "node")];
}

/** Throws CommandError "Unsafe" when a running cluster has another shape than the one asked for. */
export function refuseOtherShape(state: ClusterState, wanted: WantedCluster): void {
  const count = (role: HostState["role"]): number =>
    state.hosts.filter((host) => host.role === role).length;
  // Mirrors that are not named again are kept.
  const wantedMirrors = mirrorText(
    Object.keys(wanted.registryMirrors).length === 0
      ? state.registryMirrors
      : wanted.registryMirrors,
  );
  const haveServerNodes = state.hosts.some((host) => host.role === "server" && isNode(host));
  const differences = [
    ["--servers", count("server"), wanted.servers],
    ["--nodes", count("agent"), wanted.nodes],
    ["--server-nodes", haveServerNodes ? "set" : "unset", wanted.serverNodes ? "set" : "unset"],
    ["--runtime", state.runtime, wanted.runtime],
    ["--registry-mirror", mirrorText(state.registryMirrors), wantedMirrors],
  ].filter(([, have, want]) => have !== want);
  if (differences.length === 0) return;
  const text = differences.map(
    ([flag, have, want]) => `${flag} ${have === "" ? "none" : have}, not ${want}`,
  );
  throw new CommandError("Unsafe", `the cluster ${state.name} has ${text.join("; ")}`, {
    hint: `Give the same arguments, or take it down first: raftsman down --name ${state.name}`,
  });
}

function mirrorText(mirrors: Readonly<Record<string, string>>): string {
  return Object.entries(mirrors)
    .map(([registry, url]) => `${registry}=${url}`)
    .sort()
    .join(",");
}
