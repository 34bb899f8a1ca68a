import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createApiClient } from "../../api/client/rest-client.js";
import { systemClock, systemRandom } from "../../api/client/system-clock.js";
import { CodedError, messageOf } from "../../base/errors.js";
import { startAgent, type AgentOptions, type RunningAgent } from "../../node/agent.js";
import { ServerList } from "../../base/server-list.js";
import { CommandError } from "../cli/output.js";
import { forgetProcess, recordProcess } from "../local-cluster/process-record.js";
import { processLogger } from "../process-logger.js";
import { DEFAULT_SERVICE_CIDR } from "../server/server-config.js";
import { KUBERNETES_VERSION, RAFTSMAN_VERSION } from "../version.js";
import type { AgentConfig } from "./agent-config.js";
import { LearnedServers } from "./learned-servers.js";
import { CLUSTER_DNS, cgroupRootOf, networkNameOf } from "./node-names.js";

/**
 * `raftsman agent`: runs one node. Resolves when the agent was asked to stop and has stopped;
 * containers go on. Throws CommandError when it cannot start.
 */
export async function runAgent(config: AgentConfig): Promise<void> {
  process.title = `raftsman: agent ${config.name} (${config.cluster})`;
  const options = agentOptions(config);
  mkdirSync(config.runDir, { recursive: true, mode: 0o700 });
  let agent: RunningAgent;
  try {
    agent = await startAgent(options);
  } catch (error) {
    throw startFailure(error, config);
  }
  recordProcess(config.runDir, "agent", process.pid);
  const told = new Promise<void>((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve());
  });
  try {
    await Promise.race([told, agent.stopped]);
  } finally {
    await agent.stop();
    options.client.close();
    forgetProcess(config.runDir, "agent");
  }
}

/** What the agent is started with. Opens the client, which the caller closes. */
export function agentOptions(config: AgentConfig): AgentOptions {
  const pki = join(config.dataDir, "pki");
  const files = {
    caFile: join(pki, "ca.crt"),
    certFile: join(pki, "node.crt"),
    keyFile: join(pki, "node.key"),
  };
  const clientConfig = {
    servers: config.servers,
    ...files,
    userAgent: `raftsman-agent/${RAFTSMAN_VERSION}`,
  };
  const deps = { clock: systemClock, random: systemRandom, logger: processLogger("agent") };
  const learned = new LearnedServers(config.dataDir);
  // Agents begin with different servers, or the first one would have all the links.
  const spread = systemRandom.below(1 << 20);
  const servers = new ServerList(config.servers, { spread });
  servers.learn(learned.read());
  return {
    ...deps,
    clusterName: config.cluster,
    nodeName: config.name,
    client: createApiClient(clientConfig, { ...deps, servers }),
    servers,
    onServers: (urls) => learned.write(urls),
    clientConfig,
    dataDir: config.dataDir,
    runDir: config.runDir,
    logDir: config.logDir,
    manifestsDir: config.manifests,
    runtime: config.runtime,
    nodeAddress: config.nodeAddress,
    clusterCidr: config.clusterCidr,
    serviceCidr: DEFAULT_SERVICE_CIDR,
    clusterDns: CLUSTER_DNS,
    listen: config.listen,
    tls: files,
    labels: config.labels,
    taints: config.taints,
    registryMirrors: config.registryMirrors,
    maxPods: config.maxPods,
    imagePolicy: config.imagePolicy,
    allowedUnsafeSysctls: config.allowedUnsafeSysctls,
    eviction: config.eviction,
    reserved: config.reserved,
    cgroupRoot: cgroupRootOf(config.cluster, config.name),
    networkName: networkNameOf(config.cluster, config.name),
    version: `${KUBERNETES_VERSION}+raftsman.${RAFTSMAN_VERSION}`,
  };
}

function startFailure(error: unknown, config: AgentConfig): CommandError {
  const code = error instanceof CodedError ? error.code : (error as NodeJS.ErrnoException).code;
  const hints: Readonly<Record<string, string>> = {
    ENOENT: `The node's keys belong into ${join(config.dataDir, "pki")}: ca.crt, node.crt, node.key.`,
    EADDRINUSE: "Stop the program that listens there (ss -ltnp shows it), or choose another port.",
    EACCES: "An agent with containers runs as root.",
  };
  return new CommandError("Failed", `the agent cannot start: ${messageOf(error)}`, {
    hint: hints[String(code)] ?? "",
    cause: error,
  });
}
