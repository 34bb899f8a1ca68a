import { type Entry, isVoter, membersOf, Raft } from "raft-ts";
import type { Clock } from "../base/clock.js";
import { hasCode } from "../base/errors.js";
import type { Logger } from "../base/logger.js";
import type { Computer, StallWatch } from "./computer.js";
import { ConsensusError } from "./consensus-errors.js";
import type { DataDirLock } from "./data-dir-lock.js";
import { foldersOf, prepareDataDir, type RecoveredData, recoverDataDir } from "./data-dir.js";
import { FasterPeer } from "./faster-peer.js";
import { Announcer } from "./group/announcer.js";
import type { Identity } from "./group/identity.js";
import { MemberGroup } from "./group/member-group.js";
import { answerPeer } from "./group/peer-requests.js";
import { Scrubber } from "./group/scrubber.js";
import { HistoryCompactor } from "./history-compactor.js";
import { MemberLeases } from "./member-leases.js";
import {
  diskOptions,
  hostConfig,
  MEMBER_DEFAULTS,
  type MemberOptions,
  newSession,
  raftConfig,
} from "./member-options.js";
import { MemberReport } from "./member-report.js";
import { RaftHost } from "./raft-host.js";
import { realComputer } from "./real-computer.js";
import { SizeLimit } from "./size-limit.js";
import { Snapshotter } from "./snapshotter.js";
import type { ApplyResult } from "./store/apply-result.js";
import {
  type Command,
  encodeProposal,
  NO_ORIGIN,
  type Origin,
  type Proposal,
  refuseCommand,
} from "./store/command.js";
import type { MemberRecord } from "./store/member-table.js";
import { Replica } from "./store/replica.js";
import type { RangeRequest, RangeResponse, Revision, SavedSnapshot } from "./store-api.js";
import { StoreError } from "./store-error.js";
import type { MemberNetwork } from "./transport/peer-network.js";
import { Wal } from "./wal/wal.js";

/** A write of the log that takes longer is worth a warning. */
const SLOW_WRITE_MS = 1_000;
const SNAPSHOT_LOG_BYTES = 256 * 1024 * 1024;
/** Snapshots that followers ask for are not tried more often. */
const SNAPSHOT_RETRY_MS = 1_000;

/** One server's part of the group: log, Raft, store. All of it in this process. */
export class Member {
  readonly replica: Replica;
  readonly group: MemberGroup;
  readonly leases: MemberLeases;
  readonly report: MemberReport;
  private readonly announcer: Announcer | null;
  readonly scrubber: Scrubber;
  private readonly identity: Identity;
  private readonly network: MemberNetwork | null;
  private readonly options: MemberOptions;
  private readonly logger: Logger;
  /** For who looks on: it is driven by the host alone. */
  readonly raft: Raft;
  private readonly host: RaftHost;
  private readonly wal: Wal;
  private readonly compactor: HistoryCompactor;
  private readonly snapshotter: Snapshotter;
  private readonly lock: DataDirLock;
  private readonly clock: Clock;
  private readonly computer: Computer;
  private readonly stalls: StallWatch;
  private readonly sizeLimit: SizeLimit;
  private snapshotWantedAtMs = Number.NEGATIVE_INFINITY;
  private leads = false;
  private readonly fasterPeer = new FasterPeer();
  private knownMembers: object | null = null;
  private isRemoved = false;
  private isOpen = false;
  private isReplaced = false;
  private lastLeader: string | null = null;
  /** Recognises what this member proposes by itself when it is handed to a leader. */
  private readonly session: string;
  private sequence = 0;

  /** Opens the data folder and resolves once this member serves. Throws ConsensusError. */
  static async open(options: MemberOptions): Promise<Member> {
    for (;;) {
      const member = await Member.openOnce(options);
      if (member !== null) return member;
      options.onReplacedEarly?.();
    }
  }

  /** Null: what was read is outdated, for a snapshot of the leader's has just taken its place. */
  private static async openOnce(options: MemberOptions): Promise<Member | null> {
    const computer = options.computer ?? realComputer(diskOptions(options));
    prepareDataDir(computer.files, options.dataDir);
    const lock = await computer.lockDataDir(options.dataDir);
    let member: Member | null = null;
    try {
      const { dataDir, logger, plantedBug = null } = options;
      const { memberId, isFounder } = options.identity;
      const found = { dataDir, memberId, isFounder, logger, plantedBug };
      const data = await recoverDataDir(computer, found);
      member = new Member(options, { data, lock, computer });
      await member.start();
      member.isOpen = true;
      return member;
    } catch (error) {
      if (member?.isReplaced === true) {
        await member.close();
        return null;
      }
      await lock.release();
      throw error;
    }
  }

