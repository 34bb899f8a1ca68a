import { assert, unreachable } from "./assert.js";
import type { ConfChangeV2 } from "./conf-change.js";
import type { ConfState } from "./conf-state.js";
import { Core } from "./core.js";
import { campaign, handleVote, handleVoteResp } from "./election.js";
import {
  answerStale,
  handleApp,
  handleHeartbeat,
  handleSnapshot,
  suspectLeader,
} from "./follower.js";
import {
  handleAppResp,
  handleHeartbeatResp,
  maybeCommit,
  reportLost,
  reportSnapshot,
  tickLeader,
  transferTo,
} from "./leader.js";
import { appliedTo, proposeConfChange } from "./membership.js";
import { isFromLeader, type Message } from "./messages.js";
import type { Progress } from "./progress.js";
import { forward, propose } from "./proposals.js";
import { addRead, dropLeaseAfterPause } from "./reads.js";
import { awaitCommit, flushAppends, owesCommit, tellCommit, wantsSnapshot } from "./replication.js";
import type {
  ConfChangeResult,
  Entry,
  ForwardResult,
  HardState,
  Index,
  PeerId,
  ProposeResult,
  RaftConfig,
  RaftState,
  Ready,
  Role,
  Snapshot,
  Term,
} from "./types.js";

/**
 * Raft decides; it never acts. It reads no clock, opens no file, sends no packet and never awaits.
 * Call step(), tick(), propose() or readIndex(); while hasReady(), take ready() and do what it says
 * (see Ready). A Ready may be taken before the one before it was advanced: append, send and apply
 * are three pipelines.
 */
export class Raft {
  readonly id: PeerId;
  private readonly core: Core;

  constructor(config: RaftConfig, state: RaftState) {
    this.core = new Core(config, state);
    this.id = config.id;
  }

  get role(): Role {
    return this.core.role;
  }
  get term(): Term {
    return this.core.term;
  }
  /** Who leads as far as is known here; null when nobody is known to. */
  get leader(): PeerId | null {
    return this.core.leader;
  }
  get commitIndex(): Index {
    return this.core.log.committed;
  }
  get appliedIndex(): Index {
    return this.core.log.applied;
  }
  get lastIndex(): Index {
    return this.core.log.lastIndex;
  }
  get firstIndex(): Index {
    return this.core.log.firstIndex;
  }

  /** The membership as of the applied index. */
  get confState(): ConfState {
    return this.core.confState;
  }

  /**
   * A follower needs a snapshot and none is at hand that reaches to where the log begins: take one
   * and tell it by snapshotTaken().
   */
  get wantsSnapshot(): boolean {
    return wantsSnapshot(this.core);
  }

  /** Followers have not been told what is committed: tellCommit() would; see lazyCommit. */
  get owesCommit(): boolean {
    return owesCommit(this.core);
  }

  /** Tells followers what is committed without waiting for entries to tell it with. */
  tellCommit(): void {
    if (this.owesCommit) tellCommit(this.core);
  }

  /** The log from firstIndex on, for tests and tools. */
  entries(): readonly Entry[] {
    return this.core.log.slice(this.core.log.firstIndex, Number.MAX_SAFE_INTEGER);
  }

  /** What is known of a follower, for tests and tools; null when we do not lead it. */
  progressOf(peer: PeerId): Readonly<Pick<Progress, "state" | "match" | "next">> | null {
    return this.core.leadership?.progress.get(peer) ?? null;
  }

  /** Advances the logical clock by one tick. */
  tick(): void {
    const { core } = this;
    core.electionElapsed += 1;
    core.sinceLeader += 1;
    if (core.role === "leader") return tickLeader(core);
    if (core.electionElapsed >= core.electionTimeout) this.campaign();
  }

  /**
   * Starts an election at once; a tick does it after silence. Does nothing on a leader, without a
   * vote, while a committed change of the membership is not applied, and with leases as long as a
   * leader may rely on us.
   */
  campaign(): void {
    campaign(this.core, { isTransfer: false });
  }

