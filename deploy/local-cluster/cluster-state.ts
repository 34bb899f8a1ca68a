import { CommandError } from "../cli/output.js";
import { readTextIfPresent, writePrivateFile } from "../pki/private-files.js";
import { DEFAULT_CLUSTER_CIDR } from "../server/server-config.js";
import type { ClusterLayout } from "./layout.js";

export type Runtime = "containerd" | "hollow";

/** One host of a local cluster: a server or an agent with its own folders and ports. */
export interface HostState {
  readonly name: string;
  readonly role: "server" | "agent";
  /** The address others reach it at. */
  readonly address: string;
  /** Name of its network namespace; null: this computer's own. */
  readonly netns: string | null;
  readonly ports: { readonly api?: number; readonly peer?: number; readonly agent?: number };
}

/** What runs on a host as a process of its own, with a configuration and a log of its own. */
export type HostPart = "server" | "agent";

/** The parts of a host in the order in which they start: a server may be a node besides. */
export function partsOf({ role, ports }: HostState): readonly HostPart[] {
  if (role === "agent") return ["agent"];
  return ports.agent === undefined ? ["server"] : ["server", "agent"];
}

/**
 * Where pods have their addresses from, a /24 for each Node. Simulated ones are routed nowhere, and
 * their Nodes may be thousands.
 */
export function clusterCidrOf({ runtime }: Pick<ClusterState, "runtime">): string {
  return runtime === "hollow" ? "10.128.0.0/9" : DEFAULT_CLUSTER_CIDR;
}

/** True when an agent makes the host a Node. */
export function isNode(host: HostState): boolean {
  return partsOf(host).includes("agent");
}

/** The link that the hosts of a cluster share when each has a network namespace of its own. */
export interface ClusterNetwork {
  readonly bridge: string;
  /** Such as 10.201.0.0/24. */
  readonly subnet: string;
  /** The computer's own address on the bridge. */
  readonly gateway: string;
  /** The address that moves to whichever server leads. */
  readonly virtualAddress: string;
}

/** What `up` decided once for a cluster; later runs keep to it. */
export interface ClusterState {
  readonly formatVersion: 1;
  readonly name: string;
  readonly runtime: Runtime;
  /** Registry → URL of its mirror. */
  readonly registryMirrors: Readonly<Record<string, string>>;
  readonly hosts: readonly HostState[];
  /** Absent: the hosts share the computer's own network. */
  readonly network?: ClusterNetwork;
  /** Further fields of every server's configuration: what the chaos suite starts them with. */
  readonly serverOptions?: Readonly<Record<string, boolean>>;
}

/**
 * The state of a cluster, or null when there is none. Throws CommandError when the file is damaged
 * or too new.
 */
export function readClusterState(layout: ClusterLayout): ClusterState | null {
  const text = readTextIfPresent(layout.stateFile);
  if (text === null) return null;
  let state: ClusterState;
  try {
    state = JSON.parse(text) as ClusterState;
  } catch (cause) {
    throw new CommandError("Failed", `${layout.stateFile} is damaged`, {
      hint: "Take the cluster down (raftsman down) and start it anew.",
      cause,
    });
  }
  if (state.formatVersion !== 1)
    throw new CommandError("Failed", `${layout.stateFile} was written by a newer raftsman`, {
      hint: "Use that version.",
    });
  return state;
}

/**
 * True when a cluster can have that name: it becomes part of names of links, tables and folders.
 */
export function isClusterName(text: string): boolean {
  return /^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/.test(text);
}

/**
 * The state of a cluster that must exist. Throws CommandError "NotRunning", also for what can be no
 * cluster's name: it would lead to another folder.
 */
export function requireClusterState(layout: ClusterLayout, name: string): ClusterState {
  const state = isClusterName(name) ? readClusterState(layout) : null;
  if (state !== null) return state;
  throw new CommandError("NotRunning", `there is no cluster ${JSON.stringify(name)}`, {
    hint: `Start it with: raftsman up --name ${name}`,
  });
}

/** Keeps the state for later runs. */
export function writeClusterState(layout: ClusterLayout, state: ClusterState): void {
  writePrivateFile(layout.stateFile, `${JSON.stringify(state, null, 2)}\n`);
}

/** The host of that name. Throws CommandError "NotRunning". */
export function requireHost(state: ClusterState, name: string): HostState {
  const host = state.hosts.find((candidate) => candidate.name === name);
  if (host !== undefined) return host;
  const known = state.hosts.map((candidate) => candidate.name).join(", ");
  throw new CommandError("NotRunning", `there is no host ${JSON.stringify(name)}`, {
    hint: `The hosts of ${state.name}: ${known}`,
  });
}
