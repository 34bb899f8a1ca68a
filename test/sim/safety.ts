import { crc32 } from "node:zlib";
import {
  describeConfState,
  type Entry,
  type Index,
  isQuorum,
  isVoter,
  type Message,
  type MsgApp,
  type MsgSnap,
  type PeerId,
  type Raft,
  type Term,
} from "raft-ts";
import type { Replica } from "../../consensus/simulation.js";

/** Messages of a leader's that nobody leaves without an answer; and what it hears meanwhile. */
const HEARD_MAX = 12;
const ANSWERS_MIN = 2;
/** Longer than any disk without a fault takes until an answer may leave. */
const ANSWER_MS = 50;

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

interface Committed {
  readonly term: Term;
  readonly sum: number;
  /** The term of whoever knew it first: it was committed in this one at the latest. */
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
  committedMax: Index = 0;
  private readonly leaderOfTerm = new Map<Term, PeerId>();
  private readonly votes = new Map<string, PeerId>();
  /** Of peers that follow nobody: whom they heard lead since, and how often it heard them. */
  private readonly unfollowed = new Map<
    PeerId,
    { leader: PeerId; term: Term; heardAtMs: number; heard: number; answers: number }
  >();
  private readonly snapshots = new Map<string, { readonly term: Term; readonly index: Index }>();
  private readonly acknowledging = new Map<
    PeerId,
    { readonly term: Term; readonly index: Index }
  >();
  private readonly acknowledged = new Map<PeerId, { readonly term: Term; readonly index: Index }>();
  private readonly starting = new Set<PeerId>();
  private readonly slow = new Set<PeerId>();
  private lastLeader = "";
  private readonly committed = new Map<Index, Committed>();
  /** Of entries by term and index: what came before each, and what is in it. */
  private readonly entries = new Map<string, string>();
  private readonly hashes = new Map<Index, string>();
  private readonly revisions = new Map<string, string>();
  private readonly memberships = new Map<Index, string>();
  private lastMembership = "";
  private compactedTo = 0;
  private readonly commits = new Map<
    PeerId,
    { index: Index; applied: Index; led: Term; leads: boolean }
  >();

  /** What a message promises must agree with what was promised before. */
  sent(m: Message): void {
    if (m.type === "MsgApp") this.checkAppend(m);
    else if (m.type === "MsgVote") this.checkVote(m, m.from);
    else if (m.type === "MsgVoteResp" && !m.reject) this.checkVote(m, m.to);
    else if (m.type === "MsgAppResp") {
      if (!m.reject) this.acknowledging.set(m.from, { term: m.term, index: m.index });
      const known = this.unfollowed.get(m.from);
      // Whether it arrives or not: it is not silent.
      if (known?.leader === m.to) known.heard = 0;
    }
  }

  /** Raft paper §5.2: at most one vote in a term. A candidate votes for itself. */
  private checkVote({ from, term }: Message, candidate: PeerId): void {
    const key = `${from}/${term}`;
    const known = this.votes.get(key);
    must(
      known === undefined || known === candidate,
      () => `two votes: ${from} votes for ${known} and ${candidate} in term ${term}`,
    );
    this.votes.set(key, candidate);
  }

  /** Log matching (§5.3): a term and an index name one entry and all before it. */
  private checkAppend(m: MsgApp): void {
    let before = m.prevTerm;
    for (const entry of m.entries) {
      this.entries.set(`${entry.term}/${entry.index}`, this.checkEntry(entry, before));
      before = entry.term;
    }
  }

  /** State machine safety (§5.4.3): nobody applies another entry at the same index. */
  applies(raft: Raft, entry: Entry): void {
    this.checkCommitted(raft, entry, "applies");
  }

  private checkCommitted(raft: Raft, entry: Entry, does: string): void {
    const sum = crc32(entry.data);
    const known = this.committed.get(entry.index);
    const { index, term } = entry;
    must(
      known === undefined || (known.term === term && known.sum === sum),
      () =>
        `state machine safety: ${raft.id} ${does} ${term}/${index}, others ${known?.term}/${index}`,
    );
    if (known !== undefined) return;
    this.committed.set(index, { term, sum, seenInTerm: raft.term });
    this.committedMax = Math.max(this.committedMax, index);
  }

