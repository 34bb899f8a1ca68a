/** How long an election takes at least with a fast disk. */
const ELECTION_MS = 500;
/** An election waits for disks three times: the candidate's, a voter's, and what they wrote before. */
const WAITS = 3;

/**
 * How fast the disk of this peer is, and what that means for elections. Raft paper §5.6: an
 * election timeout must be much longer than it takes to ask everybody, and that includes their
 * disks. Where it is not, each candidate begins anew before anybody could vote for it, and nobody
 * is ever elected.
 */
export class DiskPace {
  /** When what is being written was handed over, oldest first. */
  private readonly begun: number[] = [];
  private lastMs = 0;

  begin(nowMs: number): void {
    this.begun.push(nowMs);
  }

  /** What was begun first is durable. */
  end(nowMs: number): void {
    this.lastMs = nowMs - (this.begun.shift() ?? nowMs);
  }

  /** How many ticks of the clock make one for elections: 1 unless the disk is very slow. */
  stretch(nowMs: number): number {
    const waitedMs = nowMs - (this.begun[0] ?? nowMs);
    const diskMs = Math.max(this.lastMs, waitedMs);
    return Math.max(1, Math.floor((WAITS * diskMs) / ELECTION_MS));
  }
}
