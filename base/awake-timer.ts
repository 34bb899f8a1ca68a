import type { Clock } from "./clock.js";

const SLICES = 4;
/** A slice that takes longer than that many times its length says that this process did not run. */
const LATE = 1.5;

/**
 * Calls `run` once this process has waited `delayMs` in vain for what another one should say. Time
 * in which this one did not run does not count, since what came meanwhile waits to be read; where
 * it is always late, that is twice the time at most. The returned function cancels it. (Lifeguard
 * §IV: who is slow itself does not blame others.)
 */
export function scheduleAwake(clock: Clock, delayMs: number, run: () => void): () => void {
  const sliceMs = delayMs / SLICES;
  let counted = 0;
  let late = 0;
  let cancel = (): void => {};
  const wait = (): void => {
    const beganMs = clock.monotonicMs();
    cancel = clock.schedule(sliceMs, () => {
      const isLate = clock.monotonicMs() - beganMs > LATE * sliceMs;
      if (isLate && late < SLICES) late += 1;
      else counted += 1;
      if (counted < SLICES) wait();
      else run();
    });
  };
  wait();
  return () => cancel();
}
