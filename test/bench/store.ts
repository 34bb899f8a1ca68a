import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { against, alone, percentile, type BenchResult } from "./report.js";
import {
  GROUP_SIZE,
  KEYS,
  KIB,
  keyOf,
  ofGroup,
  sameClientCases,
  type StoreCase,
  storeCases,
} from "./store-cases.js";
import { startEtcd } from "./store-etcd.js";
import { startOurGroup, startOurs } from "./store-ours.js";
import type { BenchStore } from "./store-peer.js";

export interface StoreBenchOptions {
  /** Fewer and shorter rounds: to see that it works, not to quote. */
  readonly quick: boolean;
  /** Only cases with this in their name; null: all. */
  readonly only: string | null;
}

/** How often, and for how long, each case runs on one store and then on the other. */
interface Plan {
  readonly rounds: number;
  readonly roundMs: number;
  readonly warmUpMs: number;
}

/** Connections to etcd: with fewer one of them is its limit, as with its own benchmark. */
const CONNECTIONS = 8;
const WATCHERS = 100;
/** How often each key is written before anything is measured. */
const FILLS = 5;
const WATCHED = `event of 1 KiB seen by ${WATCHERS} watchers`;
/** The warm-up is as long as a compiler takes that works beside what it compiles. */
const THOROUGH: Plan = { rounds: 7, roundMs: 1000, warmUpMs: 3000 };
const QUICK: Plan = { rounds: 1, roundMs: 300, warmUpMs: 100 };

/** What one store did in one round. */
interface Round {
  readonly perSecond: number;
  readonly timesMs: readonly number[];
}

/** Each round of ours beside the round of the peer that ran next to it. */
interface Pair {
  readonly ours: Round;
  readonly theirs: Round;
}

/**
 * Puts, linearizable reads, transactions, a mix and watches: our store beside etcd, fsync on. The
 * two take turns, so that what else the machine does meets both; the ratio is the median of those
 * of the rounds.
 */
export async function store({ quick, only }: StoreBenchOptions): Promise<BenchResult[]> {
  const plan = quick ? QUICK : THOROUGH;
  const isWanted = ({ name }: { readonly name: string }): boolean =>
    only === null || name.includes(only);
  const results: BenchResult[] = [];
  const alone = [...storeCases(), ...sameClientCases(), { name: WATCHED }];
  if (alone.some(isWanted)) results.push(...(await oneMember(plan, isWanted)));
  const group = ofGroup([...storeCases(), ...sameClientCases()]);
  if (group.some(isWanted)) results.push(...(await severalMembers(plan, isWanted)));
  return results;
}

async function oneMember(
  plan: Plan,
  isWanted: (one: { readonly name: string }) => boolean,
): Promise<BenchResult[]> {
  return withFolder(async (folder, stores) => {
    const { own: ours, throughEtcdApi } = await startOurs(folder, CONNECTIONS);
    stores.push(throughEtcdApi, ours);
    const etcd = await startEtcd(folder, { connections: CONNECTIONS });
    stores.push(etcd);
    for (const one of [ours, etcd]) await fill(one);
    const results: BenchResult[] = [];
    for (const one of storeCases().filter(isWanted))
      results.push(...(await compare(one, { ours, etcd, plan })));
    for (const one of sameClientCases().filter(isWanted))
      results.push(...(await compare(one, { ours: throughEtcdApi, etcd, plan })));
    if (isWanted({ name: WATCHED })) results.push(await watches(WATCHED, { ours, etcd, plan }));
    return results;
  });
}

async function severalMembers(
  plan: Plan,
  isWanted: (one: { readonly name: string }) => boolean,
): Promise<BenchResult[]> {
  return withFolder(async (folder, stores) => {
    const { own: ours, throughEtcdApi } = await startOurGroup(GROUP_SIZE, CONNECTIONS);
    stores.push(throughEtcdApi, ours);
    const etcd = await startEtcd(folder, { connections: CONNECTIONS, size: GROUP_SIZE });
    stores.push(etcd);
    for (const one of [ours, etcd]) await fill(one);
    const results: BenchResult[] = [];
    for (const one of ofGroup(storeCases()).filter(isWanted))
      results.push(...(await compare(one, { ours, etcd, plan })));
    for (const one of ofGroup(sameClientCases()).filter(isWanted))
      results.push(...(await compare(one, { ours: throughEtcdApi, etcd, plan })));
    return results;
  });
}

