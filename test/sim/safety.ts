import { crc32 } from "node:zlib";
import {
  describeConfState,
  type Entry,
  type Index,
  isVoter,
  type Message,
  type PeerId,
  type Raft,
  type Term,
} from "raft-ts";
import type { Replica } from "../../consensus/simulation.js";

/** A promise of Raft, or of the store, was broken. */
export class SafetyViolation extends Error {
  override readonly name = "SafetyViolation";
}

function must(holds: boolean, why: () => string): void {
  if (!holds) throw new SafetyViolation(why());
}

/** What is checked of one server after every step. */
export interface Observed {
  readonly name: string;
  readonly id: PeerId;
  readonly raft: Raft;
  readonly replica: Replica;
}

interface Applied {
  readonly term: Term;
  readonly sum: number;
  /** The term of whoever applied it first: it was committed in this one at the latest. */
  readonly seenInTerm: Term;
}

/**
 * What Raft and the store promise of a whole group, checked as it goes. Only what a step may have
 * changed is looked at, so that a step stays cheap; whole logs when somebody new leads.
 */
export class Safety {
  leadersSeen = 0;
  leaderChanges = 0;
  jointSeen = 0;
  membershipChanges = 0;
  compactions = 0;
  appliedMax: Index = 0;
  private readonly leaderOfTerm = new Map<Term, PeerId>();
  private lastLeader = "";
  private readonly applied = new Map<Index, Applied>();
  /** Of entries by term and index: what came before each, and what is in it. */
  private readonly entries = new Map<string, string>();
  private readonly hashes = new Map<Index, string>();
  private readonly revisions = new Map<string, string>();
  private readonly memberships = new Map<Index, string>();
  private lastMembership = "";
  private compactedTo = 0;
  private readonly commits = new Map<PeerId, { index: Index; applied: Index; led: Term }>();

  /** Log matching (Raft paper §5.3): a term and an index name one entry and all before it. */
  sent(m: Message): void {
    if (m.type !== "MsgApp") return;
    let before = m.prevTerm;
    for (const entry of m.entries) {
      this.checkEntry(entry, before);
      before = entry.term;
    }
  }

  /** State machine safety (§5.4.3): nobody applies another entry at the same index. */
  applies(raft: Raft, entry: Entry): void {
    const sum = crc32(entry.data);
    const known = this.applied.get(entry.index);
    const { index, term } = entry;
    must(
      known === undefined || (known.term === term && known.sum === sum),
      () =>
        `state machine safety: ${raft.id} applies ${term}/${index}, others ${known?.term}/${index}`,
    );
    if (known === undefined) this.applied.set(index, { term, sum, seenInTerm: raft.term });
    this.appliedMax = Math.max(this.appliedMax, index);
  }

  restarted(id: PeerId): void {
    this.commits.delete(id);
  }

  /** After a step in which this server took part. */
  check(server: Observed): void {
    const { raft, replica, id } = server;
    let before = this.commits.get(id);
    if (before === undefined) {
      before = { index: 0, applied: 0, led: 0 };
      this.commits.set(id, before);
    }
    const commit = raft.commitIndex;
    must(
      commit >= before.index,
      () => `commit of ${server.name} goes from ${before.index} to ${commit}`,
    );
    before.index = commit;
    const { index } = replica.applied;
    must(index <= commit, () => `${server.name} has applied ${index}, only ${commit} is committed`);
    if (index !== before.applied) {
      must(
        index > before.applied,
        () => `${server.name} has applied ${index} after ${before.applied}`,
      );
      before.applied = index;
      this.checkState(server);
    }
    if (raft.role === "leader" && before.led !== raft.term) {
      before.led = raft.term;
      this.checkLeader(server);
    }
  }

  /** Logs that agree on an entry agree on everything before it. */
  checkLogs(servers: readonly Observed[]): void {
    for (const { raft } of servers) this.checkLog(raft);
  }

  /** Equal states at equal indexes and revisions; one truth about membership. */
  private checkState({ name, replica, raft }: Observed): void {
    const { index } = replica.applied;
    const { revision, compactRevision, index: keys } = replica.mvcc;
    const state = sameFor(this.hashes, index, replica.mvcc.hash());
    must(state === null, () => `states differ at index ${index}: ${name} ${state}`);
    const at = `${revision}/${compactRevision}`;
    const hash = sameFor(this.revisions, at, keys.hash.toString());
    must(hash === null, () => `hashes differ at revision ${at}: ${name} ${hash}`);
    if (compactRevision > this.compactedTo) {
      this.compactedTo = compactRevision;
      this.compactions += 1;
    }
    if (raft.appliedIndex !== index) return;
    const conf = describeConfState(raft.confState);
    const other = this.memberships.get(index);
    must(
      other === undefined || other === conf,
      () => `members at ${index}: ${other}, to ${name} ${conf}`,
    );
    if (other === undefined) {
      this.memberships.set(index, conf);
      if (conf !== this.lastMembership) this.membershipChanges += 1;
      this.lastMembership = conf;
      if (raft.confState.votersOutgoing.length > 0) this.jointSeen += 1;
    }
  }

  /** Election safety (§5.2), and leader completeness (§5.4.3) of who leads anew. */
  private checkLeader({ raft, name }: Observed): void {
    const { term, id } = raft;
    const known = this.leaderOfTerm.get(term);
    must(
      known === undefined || known === id,
      () => `two leaders in term ${term}: ${known} and ${id}`,
    );
    must(isVoter(raft.confState, id), () => `${name} leads and has no vote`);
    if (known === undefined) this.leadersSeen += 1;
    this.leaderOfTerm.set(term, id);
    if (this.lastLeader !== "" && this.lastLeader !== id) this.leaderChanges += 1;
    this.lastLeader = id;
    const log = raft.entries();
    const { firstIndex } = raft;
    for (let index = firstIndex; index <= this.appliedMax; index += 1) {
      const applied = this.applied.get(index);
      if (applied === undefined || applied.seenInTerm >= term) continue;
      const held = log[index - firstIndex];
      must(
        held?.term === applied.term,
        () =>
          `leader completeness: ${name} leads term ${term} with ${held?.term}/${index}, ${applied.term}/${index} is committed`,
      );
    }
    this.checkLog(raft);
  }

  private checkLog(raft: Raft): void {
    let before: Term | null = null;
    for (const entry of raft.entries()) {
      if (before !== null) this.checkEntry(entry, before);
      before = entry.term;
    }
  }

  private checkEntry({ term, index, data }: Entry, before: Term): void {
    const key = `${term}/${index}`;
    const content = `${before} ${crc32(data)}`;
    const known = this.entries.get(key);
    must(known === undefined || known === content, () => `log matching: two entries ${key}`);
    if (known === undefined) this.entries.set(key, content);
  }
}

function sameFor<K>(known: Map<K, string>, at: K, value: string): string | null {
  const other = known.get(at);
  if (other === undefined) known.set(at, value);
  return other === undefined || other === value ? null : `${value}, others ${other}`;
}