  /** Leader only: accepts data for the log. See ProposeResult. */
  propose(data: Uint8Array): ProposeResult {
    return propose(this.core, data);
  }

  /** Proposes data here or, on a follower, at its leader (MsgProp). See ForwardResult. */
  forward(data: Uint8Array): ForwardResult {
    return forward(this.core, data);
  }

  /**
   * Leader only: accepts a change of the membership, which takes effect when it is applied. See
   * ConfChangeResult.
   */
  proposeConfChange(change: ConfChangeV2): ConfChangeResult {
    return proposeConfChange(this.core, change);
  }

  /**
   * Hands leadership to a voter that keeps up; a follower passes the wish on. Proposals are refused
   * meanwhile. Given up after an election timeout. False when it cannot be.
   */
  transferLeader(transferee: PeerId): boolean {
    const { core } = this;
    if (core.role === "leader") return transferTo(core, transferee);
    if (core.leader === null) return false;
    core.send({ type: "MsgTransferLeader", to: core.leader, transferee });
    return true;
  }

  /**
   * Asks from which index on a read is linearizable; the answer is a ReadState with this context.
   * None comes when there is no leader or leadership is lost: the caller has a deadline. `context`
   * is positive and not reused. Returns false when the request was not taken.
   */
  readIndex(context: number): boolean {
    assert(Number.isSafeInteger(context) && context > 0, `read context ${context}`);
    const { core } = this;
    if (core.role === "leader") return addRead(core, { from: core.id, context });
    if (core.leader === null) return false;
    core.send({ type: "MsgReadIndex", to: core.leader, context });
    return true;
  }

  /**
   * Time has passed that ticks did not tell of (the process stood still): the lease is void. Call
   * it before anything else once the monotonic clock shows it, before each read at the latest.
   */
  reportPause(): void {
    const { core } = this;
    if (core.leadership !== null) dropLeaseAfterPause(core, core.leadership);
  }

  /** A message to `peer` was lost, or its connection was closed. */
  reportUnreachable(peer: PeerId): void {
    reportLost(this.core, peer);
    suspectLeader(this.core, peer);
  }

  /** What became of a MsgSnap to `peer`; the shell reports each, also after its own deadline. */
  reportSnapshot(peer: PeerId, status: "SnapshotFinish" | "SnapshotFailure"): void {
    reportSnapshot(this.core, peer, status);
  }

  /** Takes in one message. The transport has parsed it and checked sender and addressee. */
  step(m: Message): void {
    const { core } = this;
    assert(m.to === core.id, `message for ${m.to} delivered to ${core.id}`);
    assert(m.from !== core.id, `${core.id} hears from itself`);
    if ("committed" in m && core.role !== "leader") core.log.maybeCommitTo(m.committed);
    if (this.ignoresVote(m)) return;
    if (m.term > core.term && !this.takeHigherTerm(m)) return;
    if (m.term < core.term) return answerStale(core, m);
    this.dispatch(m);
  }

  hasReady(): boolean {
    const { core } = this;
    if (core.leadership?.appendOwed === true) return true;
    return core.outbox.hasReady(core, core.log);
  }

  /** What must be saved, sent and applied now. Hand each one back to advance(), in order. */
  ready(): Ready {
    const { core } = this;
    flushAppends(core);
    return core.outbox.take(this.hardState(), core.log, core.config);
  }

  /** What this Ready asked to save is durable, and so is that of every Ready before it. */
  advance(done: Ready): void {
    const { core } = this;
    core.outbox.saved(done, core.log);
    if (done.snapshot !== null) core.installed(done.snapshot);
    const last = done.entries.at(-1);
    if (last === undefined) return;
    core.log.stableTo(last.index, last.term);
    if (core.role === "leader") maybeCommit(core);
  }

  /** The state machine has applied everything up to `index`. */
  applied(index: Index): void {
    appliedTo(this.core, index);
  }

  /**
   * The membership after the entries up to `index`, which have been handed out for apply: what the
   * state machine keeps in the write that makes `index` its applied index.
   */
  confStateAt(index: Index): ConfState {
    return this.core.confStateAt(index);
  }

