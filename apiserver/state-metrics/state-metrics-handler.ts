import type { ApiRequest, ApiResponse, RawHandler, ResponseSink } from "../server/http-types.js";
import { nextTurn } from "../server/waiting.js";
import type { CachedObject } from "../storage/resource-cache.js";
import type { WatchCache } from "../storage/watch-cache.js";
import { CLUSTER_METRICS } from "./cluster-metrics.js";
import { familyHead, type KindMetrics, renderObject } from "./family.js";
import { JOB_AND_SCALING_METRICS } from "./job-metrics.js";
import { POD_METRICS } from "./pod-metrics.js";
import { WORKLOAD_METRICS } from "./workload-metrics.js";

/** Every kind that has metrics. */
export const STATE_METRICS: readonly KindMetrics<unknown>[] = [
  ...CLUSTER_METRICS,
  ...WORKLOAD_METRICS,
  ...JOB_AND_SCALING_METRICS,
  POD_METRICS,
];

/** Objects that are read, or texts that are put together, before others get their turn. */
const OBJECTS_PER_TURN = 20;
const TEXTS_PER_TURN = 2_000;
const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/**
 * GET /metrics/state: what objects say of themselves, under kube-state-metrics' names. An object's
 * lines are made once for each of its versions; a scrape puts them together.
 */
export class StateMetricsHandler implements RawHandler {
  private readonly cache: WatchCache;
  private readonly rendered = new WeakMap<CachedObject, readonly string[]>();

  constructor(cache: WatchCache) {
    this.cache = cache;
  }

  matches(path: string): boolean {
    return path === "/metrics/state";
  }

  async handle(_request: ApiRequest): Promise<ApiResponse> {
    const run = async (sink: ResponseSink): Promise<void> => {
      for (const kind of STATE_METRICS) await this.writeKind(kind, sink);
    };
    const headers = { "content-type": CONTENT_TYPE };
    return { status: 200, headers, body: { type: "stream", run }, compressible: true };
  }

  private async writeKind(kind: KindMetrics<unknown>, sink: ResponseSink): Promise<void> {
    const objects = this.cache.of(kind.resource).list({ namespace: "", indexed: null });
    const lines: (readonly string[])[] = [];
    let fresh = 0;
    for (const object of objects) {
      let texts = this.rendered.get(object);
      if (texts === undefined) {
        texts = renderObject(kind, JSON.parse(object.value.toString()));
        this.rendered.set(object, texts);
        fresh += 1;
        if (fresh % OBJECTS_PER_TURN === 0) await nextTurn();
      }
      lines.push(texts);
    }
    for (const [i, family] of kind.families.entries()) {
      sink.write(Buffer.from(familyHead(family)));
      for (let at = 0; at < lines.length && !sink.signal.aborted; at += TEXTS_PER_TURN) {
        const part = lines.slice(at, at + TEXTS_PER_TURN).map((texts) => texts[i] ?? "");
        sink.write(Buffer.from(part.join("")));
        await sink.drained();
        await nextTurn();
      }
    }
  }
}
