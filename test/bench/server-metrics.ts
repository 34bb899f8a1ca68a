import type { Http2Load } from "./http2-load.js";

/** What the API process says of itself. */
export interface ServerMetrics {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  /** The longest stall of its event loop since the last look. */
  readonly stallMs: number;
}

/** Reads /metrics, which also starts a new measurement of the longest stall. */
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
