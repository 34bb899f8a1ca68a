import {
  type ConfChangeV2,
  type ConfState,
  type Entry,
  type HardState,
  type Index,
  type LogStart,
  type Message,
  membersOf,
  type PeerId,
  type Raft,
  type Ready,
  type Snapshot,
  type Term,
} from "raft-ts";
import { assert } from "../base/assert.js";
import type { Clock } from "../base/clock.js";
import { DiskPace } from "./disk-pace.js";
import type { ApplyResult } from "./store/apply-result.js";
import { failPoint } from "./fail-point.js";
import { PendingProposals, refused } from "./pending-proposals.js";
import { PendingReads } from "./pending-reads.js";
import { StoreError } from "./store-error.js";

/** A rejection of either means that the disk cannot be trusted. */
export interface LogWriter {
  /** Resolves once hardState and entries are durable; in order. */
  append(hardState: HardState | null, entries: readonly Entry[]): Promise<void>;
  /** What is appended from now on stands behind a snapshot, which replaces everything before. */
  restartAt(start: LogStart): void;
}

/** The way to the peers. Best effort: may drop, delay or reorder; never throws, never blocks. */
export interface PeerTransport {
  send(messages: readonly Message[]): void;
}

/** What committed entries are applied to. A throw means that this replica cannot be trusted. */
export interface StateMachine {
  /** `confStateAt` gives the membership as of an entry that changes it. */
  apply(
    entries: readonly Entry[],
    confStateAt: (index: Index) => ConfState,
  ): (ApplyResult | null)[];
  readonly isBehind: boolean;
  flushed(): Promise<void>;
}

export interface RaftHostDeps {
  readonly log: LogWriter;
  readonly transport: PeerTransport;
  readonly machine: StateMachine;
  readonly clock: Clock;
  /** Resolves once everything else that is due has had its turn. */
  readonly yieldTurn: () => Promise<void>;
  /** Called once, with why this replica can no longer be trusted: the process must end. */
  readonly onFatal: (error: unknown) => void;
  /**
   * Called when this peer leads and has applied what earlier leaders committed, and when it no
   * longer leads.
   */
  readonly onLeadership: (leads: boolean) => void;
  /** Called whenever leader or term are others than before. */
  readonly onLeaderChange?: () => void;
  /** Called after these entries were applied. */
  readonly onApplied?: (entries: readonly Entry[]) => void;
  /** A follower needs a snapshot: take one and hand it to offerSnapshot(). */
  readonly onSnapshotWanted?: () => void;
  /**
   * The log stands behind this snapshot now, durably; the host has closed. The state machine is to
   * be made from the snapshot, as at a start.
   */
  readonly onSnapshotInstalled?: (snapshot: Snapshot) => void;
}

export interface RaftHostConfig {
  /** Real time per tick; a group of one needs none. */
  readonly tickMs: number;
  /** Proposals, and reads, that may wait at a time. */
  readonly waitingMax: number;
  /** Entries kept in memory after they were applied, for followers that lag. */
  readonly entriesKept: number;
  readonly readTimeoutMs: number;
  readonly proposalTimeoutMs: number;
}

/** How often it is looked for what waits too long, while something waits: for that is rare. */
const SWEEP_MS = 200;
/** What a leader was asked for is asked for again after this. */
const READ_RESEND_MS = 500;
const PROPOSAL_RESEND_MS = 2_000;
/**
 * How long followers may be left without knowing what is committed while no entry travels that
 * tells them: a client that waits for each write sends its next within this.
 */
const COMMIT_NEWS_MS = 2;
const DONE = Promise.resolve();
/** Entries that were applied stay in memory for followers, but not more than these bytes. */
const KEPT_MAX_BYTES = 64 * 1024 * 1024;
/** Entries, and their bytes, applied in one go: a few milliseconds. */
const APPLY_SLICE = 256;
const APPLY_SLICE_BYTES = 512 * 1024;

/**
 * Carries out what the pure core decides, in three pipelines: entries go to the disk, messages to
 * the peers and committed entries to the state machine, none waiting for another beyond what
 * Ready's contract says.
 */
