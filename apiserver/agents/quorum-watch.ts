import type { Clock } from "../../base/clock.js";
import { pause } from "../server/waiting.js";

const PERIOD_MS = 500;
/** An election takes up to a second and a half: shorter than this is no reason to move. */
const LOST_AFTER_MS = 3_000;

/**
 * Asks the store again and again for a read index, which needs a quorum, and tells `onChange` when
 * none came for seconds, and when one comes again. Ends when the signal aborts.
 */
export async function watchQuorum(
  store: { readIndex(): Promise<unknown> },
  options: {
    readonly clock: Clock;
    readonly signal: AbortSignal;
    readonly onChange: (serving: boolean) => void;
  },
): Promise<void> {
  const { clock, signal, onChange } = options;
  while (!signal.aborted) {
    const cancel = clock.schedule(LOST_AFTER_MS, () => onChange(false));
    let serving = true;
    // A store that answers at once that it has no leader is asked again until it had its time.
    const startMs = clock.monotonicMs();
    try {
      await store.readIndex();
    } catch {
      serving = false;
    }
    while (!serving && !signal.aborted && clock.monotonicMs() - startMs < LOST_AFTER_MS) {
      await pause(clock, PERIOD_MS, signal);
      serving = await store.readIndex().then(
        () => true,
        () => false,
      );
    }
    cancel();
    if (signal.aborted) return;
    onChange(serving);
    await pause(clock, PERIOD_MS, signal);
  }
}
