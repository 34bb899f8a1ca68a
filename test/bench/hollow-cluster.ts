import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ApiClient } from "../../api/client/client-types.js";
import { readClusterState } from "../../deploy/local-cluster/cluster-state.js";
import { layoutOf } from "../../deploy/local-cluster/layout.js";
import { LocalCluster } from "../../deploy/local-cluster/local-cluster.js";
import { TestCluster } from "../e2e/test-cluster.js";
import type { HollowAgents } from "./hollow-agents.js";

const CLOCK_TICKS = 100;

/** CPU seconds since a process began. */
export interface CpuSeconds {
  readonly api: number;
  readonly consensus: number;
  readonly agents: number;
}

/** One server and simulated nodes that share a process. The caller stops it. */
export class HollowCluster {
  readonly client: ApiClient;
  readonly pids: { readonly api: number; readonly consensus: number; readonly agents: number };
  private readonly cluster: TestCluster;
  private readonly agents: ChildProcess;

  private constructor(
    cluster: TestCluster,
    parts: Pick<HollowCluster, "client" | "pids"> & { readonly agents: ChildProcess },
  ) {
    this.cluster = cluster;
    this.client = parts.client;
    this.pids = parts.pids;
    this.agents = parts.agents;
  }

  static async start(count: number, maxPods: number): Promise<HollowCluster> {
    const cluster = new TestCluster("bench");
    try {
      await cluster.ok(["up", "--empty", "--nodes", "0", "--runtime", "hollow"]);
      const { endpoint: server } = await cluster.status();
      const layout = layoutOf(cluster.home, cluster.name);
      const state = readClusterState(layout);
      if (state === null) throw new Error("the cluster left no state");
      const pkiDir = join(layout.host("server-1").data, "pki");
      const folder = join(cluster.home, "agents");
      const asked: HollowAgents = { server, pkiDir, folder, count, maxPods };
      const file = join(import.meta.dirname, "hollow-agents.js");
      const env = { ...process.env, RAFTSMAN_LOG_LEVEL: "error" };
      const agents = fork(file, [JSON.stringify(asked)], { env });
      const [said] = (await Promise.race([
        once(agents, "message"),
        once(agents, "exit").then(([code]) => [`they ended with ${code}`]),
      ])) as [unknown];
      if (said !== "ready") throw new Error(`the hollow agents did not start: ${String(said)}`);
      const client = new LocalCluster(layout, state).adminClient();
      const pids = {
        api: await cluster.pidOf("server-1", "api"),
        consensus: await cluster.pidOf("server-1", "consensus"),
        agents: agents.pid ?? 0,
      };
      return new HollowCluster(cluster, { client, pids, agents });
    } catch (error) {
      await cluster.destroy();
      throw error;
    }
  }

  cpu(): CpuSeconds {
    const { api, consensus, agents } = this.pids;
    return { api: cpuOf(api), consensus: cpuOf(consensus), agents: cpuOf(agents) };
  }

  async stop(): Promise<void> {
    this.client.close();
    if (this.agents.connected) this.agents.disconnect();
    if (this.agents.exitCode === null) await once(this.agents, "exit");
    await this.cluster.destroy();
  }
}

function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name may hold spaces: what follows its closing bracket begins with field 3.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS;
}