export class RaftHost {
  private readonly raft: Raft;
  private readonly config: RaftHostConfig;
  private readonly deps: RaftHostDeps;
  private readonly proposals: PendingProposals;
  private readonly reads: PendingReads;
  private toApply: Entry[] = [];
  private isPumpScheduled = false;
  private isApplying = false;
  /** Of applied entries that are still in memory, about. */
  private keptBytes = 0;
  private isClosed = false;
  private leads = false;
  private wasLeader = false;
  private knownLeader: PeerId | null = null;
  private knownTerm: Term | null = null;
  private knownConf: ConfState | null = null;
  private isConfAlone = false;
  /** The term of the entry applied last. */
  private appliedTerm: Term = 0;
  private readonly pace = new DiskPace();
  /** Ticks of the clock since the last one of Raft's. */
  private ticksHeld = 0;
  private cancelTick: (() => void) | null = null;
  private cancelSweep: (() => void) | null = null;
  private cancelNews: (() => void) | null = null;

  constructor(raft: Raft, config: RaftHostConfig, deps: RaftHostDeps) {
    this.raft = raft;
    this.config = config;
    this.deps = deps;
    const { waitingMax, proposalTimeoutMs, readTimeoutMs } = config;
    this.proposals = new PendingProposals(
      { waitingMax, timeoutMs: proposalTimeoutMs, resendMs: PROPOSAL_RESEND_MS },
      raft,
    );
    this.reads = new PendingReads(
      { waitingMax, timeoutMs: readTimeoutMs, resendMs: READ_RESEND_MS },
      raft,
    );
  }

  /** Starts to work. A group of one campaigns at once, and then needs no clock at all. */
  start(): void {
    if (this.isAlone) this.raft.campaign();
    this.scheduleTick();
    this.schedulePump();
  }

  /** Rejects everything that waits. The disk and the state machine are their owner's to close. */
  close(): void {
    this.isClosed = true;
    this.cancelTick?.();
    this.cancelSweep?.();
    this.cancelNews?.();
    const error = new StoreError("Closed", "the store was closed");
    this.proposals.rejectAll(error);
    this.reads.rejectAll(error);
  }

  get leader(): PeerId | null {
    return this.raft.leader;
  }

  /** Proposals that have no outcome yet. */
  get pendingProposals(): number {
    return this.proposals.size;
  }

  /**
   * Puts data into the log, by way of the leader; resolves with what applying it here came to.
   * Rejects with Overloaded, NoLeader, RequestTooLarge (nothing was proposed) or OutcomeUnknown.
   * Who does not lead takes only what has an origin to recognise it by.
   */
  propose(data: Uint8Array): Promise<ApplyResult> {
    if (this.isClosed) return Promise.reject(new StoreError("Closed", "the store was closed"));
    const result = this.proposals.propose(data, this.deps.clock.monotonicMs());
    this.schedulePump();
    return result;
  }

  /**
   * Leader only: changes the membership; resolves once that is applied here. Rejects with NoLeader,
   * Overloaded (another change is under way), InvalidRequest or OutcomeUnknown.
   */
  async changeMembers(change: ConfChangeV2): Promise<void> {
    if (this.isClosed) throw new StoreError("Closed", "the store was closed");
    const result = this.raft.proposeConfChange(change);
    if (!result.accepted) {
      if (result.reason === "Invalid") throw new StoreError("InvalidRequest", result.detail);
      if (result.reason !== "Pending") throw refused(result.reason);
      throw new StoreError("Overloaded", "another change of the membership is under way");
    }
    this.schedulePump();
    await this.proposals.wait(result.index, result.term);
  }

  /**
   * Resolves once this replica has applied everything that was committed when this was called
   * (ReadIndex).
   */
  linearize(): Promise<void> {
    if (this.isClosed) return Promise.reject(new StoreError("Closed", "the store was closed"));
    const read = this.reads.add(this.deps.clock.monotonicMs());
    this.schedulePump();
    return read;
  }

  /** Asks for leadership to be handed to `peer`; false when that cannot be asked for. */
  transferLeader(peer: PeerId): boolean {
    if (this.isClosed) return false;
    const asked = this.raft.transferLeader(peer);
    this.schedulePump();
    return asked;
  }

  /** A message to `peer` was lost, or the way to it closed. */
  reportUnreachable(peer: PeerId): void {
    if (this.isClosed) return;
    this.raft.reportUnreachable(peer);
    this.schedulePump();
  }

