import { type IntervalHistogram, monitorEventLoopDelay } from "node:perf_hooks";
import { RecentMaximum } from "./recent-maximum.js";

/**
 * How often the loop is looked at. A stall is measured up to this much too short, and one that
 * begins within this time after a look is missed.
 */
const RESOLUTION_MS = 5;
/**
 * For so long a stall is told to everybody who asks. Who asked while it stood still may have given
 * up before the answer came, and there may be several who ask.
 */
export const STALL_MEMORY_MS = 30_000;

/** Knows the longest time for which the event loop of its thread stood still. */
export class StallMeter {
  private readonly delays: IntervalHistogram;
  private readonly told = new RecentMaximum(STALL_MEMORY_MS);

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

  /** The longest stall since the last call, or that a call told within STALL_MEMORY_MS. */
  recentLongestMs(): number {
    return this.told.note(this.takeLongestMs(), performance.now());
  }

  stop(): void {
    this.delays.disable();
  }
}