  /**
   * A message of a leader's came to somebody, or a message of anybody's to a leader. What comes all
   * at once, after a pause, counts as one: no disk is done with the first answer yet.
   */
  delivered(m: Message, nowMs: number): void {
    const answered = this.unfollowed.get(m.from);
    if (answered?.leader === m.to && answered.heard >= HEARD_MAX) answered.answers += 1;
    if (m.type === "MsgAppResp" && !m.reject) this.snapshotEnded(m.to, m.from);
    if (m.type !== "MsgApp" && m.type !== "MsgHeartbeat") return;
    let known = this.unfollowed.get(m.to);
    if (known === undefined) {
      known = { leader: m.from, term: m.term, heardAtMs: nowMs, heard: 0, answers: 0 };
      this.unfollowed.set(m.to, known);
    }
    if (known.leader !== m.from || known.term !== m.term || known.heard === 0) {
      known.leader = m.from;
      known.term = m.term;
      known.heard = known.answers = 0;
    } else if (nowMs - known.heardAtMs < ANSWER_MS) return;
    known.heardAtMs = nowMs;
    known.heard += 1;
  }

  /** One at a time to a follower, until its fate is known or the follower has something new. */
  snapshotSent({ from, to, term, snapshot: { index } }: MsgSnap): void {
    const sent = this.snapshots.get(`${from} ${to}`);
    must(
      sent?.term !== term,
      () => `${from} sends ${to} the snapshot ${index} while ${sent?.index} is on its way`,
    );
    this.snapshots.set(`${from} ${to}`, { term, index });
  }

  snapshotEnded(from: PeerId, to: PeerId): void {
    this.snapshots.delete(`${from} ${to}`);
  }

  /** Its disk takes long for a write: answers wait for it; or does so no longer. */
  diskIsSlow(id: PeerId, isSlow: boolean): void {
    if (isSlow) this.slow.add(id);
    else this.slow.delete(id);
  }

  restarted(id: PeerId): void {
    this.slow.delete(id);
    for (const key of this.snapshots.keys())
      if (key.startsWith(`${id} `)) this.snapshots.delete(key);
    this.commits.delete(id);
    this.unfollowed.delete(id);
    this.acknowledging.delete(id);
    this.starting.add(id);
  }

  /** After a step in which this server took part. */
  check(server: Observed): void {
    const { raft, replica, id } = server;
    let before = this.commits.get(id);
    if (before === undefined) {
      before = { index: 0, applied: 0, led: 0, leads: false };
      this.commits.set(id, before);
    }
    const commit = raft.commitIndex;
    must(
      commit >= before.index,
      () => `commit of ${server.name} goes from ${before.index} to ${commit}`,
    );
    if (commit > before.index) this.checkCommits(raft, before);
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
    before.leads = raft.role === "leader";
    this.checkFollows(server);
    if (this.acknowledging.size > 0) this.noteAcknowledged(raft);
    if (this.starting.size > 0 && this.starting.delete(id)) this.checkKept(server);
    if (raft.role === "leader" && before.led !== raft.term) {
      before.led = raft.term;
      this.checkLeader(server);
    }
  }

  /** Logs that agree on an entry agree on everything before it. */
  checkLogs(servers: readonly Observed[]): void {
    for (const { raft } of servers) this.checkLog(raft);
  }

  /** What a follower says that it has is on its disk; only what a later leader sends replaces it. */
  private noteAcknowledged(raft: Raft): void {
    const sent = this.acknowledging.get(raft.id);
    if (sent === undefined) return;
    this.acknowledging.delete(raft.id);
    const term = raft.entries()[sent.index - raft.firstIndex]?.term;
    // It was replaced meanwhile.
    if (term === undefined || term > sent.term) return;
    this.acknowledged.set(raft.id, { term, index: sent.index });
  }

