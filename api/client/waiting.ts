import { setMaxListeners } from "node:events";
import { scheduleAwake } from "../../base/awake-timer.js";
import type { Clock } from "../../base/clock.js";
import type { Random } from "../../base/random.js";

/** Resolves after `delayMs`, or at once when the signal aborts: look at the signal afterwards. */
export function waitMs(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  allowManyListeners(signal);
  return new Promise((resolve) => {
    const finish = (): void => {
      cancel();
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const cancel = clock.schedule(delayMs, finish);
    signal.addEventListener("abort", finish, { once: true });
  });
}

/** Resolves when the signal aborts. */
export function whenAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/**
 * A delay that doubles from `firstMs` to `maxMs` with the attempt (0, 1, …), half of it drawn by
 * lot.
 */
export function jitteredBackoffMs(
  attempt: number,
  limits: { readonly firstMs: number; readonly maxMs: number },
  random: Random,
): number {
  const wholeMs = Math.min(limits.maxMs, limits.firstMs * 2 ** Math.min(attempt, 30));
  const halfMs = Math.max(1, Math.floor(wholeMs / 2));
  return halfMs + random.below(halfMs + 1);
}

const prepared = new WeakSet<AbortSignal>();

/**
 * Tells Node.js that a signal is listened to by as many calls as are under way, and that this is no
 * leak: each of them takes its listener away at its end.
 */
export function allowManyListeners(signal: AbortSignal | undefined): void {
  if (signal === undefined || prepared.has(signal)) return;
  prepared.add(signal);
  setMaxListeners(0, signal);
}

/** A signal of its own for one call, see `openCallScope`. */
export interface CallScope {
  readonly signal: AbortSignal;
  /** True when it was the deadline that aborted it, not the caller. */
  expired(): boolean;
  /** Milliseconds left until the deadline. */
  leftMs(): number;
  /** Must be called when the call is over: takes the listener and the timer away. */
  dispose(): void;
}

/**
 * Joins the caller's signal and a deadline. Unlike AbortSignal.any it leaves nothing behind on a
 * parent that lives as long as the process.
 */
export function openCallScope(
  clock: Clock,
  timeoutMs: number,
  parent: AbortSignal | undefined,
): CallScope {
  const controller = new AbortController();
  const endsAtMs = clock.monotonicMs() + timeoutMs;
  let expired = false;
  const forward = (): void => controller.abort(parent?.reason);
  allowManyListeners(parent);
  if (parent?.aborted === true) forward();
  parent?.addEventListener("abort", forward, { once: true });
  const cancel = scheduleAwake(clock, timeoutMs, () => {
    expired = true;
    controller.abort(new Error(`no answer in ${timeoutMs} ms`));
  });
  return {
    signal: controller.signal,
    expired: () => expired,
    leftMs: () => Math.max(0, endsAtMs - clock.monotonicMs()),
    dispose: () => {
      cancel();
      parent?.removeEventListener("abort", forward);
    },
  };
}
