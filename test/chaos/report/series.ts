import type { Call } from "../history.js";

/** What happened to the operations of one bucket of time. */
export interface Bucket {
  readonly startSeconds: number;
  /** Operations a second that ended in this bucket, by outcome. */
  readonly ok: number;
  readonly fail: number;
  readonly info: number;
  /** Of the ok ones, in milliseconds; null without any. */
  readonly latency: { readonly p50: number; readonly p99: number; readonly max: number } | null;
}

const BUCKETS = 120;

/**
 * Rates and latencies over time. Calls that wait by nature (watches) are left out of both. An
 * operation of unknown outcome counts when it began, for it has no end.
 */
export function seriesOf(calls: readonly Call[], endSeconds: number): Bucket[] {
  const width = Math.max(0.5, endSeconds / BUCKETS);
  const count = Math.max(1, Math.ceil(endSeconds / width));
  const buckets = Array.from({ length: count }, () => ({
    ok: 0,
    fail: 0,
    info: 0,
    latencies: [] as number[],
  }));
  for (const call of calls) {
    if (call.f === "watch" || call.f === "observe") continue;
    const at = (call.outcome === "info" ? call.startNs : call.endNs) / 1e9;
    const bucket = buckets[Math.min(count - 1, Math.floor(at / width))];
    if (bucket === undefined) continue;
    bucket[call.outcome] += 1;
    if (call.outcome === "ok") bucket.latencies.push((call.endNs - call.startNs) / 1e6);
  }
  return buckets.map(({ ok, fail, info, latencies }, i) => ({
    startSeconds: i * width,
    ok: ok / width,
    fail: fail / width,
    info: info / width,
    latency: quantiles(latencies),
  }));
}

function quantiles(latencies: number[]): Bucket["latency"] {
  if (latencies.length === 0) return null;
  latencies.sort((a, b) => a - b);
  const at = (share: number): number =>
    latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