/** Closes the stores that `run` collects, and removes the folder, also on failure. */
async function withFolder(
  run: (folder: string, stores: BenchStore[]) => Promise<BenchResult[]>,
): Promise<BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), "raftsman-bench-store-"));
  const stores: BenchStore[] = [];
  try {
    return await run(folder, stores);
  } finally {
    for (const one of stores) await one.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Contest {
  readonly ours: BenchStore;
  readonly etcd: BenchStore;
  readonly plan: Plan;
}

async function fill(one: BenchStore): Promise<void> {
  const value = Buffer.alloc(KIB, "v");
  // Several times over: a process that has just started has its code still to compile.
  const keys = Array.from({ length: FILLS * KEYS }, (_, n) => keyOf(n % KEYS)).values();
  const work = async (): Promise<void> => {
    for (const key of keys) await one.put(key, value);
  };
  await Promise.all(Array.from({ length: 200 }, work));
}

async function compare(one: StoreCase, contest: Contest): Promise<BenchResult[]> {
  const { ours, etcd, plan } = contest;
  await drive(one, ours, plan.warmUpMs);
  await drive(one, etcd, plan.warmUpMs);
  const pairs = await takeTurns(plan, {
    ours: () => drive(one, ours, plan.roundMs),
    theirs: () => drive(one, etcd, plan.roundMs),
  });
  const perSecond = rateOf(one.name, pairs, etcd);
  const { name, ratio, n } = perSecond;
  process.stderr.write(`… ${name}: ${perSecond.ours} to ${perSecond.theirs}, ratio ${ratio}\n`);
  const slow = { unit: "ms", ours: slowest(pairs, "ours"), n };
  return [
    perSecond,
    against(alone(`${name}, p99`, slow), { ...peerOf(etcd), value: slowest(pairs, "theirs") }),
  ];
}

/** Rounds of both, one next to the other; who begins changes from round to round. */
async function takeTurns(
  { rounds }: Plan,
  run: { readonly ours: () => Promise<Round>; readonly theirs: () => Promise<Round> },
): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (let round = 0; round < rounds; round += 1) {
    if (round % 2 === 0) {
      const ours = await run.ours();
      pairs.push({ ours, theirs: await run.theirs() });
    } else {
      const theirs = await run.theirs();
      pairs.push({ ours: await run.ours(), theirs });
    }
  }
  return pairs;
}

async function drive({ clients, run }: StoreCase, one: BenchStore, forMs: number): Promise<Round> {
  const timesMs: number[] = [];
  const started = performance.now();
  let n = 0;
  const work = async (_: unknown, client: number): Promise<void> => {
    for (let now = performance.now(); now - started < forMs; ) {
      const startedOne = now;
      n += 1;
      await run(one, { client, n });
      now = performance.now();
      timesMs.push(now - startedOne);
    }
  };
  await Promise.all(Array.from({ length: clients }, work));
  return { perSecond: (timesMs.length / (performance.now() - started)) * 1000, timesMs };
}

/** How many a second: the medians of the rounds, and of the ratios within each. */
function rateOf(name: string, pairs: readonly Pair[], peer: BenchStore): BenchResult {
  const timesMs = pairs.flatMap(({ ours }) => ours.timesMs);
  const perSecond = median(pairs.map(({ ours }) => ours.perSecond));
  const result = alone(name, { unit: "1/s", ours: perSecond, timesMs, n: timesMs.length });
  return against(result, {
    ...peerOf(peer),
    value: median(pairs.map(({ theirs }) => theirs.perSecond)),
    ratio: median(pairs.map(({ ours, theirs }) => ours.perSecond / theirs.perSecond)),
  });
}

function slowest(pairs: readonly Pair[], side: keyof Pair): number {
  return percentile(
    pairs.flatMap((pair) => pair[side].timesMs),
    99,
  );
}

function median(values: readonly number[]): number {
  return percentile(values, 50);
}

function peerOf({ name, version }: BenchStore): { name: string; version: string } {
  return { name, version };
}

/** Puts while many follow: the events that reach all of them. */
async function watches(name: string, { ours, etcd, plan }: Contest): Promise<BenchResult> {
  const seen = { ours: new EventCount(), theirs: new EventCount() };
  const prefix = Buffer.from("/watched/");
  for (let i = 0; i < WATCHERS; i += 1) {
    await ours.watch(prefix, (count) => seen.ours.add(count));
    await etcd.watch(prefix, (count) => seen.theirs.add(count));
  }
  const pairs = await takeTurns(plan, {
    ours: () => driveWatched(ours, seen.ours, plan),
    theirs: () => driveWatched(etcd, seen.theirs, plan),
  });
  const result = { ...rateOf(name, pairs, etcd), p50Ms: null, p99Ms: null };
  process.stderr.write(`… ${name}: ratio ${result.ratio}\n`);
  return result;
}

/** A round whose rate is that of the events; it ends when the last has come. */
async function driveWatched(one: BenchStore, seen: EventCount, { roundMs }: Plan): Promise<Round> {
  const value = Buffer.alloc(KIB, "w");
  const started = performance.now();
  const before = seen.count;
  const run: StoreCase["run"] = (at, { n }) => at.put(Buffer.from(`/watched/${n % 100}`), value);
  const { timesMs } = await drive({ name: "watched", clients: 4, run }, one, roundMs);
  const expected = timesMs.length * WATCHERS;
  await seen.reach(before + expected);
  return { perSecond: (expected / (performance.now() - started)) * 1000, timesMs };
}

class EventCount {
  count = 0;
  private waiting: { readonly target: number; readonly resolve: () => void } | null = null;

  add(count: number): void {
    this.count += count;
    if (this.waiting !== null && this.count >= this.waiting.target) this.waiting.resolve();
  }

  reach(target: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.count >= target) return resolve();
      this.waiting = { target, resolve };
    });
  }
}