  private constructor(
    options: MemberOptions,
    { data, lock, computer }: { data: RecoveredData; lock: DataDirLock; computer: Computer },
  ) {
    const { clock, logger, onFatal } = options;
    const folders = foldersOf(options.dataDir);
    this.options = options;
    this.identity = options.identity;
    this.network = options.network;
    this.logger = logger;
    this.lock = lock;
    this.computer = computer;
    this.stalls = computer.watchStalls();
    this.clock = clock;
    this.sizeLimit = new SizeLimit(options.sizeLimitBytes ?? MEMBER_DEFAULTS.sizeLimitBytes);
    this.session = newSession(computer.random);
    this.wal = this.openWal(folders.wal, data);
    this.replica = new Replica(data.store, {
      map: data.map,
      confState: data.raft.confState,
      onFatal,
      onCommand: (command, result) => this.noteCommand(command, result),
      plantedBug: options.plantedBug ?? null,
      yieldTurn: computer.yieldTurn,
      clock,
    });
    this.raft = new Raft(raftConfig(options, computer.random), data.raft);
    this.compactor = new HistoryCompactor(
      { historyMs: options.historyMs ?? MEMBER_DEFAULTS.historyMs },
      { clock, mvcc: this.replica.mvcc, compact: (revision) => this.compactHistory(revision) },
    );
    this.host = this.makeHost(onFatal);
    this.snapshotter = this.makeSnapshotter(folders.snapshots, data);
    this.group = new MemberGroup({
      identity: options.identity,
      raft: this.raft,
      host: this.host,
      replica: this.replica,
      network: options.network,
      clock,
      logger,
      setMember: async (member) => void (await this.run({ type: "memberSet", member })),
      ownStatus: () => this.report.own(),
      onRemoved: (why) => this.removed(why),
    });
    this.leases = new MemberLeases({
      clock,
      random: computer.random,
      replica: this.replica,
      group: this.group,
      revoke: (id) => this.run({ type: "leaseRevoke", id }),
    });
    this.announcer = this.makeAnnouncer();
    this.scrubber = new Scrubber(options.scrubMs ?? MEMBER_DEFAULTS.scrubMs, {
      identity: options.identity,
      raft: this.raft,
      replica: this.replica,
      network: options.network,
      clock,
      logger,
    });
    this.report = this.makeReport();
  }

  private makeSnapshotter(folder: string, data: RecoveredData): Snapshotter {
    const { options, replica, wal, logger, computer } = this;
    return new Snapshotter(
      {
        folder,
        entries: options.snapshotEntries ?? MEMBER_DEFAULTS.snapshotEntries,
        logBytes: SNAPSHOT_LOG_BYTES,
      },
      {
        replica,
        wal,
        logger,
        computer,
        last: data.snapshot,
        onTaken: (snapshot) => this.host.offerSnapshot(snapshot),
      },
    );
  }

  private makeReport(): MemberReport {
    const { identity, options, network, clock, raft, host, replica, sizeLimit, stalls } = this;
    return new MemberReport({
      identity,
      options,
      network,
      clock,
      raft,
      host,
      replica,
      sizeLimit,
      stalls,
      members: () => this.group.members(),
      differs: () => this.scrubber.differs,
    });
  }

  private makeAnnouncer(): Announcer | null {
    const { identity, options, logger, replica, raft } = this;
    const { network, addresses } = options;
    if (network === null || addresses === undefined) return null;
    const { memberId: id, name } = identity;
    const setMember = async (member: MemberRecord): Promise<void> =>
      void (await this.run({ type: "memberSet", member }));
    return new Announcer({ id, name, ...addresses }, { raft, replica, logger, setMember });
  }

  private openWal(folder: string, data: RecoveredData): Wal {
    const wal = new Wal(
      {
        folder,
        memberId: this.identity.memberId,
        segmentSizeBytes: this.options.segmentSizeBytes ?? MEMBER_DEFAULTS.segmentSizeBytes,
        plantedBug: this.options.plantedBug ?? null,
      },
      {
        runner: this.computer.openDisk({
          folder,
          name: data.log.segments.at(-1)?.name ?? null,
          // Others would miss our heartbeats.
          mayWait: () => membersOf(this.raft.confState).length === 1,
        }),
        found: data.log,
        watchdog: {
          clock: this.clock,
          onSlow: (waitedMs, upTo) => this.noteSlowDisk({ folder, waitedMs, upTo }),
          onWritten: (tookMs) => this.options.metrics?.logWritten(tookMs),
        },
      },
    );
    wal.startAfter(data.raft.start.index);
    return wal;
  }

