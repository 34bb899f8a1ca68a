import { setMaxListeners } from "node:events";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { ApiClient } from "../../api/client/client-types.js";
import { NAMESPACES } from "../../api/client/resource-types.js";
import { SeededRandom } from "../../base/random.js";
import { attack, type Casualty } from "./attacker.js";
import type { SearchLimits } from "./checkers/register-checker.js";
import type { ChaosCluster } from "./chaos-cluster.js";
import { unexplainedDeaths } from "./deaths.js";
import { pairCalls } from "./history.js";
import type { Fault, Nemesis } from "./nemeses/nemesis.js";
import { type Goal, isBehind, isOver, type Progress } from "./progress.js";
import { Recorder, type RunClock, startRunClock } from "./recorder.js";
import { checkReplicas } from "./replica-check.js";
import { type Seat, Workers } from "./runner.js";
import { judge, type ReplicaCheck, type Verdict, type WorkloadOutcome } from "./verdict.js";
import { NAMESPACE, type Workload } from "./workloads/workload.js";

/** Everything a run is made of. */
export interface ChaosPlan {
  readonly minutes: number;
  readonly seed: number;
  readonly workloads: readonly Workload[];
  readonly nemeses: readonly Nemesis[];
  /** Ok operations of each workload that clients are given more time for. */
  readonly okWanted: number;
  /** history/ is made in it. */
  readonly out: string;
  readonly signal: AbortSignal;
  /** Told what goes on, in whole sentences or fragments of them. */
  readonly note: (text: string) => void;
}

/** What came of it. */
export interface ChaosOutcome {
  readonly verdict: Verdict;
  readonly workloads: readonly WorkloadOutcome[];
  readonly faults: readonly Fault[];
  readonly endNs: number;
}

const FINAL_MS = 90_000;
const PROGRESS_MS = 10_000;
const LOOK_MS = 100;
/** What the checker of one key may take. */
const CHECK_MS = 20_000;
const NOT_COMPARED: ReplicaCheck = {
  valid: "unknown",
  evidence: "not compared: a server is missing",
};

/** Lets clients and nemeses loose on a cluster that is up, and judges. The cluster stays up. */
export async function runChaos(cluster: ChaosCluster, plan: ChaosPlan): Promise<ChaosOutcome> {
  const clients: ApiClient[] = [];
  const recorders: Recorder[] = [];
  try {
    await setUp(cluster, plan);
    const now = startRunClock();
    const workers = plan.workloads.map((workload, at) => {
      const recorder = new Recorder(join(plan.out, "history", `${workload.name}.jsonl`), now);
      recorders.push(recorder);
      const seats = seatsFor(workload, cluster);
      clients.push(...seats.map(({ client }) => client));
      return new Workers({ workload, recorder, seats, seed: plan.seed + at });
    });
    const { faults, casualty: fallen } = await mix(cluster, plan, { workers, now, recorders });
    const processes = cluster.processes();
    plan.note("faults have ended; looking at what is left");
    const isCalm = fallen !== null || (await finish(workers, plan.signal));
    const casualty = fallen ?? unexplainedDeaths(processes, cluster.processes());
    const endNs = now();
    const replicas = casualty === null ? await checkReplicas(cluster) : NOT_COMPARED;
    plan.note("checking what the clients saw");
    const workloads = plan.workloads.map((workload, at) => check(workload, recorders[at]));
    const verdict = judge({
      seed: plan.seed,
      seconds: Math.round(endNs / 1e9),
      workloads,
      nemeses: plan.nemeses.map(({ name }) => name),
      faults,
      replicas,
      casualties: casualty === null ? [] : [casualty],
      doubts: isCalm ? [] : [`the last reads did not end within ${FINAL_MS / 1000} s`],
    });
    return { verdict, workloads, faults, endNs };
  } finally {
    for (const client of clients) client.close();
    for (const recorder of recorders) recorder.close();
  }
}

async function setUp(cluster: ChaosCluster, plan: ChaosPlan): Promise<void> {
  const [server] = cluster.servers;
  if (server === undefined) return;
  const client = cluster.clientOf(server);
  try {
    await client
      .resource(NAMESPACES)
      .create({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE }, spec: {} });
    for (const workload of plan.workloads)
      await workload.setUp(client, { operations: 60 * plan.minutes * workload.ratePerSecond });
  } finally {
    client.close();
  }
}

