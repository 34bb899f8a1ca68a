import { type IntervalHistogram, monitorEventLoopDelay } from "node:perf_hooks";

/**
 * How often the loop is looked at. A stall is measured up to this much too short, and one that
 * begins within this time after a look is missed.
 */
const RESOLUTION_MS = 5;

/** Knows the longest time for which the event loop of its thread stood still. */
export class StallMeter {
  private readonly delays: IntervalHistogram;

  constructor() {
    this.delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    this.delays.enable();
  }

  /** The longest stall since the last call, in milliseconds; 0 when there was none to speak of. */
  takeLongestMs(): number {
    const longestMs = this.delays.max / 1e6;
    this.delays.reset();
    return Math.max(0, longestMs - RESOLUTION_MS);
  }

  stop(): void {
    this.delays.disable();
  }
}
