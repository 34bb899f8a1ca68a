import { setTimeout as delay } from "node:timers/promises";
import { isApiError } from "../../api/client/api-error.js";
import type { ApiClient } from "../../api/client/client-types.js";
import { DEPLOYMENTS, PODS } from "../../api/client/resource-types.js";
import type { Deployment } from "../../api/schema/types/apps-v1.gen.js";
import type { JsonValue, NewObject } from "../../api/schema/wire-types.js";
import { HollowCluster } from "./hollow-cluster.js";
import { type LoopCounts, loopCounts, since } from "./loop-counts.js";
import { against, alone, type BenchResult } from "./report.js";

const SIZES = [10, 30, 100, 300, 1_000];
const QUICK_SIZES = [5, 10];
const REPLICAS = 10;
const MAX_PODS = 250;
/** The first is not counted: nothing has been compiled yet. */
const WARM_UP = 10;
/** While a roll-out runs there are more pods: 25 %, and those that are just ending. */
const ROOM = 1.4;
const AT_ONCE = 16;
const POLL_MS = 250;
const CALL_MS = 120_000;
const IDLE_MS = 30_000;
/** After so long what was left to do about new pods is done. */
const SETTLE_MS = 30_000;

/** What is done to all Deployments at a time. */
const PHASES = ["create", "scale", "roll", "delete"] as const;

/** How one number of Deployments went. */
interface Round {
  readonly seconds: Readonly<Record<(typeof PHASES)[number], number>>;
  readonly total: number;
  readonly cpu: { readonly api: number; readonly consensus: number; readonly agents: number };
  /** Looks of each loop at an object. */
  readonly loops: LoopCounts;
}

/**
 * Deployments of ten simulated pods each: created, scaled to five and back, rolled, deleted; by
 * their number. Then whether others that nobody touches make any loop look more often.
 */
export async function workloads({ quick, only }: Options): Promise<BenchResult[]> {
  const sizes = only === null ? (quick ? QUICK_SIZES : SIZES) : only.split(",").map(Number);
  if (!sizes.every((size) => Number.isInteger(size) && size > 0))
    throw new Error(`--only ${only}: numbers of Deployments are wanted, such as 10,100`);
  const idle = Math.max(...sizes.filter((size) => size <= 300), sizes[0] ?? 0);
  const pods = (Math.max(...sizes) + (sizes[0] ?? 0)) * REPLICAS * ROOM;
  const cluster = await HollowCluster.start({
    count: Math.ceil(pods / MAX_PODS),
    maxPods: MAX_PODS,
  });
  try {
    const bench = new WorkloadsBench(cluster);
    await bench.round(WARM_UP);
    const rounds = new Map<number, Round>();
    const results: BenchResult[] = [];
    for (const size of sizes) {
      const round = await bench.round(size);
      rounds.set(size, round);
      results.push(...resultsOf(size, round));
    }
    results.push(...growthOf(rounds));
    const [smallest = 0] = sizes;
    return [...results, ...(await bench.besideIdle(smallest, { idle, alone: rounds }))];
  } finally {
    await cluster.stop();
  }
}

interface Options {
  readonly quick: boolean;
  /** Numbers of Deployments, with commas between them; null: the usual ones. */
  readonly only: string | null;
}

class WorkloadsBench {
  private readonly cluster: HollowCluster;
  private readonly client: ApiClient;
  private rounds = 0;

  constructor(cluster: HollowCluster) {
    this.cluster = cluster;
    this.client = cluster.client;
  }

  async round(size: number): Promise<Round> {
    this.rounds += 1;
    const namespace = `round-${this.rounds}`;
    await this.makeNamespace(namespace);
    const before = { cpu: this.cluster.cpu(), loops: await loopCounts(this.client) };
    const seconds: Record<string, number> = {};
    for (const phase of PHASES) {
      const startedMs = performance.now();
      await this[phase](namespace, size);
      seconds[phase] = (performance.now() - startedMs) / 1_000;
      process.stderr.write(`… ${size} Deployments: ${phase} ${seconds[phase]?.toFixed(1)} s\n`);
    }
    const cpu = this.cluster.cpu();
    const apiSeconds = (cpu.api - before.cpu.api).toFixed(1);
    process.stderr.write(`… ${size} Deployments: CPU of the api process ${apiSeconds} s\n`);
    return {
      seconds: seconds as Round["seconds"],
      total: Object.values(seconds).reduce((sum, one) => sum + one, 0),
      cpu: {
        api: cpu.api - before.cpu.api,
        consensus: cpu.consensus - before.cpu.consensus,
        agents: cpu.agents - before.cpu.agents,
      },
      loops: since(before.loops, await loopCounts(this.client)),
    };
  }

