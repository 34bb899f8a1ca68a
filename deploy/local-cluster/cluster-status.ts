import { request } from "node:https";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { KUBERNETES_VERSION, RAFTSMAN_VERSION } from "../version.js";
import type { ClusterState, HostState } from "./cluster-state.js";
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
  /** A server: its /readyz says ok. An agent: its health port answers. */
  readonly ready: boolean;
  readonly dataDir: string;
  readonly log: string;
  /** The CRI socket of an agent with its own containerd, otherwise null. */
  readonly runtimeSocket: string | null;
  readonly ports: { readonly api?: number; readonly peer?: number; readonly agent?: number };
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
  const main = processes.find((entry) => entry.name === mainProcessOf(host));
  const socket = runtimeSocketOf(folders);
  return {
    name: host.name,
    role: host.role,
    address: host.address,
    netns: host.netns,
    pid: main?.pid ?? null,
    processes,
    alive: main !== undefined,
    ready: main !== undefined && (await isReady(host, adminPkiOf(layout))),
    dataDir: folders.data,
    log: logFileOf(host, folders),
    runtimeSocket: host.role === "agent" && state.runtime === "containerd" ? socket : null,
    ports: host.ports,
  };
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
 * True when the host's health endpoint answers `ok`, checked against the cluster's own authority.
 * An agent answers nobody without a certificate, so it is asked as the administrator.
 */
export function isReady(host: HostState, pkiDir: string): Promise<boolean> {
  const caFile = join(pkiDir, "ca.crt");
  const port = host.role === "server" ? host.ports.api : host.ports.agent;
  if (port === undefined || !existsSync(caFile)) return Promise.resolve(false);
  const keys =
    host.role === "server"
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
        path: host.role === "server" ? "/readyz" : "/healthz",
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
