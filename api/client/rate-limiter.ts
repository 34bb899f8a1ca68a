import type { Clock } from "../../base/clock.js";

/** How the delay before a retry grows. */
export interface BackoffLimits {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * Delays for keys that failed: each key's own delay doubles with every failure, and all keys
 * together are let through at a bounded rate. A key's failures are remembered until `forget`.
 */
export class RetryRateLimiter {
  private readonly failures = new Map<string, number>();
  private readonly limits: BackoffLimits;
  private readonly bucket: TokenBucket;

  constructor(limits: BackoffLimits, bucket: TokenBucket) {
    this.limits = limits;
    this.bucket = bucket;
  }

  /** Milliseconds until the key may be tried again; counts as a failure. */
  delayMs(key: string): number {
    const failures = this.failures.get(key) ?? 0;
    this.failures.set(key, failures + 1);
    const { firstMs, maxMs } = this.limits;
    const ownMs = Math.min(maxMs, firstMs * 2 ** Math.min(failures, 40));
    return Math.max(ownMs, this.bucket.reserve());
  }

  /** The key did well: its next failure starts from the beginning. */
  forget(key: string): void {
    this.failures.delete(key);
  }

  /** Failures of the key since it last did well. */
  failuresOf(key: string): number {
    return this.failures.get(key) ?? 0;
  }
}

/** Tokens that come back at a steady rate; the bucket holds at most `burst`. */
export class TokenBucket {
  private readonly clock: Clock;
  private readonly burst: number;
  private readonly perSecond: number;
  private tokens: number;
  private filledAtMs: number;

  constructor(clock: Clock, { burst, perSecond }: { burst: number; perSecond: number }) {
    this.clock = clock;
    this.burst = burst;
    this.perSecond = perSecond;
    this.tokens = burst;
    this.filledAtMs = clock.monotonicMs();
  }

  /** Takes a token that may still have to come: milliseconds until it is there, 0 when it is. */
  reserve(): number {
    this.fill();
    this.tokens -= 1;
    return this.tokens >= 0 ? 0 : Math.ceil((-this.tokens * 1000) / this.perSecond);
  }

  /** Takes a token if one is there. */
  tryTake(): boolean {
    this.fill();
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }

  private fill(): void {
    const nowMs = this.clock.monotonicMs();
    const gained = ((nowMs - this.filledAtMs) * this.perSecond) / 1000;
    this.tokens = Math.min(this.burst, this.tokens + gained);
    this.filledAtMs = nowMs;
  }
}