  /** The smallest round again beside `idle` Deployments, and what loops do about those alone. */
  async besideIdle(
    size: number,
    { idle, alone: rounds }: { readonly idle: number; readonly alone: ReadonlyMap<number, Round> },
  ): Promise<BenchResult[]> {
    const nothing = await this.idleFor(IDLE_MS);
    await this.makeNamespace("idle");
    await this.create("idle", idle);
    await delay(SETTLE_MS);
    const { looks, cpuSeconds } = await this.idleFor(IDLE_MS);
    const beside = await this.round(size);
    const earlier = rounds.get(size);
    if (earlier === undefined) throw new Error(`there was no round of ${size}`);
    const named = `${size} beside ${idle} idle`;
    const peer = (value: number) => ({ name: "without them", version: "the same", value });
    const one = (name: string, unit: string, values: readonly [number, number]): BenchResult =>
      against(alone(`${named}: ${name}`, { unit, ours: values[0], n: size }), peer(values[1]));
    const busy = Object.keys(looks).filter((name) => (looks[name] ?? 0) > 0);
    return [
      alone(`${idle} idle: looks of all loops in ${IDLE_MS / 1_000} s`, {
        unit: busy.map((name) => `${name} ${looks[name]}`).join(", ") || "looks",
        ours: Object.values(looks).reduce((sum, count) => sum + count, 0),
        n: idle,
      }),
      against(
        alone(`${idle} idle: CPU of the api process in ${IDLE_MS / 1_000} s`, {
          unit: "s",
          ours: cpuSeconds,
          n: idle,
        }),
        peer(nothing.cpuSeconds),
      ),
      one("whole", "s", [beside.total, earlier.total]),
      one("CPU of the api process", "s", [beside.cpu.api, earlier.cpu.api]),
      ...Object.entries(beside.loops)
        .filter(([name, count]) => count + (earlier.loops[name] ?? 0) >= size)
        .map(([name, count]) => one(`looks of ${name}`, "", [count, earlier.loops[name] ?? 0])),
    ];
  }

  /** What loops and the api process do while nobody wants anything. */
  private async idleFor(ms: number): Promise<{ looks: LoopCounts; cpuSeconds: number }> {
    const before = { cpu: this.cluster.cpu(), loops: await loopCounts(this.client) };
    await delay(ms);
    return {
      looks: since(before.loops, await loopCounts(this.client)),
      cpuSeconds: this.cluster.cpu().api - before.cpu.api,
    };
  }

  private async makeNamespace(name: string): Promise<void> {
    const body = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
    await this.client.request("POST", "/api/v1/namespaces", { body });
  }

  private async create(namespace: string, size: number): Promise<void> {
    const deployments = this.client.resource(DEPLOYMENTS);
    await each(size, (index) =>
      deployments.create(deployment(namespace, `web-${index}`), { timeoutMs: CALL_MS }),
    );
    await this.untilRolledOut(namespace, size, REPLICAS);
  }

  private async scale(namespace: string, size: number): Promise<void> {
    for (const replicas of [REPLICAS / 2, REPLICAS]) {
      await each(size, (index) => this.patch(namespace, index, { spec: { replicas } }));
      await this.untilRolledOut(namespace, size, replicas);
    }
  }

  private async roll(namespace: string, size: number): Promise<void> {
    const template = { metadata: { annotations: { round: "2" } } };
    await each(size, (index) => this.patch(namespace, index, { spec: { template } }));
    await this.untilRolledOut(namespace, size, REPLICAS);
  }

  private async delete(namespace: string): Promise<void> {
    while (!(await this.deleteAll(namespace).catch(isLost)));
    while ((await this.podsIn(namespace).catch(isLost)) !== 0) await delay(POLL_MS);
  }

