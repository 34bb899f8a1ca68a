import type { Index, PeerId } from "raft-ts";

/** A voter, and up to where the leader knows its log to be on its disk. */
export interface PeerLog {
  readonly peer: PeerId;
  readonly match: Index;
}

/**
 * Who may take over from a leader that waits for its disk: who had at two looks in a row what the
 * leader still waits for. Of disks that are equally slow one is always done some milliseconds
 * before the other; where all are slow a change of leaders makes nothing better, and everything
 * wait for votes.
 */
export class FasterPeer {
  private seen: { readonly peer: PeerId; readonly upTo: Index } | null = null;

  /** A look at the voter that is furthest; null: nobody leads here, or there is none. */
  look(best: PeerLog | null, upTo: Index): PeerId | null {
    const { seen } = this;
    const isAhead = best !== null && best.match >= upTo;
    this.seen = isAhead ? { peer: best.peer, upTo } : null;
    return isAhead && seen?.peer === best.peer && seen.upTo === upTo ? best.peer : null;
  }
}
