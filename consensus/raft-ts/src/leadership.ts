import type { Progress } from "./progress.js";
import { type PendingRead, ReadOnly } from "./read-only.js";
import type { Index, PeerId } from "./types.js";

/** What a peer knows only while it leads; thrown away with the leadership. */
export class Leadership {
  /** Everyone in the membership but ourselves: our own match is what our disk has. */
  readonly progress = new Map<PeerId, Progress>();
  readonly readOnly: ReadOnly;
  /** Reads that came before we committed in our term (thesis §6.4). */
  earlyReads: PendingRead[] = [];
  /** Bytes of our own proposals that are not committed yet. */
  uncommittedSize = 0;
  /**
   * Followers are owed a MsgApp; sent when the next Ready is taken, so that proposals share it.
   */
  appendOwed = false;
  heartbeatElapsed = 0;
  /** Ticks since we lead: the clock of the lease. */
  ticks = 0;
  /** When the newest heartbeat that a quorum answered was sent; null: there is no lease. */
  leaseFrom: number | null = null;
  /** Answers to rounds up to this one say nothing about the lease. */
  leaseRoundMin = 0;
  /** Somebody was asked to depose us: whatever a quorum answers, there is no lease in this term. */
  isLeaseBroken = false;
  /** Whom leadership is being handed to. Invariant: a voter, never ourselves. */
  leadTransferee: PeerId | null = null;
  /** We lost our vote, and step down once this round tells that the others know; 0: we did not. */
  lastRound = 0;
  /** No change of the membership is accepted before this index is applied. */
  pendingConfIndex: Index;

  constructor(leader: PeerId, pendingConfIndex: Index) {
    this.readOnly = new ReadOnly(leader);
    this.pendingConfIndex = pendingConfIndex;
  }

  /** Whatever was answered so far counts no longer for the lease. */
  dropLease(): void {
    this.leaseFrom = null;
    this.leaseRoundMin = this.readOnly.lastRound;
  }
}
