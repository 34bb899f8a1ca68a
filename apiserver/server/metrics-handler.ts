import type { Clock } from "../../base/clock.js";
import type { Store } from "../../consensus/consensus.js";
import { Gauge, type Registry, collectDefaultMetrics } from "prom-client";
import type { WatchCache } from "../storage/watch-cache.js";
import { qualifiedResource } from "../storage/keys.js";
import type { ApiRequest, ApiResponse, RawHandler } from "./http-types.js";
import type { FlowControl } from "./flow-control.js";
import type { StallMeter } from "./stall-meter.js";
import { OtherPage } from "./other-page.js";
import { bytesResponse } from "./responses.js";

/** What the handler reads from. */
export interface MetricsSources {
  readonly store: Store;
  readonly cache: WatchCache;
  readonly flow: FlowControl;
  readonly stalls: StallMeter;
  /** What the loops tell of themselves. */
  readonly loops: () => Promise<string>;
  readonly clock: Clock;
}

/**
 * GET /metrics in Prometheus' text format: the process (event loop, memory), what the server does,
 * and what its consensus process tells of itself under etcd's names.
 */
export class MetricsHandler implements RawHandler {
  private readonly registry: Registry;
  private readonly others: readonly OtherPage[];

  constructor(registry: Registry, sources: MetricsSources) {
    this.registry = registry;
    const { clock, loops, store } = sources;
    this.others = [
      new OtherPage("consensus", () => store.metrics(), clock),
      new OtherPage("loops", loops, clock),
    ];
    observeStalls(registry, sources.stalls);
    // The longest stall is metered above; this histogram need not wake the process as often.
    collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 });
    observeCache(registry, sources.cache);
    observeFlow(registry, sources.flow);
  }

  matches(path: string): boolean {
    return path === "/metrics";
  }

  async handle(_request: ApiRequest): Promise<ApiResponse> {
    const others = this.others.map((page) => page.text());
    const texts = await Promise.all([this.registry.metrics(), ...others]);
    return bytesResponse(200, this.registry.contentType, Buffer.from(texts.join("\n")));
  }
}

function observeStalls(registry: Registry, stalls: StallMeter): void {
  new Gauge({
    name: "raftsman_event_loop_stall_seconds",
    help: "The longest time for which the event loop stood still, within 30 s or since the last scrape.",
    registers: [registry],
    collect() {
      this.set(stalls.recentLongestMs() / 1000);
    },
  });
}

function observeCache(registry: Registry, cache: WatchCache): void {
  const registers = [registry];
  new Gauge({
    name: "apiserver_storage_objects",
    help: "Stored objects by resource.",
    labelNames: ["resource"],
    registers,
    collect() {
      for (const one of cache.all()) this.set({ resource: qualifiedResource(one.id) }, one.size);
    },
  });
  new Gauge({
    name: "apiserver_watch_cache_watchers",
    help: "Open watches by resource.",
    labelNames: ["resource"],
    registers,
    collect() {
      for (const one of cache.all()) {
        this.set({ resource: qualifiedResource(one.id) }, one.watcherCount);
      }
    },
  });
  new Gauge({
    name: "apiserver_watch_cache_revision",
    help: "The revision of the store that reads are served from.",
    registers,
    collect() {
      this.set(cache.revision);
    },
  });
}

function observeFlow(registry: Registry, flow: FlowControl): void {
  new Gauge({
    name: "apiserver_current_inflight_requests",
    help: "Requests that are being served.",
    labelNames: ["request_kind"],
    registers: [registry],
    collect() {
      this.set({ request_kind: "readOnly" }, flow.inFlight("read"));
      this.set({ request_kind: "mutating" }, flow.inFlight("write"));
      this.set({ request_kind: "stream" }, flow.inFlight("stream"));
    },
  });
}
