import { chownSync, existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { ApiClient } from "../../api/client/client-types.js";
import { createApiClient } from "../../api/client/rest-client.js";
import { isApiError } from "../../api/client/api-error.js";
import { NODES } from "../../api/client/resource-types.js";
import { systemClock, systemRandom } from "../../api/client/system-clock.js";
import { silentLogger } from "../../base/logger.js";
import type { AgentConfig } from "../agent/agent-config.js";
import type { RESOURCE_FIELDS } from "../agent/resource-config.js";
import { CommandError } from "../cli/output.js";
import { ensureAgentPki } from "../pki/cluster-pki.js";
import { renderKubeconfig } from "../pki/kubeconfig.js";
import { writePrivateFile } from "../pki/private-files.js";
import { DEFAULT_SERVICE_CIDR, readConfigFile } from "../server/server-config.js";
import { RAFTSMAN_VERSION } from "../version.js";
import { adminPkiOf, endpointOf, isReady, serverUrlsOf } from "./cluster-status.js";
import {
  type ClusterState,
  type HostPart,
  type HostState,
  clusterCidrOf,
  isNode,
  partsOf,
} from "./cluster-state.js";
import { logTail, mainProcessOf, spawnHost } from "./host-processes.js";
import { ensureHostNetwork } from "./host-network.js";
import type { ClusterLayout } from "./layout.js";
import { isStopped, livePid, recordProcess, startTimeOf } from "./process-record.js";
import { type JoinFields, ServerMembership } from "./server-membership.js";

type Plain = Readonly<Record<string, unknown>>;

const POLL_MS = 25;
const SERVER_READY_MS = 60_000;
const NODE_READY_MS = 90_000;
const VOTERS_MS = 60_000;

/** Marks the servers that are Nodes, and keeps ordinary pods off them. */
const CONTROL_PLANE_ROLE = "node-role.kubernetes.io/control-plane";

/** What it took for a host to run. */
export interface HostStart {
  readonly started: boolean;
  /** A server that was taken into the group: it has no vote yet. */
  readonly joined: boolean;
}

/** Starts the hosts of one local cluster and talks to it as its administrator. */
export class LocalCluster {
  readonly layout: ClusterLayout;
  readonly state: ClusterState;

  private readonly membership: ServerMembership;

  constructor(layout: ClusterLayout, state: ClusterState) {
    this.layout = layout;
    this.state = state;
    this.membership = new ServerMembership(layout, state);
  }

  /** Makes what is missing of the hosts' namespaces and links; nothing where they have none. */
  ensureNetwork(): Promise<void> {
    return ensureHostNetwork(this.layout, this.state, silentLogger);
  }

  /**
   * Starts every dead server that is a member already, for one alone gets ready with a majority
   * only. Returns the names of those that were dead; ensureHost waits for each.
   */
  async wakeMembers(): Promise<ReadonlySet<string>> {
    const woken = new Set<string>();
    for (const host of this.membership.servers) {
      if (!this.membership.isMember(host) || this.isRunning(host, "server")) continue;
      await this.startPart(host, "server");
      woken.add(host.name);
    }
    return woken;
  }

  /** Starts what is dead of a host, as ensurePart does for each of its parts in turn. */
  async ensureHost(host: HostState, signal: AbortSignal): Promise<HostStart> {
    let all: HostStart = { started: false, joined: false };
    for (const part of partsOf(host)) {
      const { started, joined } = await this.ensurePart(host, { part, signal });
      all = { started: all.started || started, joined: all.joined || joined };
    }
    return all;
  }

  /**
   * Starts the part's main process unless it runs, and waits until it is ready; a server without a
   * majority of the members only until it runs. A server with an empty folder founds the cluster
   * or joins it. Throws CommandError with the end of its log when it dies or does not get ready in
   * time.
   */
  async ensurePart(
    host: HostState,
    { part, signal }: { readonly part: HostPart; readonly signal: AbortSignal },
  ): Promise<HostStart> {
    if (this.isRunning(host, part)) {
      await this.waitReady(host, { part, pid: null, signal });
      return { started: false, joined: false };
    }
    const { membership } = this;
    if (part === "agent" || membership.isMember(host) || membership.founds(host)) {
      const pid = await this.startPart(host, part);
      await this.waitReady(host, { part, pid, signal });
      return { started: true, joined: false };
    }
    const permit = await membership.permitJoin(host);
    try {
      const pid = await this.startPart(host, part, permit.fields);
      await this.waitReady(host, { part, pid, signal });
    } finally {
      await permit.end();
    }
    return { started: true, joined: true };
  }

  /** Waits until every member votes (of an even number, all but one). Throws CommandError. */
  async waitVoters(signal: AbortSignal): Promise<void> {
    const isComplete = await this.poll(VOTERS_MS, signal, () => this.membership.isComplete());
    if (isComplete) return;
    throw new CommandError("Failed", "not every server has become a voter", {
      hint: `See who lags behind: raftsman member list --name ${this.state.name}`,
    });
  }

  /** Writes the administrator's kubeconfig, readable by the person who typed the command. */
  writeKubeconfig(): void {
    const pki = adminPkiOf(this.layout);
    const text = renderKubeconfig({
      clusterName: `raftsman-${this.state.name}`,
      userName: "kubernetes-admin",
      server: endpointOf(this.state),
      caFile: join(pki, "ca.crt"),
      client: { certFile: join(pki, "admin.crt"), keyFile: join(pki, "admin.key") },
    });
    writePrivateFile(this.layout.kubeconfig, text);
    handToSudoCaller([dirname(this.layout.dir), this.layout.dir, this.layout.kubeconfig]);
  }

  /** A client with the administrator's certificate. The caller closes it. */
  adminClient(): ApiClient {
    const pki = adminPkiOf(this.layout);
    return createApiClient(
      {
        // Nobody but a person's kubectl needs the one address that moves.
        servers: serverUrlsOf(this.state),
        caFile: join(pki, "ca.crt"),
        certFile: join(pki, "admin.crt"),
        keyFile: join(pki, "admin.key"),
        userAgent: `raftsman/${RAFTSMAN_VERSION}`,
      },
      { clock: systemClock, random: systemRandom, logger: silentLogger },
    );
  }

  /**
   * Waits until the API calls every node Ready, and gives those that are servers their role. Throws
   * CommandError with the end of the agent's log.
   */
  async waitNodesReady(client: ApiClient, signal: AbortSignal): Promise<void> {
    for (const host of this.state.hosts.filter(isNode)) {
      const ready = await this.poll(NODE_READY_MS, signal, () => nodeReady(client, host.name));
      if (!ready) throw this.notReady(host, { part: "agent", what: "is not Ready" });
      // As the administrator: what a node may run is not for the node to say.
      if (host.role === "server") await labelAsServer(client, host.name);
    }
  }

  private isRunning(host: HostState, part: HostPart): boolean {
    return livePid(this.layout.host(host.name).run, mainProcessOf(part)) !== null;
  }

  private async startPart(
    host: HostState,
    part: HostPart,
    joins: Partial<JoinFields> = {},
  ): Promise<number> {
    const folders = this.layout.host(host.name);
    mkdirSync(folders.data, { recursive: true, mode: 0o700 });
    mkdirSync(folders.run, { recursive: true, mode: 0o700 });
    const configFile = join(folders.dir, `${part}.json`);
    const kept = existsSync(configFile) ? readConfigFile(configFile) : {};
    const config =
      part === "server"
        ? this.serverConfig(host, { kept, joins })
        : await this.agentConfig(host, kept);
    writePrivateFile(configFile, `${JSON.stringify(config, null, 2)}\n`);
    const pid = spawnHost(host, folders, { part, configFile });
    // From its first moment on: whoever takes the cluster down now must find it.
    recordProcess(folders.run, mainProcessOf(part), pid);
    return pid;
  }

  /**
   * What a person has added to the file since is kept. How to join is said anew each time: the
   * token has ended meanwhile.
   */
  private serverConfig(
    host: HostState,
    { kept, joins }: { readonly kept: Plain; readonly joins: Partial<JoinFields> },
  ): Record<string, unknown> {
    const folders = this.layout.host(host.name);
    const { join: _join, tokenFile: _tokenFile, caHash: _caHash, ...added } = kept;
    return {
      ...added,
      name: host.name,
      cluster: this.state.name,
      dataDir: folders.data,
      runDir: folders.run,
      listen: `0.0.0.0:${host.ports.api}`,
      advertiseAddress: host.address,
      ...(host.ports.peer === undefined ? {} : { peerListen: `0.0.0.0:${host.ports.peer}` }),
      ...(this.state.network === undefined ? {} : { vip: this.state.network.virtualAddress }),
      serviceCidr: DEFAULT_SERVICE_CIDR,
      clusterCidr: clusterCidrOf(this.state),
      ...this.state.serverOptions,
      ...joins,
    };
  }

  /** What a person has added to the file or changed since is kept, except what it must say. */
  private async agentConfig(host: HostState, kept: Plain): Promise<Record<string, unknown>> {
    const folders = this.layout.host(host.name);
    const dataDir = host.role === "agent" ? folders.data : folders.serverAgentData;
    await ensureAgentPki(adminPkiOf(this.layout), join(dataDir, "pki"), {
      nodeName: host.name,
      addresses: ["127.0.0.1", host.address],
      nowMs: Date.now(),
    });
    type Field = keyof AgentConfig | (typeof RESOURCE_FIELDS)[number];
    // The disk is the computer's, and what fills it is mostly not the cluster; nor can images that
    // were imported be had again.
    const defaults: Partial<Record<Field, unknown>> = {
      imageGCHighThresholdPercent: 100,
      evictionHard: { "memory.available": "100Mi" },
      ...(host.role === "server" ? { taints: `${CONTROL_PLANE_ROLE}:NoSchedule` } : {}),
    };
    const config: Partial<Record<Field, unknown>> = {
      name: host.name,
      cluster: this.state.name,
      servers: serverUrlsOf(this.state),
      dataDir,
      runDir: folders.run,
      logDir: folders.log,
      runtime: this.state.runtime,
      nodeAddress: host.address,
      listen: `0.0.0.0:${host.ports.agent}`,
      clusterCidr: clusterCidrOf(this.state),
      registryMirrors: this.state.registryMirrors,
    };
    return { ...defaults, ...kept, ...config };
  }

  private async waitReady(
    host: HostState,
    { part, pid, signal }: { part: HostPart; pid: number | null; signal: AbortSignal },
  ): Promise<void> {
    const isAlone = (): boolean => part === "server" && !this.membership.hasMajority();
    const died = (): boolean => pid !== null && startTimeOf(pid) === null && existsSync("/proc");
    const ready = await this.poll(SERVER_READY_MS, signal, async () => {
      if (died()) throw this.notReady(host, { part, what: "ended" });
      this.refusePaused(host, part);
      const pkiDir = adminPkiOf(this.layout);
      return this.isRunning(host, part) && (isAlone() || (await isReady(host, { part, pkiDir })));
    });
    if (!ready) throw this.notReady(host, { part, what: "does not get ready" });
  }

  /** A host that was paused is not dead: it would be waited for in vain. */
  private refusePaused(host: HostState, part: HostPart): void {
    const pid = livePid(this.layout.host(host.name).run, mainProcessOf(part));
    if (pid === null || !isStopped(pid)) return;
    throw new CommandError("Failed", `${host.name} is paused`, {
      hint: `Let it go on: raftsman resume ${host.name} --name ${this.state.name}`,
    });
  }

  /** Asks until it is so; false at the deadline. */
  private async poll(
    timeoutMs: number,
    signal: AbortSignal,
    isSo: () => Promise<boolean>,
  ): Promise<boolean> {
    const deadlineMs = performance.now() + timeoutMs;
    while (!(await isSo())) {
      if (performance.now() > deadlineMs) return false;
      await delay(POLL_MS, undefined, { signal });
    }
    return true;
  }

  private notReady(
    host: HostState,
    { part, what }: { readonly part: HostPart; readonly what: string },
  ): CommandError {
    const folders = this.layout.host(host.name);
    return new CommandError("Failed", `${host.name} ${what}`, {
      hint: `The end of its log (${folders.log}):\n${logTail(part, folders)}`,
    });
  }
}

async function labelAsServer(client: ApiClient, name: string): Promise<void> {
  const patch = { metadata: { labels: { [CONTROL_PLANE_ROLE]: "" } } };
  await client.resource(NODES).patch(name, patch, { type: "merge" });
}

async function nodeReady(client: ApiClient, name: string): Promise<boolean> {
  try {
    const node = await client.resource(NODES).get(name);
    return (node.status?.conditions ?? []).some(
      (condition) => condition.type === "Ready" && condition.status === "True",
    );
  } catch (error) {
    if (isApiError(error, "NotFound", "ServiceUnavailable")) return false;
    throw error;
  }
}

/**
 * Under sudo the folder belongs to root; the kubeconfig is for the person who typed the command.
 */
function handToSudoCaller(paths: readonly string[]): void {
  const uid = Number(process.env["SUDO_UID"]);
  const gid = Number(process.env["SUDO_GID"]);
  if (!Number.isInteger(uid) || !Number.isInteger(gid) || process.getuid?.() !== 0) return;
  for (const path of paths) chownSync(path, uid, gid);
}
