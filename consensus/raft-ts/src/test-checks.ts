import { assert } from "./assert.js";
import { describeConfState } from "./describe.js";
import type { Raft } from "./raft.js";
import type { Entry, Index, LogStart, PeerId, Term } from "./types.js";

/** The state machine of the tests: a hash of everything that was applied. */
export function hashAfter(hash: number, entry: Entry): number {
  let next = Math.imul(hash ^ entry.index, 0x01000193) ^ entry.term;
  for (const byte of entry.data) next = Math.imul(next ^ byte, 0x01000193);
  return next >>> 0;
}

interface Known {
  readonly entry: Entry;
  readonly hash: number;
  /** The term of whoever applied it first: it was committed in this one at the latest. */
  readonly term: Term;
}

/** What Raft promises about a whole group, checked step by step. Throws when it is broken. */
export class Safety {
  /** What was applied anywhere, by index: no two peers may differ. */
  private readonly truth = new Map<Index, Known>();
  private readonly leaderOfTerm = new Map<Term, PeerId>();
  private readonly membership = new Map<Index, string>();
  private readonly commits = new Map<PeerId, Index>();
  /** What a read must see at least, by its context. */
  private readonly readFloors = new Map<number, Index>();
  /** The highest index that was applied anywhere. */
  appliedMax: Index = 0;

  get leadersSeen(): number {
    return this.leaderOfTerm.size;
  }

  /** State machine safety (Raft paper §5.4.3), and equal states at equal indexes. */
  applied(raft: Raft, entry: Entry, hash: number): void {
    const known = this.truth.get(entry.index);
    assert(known === undefined || sameEntry(known.entry, entry), `two truths at ${entry.index}`);
    assert(known === undefined || known.hash === hash, `states differ at ${entry.index}`);
    if (known === undefined) this.truth.set(entry.index, { entry, hash, term: raft.term });
    this.appliedMax = Math.max(this.appliedMax, entry.index);
  }

  /** A snapshot is the state that entries lead to. */
  installed(at: LogStart, hash: number): void {
    const known = this.truth.get(at.index);
    assert(known?.entry.term === at.term, `snapshot of ${at.term}/${at.index} that never was`);
    assert(known.hash === hash, `snapshot ${at.index} is another state`);
  }

  /** One truth about membership: who has applied the same has the same members. */
  checkMembership(raft: Raft): void {
    const now = describeConfState(raft.confState);
    const known = this.membership.get(raft.appliedIndex) ?? now;
    assert(known === now, `members at ${raft.appliedIndex}: ${known}, to ${raft.id} ${now}`);
    this.membership.set(raft.appliedIndex, now);
  }

  /** Commit indexes only grow, restarts excepted. */
  checkCommit(raft: Raft): void {
    const before = this.commits.get(raft.id) ?? 0;
    assert(raft.commitIndex >= before, `${raft.id} commits ${raft.commitIndex} after ${before}`);
    this.commits.set(raft.id, raft.commitIndex);
  }

  restarted(id: PeerId): void {
    this.commits.delete(id);
  }

  /** Election safety (§5.2), and leader completeness (§5.4.3) when the leader is new. */
  checkLeader(raft: Raft): void {
    if (raft.role !== "leader") return;
    const known = this.leaderOfTerm.get(raft.term);
    assert(known === undefined || known === raft.id, `two leaders in term ${raft.term}`);
    if (known !== undefined) return;
    this.leaderOfTerm.set(raft.term, raft.id);
    const log = raft.entries();
    for (const [index, { entry, term }] of this.truth) {
      if (term >= raft.term || index < raft.firstIndex) continue;
      const held = log[index - raft.firstIndex];
      assert(sameEntry(held, entry), `leader of ${raft.term} lacks ${index}`);
    }
  }

  readAsked(context: number): void {
    this.readFloors.set(context, this.appliedMax);
  }

  /** A linearizable read sees what was applied anywhere before it was asked for. */
  readAnswered(context: number, index: Index): void {
    const floor = this.readFloors.get(context) ?? 0;
    assert(index >= floor, `stale read ${context} at ${index}, ${floor} was applied before`);
  }
}

/** Log matching (Raft paper §5.3): logs that agree on an entry agree on everything before it. */
export function checkLogs(logs: readonly { start: LogStart; entries: readonly Entry[] }[]): void {
  for (const a of logs)
    for (const b of logs) {
      const first = Math.max(a.start.index, b.start.index) + 1;
      const at = (log: typeof a, index: Index): Entry | undefined =>
        log.entries[index - log.start.index - 1];
      let i = Math.min(a.start.index + a.entries.length, b.start.index + b.entries.length);
      while (i >= first && at(a, i)?.term !== at(b, i)?.term) i -= 1;
      for (; i >= first; i -= 1) assert(sameEntry(at(a, i), at(b, i)), `logs differ at ${i}`);
    }
}

function sameEntry(a: Entry | undefined, b: Entry | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  if (a.term !== b.term || a.index !== b.index || a.data.length !== b.data.length) return false;
  return a.type === b.type && a.data.every((byte, i) => byte === b.data[i]);
}
