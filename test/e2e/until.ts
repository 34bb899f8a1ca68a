import { setTimeout as delay } from "node:timers/promises";

/**
 * Asks until `ask` gives a value other than null or false, and returns it. Throws at the deadline
 * with what it waited for and the last failure of `ask`, which may throw in between.
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | null | false>,
  options: { timeoutMs?: number; everyMs?: number } = {},
): Promise<T> {
  const deadlineMs = performance.now() + (options.timeoutMs ?? 60_000);
  let last: unknown = null;
  for (;;) {
    try {
      const value = await ask();
      if (value !== null && value !== false) return value;
      last = null;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadlineMs)
      throw new Error(`gave up waiting for: ${what}`, last === null ? undefined : { cause: last });
    await delay(options.everyMs ?? 100);
  }
}