  /** What became of a MsgSnap that was handed to the transport. */
  reportSnapshot(peer: PeerId, status: "SnapshotFinish" | "SnapshotFailure"): void {
    if (this.isClosed) return;
    this.raft.reportSnapshot(peer, status);
    this.schedulePump();
  }

  /** There is a snapshot that followers can be sent. */
  offerSnapshot(snapshot: Snapshot): void {
    if (this.isClosed) return;
    this.raft.snapshotTaken(snapshot);
    this.schedulePump();
  }

  /** Takes in a message that the transport has parsed and whose sender it has checked. */
  receive(message: Message): void {
    if (this.isClosed) return;
    this.guard(() => this.raft.step(message));
    this.schedulePump();
  }

  private scheduleTick(): void {
    this.cancelTick = this.deps.clock.schedule(this.config.tickMs, () => {
      this.guard(() => this.tick());
      if (this.isAlone && this.raft.role === "leader") this.cancelTick = null;
      else if (!this.isClosed) this.scheduleTick();
    });
  }

  private tick(): void {
    const { raft, pace, deps } = this;
    this.ticksHeld += 1;
    // A leader's heartbeats wait for no disk.
    const stretch = raft.role === "leader" ? 1 : pace.stretch(deps.clock.monotonicMs());
    if (this.ticksHeld < stretch) return;
    this.ticksHeld = 0;
    raft.tick();
    this.noteLeadership();
    // Most ticks come to nothing.
    if (raft.hasReady()) this.schedulePump();
  }

  /** Nobody else belongs to the group, voting or not. */
  private get isAlone(): boolean {
    const { confState, id } = this.raft;
    // Asked with every tick.
    if (confState !== this.knownConf) {
      const members = membersOf(confState);
      this.isConfAlone = members.length === 1 && members[0] === id;
      this.knownConf = confState;
    }
    return this.isConfAlone;
  }

  /** Looks after deadlines while something waits, and only then. */
  private scheduleSweep(): void {
    if (this.cancelSweep !== null || this.isClosed) return;
    if (!this.reads.hasUnanswered && !this.proposals.hasHandedOver) return;
    this.cancelSweep = this.deps.clock.schedule(SWEEP_MS, () => {
      this.cancelSweep = null;
      const nowMs = this.deps.clock.monotonicMs();
      this.reads.sweep(nowMs);
      this.proposals.sweep(nowMs);
      // Who leads is learned from a message, and that pumps.
      const mayAsk = this.reads.hasUnasked || this.proposals.hasUnsent;
      if (this.raft.leader !== null && mayAsk) this.schedulePump();
      else this.scheduleSweep();
    });
  }

  /** Everything that comes in during one turn of the event loop shares one Ready. */
  private schedulePump(): void {
    if (this.isPumpScheduled || this.isClosed) return;
    this.isPumpScheduled = true;
    // Costs a third of queueMicrotask().
    void DONE.then(() => {
      this.isPumpScheduled = false;
      this.guard(() => this.pump());
    });
  }

  private guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(error: unknown): void {
    if (this.isClosed) return;
    this.close();
    this.deps.onFatal(error);
  }

  private pump(): void {
    if (this.isClosed) return;
    this.noteLeadership();
    const nowMs = this.deps.clock.monotonicMs();
    this.reads.ask(nowMs);
    this.proposals.handOver(nowMs);
    while (!this.isClosed && this.raft.hasReady()) this.carryOut(this.raft.ready());
    if (this.raft.wantsSnapshot) this.deps.onSnapshotWanted?.();
    this.startApply();
    this.noteLeadership();
    this.scheduleSweep();
    this.scheduleNews();
  }

  /** Followers are told what is committed, by the next entries or else by this. */
  private scheduleNews(): void {
    if (this.cancelNews !== null || this.isClosed || !this.raft.owesCommit) return;
    this.cancelNews = this.deps.clock.schedule(COMMIT_NEWS_MS, () => {
      this.cancelNews = null;
      this.guard(() => this.raft.tellCommit());
      this.schedulePump();
    });
  }

