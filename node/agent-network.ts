import type { AgentInformers } from "./agent-informers.js";
import type { AgentOptions } from "./agent-options.js";
import { nftTableName } from "./cni/network-plan.js";
import { NodeRoutes } from "./cni/node-routes.js";
import { ensurePodNetwork } from "./cni/pod-network.js";
import { routedNodeOf } from "./cni/route-plan.js";
import { type DnsSupervisor, ensureDnsProcess } from "./dns/ensure-dns-process.js";
import type { NodePaths } from "./node-paths.js";
import { type RunningServiceProxy, startServiceProxy } from "./proxy/service-proxy.js";

/** The port that pods ask for names at. */
const DNS_PORT = 53;

/** What a node does for the network of its pods while the agent runs. */
export interface AgentNetwork {
  readonly dns: DnsSupervisor;
  /** Stops following; rules, routes and DNS stay. */
  close(): Promise<void>;
}

/**
 * The network of the node's own pods: has to be there before the first sandbox. Rejects with
 * CodedError.
 */
export async function preparePodNetwork(
  options: AgentOptions,
  paths: NodePaths,
  podCidr: string,
): Promise<void> {
  await ensurePodNetwork({
    networkName: options.networkName,
    podCidr,
    clusterCidr: options.clusterCidr,
    serviceCidr: options.serviceCidr,
    nodeAddress: options.nodeAddress,
    confDir: paths.cniConfDir,
    dataDir: options.dataDir,
    logger: options.logger,
  });
}

/** Service rules, routes to other nodes' pods, and DNS. */
export async function startAgentNetwork(
  options: AgentOptions,
  informers: Pick<AgentInformers, "routedNodes" | "services" | "slices">,
  signal: AbortSignal,
): Promise<AgentNetwork> {
  const { nodeName, clusterCidr, logger, clock } = options;
  const proxy: RunningServiceProxy = startServiceProxy({
    services: informers.services,
    slices: informers.slices,
    nodeName,
    tableName: nftTableName(options.networkName, "services"),
    clusterCidr,
    logger,
    clock,
  });
  const routes = new NodeRoutes({ nodeName, clusterCidr, logger, clock });
  const removeHandler = informers.routedNodes.addHandler({
    added: (node) => routes.upsert(routedNodeOf(node)),
    updated: (node) => routes.upsert(routedNodeOf(node)),
    deleted: (node) => routes.remove(node.metadata.name),
  });
  const syncing = informers.routedNodes
    .whenSynced(signal)
    .then((synced) => (synced ? routes.sync() : undefined));
  const dns = await ensureDnsProcess({
    clusterName: options.clusterName,
    hostName: nodeName,
    listenAddress: options.clusterDns.address,
    port: DNS_PORT,
    domain: options.clusterDns.domain,
    client: {
      ...options.clientConfig,
      servers: options.servers.urls(),
      userAgent: "raftsman-dns",
    },
    resolvConf: "/etc/resolv.conf",
    runDir: options.runDir,
    logDir: options.logDir,
    logger,
    clock,
  });
  return {
    dns,
    close: async () => {
      removeHandler();
      await syncing;
      await Promise.all([proxy.close(), dns.close()]);
      await routes.close();
    },
  };
}
