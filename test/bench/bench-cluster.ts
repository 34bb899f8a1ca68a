import type { ApiClient } from "../../api/client/client-types.js";
import { layoutOf } from "../../deploy/local-cluster/layout.js";
import { LocalCluster } from "../../deploy/local-cluster/local-cluster.js";
import { readClusterState } from "../../deploy/local-cluster/cluster-state.js";
import { TestCluster } from "../e2e/test-cluster.js";

/** A cluster started for a benchmark, with the administrator's client and key files. */
export interface BenchCluster {
  readonly client: ApiClient;
  readonly endpoint: string;
  readonly pkiDir: string;
  /** CRI socket of the one node; empty without a node. */
  readonly runtimeSocket: string;
  /** Of the one node; 0 without a node. */
  readonly agentPid: number;
  stop(): Promise<void>;
}

/** Brings up one server and `nodes` nodes with nothing deployed. The caller stops it. */
export async function startBenchCluster(nodes: 0 | 1): Promise<BenchCluster> {
  const cluster = new TestCluster("bench");
  try {
    await cluster.ok(["up", "--empty", "--nodes", String(nodes)]);
    const status = await cluster.status();
    const layout = layoutOf(cluster.home, cluster.name);
    const state = readClusterState(layout);
    if (state === null) throw new Error("the cluster left no state");
    const client = new LocalCluster(layout, state).adminClient();
    return {
      client,
      endpoint: status.endpoint,
      pkiDir: `${layout.host("server-1").data}/pki`,
      runtimeSocket: status.hosts.find((host) => host.role === "agent")?.runtimeSocket ?? "",
      agentPid: nodes === 0 ? 0 : await cluster.pidOf("node-1", "agent"),
      stop: async () => {
        client.close();
        await cluster.destroy();
      },
    };
  } catch (error) {
    await cluster.destroy();
    throw error;
  }
}
