import { setTimeout as delay } from "node:timers/promises";
import { cpSync } from "node:fs";
import { join } from "node:path";
import type { MemberList } from "../../consensus/consensus.js";
import { AdminApi } from "../../deploy/cli/admin-api.js";
import { readClusterState } from "../../deploy/local-cluster/cluster-state.js";
import { adminPkiOf, serverUrlsOf } from "../../deploy/local-cluster/cluster-status.js";
import { layoutOf } from "../../deploy/local-cluster/layout.js";
import { LocalCluster } from "../../deploy/local-cluster/local-cluster.js";
import { livePid } from "../../deploy/local-cluster/process-record.js";
import { TestCluster } from "../e2e/test-cluster.js";
import { until } from "../e2e/until.js";
import { FailoverWriter } from "./failover-writer.js";
import { alone, type BenchResult } from "./report.js";

const KILLS = 50;
const HAND_OVERS = 50;
const STOPS = 5;
const STOP_MS = 10_000;
/** Writes go on for so long on either side of a hand-over. */
const AROUND_MS = 500;
const { signal } = new AbortController();

/**
 * How long writes stop when the leader of three servers is killed, hands over, or stands still.
 * Each server is a network namespace; two clients write, one that knows all servers and one that
 * knows the virtual address alone.
 */
export async function failover({ quick, only }: Options): Promise<BenchResult[]> {
  if (only !== null && !PARTS.some((part) => part === only))
    throw new Error(`--only ${only}: there are ${PARTS.join(", ")}`);
  const cluster = new TestCluster("fail");
  try {
    await cluster.ok(["up", "--empty", "--servers", "3", "--nodes", "0"]);
    const bench = new FailoverBench(cluster);
    try {
      return await bench.run(quick ? 10 : 1, only);
    } finally {
      bench.stop();
    }
  } finally {
    await cluster.destroy();
  }
}

interface Options {
  readonly quick: boolean;
  /** One of PARTS; null: all of them. */
  readonly only: string | null;
}

const PARTS = ["kill", "hand-over", "stop"] as const;

class FailoverBench {
  private readonly local: LocalCluster;
  private readonly api: AdminApi;
  private readonly byList: FailoverWriter;
  private readonly byAddress: FailoverWriter;

  constructor(cluster: TestCluster) {
    const layout = layoutOf(cluster.home, cluster.name);
    const state = readClusterState(layout);
    if (state?.network === undefined) throw new Error("the cluster left no state");
    this.local = new LocalCluster(layout, state);
    this.api = AdminApi.ofLocal(layout, state);
    const pkiDir = join(cluster.home, "admin");
    cpSync(adminPkiOf(layout), pkiDir, { recursive: true });
    const virtual = `https://${state.network.virtualAddress}:6443`;
    this.byList = new FailoverWriter(serverUrlsOf(state), { pkiDir, label: "list" });
    this.byAddress = new FailoverWriter([virtual], { pkiDir, label: "address" });
  }

  stop(): void {
    this.byList.stop();
    this.byAddress.stop();
  }

  /** Each measurement 1/`share` as often as it is meant. */
  async run(share: number, only: string | null): Promise<BenchResult[]> {
    const measure = {
      kill: () => this.kills(KILLS / share),
      "hand-over": () => this.handOvers(HAND_OVERS / share),
      stop: () => this.stops(Math.ceil(STOPS / share)),
    };
    const results: BenchResult[] = [];
    await this.settle();
    for (const part of PARTS)
      if (only === null || only === part) results.push(...(await measure[part]()));
    return results;
  }

  private async kills(count: number): Promise<BenchResult[]> {
    const byList: number[] = [];
    const byAddress: number[] = [];
    for (let n = 0; n < count; n += 1) {
      const leader = await this.leader();
      const times = await this.disturb(() => this.signal(leader, "SIGKILL"));
      byList.push(times.byList);
      byAddress.push(times.byAddress);
      tell(`kill ${n + 1}`, times.byList, times.byAddress);
      await this.bringBack(leader);
    }
    return [
      told("leader SIGKILLed → first 201", byList),
      told("leader SIGKILLed → first 201 at the virtual address", byAddress),
    ];
  }

