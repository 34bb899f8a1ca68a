import { randomInt } from "node:crypto";
import { performance } from "node:perf_hooks";
import type { Clock } from "../../base/clock.js";
import type { Random } from "../../base/random.js";

/** The longest that one timer of Node.js waits: it runs at once what shall wait longer. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** The clocks and timers of this process. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  schedule(delayMs, run) {
    let leftMs = Math.max(0, delayMs);
    let timer: NodeJS.Timeout;
    const wait = (): void => {
      const nowMs = Math.min(leftMs, TIMER_MS_MAX);
      leftMs -= nowMs;
      timer = setTimeout(leftMs > 0 ? wait : run, nowMs);
    };
    wait();
    return () => clearTimeout(timer);
  },
};

/** Randomness of the operating system. */
export const systemRandom: Random = { below: (bound) => randomInt(bound) };
