import { type IntervalHistogram, monitorEventLoopDelay } from "node:perf_hooks";

/** How often the loop is looked at: what is measured is up to so much too short. */
const RESOLUTION_MS = 2;

/** Knows the longest time for which this thread's event loop stood still since it was made. */
export class StallMeter {
  private readonly delays: IntervalHistogram = monitorEventLoopDelay({
    resolution: RESOLUTION_MS,
  });

  constructor() {
    this.delays.enable();
  }

  get longestMs(): number {
    return Math.max(0, this.delays.max / 1e6 - RESOLUTION_MS);
  }

  stop(): void {
    this.delays.disable();
  }
}