/** One for each worker, spread over the servers. */
function seatsFor(workload: Workload, cluster: ChaosCluster): Seat[] {
  const { servers } = cluster;
  return Array.from({ length: workload.workers(servers.length) }, (_, index) => {
    const server = servers[index % servers.length];
    if (server === undefined) throw new RangeError("there is no server");
    return { client: cluster.clientOf(server), server: server.name };
  });
}

async function mix(
  cluster: ChaosCluster,
  plan: ChaosPlan,
  run: { workers: readonly Workers[]; now: RunClock; recorders: readonly Recorder[] },
): Promise<{ readonly faults: readonly Fault[]; readonly casualty: Casualty }> {
  const { workers, now, recorders } = run;
  const faults: Fault[] = [];
  const goal: Goal = {
    durationMs: 60_000 * plan.minutes,
    nemeses: plan.nemeses.length,
    okWanted: plan.okWanted,
  };
  const progress = (): Progress => ({
    elapsedMs: now() / 1e6,
    okCounts: recorders.map(({ okCount }) => okCount),
    bitten: new Set(faults.filter(({ bit }) => bit).map(({ nemesis }) => nemesis)).size,
  });
  const attacks = new AbortController();
  const work = new AbortController();
  // Every worker that pauses listens to it.
  setMaxListeners(0, attacks.signal, work.signal);
  const looking = setInterval(() => {
    if (plan.signal.aborted || isOver(progress(), goal)) attacks.abort();
  }, LOOK_MS);
  const telling = setInterval(() => {
    const counts = plan.workloads.map(({ name }, at) => `${recorders[at]?.okCount} ${name}`);
    plan.note(`${Math.round(now() / 1e9)} s: ${counts.join(", ")} ok`);
  }, PROGRESS_MS);
  const working = Promise.all(workers.map((each) => each.run("mix", work.signal)));
  let casualty: Casualty = null;
  try {
    casualty = await attack(plan.nemeses, {
      context: { cluster, random: new SeededRandom(plan.seed + 1), signal: attacks.signal },
      random: new SeededRandom(plan.seed),
      now,
      isBehind: () => isBehind(progress(), goal),
      onFault: (fault) => {
        faults.push(fault);
        plan.note(describeFault(fault));
      },
    });
  } finally {
    work.abort();
    await working;
    clearInterval(looking);
    clearInterval(telling);
  }
  plan.signal.throwIfAborted();
  return { faults, casualty };
}

function describeFault({ nemesis, targets, bit, evidence, startNs, endNs }: Fault): string {
  const seconds = ((endNs - startNs) / 1e9).toFixed(1);
  const mark = bit ? "" : " (did not take hold)";
  const what = `${nemesis} on ${targets.join("; ")}, ${seconds} s: ${evidence}${mark}`;
  return `${Math.round(startNs / 1e9)} s: ${what}`;
}

/** False when it took too long. */
async function finish(workers: readonly Workers[], signal: AbortSignal): Promise<boolean> {
  const late = new AbortController();
  const until = AbortSignal.any([late.signal, signal]);
  setMaxListeners(0, until);
  const isDone = Promise.all(workers.map((each) => each.run("final", until)));
  const over = new AbortController();
  const timeout = delay(FINAL_MS, undefined, { signal: over.signal }).then(
    () => late.abort(),
    () => {},
  );
  await isDone;
  over.abort();
  await timeout;
  signal.throwIfAborted();
  return !late.signal.aborted;
}

function check(workload: Workload, recorder: Recorder | undefined): WorkloadOutcome {
  const calls = pairCalls(recorder?.history ?? []);
  return { name: workload.name, calls, result: workload.check(calls, timeLimits()) };
}

function timeLimits(): SearchLimits {
  let deadlineMs = Number.POSITIVE_INFINITY;
  return {
    isLate: () => performance.now() > deadlineMs,
    restart: () => {
      deadlineMs = performance.now() + CHECK_MS;
    },
  };
}
