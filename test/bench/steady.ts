import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type { ApiClient } from "../../api/client/client-types.js";
import { NodeObserver } from "../e2e/node-death.js";
import { type OfEachPart, HollowCluster } from "./hollow-cluster.js";
import { linePlot, type PlotLine, plotsOf } from "../plots/line-plot.js";
import { alone, type BenchResult } from "./report.js";

const SIZES = [1, 100, 1_000];
const QUICK_SIZES = [1, 10];
const SERVERS = 3;
const MAX_PODS = 110;
/** After the last node is there, what is new about them is written. */
const REST_MS = 90_000;
const CALM_MS = 60_000;
/** With many nodes. */
const LONG_CALM_MS = 600_000;
const MANY = 400;
const LOOK_MS = 10_000;
const MIB = 1024 * 1024;
const REPORTS = join(import.meta.dirname, "../../../reports/bench");
const COLOURS = ["#1b6ca8", "#27ae60", "#c0392b", "#8e44ad"];
const FRAME = {
  title: "entries of the Raft log since the last node was there",
  below: "seconds",
  scale: "linear",
} as const;

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
  const lines: PlotLine[] = [];
  for (const [i, size] of sizes.entries()) {
    process.stderr.write(`… ${size} nodes\n`);
    const cluster = await HollowCluster.start({ count: size, maxPods: MAX_PODS, servers: SERVERS });
    try {
      const calmMs = size >= MANY ? LONG_CALM_MS : CALM_MS;
      const points: [number, number][] = [];
      const options = { size, calmMs, restMs: quick ? 0 : REST_MS, points };
      results.push(...(await measure(cluster, options)));
      const colour = COLOURS[i % COLOURS.length] ?? "#444";
      lines.push({ label: `${size} nodes`, colour, points });
    } finally {
      await cluster.stop();
    }
  }
  mkdirSync(REPORTS, { recursive: true });
  writeFileSync(join(REPORTS, "steady.svg"), plotsOf([linePlot(FRAME, lines)]));
  return results;
}

interface Round {
  readonly size: number;
  readonly calmMs: number;
  readonly restMs: number;
  /** Gets entries since the last node was there, by seconds since then. */
  readonly points: [number, number][];
}

async function measure(
  cluster: HollowCluster,
  { size, calmMs, restMs, points }: Round,
): Promise<BenchResult[]> {
  const observer = new NodeObserver(cluster.client);
  try {
    const first = await look(cluster);
    const seen = ({ atMs, index }: Look): void => {
      points.push([(atMs - first.atMs) / 1_000, index - first.index]);
    };
    seen(first);
    const before = await lookFor(restMs, cluster, first, seen);
    observer.forget();
    let last = before;
    const after = await lookFor(calmMs, cluster, before, (now) => {
      seen(now);
      tell(size, last, now, now.atMs - before.atMs);
      last = now;
    });
    return resultsOf(size, { before, after, losses: observer.losses.length });
  } finally {
    observer.close();
  }
}

/** Looks again and again for that time; the last look, `first` if there was none. */
async function lookFor(
  ms: number,
  cluster: HollowCluster,
  first: Look,
  seen: (look: Look) => void,
): Promise<Look> {
  let last = first;
  for (const endMs = first.atMs + ms; performance.now() < endMs; ) {
    await delay(Math.min(LOOK_MS, endMs - performance.now()));
    last = await look(cluster);
    seen(last);
  }
  return last;
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
