import { waitMs } from "../../api/client/waiting.js";
import type { Clock } from "../../base/clock.js";
import { messageOf } from "../../base/errors.js";
import type { Logger } from "../../base/logger.js";
import type { NodeUsage } from "../../gossip/usage.js";
import { type NodeSample, type Sampler, usageBetween } from "./node-sample.js";

const INTERVAL_MS = 10_000;
/** A node that has just started shall not be without numbers for long. */
const FIRST_INTERVAL_MS = 2_000;

/** Reads samples again and again, and tells what was used between two of them. */
export class UsageCollector {
  private readonly sampler: Sampler;
  private readonly deps: { readonly clock: Clock; readonly logger: Logger };
  private readonly listeners = new Set<(usage: NodeUsage) => void>();
  private samples: readonly NodeSample[] = [];

  constructor(sampler: Sampler, deps: UsageCollector["deps"]) {
    this.sampler = sampler;
    this.deps = deps;
  }

  /** The newest samples, at most two, the older one first. */
  get latest(): readonly NodeSample[] {
    return this.samples;
  }

  /** Calls `listener` with every new usage; it must not throw. */
  subscribe(listener: (usage: NodeUsage) => void): void {
    this.listeners.add(listener);
  }

  /** Collects until the signal aborts. What cannot be read is logged, and read anew later. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.collect(signal);
      } catch (error) {
        if (!signal.aborted)
          this.deps.logger.warn("usage could not be read", { error: messageOf(error) });
      }
      const waitedMs = this.samples.length < 2 ? FIRST_INTERVAL_MS : INTERVAL_MS;
      await waitMs(this.deps.clock, waitedMs, signal);
    }
  }

  private async collect(signal: AbortSignal): Promise<void> {
    const now = await this.sampler.sample(signal);
    const before = this.samples.at(-1);
    this.samples = before === undefined ? [now] : [before, now];
    const usage = before === undefined ? null : usageBetween(before, now);
    if (usage !== null) for (const listener of this.listeners) listener(usage);
  }
}
