import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type { ApiClient } from "../../api/client/client-types.js";
import { NodeObserver } from "../e2e/node-death.js";
import { type CpuSeconds, HollowCluster } from "./hollow-cluster.js";
import { alone, type BenchResult } from "./report.js";

const SIZES = [1, 100, 1_000];
const QUICK_SIZES = [1, 10];
const SERVERS = 3;
const MAX_PODS = 110;
/** After the last node is there, what is new about them is written. */
const REST_MS = 90_000;
const CALM_MS = 60_000;
/** With the most nodes. */
const LONG_CALM_MS = 600_000;
const LOOK_MS = 10_000;
const MIB = 1024 * 1024;

interface Options {
  readonly quick: boolean;
  /** Numbers of nodes, with commas between them; null: the usual ones. */
  readonly only: string | null;
}

/** Three servers and simulated nodes of which nobody wants anything: what that takes. */
export async function steady({ quick, only }: Options): Promise<BenchResult[]> {
  const sizes = only === null ? (quick ? QUICK_SIZES : SIZES) : only.split(",").map(Number);
  if (!sizes.every((size) => Number.isInteger(size) && size > 0))
    throw new Error(`--only ${only}: numbers of nodes are wanted, such as 1,100`);
  const results: BenchResult[] = [];
  for (const size of sizes) {
    process.stderr.write(`… ${size} nodes\n`);
    const cluster = await HollowCluster.start({ count: size, maxPods: MAX_PODS, servers: SERVERS });
    try {
      const calmMs = size >= (SIZES.at(-1) ?? 0) ? LONG_CALM_MS : CALM_MS;
      results.push(...(await measure(cluster, { size, calmMs, restMs: quick ? 0 : REST_MS })));
    } finally {
      await cluster.stop();
    }
  }
  return results;
}

async function measure(
  cluster: HollowCluster,
  { size, calmMs, restMs }: { size: number; calmMs: number; restMs: number },
): Promise<BenchResult[]> {
  const observer = new NodeObserver(cluster.client);
  try {
    await delay(restMs);
    observer.forget();
    const before = await look(cluster);
    let last = before;
    for (const endMs = performance.now() + calmMs; performance.now() < endMs; ) {
      await delay(Math.min(LOOK_MS, endMs - performance.now()));
      const now = await look(cluster);
      tell(size, last, now, now.atMs - before.atMs);
      last = now;
    }
    return resultsOf(size, { before, after: last, losses: observer.losses.length });
  } finally {
    observer.close();
  }
}

/** What has been by then. */
interface Look {
  readonly atMs: number;
  /** Of the Raft log: the last entry that the server applied. */
  readonly index: number;
  readonly cpu: CpuSeconds;
  readonly resident: CpuSeconds;
  /** Bytes that the servers received and sent, and bytes that passed between nodes. */
  readonly serverBytes: number;
  readonly nodeBytes: number;
}

async function look(cluster: HollowCluster): Promise<Look> {
  const [node = 0] = cluster.pids.agents;
  return {
    atMs: performance.now(),
    index: await appliedIndex(cluster.client),
    cpu: cluster.cpu(),
    resident: cluster.residentBytes(),
    // Each server has a network of its own. Nodes share one, where they reach each other by loopback.
    serverBytes: cluster.pids.api.reduce((sum, pid) => sum + deviceBytes(pid, "eth0").both, 0),
    nodeBytes: deviceBytes(node, "lo").received,
  };
}

async function appliedIndex(client: ApiClient): Promise<number> {
  const { body } = await client.stream("/metrics", { timeoutMs: 30_000 });
  const page = await text(Readable.from(body));
  const found = /^etcd_server_proposals_applied_total(?:\{[^}]*\})? (\S+)$/m.exec(page)?.[1];
  if (found === undefined) throw new Error("the server says nothing of its log");
  return Number(found);
}

/** Of a device in the network of that process. */
function deviceBytes(pid: number, device: string): { received: number; both: number } {
  const lines = readFileSync(`/proc/${pid}/net/dev`, "utf8").split("\n");
  const line = lines.find((one) => one.trimStart().startsWith(`${device}:`));
  if (line === undefined) throw new Error(`process ${pid} has no device ${device}`);
  const fields = line
    .slice(line.indexOf(":") + 1)
    .trim()
    .split(/\s+/)
    .map(Number);
  const [received = 0] = fields;
  return { received, both: received + (fields[8] ?? 0) };
}

function tell(size: number, last: Look, now: Look, sinceMs: number): void {
  const seconds = (now.atMs - last.atMs) / 1_000;
  const cores = (part: keyof CpuSeconds): string =>
    ((now.cpu[part] - last.cpu[part]) / seconds).toFixed(2);
  process.stderr.write(
    `… ${size} nodes, ${(sinceMs / 1_000).toFixed(0)} s: index ${now.index}, cores: api ${cores("api")}` +
      `, consensus ${cores("consensus")}, nodes ${cores("agents")}\n`,
  );
}

function resultsOf(
  size: number,
  { before, after, losses }: { before: Look; after: Look; losses: number },
): BenchResult[] {
  const seconds = (after.atMs - before.atMs) / 1_000;
  const one = (name: string, unit: string, ours: number): BenchResult =>
    alone(`${size} nodes: ${name}`, { unit, ours, n: size });
  const part = (name: keyof CpuSeconds, title: string): BenchResult[] => [
    one(`CPU of ${title}`, "% of a core", ((after.cpu[name] - before.cpu[name]) / seconds) * 100),
    one(`memory of ${title}`, "MiB", after.resident[name] / MIB),
  ];
  const bytes = (key: "serverBytes" | "nodeBytes"): number => (after[key] - before[key]) / seconds;
  return [
    one(`Raft index within ${seconds.toFixed(0)} s`, "entries", after.index - before.index),
    one("NotReady though alive", "times", losses),
    ...part("api", `${SERVERS} api processes`),
    ...part("consensus", `${SERVERS} consensus processes`),
    ...part("agents", "all nodes"),
    one(`bytes of ${SERVERS} servers, in and out`, "KiB/s", bytes("serverBytes") / 1024),
    one("bytes between nodes", "KiB/s", bytes("nodeBytes") / 1024),
  ];
}