  /** The shell can send this snapshot from now on, instead of an earlier one. */
  snapshotTaken(snapshot: Snapshot): void {
    const { core } = this;
    const { index } = snapshot;
    assert(index <= core.log.applied, `snapshot ${index}, applied up to ${core.log.applied}`);
    if (index <= (core.snapshot?.index ?? 0)) return;
    core.snapshot = snapshot;
    if (core.leadership !== null) core.leadership.appendOwed = true;
  }

  /**
   * Lets go of entries up to `index` that the state machine holds; returns the first one that the
   * disk must keep. Kept is what neither everybody has nor a snapshot brings to who lacks it.
   */
  compact(index: Index): Index {
    const { log, leadership, snapshot, isSoleVoter } = this.core;
    let limit = Math.min(index, log.applied);
    let spared: Index = leadership !== null || isSoleVoter ? limit : 0;
    for (const { match } of leadership?.progress.values() ?? []) spared = Math.min(spared, match);
    limit = Math.min(limit, Math.max(spared, snapshot?.index ?? 0));
    log.compactTo(limit);
    return log.firstIndexKept;
  }

  /** Who hears from a leader helps nobody to depose it, unless the leader asked for it. */
  private ignoresVote(m: Message): boolean {
    const { core } = this;
    if (m.type !== "MsgVote" && m.type !== "MsgPreVote") return false;
    if (m.transfer === true || !core.defendsLeader) return false;
    return m.term > core.term || core.leases;
  }

  /** Raft paper §5.1: a higher term wins. False when the message is to be ignored. */
  private takeHigherTerm(m: Message): boolean {
    // A pre-vote changes no term: it asks about a term that has not begun.
    if (m.type === "MsgPreVote" || (m.type === "MsgPreVoteResp" && !m.reject)) {
      this.dispatch(m);
      return false;
    }
    this.core.becomeFollower(m.term, isFromLeader(m) ? m.from : null);
    return true;
  }

  private dispatch(m: Message): void {
    const { core } = this;
    switch (m.type) {
      case "MsgVote":
      case "MsgPreVote":
        return handleVote(core, m);
      case "MsgVoteResp":
      case "MsgPreVoteResp":
        return handleVoteResp(core, m);
      case "MsgApp":
        return handleApp(core, m);
      case "MsgHeartbeat":
        return handleHeartbeat(core, m);
      case "MsgSnap":
        return handleSnapshot(core, m);
      case "MsgTimeoutNow":
        return campaign(core, { isTransfer: true });
      case "MsgReadIndexResp":
        return core.outbox.answerRead({ context: m.context, index: m.index });
      case "MsgAppResp":
      case "MsgHeartbeatResp":
      case "MsgReadIndex":
      case "MsgProp":
      case "MsgTransferLeader":
        // For a leader of this term; whoever is none any more has nothing to say to it.
        if (core.role === "leader") this.dispatchToLeader(m);
        return;
      default:
        return unreachable(m);
    }
  }

  private dispatchToLeader(
    m: Extract<
      Message,
      {
        type: "MsgAppResp" | "MsgHeartbeatResp" | "MsgReadIndex" | "MsgProp" | "MsgTransferLeader";
      }
    >,
  ): void {
    const { core } = this;
    switch (m.type) {
      case "MsgAppResp":
        return handleAppResp(core, m);
      case "MsgHeartbeatResp":
        return handleHeartbeatResp(core, m);
      case "MsgReadIndex":
        addRead(core, { from: m.from, context: m.context });
        return;
      case "MsgProp":
        if (core.config.disableProposalForwarding === true) return;
        if (propose(core, m.data).accepted) awaitCommit(core, m.from, core.log.lastIndex);
        return;
      case "MsgTransferLeader":
        transferTo(core, m.transferee);
        return;
      default:
        return unreachable(m);
    }
  }

  private hardState(): HardState {
    const { term, vote, log } = this.core;
    return { term, vote, commit: log.committed };
  }
}
