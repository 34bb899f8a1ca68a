import { type ChildProcess, execFileSync, fork } from "node:child_process";
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
/** Simulated nodes that share a process. */
const AGENTS_PER_PROCESS = 50;

/** Something that each part has: seconds, bytes. */
export interface OfEachPart {
  readonly api: number;
  readonly consensus: number;
  readonly agents: number;
}

export interface HollowOptions {
  /** How many nodes. */
  readonly count: number;
  readonly maxPods: number;
  /** Default 1. More are hosts with networks of their own. */
  readonly servers?: number;
}

/** The processes of each part, by part. */
type Pids = Readonly<Record<keyof OfEachPart, readonly number[]>>;

/** Servers, and simulated nodes that share a few processes. The caller stops it. */
export class HollowCluster {
  readonly client: ApiClient;
  readonly pids: Pids;
  private readonly cluster: TestCluster;
  private readonly agents: readonly ChildProcess[];

  private constructor(
    cluster: TestCluster,
    parts: Pick<HollowCluster, "client" | "pids"> & { readonly agents: readonly ChildProcess[] },
  ) {
    this.cluster = cluster;
    this.client = parts.client;
    this.pids = parts.pids;
    this.agents = parts.agents;
  }

  static async start(options: HollowOptions): Promise<HollowCluster> {
    const { servers = 1 } = options;
    const cluster = new TestCluster("bench");
    const agents: ChildProcess[] = [];
    try {
      const shape = ["--servers", String(servers), "--nodes", "0", "--runtime", "hollow"];
      await cluster.ok(["up", "--empty", ...shape]);
      const { endpoint, hosts } = await cluster.status();
      const layout = layoutOf(cluster.home, cluster.name);
      const state = readClusterState(layout);
      if (state === null) throw new Error("the cluster left no state");
      await startAgents(agents, {
        server: endpoint,
        pkiDir: join(layout.host("server-1").data, "pki"),
        folder: join(cluster.home, "agents"),
        maxPods: options.maxPods,
        count: options.count,
      });
      const client = new LocalCluster(layout, state).adminClient();
      const named = (wanted: string): number[] =>
        hosts.flatMap(({ processes }) =>
          processes.filter(({ name }) => name === wanted).map(({ pid }) => pid),
        );
      const pids = {
        api: named("api"),
        consensus: named("consensus"),
        agents: agents.map(({ pid = 0 }) => pid),
      };
      return new HollowCluster(cluster, { client, pids, agents });
    } catch (error) {
      for (const child of agents) child.kill("SIGKILL");
      await cluster.destroy();
      throw error;
    }
  }

  /** Seconds of processor time since the processes began. */
  cpu(): OfEachPart {
    return this.sum(cpuOf);
  }

  /** Of each part, in bytes. */
  residentBytes(): OfEachPart {
    return this.sum(residentBytesOf);
  }

  async stop(): Promise<void> {
    this.client.close();
    for (const child of this.agents) {
      if (child.connected) child.disconnect();
      if (child.exitCode === null) await once(child, "exit");
    }
    await this.cluster.destroy();
  }

  /** Over the processes of each part. */
  sum(of: (pid: number) => number): OfEachPart {
    const total = (pids: readonly number[]): number => pids.reduce((sum, pid) => sum + of(pid), 0);
    const { api, consensus, agents } = this.pids;
    return { api: total(api), consensus: total(consensus), agents: total(agents) };
  }
}

/** Adds their processes to `agents`, one after the other: each is there before the next begins. */
async function startAgents(
  agents: ChildProcess[],
  wanted: Omit<HollowAgents, "first" | "address">,
): Promise<void> {
  const address = addressTowards(new URL(wanted.server).hostname);
  const file = join(import.meta.dirname, "hollow-agents.js");
  const env = { ...process.env, RAFTSMAN_LOG_LEVEL: "error" };
  for (let done = 0; done < wanted.count; done += AGENTS_PER_PROCESS) {
    const count = Math.min(AGENTS_PER_PROCESS, wanted.count - done);
    const asked: HollowAgents = { ...wanted, first: done + 1, count, address };
    // A session of its own: Linux gives processor time to sessions (sched_autogroup), and all nodes
    // would have to share what one server gets.
    const child = fork(file, [JSON.stringify(asked)], { env, detached: true });
    agents.push(child);
    const [said] = (await Promise.race([
      once(child, "message"),
      once(child, "exit").then(([code]) => [`they ended with ${code}`]),
    ])) as [unknown];
    if (said !== "ready") throw new Error(`the hollow agents did not start: ${String(said)}`);
    process.stderr.write(`… ${done + count} of ${wanted.count} nodes are there\n`);
  }
}

/** This computer's own address on the way to another one. */
function addressTowards(address: string): string {
  const route = execFileSync("ip", ["-o", "route", "get", address]).toString();
  const found = / src (\S+)/.exec(route)?.[1];
  if (found === undefined) throw new Error(`there is no way to ${address}: ${route}`);
  return found;
}

function residentBytesOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) * 1024;
}

function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name may hold spaces: what follows its closing bracket begins with field 3.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS;
}