  private makeHost(onFatal: (error: unknown) => void): RaftHost {
    const { network } = this;
    return new RaftHost(this.raft, hostConfig(this.options), {
      log: this.wal,
      transport: network ?? { send: () => {} },
      machine: this.replica,
      clock: this.clock,
      yieldTurn: this.computer.yieldTurn,
      onFatal,
      onLeadership: (leads) => this.noteLeadership(leads),
      onLeaderChange: () => this.noteLeaderChange(),
      onApplied: (entries) => this.noteApplied(entries),
      onSnapshotWanted: () => this.takeWantedSnapshot(),
      onSnapshotInstalled: ({ index, term }) => {
        this.logger.info("a snapshot of the leader's takes the place of the log", {
          index,
          term,
        });
        this.isReplaced = true;
        // Until then whoever opens it sees to that.
        if (this.isOpen) this.options.onReplaced?.();
      },
    });
  }

  /** Proposes a command; `data` is its encoding when that is at hand. Rejects with StoreError. */
  async propose(proposal: Proposal, data: Buffer = encodeProposal(proposal)): Promise<ApplyResult> {
    try {
      return await this.tryToPropose(proposal, data);
    } catch (error) {
      this.options.metrics?.proposalFailed();
      throw error;
    }
  }

  private async tryToPropose(proposal: Proposal, data: Buffer): Promise<ApplyResult> {
    const refusal = refuseCommand(proposal.command);
    if (refusal !== null) throw new StoreError(refusal.code, refusal.message);
    const noSpace = this.sizeLimit.refuse(proposal.command, this.replica.mvcc.index.sizeBytes);
    if (noSpace !== null) throw new StoreError("NoSpace", noSpace);
    // Who does not lead reads it back from the leader's entry.
    if (this.raft.role !== "leader") return this.host.propose(data);
    this.replica.noteDecoded(data, proposal);
    try {
      return await this.host.propose(data);
    } finally {
      this.replica.forgetDecoded(data);
    }
  }

  /** A command of our own making. Rejects with StoreError, also for what applying it refused. */
  async run(command: Command): Promise<Exclude<ApplyResult, { type: "error" }>> {
    const result = await this.propose({ origin: this.nextOrigin(), command });
    if (result.type === "error") throw new StoreError(result.code, result.message, this.details());
    return result;
  }

  async range(request: RangeRequest): Promise<RangeResponse> {
    if (request.serializable !== true) await this.host.linearize();
    return this.replica.range(request);
  }

  async readIndex(): Promise<Revision> {
    await this.host.linearize();
    return this.replica.mvcc.revision;
  }

  /** A snapshot's file that holds everything acknowledged until now. Rejects with StoreError. */
  async snapshot(): Promise<SavedSnapshot> {
    await this.host.linearize();
    const { path, sizeBytes } = await this.snapshotter.fresh();
    return { path, sizeBytes };
  }

  /** Who this member is, and in which term; cheap. */
  get position(): { readonly clusterId: string; readonly memberId: string; readonly term: number } {
    const { clusterId, memberId } = this.identity;
    return { clusterId, memberId, term: this.raft.term };
  }

  /** Hands leadership to another voter if it is here and one keeps up: before an end in order. */
  async handOver(): Promise<void> {
    if (this.raft.role !== "leader" || this.group.best() === null) return;
    await this.group.transfer(null).catch((error: unknown) => {
      this.logger.warn("leadership could not be handed over", { error });
    });
  }

  /** What may be told of this member without asking the disk. */
  details(): { readonly details: { readonly compactRevision: Revision } } {
    return { details: { compactRevision: this.replica.mvcc.compactRevision } };
  }

  /** Ends in order: what was acknowledged is on the disk anyway. */
  async close(): Promise<void> {
    this.network?.attach(null);
    this.group.close();
    this.leases.stop();
    this.compactor.stop();
    this.scrubber.stop();
    this.stalls.stop();
    this.host.close();
    await this.snapshotter.close();
    await this.wal.close();
    await this.replica.close();
    await this.lock.release();
  }

  /** Whom a learner sends away may still be needed by a voter that knows less: see Farewell. */
  private knowsToHaveLeft(id: string): boolean {
    const { confState, mvcc } = this.replica;
    return mvcc.members.hasLeft(id) && isVoter(confState, this.raft.id);
  }

