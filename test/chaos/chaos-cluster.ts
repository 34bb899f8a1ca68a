import { randomInt } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isApiError } from "../../api/client/api-error.js";
import type { ApiClient } from "../../api/client/client-types.js";
import type { ConnectionTimes } from "../../api/client/connection.js";
import { createApiClient } from "../../api/client/rest-client.js";
import { systemClock, systemRandom } from "../../api/client/system-clock.js";
import { silentLogger } from "../../base/logger.js";
import { CommandError } from "../../deploy/cli/output.js";
import { adminPkiOf } from "../../deploy/local-cluster/cluster-status.js";
import {
  type ClusterState,
  type HostState,
  requireHost,
  writeClusterState,
} from "../../deploy/local-cluster/cluster-state.js";
import { findFreePorts } from "../../deploy/local-cluster/free-ports.js";
import { freeSubnet } from "../../deploy/local-cluster/host-network.js";
import {
  hostAddressOf,
  netnsNameOf,
  networkOf,
} from "../../deploy/local-cluster/host-network-plan.js";
import { logFileOf, logTail } from "../../deploy/local-cluster/host-processes.js";
import { type ClusterLayout, layoutOf } from "../../deploy/local-cluster/layout.js";
import { LocalCluster } from "../../deploy/local-cluster/local-cluster.js";
import { livePid } from "../../deploy/local-cluster/process-record.js";
import { takeDown } from "../../deploy/local-cluster/take-down.js";
import { FSYNC_RECORD } from "../../deploy/server/chaos-hooks.js";
import type { Processes } from "./deaths.js";
import { pidsOf } from "./nemeses/processes.js";

/** How a cluster under attack is started. */
export interface ChaosClusterOptions {
  readonly servers: number;
  readonly nodes: number;
  /** Negative control: answers before the disk has it. */
  readonly unsafeNoFsync?: boolean;
}

/** A dead server is to be noticed by clients within an operation's time. */
const CLIENT_TIMES: ConnectionTimes = {
  connectTimeoutMs: 1000,
  pingIntervalMs: 1000,
  pingTimeoutMs: 1500,
  certificateCheckMs: 60_000,
};
const MEMBERS_MS = 1000;
const API_PORT = 6443;
const AGENT_PORT = 10_250;

interface MemberLine {
  readonly name: string;
  readonly role: string;
}

/** One server under attack. */
export interface ChaosServer {
  readonly name: string;
  readonly address: string;
  /** Null: it shares the network of this process, which cannot be cut. */
  readonly netns: string | null;
  readonly url: string;
  readonly storeDir: string;
  readonly fsyncRecord: string;
  /** The process of that name, null while none runs. */
  pid(name: "consensus" | "api"): number | null;
}

/** A cluster of real servers in a folder of its own, each in a network namespace when several. */
export class ChaosCluster {
  readonly servers: readonly ChaosServer[];
  readonly layout: ClusterLayout;
  private readonly local: LocalCluster;
  private readonly home: string;

  private constructor(home: string, layout: ClusterLayout, state: ClusterState) {
    this.home = home;
    this.layout = layout;
    this.local = new LocalCluster(layout, state);
    this.servers = state.hosts
      .filter(({ role }) => role === "server")
      .map((host) => serverOf(host, layout));
  }

  /** Brings it up; the caller stops it. Throws CommandError, and then nothing is left. */
  static async start(options: ChaosClusterOptions, signal: AbortSignal): Promise<ChaosCluster> {
    // Short, since sockets lie below it and a socket's path has 107 characters at most.
    const home = mkdtempSync(join(tmpdir(), "rmc-"));
    const name = `chaos-${home.slice(-4).toLowerCase()}`;
    const layout = layoutOf(home, name);
    let cluster: ChaosCluster | null = null;
    try {
      const state = await planState(name, options);
      writeClusterState(layout, state);
      cluster = new ChaosCluster(home, layout, state);
      if (state.network !== undefined) await cluster.local.ensureNetwork();
      await cluster.startHosts(signal);
      const client = cluster.local.adminClient();
      try {
        await cluster.local.waitNodesReady(client, signal);
      } finally {
        client.close();
      }
      return cluster;
    } catch (error) {
      if (cluster === null) rmSync(home, { recursive: true, force: true });
      else await cluster.stop();
      throw error;
    }
  }

  private async startHosts(signal: AbortSignal): Promise<void> {
    const [first, ...others] = this.local.state.hosts;
    if (first !== undefined) await this.local.ensureHost(first, signal);
    await Promise.all(others.map((host) => this.local.ensureHost(host, signal)));
    if (this.servers.length > 1) await this.local.waitVoters(signal);
  }

  /** A client that talks to this server and to no other. The caller closes it. */
  clientOf(server: ChaosServer): ApiClient {
    const pki = adminPkiOf(this.layout);
    return createApiClient(
      {
        servers: [server.url],
        caFile: join(pki, "ca.crt"),
        certFile: join(pki, "admin.crt"),
        keyFile: join(pki, "admin.key"),
        userAgent: "raftsman-chaos",
      },
      { clock: systemClock, random: systemRandom, logger: silentLogger, times: CLIENT_TIMES },
    );
  }

