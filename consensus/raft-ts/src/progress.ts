import { assert } from "./assert.js";
import type { Index } from "./types.js";

/**
 * - Probe: where the follower's log matches is not known; one MsgApp at a time.
 * - Replicate: it is known; MsgApps are sent optimistically, up to limits in flight.
 * - Snapshot: a snapshot is on its way; nothing else is sent until its fate is known.
 */
export type ProgressState = "Probe" | "Replicate" | "Snapshot";

/** How much may be on its way to one follower. */
export interface InflightLimits {
  readonly inflightMax: number;
  readonly inflightSizeMaxBytes?: number;
}

interface Inflight {
  readonly lastIndex: Index;
  readonly sizeBytes: number;
}

/** What the leader knows of one follower's log. */
export class Progress {
  state: ProgressState = "Probe";
  /** Acknowledged by the follower. Invariant: 0 <= match < next. */
  match: Index = 0;
  /** The next entry to send. */
  next: Index;
  /** The highest commit index that was sent; it may have been lost, heartbeats repeat it. */
  commitSent: Index = 0;
  /** Something of the follower's own waits for the commit of this entry; see lazyCommit. */
  commitAwaited: Index = 0;
  /** Heard from since the last check of the quorum. */
  recentActive = false;
  /** Probe only: a MsgApp is out and its answer awaited. */
  probeSent = false;
  /** Snapshot only: the index of the one on its way; 0 once it is known to be lost. */
  pendingSnapshot: Index = 0;
  /** The follower has no membership to begin with: the log from its first entry is no help. */
  lacksStart = false;
  /** Replicate only: MsgApps with entries on their way, ascending. */
  private inflight: Inflight[] = [];
  private inflightSizeBytes = 0;
  private readonly limits: InflightLimits;

  constructor(next: Index, limits: InflightLimits) {
    assert(next > 0, `next ${next}`);
    this.next = next;
    this.limits = limits;
  }

  /** Has not been told, as far as it could be, what is committed. */
  lacksCommit(committed: Index): boolean {
    return this.state === "Replicate" && this.commitSent < committed;
  }

  isPaused(): boolean {
    if (this.state === "Probe") return this.probeSent;
    if (this.state === "Snapshot") return true;
    const { inflightMax, inflightSizeMaxBytes = Number.POSITIVE_INFINITY } = this.limits;
    return this.inflight.length >= inflightMax || this.inflightSizeBytes >= inflightSizeMaxBytes;
  }

  /** After a snapshot that arrived, probing goes on behind it. */
  becomeProbe(): void {
    const next = this.match + 1;
    this.reset("Probe", Math.max(next, this.pendingSnapshot + 1));
  }

  becomeReplicate(): void {
    this.reset("Replicate", this.match + 1);
  }

  becomeSnapshot(index: Index): void {
    assert(this.state !== "Snapshot", `snapshot ${index} beside ${this.pendingSnapshot}`);
    this.reset("Snapshot", index + 1);
    this.pendingSnapshot = index;
    // Should it be lost, the follower says again what it lacks.
    this.lacksStart = false;
  }

  /** Entries up to `lastIndex` (none: null) have just been handed to the transport. */
  sent(lastIndex: Index | null, sizeBytes: number): void {
    assert(this.state !== "Snapshot", "entries sent beside a snapshot");
    if (this.state === "Probe") {
      this.probeSent = true;
      return;
    }
    if (lastIndex === null) return;
    assert(lastIndex >= this.next, `sent up to ${lastIndex}, next is ${this.next}`);
    this.next = lastIndex + 1;
    this.inflight.push({ lastIndex, sizeBytes });
    this.inflightSizeBytes += sizeBytes;
  }

  /** An acknowledgement up to `index`; false when it is old news. */
  maybeUpdate(index: Index): boolean {
    while ((this.inflight[0]?.lastIndex ?? Number.POSITIVE_INFINITY) <= index) this.freeFirst();
    this.next = Math.max(this.next, index + 1);
    if (index <= this.match) return false;
    this.match = index;
    this.probeSent = false;
    this.lacksStart = false;
    return true;
  }

  /** A rejection of `rejected` with a hint where the logs may match; false when it is old news. */
  maybeDecrease(rejected: Index, hint: Index): boolean {
    if (this.state === "Snapshot") return false;
    if (this.state === "Replicate") {
      if (rejected <= this.match) return false;
      this.becomeProbe();
      return true;
    }
    if (this.next - 1 !== rejected) return false;
    this.next = Math.max(Math.min(rejected, hint + 1), this.match + 1);
    this.probeSent = false;
    return true;
  }

  /** A heartbeat was answered: a lost MsgApp must not block the follower for ever. */
  resume(): void {
    this.probeSent = false;
    if (this.state === "Replicate" && this.isPaused()) this.freeFirst();
  }

  private reset(state: ProgressState, next: Index): void {
    assert(next > this.match, `next ${next}, match ${this.match}`);
    this.state = state;
    this.next = next;
    this.probeSent = false;
    this.pendingSnapshot = 0;
    this.inflight = [];
    this.inflightSizeBytes = 0;
  }

  private freeFirst(): void {
    this.inflightSizeBytes -= this.inflight.shift()?.sizeBytes ?? 0;
  }
}
