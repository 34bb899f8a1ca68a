import { request } from "node:https";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readTextIfPresent } from "../pki/private-files.js";
import { KUBERNETES_VERSION, RAFTSMAN_VERSION } from "../version.js";
import {
  type ClusterState,
  type HostPart,
  type HostState,
  isNode,
  partsOf,
} from "./cluster-state.js";
import { mainProcessOf, runningProcesses, type ProcessName, logFileOf } from "./host-processes.js";
import type { ClusterLayout, HostFolders } from "./layout.js";

const PROBE_TIMEOUT_MS = 2_000;

/** What `raftsman status -o json` prints: a contract for scripts. */
export interface ClusterStatus {
  readonly name: string;
  readonly version: string;
  readonly kubernetesVersion: string;
  readonly kubeconfig: string;
  readonly endpoint: string;
  readonly hosts: readonly HostStatus[];
}

export interface HostStatus {
  readonly name: string;
  readonly role: "server" | "agent";
  readonly address: string;
  readonly netns: string | null;
  /** The host's raftsman process; null while it is dead. */
  readonly pid: number | null;
  readonly processes: readonly { readonly name: ProcessName; readonly pid: number }[];
  readonly alive: boolean;
  /** A server: its /readyz says ok. An agent: its health port answers. Both: both do. */
  readonly ready: boolean;
  readonly dataDir: string;
  readonly log: string;
  /** The CRI socket of an agent with its own containerd, otherwise null. */
  readonly runtimeSocket: string | null;
  readonly ports: HostPorts;
}

/** Where a host listens; null: it does not. */
export interface HostPorts {
  readonly api: number | null;
  readonly peer: number | null;
  /** Where its member of the gossip is reached: with a server the API's port, else the agent's. */
  readonly gossip: number | null;
  /** Consensus metrics by plain HTTP, where server.json names an address for them. */
  readonly metrics: number | null;
  /** etcd's API on loopback, where server.json names an address for it. */
  readonly etcd: number | null;
  readonly agent: number | null;
}

/** Looks at every host's processes and asks the live ones whether they are ready. */
export async function clusterStatus(
  layout: ClusterLayout,
  state: ClusterState,
): Promise<ClusterStatus> {
  return {
    name: state.name,
    version: RAFTSMAN_VERSION,
    kubernetesVersion: KUBERNETES_VERSION,
    kubeconfig: layout.kubeconfig,
    endpoint: endpointOf(state),
    hosts: await Promise.all(state.hosts.map((host) => hostStatus(host, layout, state))),
  };
}

/** The URL that the kubeconfig names: where there is a virtual address, that one. */
export function endpointOf({ hosts, network }: ClusterState): string {
  const server = hosts.find((host) => host.role === "server");
  return `https://${network?.virtualAddress ?? "127.0.0.1"}:${server?.ports.api}`;
}

/** The URLs of the servers themselves, as agents are told them. */
export function serverUrlsOf({ hosts }: ClusterState): readonly string[] {
  return hosts
    .filter((host) => host.role === "server")
    .map(({ netns, address, ports }) => {
      return `https://${netns === null ? "127.0.0.1" : address}:${ports.api}`;
    });
}

async function hostStatus(
  host: HostState,
  layout: ClusterLayout,
  state: ClusterState,
): Promise<HostStatus> {
  const folders = layout.host(host.name);
  const processes = runningProcesses(host, folders);
  const main = processes.find((entry) => entry.name === mainProcessOf(host.role));
  const socket = runtimeSocketOf(folders);
  return {
    name: host.name,
    role: host.role,
    address: host.address,
    netns: host.netns,
    pid: main?.pid ?? null,
    processes,
    alive: main !== undefined,
    ready: main !== undefined && (await isHostReady(host, adminPkiOf(layout))),
    dataDir: folders.data,
    log: logFileOf(host.role, folders),
    runtimeSocket: isNode(host) && state.runtime === "containerd" ? socket : null,
    ports: portsOf(host, join(folders.dir, "server.json")),
  };
}

function portsOf({ role, ports }: HostState, serverFile: string): HostPorts {
  const { api = null, peer = null, agent = null } = ports;
  const own = role === "server" ? (readJsonIfPresent(serverFile) ?? {}) : {};
  const named = (field: string): number | null => {
    const value = own[field];
    const port = typeof value === "string" ? /:(\d+)$/.exec(value)?.[1] : undefined;
    return port === undefined ? null : Number(port);
  };
  return {
    api,
    peer,
    gossip: role === "server" ? api : agent,
    metrics: named("metricsListen"),
    etcd: named("etcdApi"),
    agent,
  };
}

/** Null also for what is no JSON object: whoever starts the server is told. */
function readJsonIfPresent(file: string): Readonly<Record<string, unknown>> | null {
  try {
    return JSON.parse(readTextIfPresent(file) ?? "null") as Readonly<
      Record<string, unknown>
    > | null;
  } catch {
    return null;
  }
}

async function isHostReady(host: HostState, pkiDir: string): Promise<boolean> {
  const answers = await Promise.all(partsOf(host).map((part) => isReady(host, { part, pkiDir })));
  return answers.every(Boolean);
}

/** The socket of the containerd that an agent owns. */
export function runtimeSocketOf(folders: HostFolders): string {
  return join(folders.run, "containerd.sock");
}

/**
 * The folder with the cluster's authority and its administrator's key: every server has them, and
 * any may have lost its disk.
 */
export function adminPkiOf(layout: ClusterLayout): string {
  const first = layout.host("server-1");
  const hosts = existsSync(dirname(first.dir)) ? readdirSync(dirname(first.dir)).sort() : [];
  const folders = hosts.map((name) => join(layout.host(name).data, "pki"));
  const isWhole = (pki: string): boolean =>
    ["ca.key", "admin.key", "admin.crt"].every((file) => existsSync(join(pki, file)));
  return folders.find(isWhole) ?? join(first.data, "pki");
}

/**
 * True when the health endpoint of that part answers `ok`, checked against the cluster's own
 * authority. An agent answers nobody without a certificate, so it is asked as the administrator.
 */
export function isReady(
  host: HostState,
  { part, pkiDir }: { readonly part: HostPart; readonly pkiDir: string },
): Promise<boolean> {
  const caFile = join(pkiDir, "ca.crt");
  const port = part === "server" ? host.ports.api : host.ports.agent;
  if (port === undefined || !existsSync(caFile)) return Promise.resolve(false);
  const keys =
    part === "server"
      ? {}
      : {
          cert: readFileSync(join(pkiDir, "admin.crt")),
          key: readFileSync(join(pkiDir, "admin.key")),
        };
  return new Promise((resolve) => {
    const probe = request(
      {
        host: host.netns === null ? "127.0.0.1" : host.address,
        port,
        path: part === "server" ? "/readyz" : "/healthz",
        ca: readFileSync(caFile),
        ...keys,
        timeout: PROBE_TIMEOUT_MS,
        agent: false,
      },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      },
    );
    probe.on("timeout", () => probe.destroy());
    probe.on("error", () => resolve(false));
    probe.end();
  });
}