  private carryOut(ready: Ready): void {
    if (ready.messages.length > 0) this.send(ready.messages);
    const { snapshot } = ready;
    if (snapshot !== null) {
      // What was to be applied from the log is part of the snapshot.
      this.toApply = [];
      this.deps.log.restartAt({ index: snapshot.index, term: snapshot.term });
    }
    const isWritten = ready.hardState !== null || ready.entries.length > 0;
    if (isWritten) this.pace.begin(this.deps.clock.monotonicMs());
    this.deps.log.append(ready.hardState, ready.entries).then(
      () => {
        if (isWritten) this.pace.end(this.deps.clock.monotonicMs());
        this.guard(() => this.appended(ready));
      },
      (error: unknown) => this.fail(error),
    );
    for (const entry of ready.committedEntries) this.toApply.push(entry);
    for (const { context, index } of ready.readStates) this.reads.answered(context, index);
    this.reads.serve();
  }

  private appended(ready: Ready): void {
    if (this.isClosed) return;
    if (ready.snapshot !== null) {
      this.close();
      this.deps.onSnapshotInstalled?.(ready.snapshot);
      return;
    }
    this.raft.advance(ready);
    if (ready.messagesAfterAppend.length > 0) this.send(ready.messagesAfterAppend);
    if (this.raft.hasReady()) this.pump();
  }

  private send(messages: readonly Message[]): void {
    failPoint("before-send");
    this.deps.transport.send(messages);
    failPoint("after-send");
  }

  private startApply(): void {
    if (this.isApplying || this.toApply.length === 0) return;
    this.isApplying = true;
    this.applyAll().then(
      () => {
        this.isApplying = false;
        this.noteLeadership();
        this.schedulePump();
      },
      (error: unknown) => this.fail(error),
    );
  }

  private async applyAll(): Promise<void> {
    while (this.toApply.length > 0 && !this.isClosed) {
      const entries = this.toApply.splice(0, sliceOf(this.toApply));
      this.applySome(entries);
      if (this.deps.machine.isBehind) await this.deps.machine.flushed();
      if (!this.raft.hasReady()) continue;
      // More was committed meanwhile: others get their turn before it is applied.
      await this.deps.yieldTurn();
      this.guard(() => this.pump());
    }
  }

  private applySome(entries: readonly Entry[]): void {
    failPoint("before-apply");
    const results = this.deps.machine.apply(entries, (index) => this.raft.confStateAt(index));
    failPoint("after-apply");
    const last = entries.at(-1);
    assert(last !== undefined && results.length === entries.length, "one result for each entry");
    this.raft.applied(last.index);
    this.appliedTerm = last.term;
    this.forgetEntries(entries, last.index);
    entries.forEach((entry, i) => this.proposals.applied(entry, results[i] ?? null));
    this.reads.serve();
    if (this.cancelTick === null && !this.isAlone) this.scheduleTick();
    this.deps.onApplied?.(entries);
  }

  /** In blocks, for it copies what is kept. */
  private forgetEntries(applied: readonly Entry[], lastIndex: Index): void {
    const { raft, config } = this;
    for (const { data } of applied) this.keptBytes += data.length;
    const kept = lastIndex - raft.firstIndex;
    const isMuch = this.keptBytes > KEPT_MAX_BYTES;
    if (!isMuch && kept < 2 * config.entriesKept) return;
    const keep = isMuch ? Math.min(config.entriesKept, kept >> 1) : config.entriesKept;
    raft.compact(lastIndex - keep);
    this.keptBytes *= keep / Math.max(1, kept);
  }

  private noteLeadership(): void {
    const { raft } = this;
    const isLeader = raft.role === "leader";
    if (this.wasLeader && !isLeader) this.proposals.leadershipLost();
    this.wasLeader = isLeader;
    // Only then is everything of earlier leaders applied.
    const leads = isLeader && this.appliedTerm === raft.term;
    if (leads !== this.leads) {
      this.leads = leads;
      this.deps.onLeadership(leads);
    }
    const { leader, term } = raft;
    if (leader === this.knownLeader && term === this.knownTerm) return;
    this.knownLeader = leader;
    this.knownTerm = term;
    this.deps.onLeaderChange?.();
  }
}

/** How many of the entries are applied in one go. */
function sliceOf(entries: readonly Entry[]): number {
  let count = 0;
  let bytes = 0;
  for (const { data } of entries) {
    count += 1;
    bytes += data.length;
    if (count === APPLY_SLICE || bytes >= APPLY_SLICE_BYTES) break;
  }
  return count;
}
