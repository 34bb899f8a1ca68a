import type { Index, PeerId } from "./types.js";

/** A read that waits until a majority has confirmed that we still lead (thesis §6.4). */
export interface PendingRead {
  readonly from: PeerId;
  readonly context: number;
  /** The commit index when the read came in. */
  readonly index: Index;
}

/** One round of heartbeats. */
export interface Round {
  readonly number: number;
  readonly reads: readonly PendingRead[];
  /** When its heartbeats were sent, in ticks of this leadership. */
  readonly sentTick: number;
  readonly acks: Set<PeerId>;
}

/**
 * Reads grouped by the round of heartbeats that confirms them; a later round confirms all earlier
 * ones.
 */
export class ReadOnly {
  private rounds: Round[] = [];
  /** The number of the round opened last; 0 when there was none. */
  lastRound = 0;
  /** Follows itself, of course. */
  private readonly leader: PeerId;

  constructor(leader: PeerId) {
    this.leader = leader;
  }

  get size(): number {
    return this.rounds.length;
  }

  /** The newest round that awaits its confirmation; 0 when there is none. */
  get pendingRound(): number {
    return this.rounds.at(-1)?.number ?? 0;
  }

  /** Opens a round; the caller sends its number with the next heartbeats. */
  open(reads: readonly PendingRead[], sentTick = 0): number {
    this.lastRound += 1;
    const acks = new Set([this.leader]);
    this.rounds.push({ number: this.lastRound, reads: [...reads], sentTick, acks });
    return this.lastRound;
  }

  /** Takes in one heartbeat's answer; returns the rounds that it completes, oldest first. */
  acknowledge(
    round: number,
    from: PeerId,
    isQuorum: (acks: ReadonlySet<PeerId>) => boolean,
  ): Round[] {
    // An answer to a later round shows that the sender followed us then: it holds for the earlier
    // ones too.
    for (const candidate of this.rounds) if (candidate.number <= round) candidate.acks.add(from);
    let done = -1;
    this.rounds.forEach((candidate, i) => {
      if (isQuorum(candidate.acks)) done = i;
    });
    return this.rounds.splice(0, done + 1);
  }
}
