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
import { DEFAULT_CLUSTER_CIDR, DEFAULT_SERVICE_CIDR } from "../server/server-config.js";
import { RAFTSMAN_VERSION } from "../version.js";
import { adminPkiOf, endpointOf, isReady, serverUrlsOf } from "./cluster-status.js";
import type { ClusterState, HostState } from "./cluster-state.js";
import { logTail, mainProcessOf, runningProcesses, spawnHost } from "./host-processes.js";
import { ensureHostNetwork } from "./host-network.js";
import type { ClusterLayout } from "./layout.js";
import { livePid, recordProcess, startTimeOf } from "./process-record.js";
import { type JoinFields, ServerMembership } from "./server-membership.js";

const POLL_MS = 25;
const SERVER_READY_MS = 60_000;
const NODE_READY_MS = 90_000;
const VOTERS_MS = 60_000;

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
      if (!this.membership.isMember(host) || this.isRunning(host)) continue;
      await this.startHost(host, {});
      woken.add(host.name);
    }
    return woken;
  }

  /**
   * Starts the host's main process unless it runs, and waits until it is ready; a server without a
   * majority of the members only until it runs. A server with an empty folder founds the cluster
   * or joins it. Throws CommandError with the end of its log when it dies or does not get ready in
   * time.
   */
  async ensureHost(host: HostState, signal: AbortSignal): Promise<HostStart> {
    if (this.isRunning(host)) {
      await this.waitReady(host, { pid: null, signal });
      return { started: false, joined: false };
    }
    const { membership } = this;
    if (host.role === "agent" || membership.isMember(host) || membership.founds(host)) {
      const pid = await this.startHost(host, {});
      await this.waitReady(host, { pid, signal });
      return { started: true, joined: false };
    }
    const permit = await membership.permitJoin(host);
    try {
      const pid = await this.startHost(host, permit.fields);
      await this.waitReady(host, { pid, signal });
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
   * Waits until the API calls every node Ready. Throws CommandError with the end of the agent's
   * log.
   */
  async waitNodesReady(client: ApiClient, signal: AbortSignal): Promise<void> {
    for (const host of this.state.hosts.filter((each) => each.role === "agent")) {
      const ready = await this.poll(NODE_READY_MS, signal, () => nodeReady(client, host.name));
      if (!ready) throw this.notReady(host, "is not Ready");
    }
  }

  private isRunning(host: HostState): boolean {
    return livePid(this.layout.host(host.name).run, mainProcessOf(host)) !== null;
  }

  private async startHost(host: HostState, join_: Partial<JoinFields>): Promise<number> {
    const folders = this.layout.host(host.name);
    mkdirSync(folders.data, { recursive: true, mode: 0o700 });
    mkdirSync(folders.run, { recursive: true, mode: 0o700 });
    const isServer = host.role === "server";
    const config = isServer ? this.serverConfig(host, join_) : await this.agentConfig(host);
    const configFile = join(folders.dir, `${host.role}.json`);
    writePrivateFile(configFile, `${JSON.stringify(config, null, 2)}\n`);
    const pid = spawnHost(host, folders, configFile);
    // From its first moment on: whoever takes the cluster down now must find it.
    recordProcess(folders.run, mainProcessOf(host), pid);
    return pid;
  }

  private serverConfig(host: HostState, join_: Partial<JoinFields>): Record<string, unknown> {
    const folders = this.layout.host(host.name);
    return {
      name: host.name,
      cluster: this.state.name,
      dataDir: folders.data,
      runDir: folders.run,
      listen: `0.0.0.0:${host.ports.api}`,
      advertiseAddress: host.address,
      ...(host.ports.peer === undefined ? {} : { peerListen: `0.0.0.0:${host.ports.peer}` }),
      ...(this.state.network === undefined ? {} : { vip: this.state.network.virtualAddress }),
      serviceCidr: DEFAULT_SERVICE_CIDR,
      clusterCidr: DEFAULT_CLUSTER_CIDR,
      ...this.state.serverOptions,
      ...join_,
    };
  }

  private async agentConfig(host: HostState): Promise<Record<string, unknown>> {
    const folders = this.layout.host(host.name);
    await ensureAgentPki(adminPkiOf(this.layout), join(folders.data, "pki"), {
      nodeName: host.name,
      addresses: ["127.0.0.1", host.address],
      nowMs: Date.now(),
    });
    type Field = keyof AgentConfig | (typeof RESOURCE_FIELDS)[number];
    const config: Partial<Record<Field, unknown>> = {
      name: host.name,
      cluster: this.state.name,
      servers: serverUrlsOf(this.state),
      dataDir: folders.data,
      runDir: folders.run,
      logDir: folders.log,
      runtime: this.state.runtime,
      nodeAddress: host.address,
      listen: `0.0.0.0:${host.ports.agent}`,
      clusterCidr: DEFAULT_CLUSTER_CIDR,
      registryMirrors: this.state.registryMirrors,
      // The disk is the computer's, and what fills it is mostly not the cluster; nor can images
      // that were imported be had again.
      imageGCHighThresholdPercent: 100,
      evictionHard: { "memory.available": "100Mi" },
    };
    return config;
  }

  private async waitReady(
    host: HostState,
    { pid, signal }: { pid: number | null; signal: AbortSignal },
  ): Promise<void> {
    const folders = this.layout.host(host.name);
    const isAlone = (): boolean => host.role === "server" && !this.membership.hasMajority();
    const died = (): boolean => pid !== null && startTimeOf(pid) === null && existsSync("/proc");
    const ready = await this.poll(SERVER_READY_MS, signal, async () => {
      if (died()) throw this.notReady(host, "ended");
      const recorded = runningProcesses(host, folders).some(
        (entry) => entry.name === mainProcessOf(host),
      );
      return recorded && (isAlone() || (await isReady(host, adminPkiOf(this.layout))));
    });
    if (!ready) throw this.notReady(host, "does not get ready");
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

  private notReady(host: HostState, what: string): CommandError {
    const folders = this.layout.host(host.name);
    return new CommandError("Failed", `${host.name} ${what}`, {
      hint: `The end of its log (${folders.log}):\n${logTail(host, folders)}`,
    });
  }
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
