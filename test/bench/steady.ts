import { execFileSync } from "node:child_process";
import { text } from "node:stream/consumers";
import { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type { ApiClient } from "../../api/client/client-types.js";
import { NodeObserver } from "../e2e/node-death.js";
import { type OfEachPart, HollowCluster } from "./hollow-cluster.js";
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
  readonly cpu: OfEachPart;
  readonly resident: OfEachPart;
  /** What the sockets of each part have sent. In the calm they stay open. */
  readonly sent: OfEachPart;
}

async function look(cluster: HollowCluster): Promise<Look> {
  const sent = sentBytes();
  return {
    atMs: performance.now(),
    index: await appliedIndex(cluster.client),
    cpu: cluster.cpu(),
    resident: cluster.residentBytes(),
    sent: cluster.sum((pid) => sent.get(pid) ?? 0),
  };
}

async function appliedIndex(client: ApiClient): Promise<number> {
  const { body } = await client.stream("/metrics", { timeoutMs: 30_000 });
  const page = await text(Readable.from(body));
  const found = /^etcd_server_proposals_applied_total(?:\{[^}]*\})? (\S+)$/m.exec(page)?.[1];
  if (found === undefined) throw new Error("the server says nothing of its log");
  return Number(found);
}

/** By process: the bytes that its sockets of now have sent since they were opened. */
function sentBytes(): Map<number, number> {
  const lines = execFileSync("ss", ["-tinpHO"], { maxBuffer: 256 * MIB })
    .toString()
    .split("\n");
  const sent = new Map<number, number>();
  for (const line of lines) {
    const pid = Number(/pid=(\d+)/.exec(line)?.[1] ?? 0);
    const bytes = Number(/ bytes_sent:(\d+)/.exec(line)?.[1] ?? 0);
    sent.set(pid, (sent.get(pid) ?? 0) + bytes);
  }
  return sent;
}

function tell(size: number, last: Look, now: Look, sinceMs: number): void {
  const seconds = (now.atMs - last.atMs) / 1_000;
  const cores = (part: keyof OfEachPart): string =>
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
  const part = (name: keyof OfEachPart, title: string): BenchResult[] => [
    one(`CPU of ${title}`, "% of a core", ((after.cpu[name] - before.cpu[name]) / seconds) * 100),
    one(`memory of ${title}`, "MiB", after.resident[name] / MIB),
    one(`sent by ${title}`, "KiB/s", (after.sent[name] - before.sent[name]) / seconds / 1024),
  ];
  return [
    one(`Raft index within ${seconds.toFixed(0)} s`, "entries", after.index - before.index),
    one("NotReady though alive", "times", losses),
    ...part("api", `${SERVERS} api processes`),
    ...part("consensus", `${SERVERS} consensus processes`),
    ...part("agents", "all nodes"),
  ];
}
