import type { Clock } from "../../base/clock.js";
import type { LeaseId, Store } from "../../consensus/consensus.js";

/** How long an event is kept at least. */
export const EVENT_TTL_MS = 3_600_000;
/** Events of this long share one lease, so that a busy cluster does not have one per event. */
const SHARED_MS = 60_000;

/** Gives out the store lease that new events are attached to, so that they go by themselves. */
export class EventLeases {
  private readonly store: Store;
  private readonly clock: Clock;
  private lease: Promise<LeaseId> | null = null;
  private expiresMs = 0;

  constructor(deps: { store: Store; clock: Clock }) {
    this.store = deps.store;
    this.clock = deps.clock;
  }

  /** A lease with an hour left, or up to a minute more. */
  current(): Promise<LeaseId> {
    const nowMs = this.clock.monotonicMs();
    if (this.lease !== null && nowMs < this.expiresMs) return this.lease;
    this.expiresMs = nowMs + SHARED_MS;
    const granted = this.store.leaseGrant(EVENT_TTL_MS + SHARED_MS);
    this.lease = granted;
    granted.catch(() => {
      // The next event asks again; who waits for this one hears of the failure.
      if (this.lease === granted) this.lease = null;
    });
    return granted;
  }
}