  /** What runs of the servers now. */
  processes(): Processes {
    return new Map(
      pidsOf(this.servers, ["consensus", "api"]).map(({ server, name, pid }) => [
        `${server.name} ${name}`,
        pid,
      ]),
    );
  }

  /** The server that leads now; null when none says so. */
  async leader(): Promise<ChaosServer | null> {
    const [only] = this.servers;
    if (this.servers.length === 1) return only ?? null;
    for (const server of this.servers) {
      const members = await membersAs(this.clientOf(server));
      const name = members.find(({ role }) => role === "leader")?.name;
      const found = this.servers.find((candidate) => candidate.name === name);
      if (found !== undefined) return found;
    }
    return null;
  }

  /** Starts the server unless it runs; resolves once it is ready. */
  async ensureRunning(server: ChaosServer, signal: AbortSignal): Promise<void> {
    await this.local.ensureHost(requireHost(this.local.state, server.name), signal);
  }

  /**
   * The same for all servers, started at the same time: one alone gets ready only with a majority.
   * Throws CommandError when one ends again, too.
   */
  async ensureAllRunning(signal: AbortSignal): Promise<void> {
    await Promise.all(this.servers.map((server) => this.ensureRunning(server, signal)));
    // Those that were first did not wait for the others.
    for (const server of this.servers) {
      if (server.pid("consensus") === null)
        throw new CommandError("Failed", `${server.name} ended after its start`, {
          hint: this.logTailOf(server),
        });
      await this.ensureRunning(server, signal);
    }
  }

  /** Copies what the servers said to `folder`, each to a file of its name. */
  keepLogs(folder: string): void {
    mkdirSync(folder, { recursive: true });
    for (const host of this.local.state.hosts) {
      const log = logFileOf(host.role, this.layout.host(host.name));
      if (existsSync(log)) copyFileSync(log, join(folder, `${host.name}.log`));
    }
  }

  private logTailOf({ name }: ChaosServer): string {
    return logTail(requireHost(this.local.state, name).role, this.layout.host(name));
  }

  /** Takes it down and leaves nothing behind. */
  async stop(): Promise<void> {
    await takeDown(this.layout, this.local.state.name);
    rmSync(this.home, { recursive: true, force: true });
  }
}

/** What one server says of the group; nothing when it cannot be asked. Closes the client. */
async function membersAs(client: ApiClient): Promise<readonly MemberLine[]> {
  try {
    const answer = await client.request("GET", "/raftsman/v1/members", { timeoutMs: MEMBERS_MS });
    return (answer as unknown as { members?: readonly MemberLine[] }).members ?? [];
  } catch (error) {
    if (isApiError(error)) return [];
    throw error;
  } finally {
    client.close();
  }
}

function serverOf(host: HostState, layout: ClusterLayout): ChaosServer {
  const folders = layout.host(host.name);
  const address = host.netns === null ? "127.0.0.1" : host.address;
  return {
    name: host.name,
    address: host.address,
    netns: host.netns,
    url: `https://${address}:${host.ports.api}`,
    storeDir: join(folders.data, "store"),
    fsyncRecord: join(folders.run, FSYNC_RECORD),
    pid: (name) => livePid(folders.run, name),
  };
}

async function planState(name: string, options: ChaosClusterOptions): Promise<ClusterState> {
  const { servers, nodes, unsafeNoFsync = false } = options;
  const base = {
    formatVersion: 1,
    name,
    runtime: "hollow",
    registryMirrors: {},
    serverOptions: { chaosHooks: true, ...(unsafeNoFsync ? { unsafeNoFsync } : {}) },
  } as const;
  if (servers === 1) return { ...base, hosts: await hostsOnComputer(nodes) };
  if (process.getuid?.() !== 0)
    throw new CommandError("Usage", "several servers need root: each gets a network namespace", {
      hint: "Run it as root, or with --servers 1.",
    });
  const subnet = await freeSubnet();
  if (subnet === null)
    throw new CommandError("Failed", "no range of addresses is free for the servers", {
      hint: "Every network 10.201.N.0/24 is in use here: ip route show table all",
    });
  const host = (role: HostState["role"], index: number): HostState => {
    const hostName = nameOf(role, index);
    const ports = role === "server" ? { api: API_PORT } : { agent: AGENT_PORT };
    const address = hostAddressOf(subnet, role, index);
    return { name: hostName, role, address, netns: netnsNameOf(name, hostName), ports };
  };
  return {
    ...base,
    network: networkOf(name, subnet),
    hosts: [...range(servers, (i) => host("server", i)), ...range(nodes, (i) => host("agent", i))],
  };
}

async function hostsOnComputer(nodes: number): Promise<readonly HostState[]> {
  // Other runs may look for ports at this moment too.
  const first = randomInt(20_000, 30_000);
  const [api = 0, ...agents] = await findFreePorts(range(1 + nodes, (i) => first + i));
  const on = { address: "127.0.0.1", netns: null };
  return [
    { name: nameOf("server", 0), role: "server", ...on, ports: { api } },
    ...agents.map(
      (agent, i): HostState => ({
        name: nameOf("agent", i),
        role: "agent",
        ...on,
        ports: { agent },
      }),
    ),
  ];
}

function nameOf(role: HostState["role"], index: number): string {
  return `${role === "server" ? "server" : "node"}-${index + 1}`;
}

function range<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