  private async start(): Promise<void> {
    this.network?.attach({
      onMessage: (message) => this.host.receive(message),
      onRequest: (_from, method, body) => answerPeer(method, body, this),
      onUnreachable: (peer) => this.host.reportUnreachable(peer),
      onSnapshotSent: (peer, status) => this.host.reportSnapshot(peer, status),
      hasLeft: (id) => this.knowsToHaveLeft(id),
      onRemoved: (why) => this.removed(why),
    });
    this.host.start();
    this.group.update();
    await this.untilAppliedAlone();
    const { applied, mvcc } = this.replica;
    this.logger.info("the store serves", { index: applied.index, revision: mvcc.revision });
    this.compactor.start();
    // Alone there is nothing to compare with.
    if (this.network !== null) this.scrubber.start();
  }

  /**
   * Serving begins once everything that was committed before is applied. Alone only the disk
   * decides when: a slow one delays a start and does not end it. Where others decide, and the log
   * may yet say that there are others, nobody waits for them: the clients do.
   */
  private async untilAppliedAlone(): Promise<void> {
    for (;;) {
      const members = membersOf(this.raft.confState);
      if (members.length !== 1 || members[0] !== this.identity.memberId) return;
      try {
        return await this.host.linearize();
      } catch (error) {
        if (!hasCode(error, "NoLeader")) throw error;
        this.logger.warn("the store does not serve yet: the log is not applied", {
          committed: this.raft.commitIndex,
          applied: this.replica.applied.index,
        });
      }
    }
  }

  private noteSlowDisk({
    folder,
    waitedMs,
    upTo,
  }: {
    readonly folder: string;
    readonly waitedMs: number;
    readonly upTo: number;
  }): void {
    const best = this.raft.role === "leader" ? this.group.best() : null;
    const match = best === null ? 0 : (this.raft.progressOf(best)?.match ?? 0);
    const to = this.fasterPeer.look(best === null ? null : { peer: best, match }, upTo);
    if (waitedMs < SLOW_WRITE_MS) return;
    this.report.noteSlowDisk();
    if (waitedMs % SLOW_WRITE_MS === 0 || to !== null)
      this.logger.warn("the disk takes long to write the log: writes wait for it", {
        folder,
        waitedMs,
        ...(to === null ? {} : { leadershipGoesTo: to }),
      });
    if (to !== null) this.host.transferLeader(to);
  }

  private noteLeadership(leads: boolean): void {
    this.leads = leads;
    this.leases.noteLeadership(leads);
  }

  private noteLeaderChange(): void {
    const { leader, term } = this.raft;
    if (this.network !== null) this.logger.info("the group has another leader", { leader, term });
    if (leader !== null && leader !== this.lastLeader) this.options.metrics?.leaderChanged();
    this.lastLeader = leader ?? this.lastLeader;
    this.group.update();
    this.announcer?.announce();
  }

  private noteApplied(entries: readonly Entry[]): void {
    this.options.onApplied?.(this, entries);
    this.snapshotter.maybeTake();
    const { confState } = this.replica;
    if (confState === this.knownMembers) return;
    this.knownMembers = confState;
    this.membersChanged();
  }

  private membersChanged(): void {
    this.group.update();
    this.announcer?.announce();
  }

  private removed(why: string): void {
    if (this.isRemoved) return;
    this.isRemoved = true;
    const { name, memberId } = this.identity;
    const { dataDir } = this.options;
    this.options.onFatal(
      new ConsensusError(
        "Removed",
        `this server (${name}, member ${memberId}) was removed from the cluster: ${why}. ` +
          `To let it join again, remove ${dataDir} and start it with --join`,
        { details: { name, memberId, dataDir } },
      ),
    );
  }

  private takeWantedSnapshot(): void {
    const nowMs = this.clock.monotonicMs();
    if (nowMs - this.snapshotWantedAtMs < SNAPSHOT_RETRY_MS) return;
    this.snapshotWantedAtMs = nowMs;
    this.snapshotter.takeNow();
  }

  private nextOrigin(): Origin {
    // Alone nothing is ever handed over.
    if (this.network === null) return NO_ORIGIN;
    this.sequence += 1;
    return { session: this.session, sequence: this.sequence, resentSince: null };
  }

  private noteCommand(command: Command, result: ApplyResult): void {
    if (result.type === "error") return;
    if (command.type === "memberSet") this.knownMembers = null;
    this.leases.noteCommand(command, result);
  }

  private async compactHistory(revision: Revision): Promise<void> {
    if (!this.leads) return;
    try {
      await this.run({ type: "compact", revision });
    } catch (error) {
      if (hasCode(error, "Compacted") || hasCode(error, "Closed")) return;
      this.logger.warn("history could not be compacted; it is tried again", { revision, error });
    }
  }
}
