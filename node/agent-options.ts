import type { ApiClient, ClientConfig } from "../api/client/client-types.js";
import type { Taint } from "../api/schema/types/core-v1.gen.js";
import type { Clock } from "../base/clock.js";
import type { Logger } from "../base/logger.js";
import type { Random } from "../base/random.js";
import type { ServerList } from "../base/server-list.js";
import type { EvictionConfig } from "./plan/eviction-thresholds.js";
import type { ReservedResources } from "./plan/node-object.js";
import type { ImagePolicy } from "./plan/image-garbage.js";
import type { ClusterDns } from "./plan/dns-config.js";

/**
 * How to run the agent of one node. Paths are absolute; the network namespace is that of the
 * caller.
 */
export interface AgentOptions {
  readonly clusterName: string;
  readonly nodeName: string;
  readonly client: ApiClient;
  /** The same connection as `client`, for the parts that open their own. */
  readonly clientConfig: ClientConfig;
  /** The servers that `client` turns to; the agent keeps it in line with the cluster. */
  readonly servers: ServerList;
  /** Told when the list changed, to be kept for the next start. */
  readonly onServers?: (urls: readonly string[]) => void;
  /** Everything that outlives the agent: images, volumes, logs of pods. */
  readonly dataDir: string;
  /** Sockets and pid files; must be short (a socket path has 107 characters at most). */
  readonly runDir: string;
  readonly logDir: string;
  readonly runtime: "containerd" | "hollow" | { readonly socket: string };
  /** The folder of static pods' manifests; made when it is not there. */
  readonly manifestsDir: string;
  /** The node's InternalIP. */
  readonly nodeAddress: string;
  readonly clusterCidr: string;
  readonly serviceCidr: string;
  readonly clusterDns: ClusterDns;
  /** Port 0: any. */
  readonly listen: { readonly host: string; readonly port: number };
  readonly tls: { readonly certFile: string; readonly keyFile: string; readonly caFile: string };
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** Registry host to the URL of its mirror. */
  readonly registryMirrors: Readonly<Record<string, string>>;
  /** How many pods the node takes. */
  readonly maxPods: number;
  /** What pods must leave to the host's own processes. */
  readonly reserved: ReservedResources;
  /** When images that nobody uses are removed. */
  readonly imagePolicy: ImagePolicy;
  /** Sysctls beyond the safe ones that pods may set, or the beginnings of their names: `net.*`. */
  readonly allowedUnsafeSysctls: readonly string[];
  /** When pods have to go because the node runs short. */
  readonly eviction: EvictionConfig;
  /** Such as /raftsman/dev/node-1. */
  readonly cgroupRoot: string;
  /** Unique among the hosts of the machine, such as raftsman-dev-node-1. */
  readonly networkName: string;
  /** Such as v1.36.3+raftsman.0.1.0. */
  readonly version: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** An agent that runs. */
export interface RunningAgent {
  /** The port that the API server reaches it at. */
  readonly port: number;
  /** The CRI socket; null for simulated pods. */
  readonly runtimeSocket: string | null;
  /** The processes that it looks after and that outlive it; null: none at the moment. */
  pids(): Promise<{ readonly containerd: number | null; readonly dns: number | null }>;
  /**
   * Resolves once the node can take pods; rejects when the agent has failed or was stopped before.
   */
  readonly ready: Promise<void>;
  /**
   * Resolves when the agent has stopped; rejects when it failed for a reason that no retry can
   * mend.
   */
  readonly stopped: Promise<void>;
  /** Stops the agent alone: containers, containerd and DNS go on. */
  stop(): Promise<void>;
}
