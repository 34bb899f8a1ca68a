import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { ApiClient } from "../../api/client/client-types.js";
import { PODS } from "../../api/client/resource-types.js";
import { until } from "../e2e/until.js";
import type { BenchCluster } from "./bench-cluster.js";
import { PodTimes } from "./pod-times.js";
import { alone, type BenchResult, percentile } from "./report.js";

const NAMESPACE = "default";
/** How much is done; the agent is watched for `watchMs`, after it has come to rest. */
const FULL = { rounds: 30, together: [10, 100], populations: [50, 110], watchMs: 30_000 };
const QUICK = { rounds: 3, together: [5], populations: [5], watchMs: 2_000 };
/** What the kernel counts processor time in: USER_HZ, a hundredth of a second everywhere. */
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;

/**
 * From the create call to Running as a watch shows it, for one pod alone and for many at once; and
 * what the agent takes of a processor and of memory when nothing happens, by the number of pods.
 */
export async function node(
  cluster: BenchCluster,
  { quick }: { readonly quick: boolean },
): Promise<BenchResult[]> {
  const { rounds, together, populations, watchMs } = quick ? QUICK : FULL;
  const watch = (pods: number) => watchAgent(cluster.agentPid, { pods, watchMs });
  const times = await PodTimes.watch(cluster.client, NAMESPACE);
  const results: BenchResult[] = [];
  try {
    results.push(...(await watch(0)));
    const one: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      one.push(...(await times.start([`alone-${round}`])));
      await empty(cluster.client);
    }
    results.push(started("start of 1 pod", one));
    for (const count of together) {
      results.push(started(`start of ${count} pods`, await times.start(names("many", count))));
      await empty(cluster.client);
    }
    let there = 0;
    for (const count of populations) {
      await times.start(names(`of-${count}`, count - there));
      there = count;
      results.push(...(await watch(count)));
    }
    await empty(cluster.client);
    return results;
  } finally {
    await times.stop();
  }
}

function names(prefix: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}-${i}`);
}

function started(name: string, timesMs: readonly number[]): BenchResult {
  const ours = percentile(timesMs, 50);
  return alone(name, { unit: "ms", ours, timesMs, n: timesMs.length });
}

/** Deletes all pods and waits until they are gone. */
async function empty(client: ApiClient): Promise<void> {
  const pods = client.resource(PODS);
  const { items } = await pods.list({ namespace: NAMESPACE });
  const options = { namespace: NAMESPACE, gracePeriodSeconds: 0 };
  await Promise.all(items.map(({ metadata }) => pods.delete(metadata.name, options)));
  const gone = async () => (await pods.list({ namespace: NAMESPACE })).items.length === 0;
  await until("the pods to go", gone, { timeoutMs: 300_000 });
}

async function watchAgent(
  pid: number,
  { pods, watchMs }: { readonly pods: number; readonly watchMs: number },
): Promise<BenchResult[]> {
  await delay(watchMs / 2);
  const before = usageOf(pid);
  await delay(watchMs);
  const after = usageOf(pid);
  const cpu = ((after.cpuSeconds - before.cpuSeconds) / (watchMs / 1000)) * 1000;
  return [
    alone(`agent's CPU with ${pods} pods`, { unit: "m", ours: cpu, n: 1 }),
    alone(`agent's memory with ${pods} pods`, { unit: "MiB", ours: after.memoryMiB, n: 1 }),
  ];
}

/** What a process has used and has (proc(5)). */
function usageOf(pid: number): { readonly cpuSeconds: number; readonly memoryMiB: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // Its name, in brackets, may hold anything.
  const fields = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  const [user = 0, system = 0] = [fields[11], fields[12]];
  const resident = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
  return {
    cpuSeconds: (user + system) / TICKS_PER_SECOND,
    memoryMiB: (resident * PAGE_BYTES) / 2 ** 20,
  };
}
