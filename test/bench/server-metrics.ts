import { setTimeout as delay } from "node:timers/promises";
import { STALL_MEMORY_MS } from "../../apiserver/server/stall-meter.js";
import type { Http2Load } from "./http2-load.js";

/** What the API process says of itself. */
export interface ServerMetrics {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  /** The longest stall of its event loop since the last look, or within 30 s. */
  readonly stallMs: number;
}

/** Waits until stalls of before are forgotten, then looks. */
export async function freshMetrics(load: Http2Load): Promise<ServerMetrics> {
  await load.text("/metrics");
  await delay(STALL_MEMORY_MS);
  return serverMetrics(load);
}

/** Reads /metrics. */
export async function serverMetrics(load: Http2Load): Promise<ServerMetrics> {
  const text = await load.text("/metrics");
  const value = (name: string): number =>
    Number(new RegExp(`^${name} (\\S+)$`, "mu").exec(text)?.[1] ?? Number.NaN);
  return {
    cpuSeconds: value("process_cpu_seconds_total"),
    residentBytes: value("process_resident_memory_bytes"),
    stallMs: value("raftsman_event_loop_stall_seconds") * 1000,
  };
}
