import type { Clock } from "../../base/clock.js";
import type { LeaseId, LeaseStatus } from "../store-api.js";
import type { Lease } from "./mvcc.js";

/**
 * Timers are not set for less than this, so that a thousand leases do not wake us a thousand times.
 */
const GRANULARITY_MS = 50;

/**
 * How long leases still live. Only the leader knows, in memory: a new leader gives each its full
 * time again.
 */
export class LeaseClock {
  private readonly clock: Clock;
  private readonly expire: (id: LeaseId) => void;
  /** Deadlines on the monotonic clock. */
  private readonly deadlines = new Map<LeaseId, number>();
  private readonly expiring = new Set<LeaseId>();
  private timer: { readonly atMs: number; readonly cancel: () => void } | null = null;

  /** `expire` proposes the revocation; it is called once for each lease that runs out. */
  constructor(clock: Clock, expire: (id: LeaseId) => void) {
    this.clock = clock;
    this.expire = expire;
  }

  /** We lead from now on. */
  start(leases: Iterable<Lease>): void {
    for (const { id, ttlMs } of leases) this.granted(id, ttlMs);
  }

  /** We no longer lead, or close. */
  stop(): void {
    this.timer?.cancel();
    this.timer = null;
    this.deadlines.clear();
    this.expiring.clear();
  }

  granted(id: LeaseId, ttlMs: number): void {
    this.deadlines.set(id, this.clock.monotonicMs() + ttlMs);
    this.setTimer(this.clock.monotonicMs() + ttlMs);
  }

  revoked(id: LeaseId): void {
    this.deadlines.delete(id);
    this.expiring.delete(id);
  }

  /** The revocation that was asked for did not happen: it is tried again soon. */
  retry(id: LeaseId, delayMs: number): void {
    if (!this.expiring.delete(id)) return;
    this.granted(id, delayMs);
  }

  /** Renews a lease; null when there is none, or it is being revoked. */
  keepAlive(lease: Lease): number | null {
    if (!this.deadlines.has(lease.id) || this.expiring.has(lease.id)) return null;
    this.deadlines.set(lease.id, this.clock.monotonicMs() + lease.ttlMs);
    return lease.ttlMs;
  }

  statusOf({ id, ttlMs }: Lease): LeaseStatus {
    const deadline = this.deadlines.get(id) ?? this.clock.monotonicMs();
    return { id, grantedTtlMs: ttlMs, remainingMs: deadline - this.clock.monotonicMs() };
  }

  private setTimer(atMs: number): void {
    if (this.timer !== null && this.timer.atMs <= atMs) return;
    this.timer?.cancel();
    const delayMs = Math.max(GRANULARITY_MS, atMs - this.clock.monotonicMs());
    this.timer = { atMs, cancel: this.clock.schedule(delayMs, () => this.check()) };
  }

  private check(): void {
    this.timer = null;
    const nowMs = this.clock.monotonicMs();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const [id, deadline] of this.deadlines) {
      if (this.expiring.has(id)) continue;
      if (deadline > nowMs) {
        nextMs = Math.min(nextMs, deadline);
        continue;
      }
      this.expiring.add(id);
      this.expire(id);
    }
    if (nextMs < Number.POSITIVE_INFINITY) this.setTimer(nextMs);
  }
}
