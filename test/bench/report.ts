import { cpus, loadavg, totalmem } from "node:os";

/**
 * One line of a benchmark: ours, and a peer that did the same work in the same run where there is
 * one.
 */
export interface BenchResult {
  readonly name: string;
  readonly unit: string;
  readonly ours: number;
  readonly peer: string | null;
  readonly peerVersion: string | null;
  readonly theirs: number | null;
  readonly ratio: number | null;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** How many operations were measured. */
  readonly n: number;
}

/** What `npm run bench SUITE -o json` prints. */
export interface BenchReport {
  readonly suite: string;
  readonly machine: {
    readonly cores: number;
    readonly cpu: string;
    readonly memoryGiB: number;
    readonly node: string;
    /** Of the last minute of the run: how much else, or itself, kept the computer busy. */
    readonly loadAverage: number;
  };
  readonly results: readonly BenchResult[];
}

/** Puts results under the machine they were measured on. */
export function reportOf(suite: string, results: readonly BenchResult[]): BenchReport {
  return {
    suite,
    machine: {
      cores: cpus().length,
      cpu: cpus()[0]?.model.trim() ?? "unknown",
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      node: process.version,
      loadAverage: round(loadavg()[0] ?? 0),
    },
    results,
  };
}

/** A result without a peer. */
export function alone(
  name: string,
  values: { unit: string; ours: number; timesMs?: readonly number[]; n: number },
): BenchResult {
  return {
    name,
    unit: values.unit,
    ours: round(values.ours),
    peer: null,
    peerVersion: null,
    theirs: null,
    ratio: null,
    p50Ms: values.timesMs === undefined ? null : round(percentile(values.timesMs, 50)),
    p99Ms: values.timesMs === undefined ? null : round(percentile(values.timesMs, 99)),
    n: values.n,
  };
}

/** A result beside a peer's; `ratio` is ours over theirs unless it was measured otherwise. */
export function against(
  result: BenchResult,
  peer: { name: string; version: string; value: number; ratio?: number },
): BenchResult {
  return {
    ...result,
    peer: peer.name,
    peerVersion: peer.version,
    theirs: round(peer.value),
    ratio: round(peer.ratio ?? result.ours / peer.value),
  };
}

/** The value below which `percent` of all lie (nearest rank). NaN for no values. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
