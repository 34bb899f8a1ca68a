import type { ApiClient } from "../api/client/client-types.js";
import { NODE_METRICS } from "../api/client/resource-types.js";
import { waitMs } from "../api/client/waiting.js";
import { parseGoDuration } from "../api/machinery/go-duration.js";
import { resourcesOf } from "../api/schema/placement/resources.js";
import type { NodeMetrics } from "../api/schema/types/metrics-v1beta1.gen.js";
import type { Clock } from "../base/clock.js";
import { messageOf } from "../base/errors.js";
import type { Logger } from "../base/logger.js";
import type { MeasuredUsage } from "./plugins/node-usage.js";

/** As often as nodes measure, and a little less. */
const ASK_MS = 15_000;
/** What is older says nothing of now. */
const STALE_MS = 60_000;

/** Asks metrics.k8s.io again and again for what nodes use. */
export class UsageSource {
  private readonly client: ApiClient;
  private readonly clock: Clock;
  private readonly logger: Logger;
  private byNode: ReadonlyMap<string, MeasuredUsage> = new Map();
  private askedMs = Number.NEGATIVE_INFINITY;

  constructor(client: ApiClient, { clock, logger }: { clock: Clock; logger: Logger }) {
    this.client = client;
    this.clock = clock;
    this.logger = logger;
  }

  /** What this node was last measured to use; null when nobody knows any more. */
  of(nodeName: string): MeasuredUsage | null {
    if (this.clock.monotonicMs() - this.askedMs > STALE_MS) return null;
    return this.byNode.get(nodeName) ?? null;
  }

  /** Asks now and then; resolves when the signal has aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await waitMs(this.clock, ASK_MS, signal);
      await this.ask(signal);
    }
  }

  /** Asks once, whether or not that works. */
  async ask(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    try {
      const { items } = await this.client.resource(NODE_METRICS).list({ signal });
      this.byNode = new Map(items.map((item) => [item.metadata.name, measuredOf(item)]));
      this.askedMs = this.clock.monotonicMs();
    } catch (error) {
      if (signal.aborted) return;
      this.logger.warn("what nodes use could not be read", { error: messageOf(error) });
    }
  }
}

/** Reads what the API says of one node. */
export function measuredOf({ usage, timestamp, window }: NodeMetrics): MeasuredUsage {
  const { milliCpu, memoryBytes } = resourcesOf(usage);
  const parsed = parseGoDuration(window);
  const windowMs = parsed.ok ? parsed.durationMs : 0;
  return { milliCpu, memoryBytes, sinceMs: Date.parse(timestamp) - windowMs };
}