  private async deleteAll(namespace: string): Promise<true> {
    const options = { namespace, propagationPolicy: "Background", timeoutMs: CALL_MS } as const;
    await this.client.resource(DEPLOYMENTS).deleteCollection(options);
    return true;
  }

  private patch(namespace: string, index: number, patch: JsonValue): Promise<Deployment> {
    const deployments = this.client.resource(DEPLOYMENTS);
    return deployments.patch(`web-${index}`, patch, {
      namespace,
      type: "merge",
      timeoutMs: CALL_MS,
    });
  }

  private async podsIn(namespace: string): Promise<number> {
    const { items } = await this.client
      .resource(PODS)
      .list({ namespace, limit: 1, timeoutMs: CALL_MS });
    return items.length;
  }

  /** Resolves when the status of each says that all its pods are of the newest template, and there. */
  private async untilRolledOut(namespace: string, size: number, replicas: number): Promise<void> {
    while (!(await this.watchRollOut(namespace, size, replicas).catch(isLost)));
  }

  /** False: the watch ended before. */
  private async watchRollOut(namespace: string, size: number, replicas: number): Promise<boolean> {
    const left = new Set<string>();
    const client = this.client.resource(DEPLOYMENTS);
    const { items, metadata } = await client.list({ namespace, timeoutMs: CALL_MS });
    const look = (found: Deployment): void => {
      if (isRolledOut(found, replicas)) left.delete(found.metadata.name);
      else left.add(found.metadata.name);
    };
    for (const item of items) look(item);
    if (items.length !== size) throw new Error(`${items.length} Deployments, not ${size}`);
    if (left.size === 0) return true;
    const stop = new AbortController();
    const { resourceVersion } = metadata;
    const events = client.watch({ namespace, resourceVersion, signal: stop.signal });
    for await (const event of events) {
      if (event.type === "BOOKMARK") continue;
      look(event.object);
      if (left.size === 0) break;
    }
    stop.abort();
    return left.size === 0;
  }
}

/** A busy server may be late with an answer: then it is asked again. Throws what is none of that. */
function isLost(error: unknown): false {
  if (!isApiError(error)) throw error;
  process.stderr.write(`… ${error.message}\n`);
  return false;
}

function isRolledOut({ metadata, spec, status = {} }: Deployment, replicas: number): boolean {
  return (
    spec.replicas === replicas &&
    status.observedGeneration === metadata.generation &&
    [status.replicas, status.updatedReplicas, status.availableReplicas].every(
      (count) => count === replicas,
    )
  );
}

function deployment(namespace: string, name: string): NewObject<Deployment> {
  const labels = { app: name };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace },
    spec: {
      replicas: REPLICAS,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 1,
          containers: [{ name: "main", image: "simulated" }],
        },
      },
    },
  };
}

/** So many calls, a few at a time. */
async function each(count: number, call: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) await call(index);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, worker));
}

function resultsOf(size: number, round: Round): BenchResult[] {
  const one = (name: string, unit: string, ours: number): BenchResult =>
    alone(`${size} × ${REPLICAS}: ${name}`, { unit, ours, n: size });
  return [
    ...PHASES.map((phase) => one(phase, "s", round.seconds[phase])),
    one("whole", "s", round.total),
    one("CPU of the api process", "s", round.cpu.api),
    one("CPU of the consensus process", "s", round.cpu.consensus),
    one("CPU of the simulated agents", "s", round.cpu.agents),
    ...Object.entries(round.loops)
      .filter(([, count]) => count >= size)
      .map(([name, count]) => one(`looks of ${name}`, "per Deployment", count / size)),
  ];
}

/** How much longer ten times as many take. */
function growthOf(rounds: ReadonlyMap<number, Round>): BenchResult[] {
  return [...rounds].flatMap(([size, round]) => {
    const tenth = rounds.get(size / 10);
    if (tenth === undefined) return [];
    const named = `${size} × ${REPLICAS}: whole, beside ${size / 10}`;
    const result = alone(named, { unit: "s", ours: round.total, n: size });
    const peer = { name: `${size / 10}`, version: "the same", value: tenth.total };
    return [against(result, peer)];
  });
}