  private checkKept({ raft, id, name }: Observed): void {
    const had = this.acknowledged.get(id);
    if (had === undefined || raft.lastIndex < raft.firstIndex) return;
    const term = raft.entries().at(-1)?.term ?? 0;
    must(
      term > had.term || (term === had.term && raft.lastIndex >= had.index),
      () =>
        `${name} acknowledged ${had.term}/${had.index}, and its log ends with ` +
        `${term}/${raft.lastIndex} after a restart`,
    );
  }

  /** Nobody is left behind: who hears a leader again and again follows it, or tells it why not. */
  private checkFollows({ raft, id }: Observed): void {
    const known = this.unfollowed.get(id);
    if (known === undefined || known.heard === 0) return;
    const leader = this.commits.get(known.leader);
    const goesOn = leader?.leads === true && leader.led === known.term;
    if (raft.leader !== null || !goesOn || this.slow.has(id)) known.heard = 0;
    else
      must(
        known.heard < HEARD_MAX || known.answers < ANSWERS_MIN,
        () =>
          `${id} heard ${known.leader} lead term ${known.term} ${known.heard} times and neither ` +
          `follows nor says why: it is in term ${raft.term}`,
      );
  }

  /** What is committed is so for ever, whether it was applied by now or not. */
  private checkCommits(raft: Raft, before: { readonly index: Index; readonly led: Term }): void {
    const log = raft.entries();
    const { firstIndex, commitIndex } = raft;
    for (let index = Math.max(before.index + 1, firstIndex); index <= commitIndex; index += 1)
      this.checkCommitted(raft, log[index - firstIndex] as Entry, "commits");
    if (raft.role !== "leader" || before.led !== raft.term) return;
    // Paper §5.4.2, figure 2: of earlier terms only what stands before an entry of its own.
    const term = log[commitIndex - firstIndex]?.term;
    must(
      term === undefined || term === raft.term,
      () => `${raft.id} leads term ${raft.term} and commits ${term}/${commitIndex}, by counting`,
    );
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
    const { confState } = raft;
    const voted = [...confState.voters, ...confState.votersOutgoing].filter(
      (voter) => voter === id || this.votes.get(`${voter}/${term}`) === id,
    );
    must(
      isQuorum(confState, new Set(voted)),
      () => `${name} leads term ${term}, and only ${voted.join(" ")} voted for it`,
    );
    if (known === undefined) this.leadersSeen += 1;
    this.leaderOfTerm.set(term, id);
    if (this.lastLeader !== "" && this.lastLeader !== id) this.leaderChanges += 1;
    this.lastLeader = id;
    const log = raft.entries();
    const { firstIndex } = raft;
    for (let index = firstIndex; index <= this.committedMax; index += 1) {
      const committed = this.committed.get(index);
      if (committed === undefined || committed.seenInTerm >= term) continue;
      const held = log[index - firstIndex];
      must(
        held?.term === committed.term,
        () =>
          `leader completeness: ${name} leads term ${term} with ${held?.term}/${index}, ${committed.term}/${index} is committed`,
      );
    }
    this.checkLog(raft);
  }

  /** Of what nobody was sent nothing is kept in mind: it may be lost before it is durable. */
  private checkLog(raft: Raft): void {
    let before: Term | null = null;
    for (const entry of raft.entries()) {
      if (before !== null) this.checkEntry(entry, before);
      before = entry.term;
    }
  }

  private checkEntry(entry: Entry, before: Term): string {
    const { term, index, data } = entry;
    const key = `${term}/${index}`;
    const content = `${before} ${crc32(data)}`;
    const known = this.entries.get(key) ?? content;
    must(known === content, () => `log matching: two entries ${key}`);
    return content;
  }
}

function sameFor<K>(known: Map<K, string>, at: K, value: string): string | null {
  const other = known.get(at);
  if (other === undefined) known.set(at, value);
  return other === undefined || other === value ? null : `${value}, others ${other}`;
}