  private async handOvers(count: number): Promise<BenchResult[]> {
    const gaps: number[] = [];
    const quiet: number[] = [];
    const longest = async (work: () => Promise<unknown>): Promise<number> => {
      this.byList.forget();
      const sinceMs = performance.now();
      await delay(AROUND_MS);
      await work();
      await delay(AROUND_MS);
      return this.byList.longestGapSince(sinceMs);
    };
    // One client that writes 200 times a second is asked for; the other one would double that.
    this.byAddress.pause();
    for (let n = 0; n < count; n += 1) {
      quiet.push(await longest(async () => {}));
      gaps.push(
        await longest(() =>
          this.api.send("POST", "/raftsman/v1/members/transfer-leader", { names: [] }),
        ),
      );
      tell(`hand-over ${n + 1}`, gaps.at(-1) ?? 0, quiet.at(-1) ?? 0);
    }
    this.byAddress.goOn();
    return [
      told("planned hand-over: longest time without a 201", gaps),
      told("the same time while nothing is handed over", quiet),
    ];
  }

  private async stops(count: number): Promise<BenchResult[]> {
    const byList: number[] = [];
    const byAddress: number[] = [];
    for (let n = 0; n < count; n += 1) {
      const leader = await this.leader();
      const stoppedMs = performance.now();
      const times = await this.disturb(() => this.signal(leader, "SIGSTOP"));
      byList.push(times.byList);
      byAddress.push(times.byAddress);
      tell(`stop ${n + 1}`, times.byList, times.byAddress);
      await delay(Math.max(0, stoppedMs + STOP_MS - performance.now()));
      this.signal(leader, "SIGCONT");
      await this.settle();
    }
    return [
      told("leader SIGSTOPped for 10 s → first 201", byList),
      told("leader SIGSTOPped for 10 s → first 201 at the virtual address", byAddress),
    ];
  }

  /** How long after it the first write that was sent later was acknowledged to each client. */
  private async disturb(act: () => void): Promise<{ byList: number; byAddress: number }> {
    const startedMs = performance.now();
    act();
    const [list, address] = await Promise.all([
      this.byList.firstAfter(startedMs),
      this.byAddress.firstAfter(startedMs),
    ]);
    this.byList.forget();
    this.byAddress.forget();
    return { byList: list.ackMs - startedMs, byAddress: address.ackMs - startedMs };
  }

  private async bringBack(name: string): Promise<void> {
    const host = this.local.state.hosts.find((one) => one.name === name);
    if (host === undefined) throw new Error(`no host ${name}`);
    await this.local.ensureHost(host, signal);
    await this.settle();
  }

  /** All three are there and keep up, and both clients write. */
  private async settle(): Promise<void> {
    await until("all servers to keep up", async () => {
      const members = await this.members();
      const applied = members.map(({ appliedIndex }) => appliedIndex);
      return (
        members.length === 3 &&
        members.every(({ healthy, voter }) => healthy && voter) &&
        Math.max(...applied) - Math.min(...applied) < 200
      );
    });
    const nowMs = performance.now();
    await Promise.all([this.byList.firstAfter(nowMs), this.byAddress.firstAfter(nowMs)]);
  }

  private async leader(): Promise<string> {
    return until("a leader", async () => {
      return (await this.members()).find(({ role }) => role === "leader")?.name ?? null;
    });
  }

  private async members(): Promise<MemberList["members"]> {
    return ((await this.api.send("GET", "/raftsman/v1/members")) as MemberList).members;
  }

  private signal(name: string, signalName: NodeJS.Signals): void {
    const { run } = this.local.layout.host(name);
    for (const part of ["consensus", "api"]) {
      const pid = livePid(run, part);
      if (pid !== null) process.kill(pid, signalName);
    }
  }
}

function told(name: string, timesMs: readonly number[]): BenchResult {
  const worst = Math.max(...timesMs);
  return alone(`${name} (worst)`, { unit: "ms", ours: worst, timesMs, n: timesMs.length });
}

function tell(what: string, ...timesMs: readonly number[]): void {
  process.stderr.write(`… ${what}: ${timesMs.map(Math.round).join(", ")} ms\n`);
}
