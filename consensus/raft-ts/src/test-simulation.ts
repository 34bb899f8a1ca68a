import { assert } from "./assert.js";
import {
  applyConfChange,
  type ConfChangeSingle,
  type ConfChangeTransition,
  type ConfChangeType,
  type ConfChangeV2,
  LEAVE_JOINT,
} from "./conf-change.js";
import { isJoint, isVoter, membersOf } from "./conf-state.js";
import { describeConfState } from "./describe.js";
import type { Message } from "./messages.js";
import type { PlantedBug } from "./planted-bug.js";
import type { Raft } from "./raft.js";
import { TestGroup } from "./test-group.js";
import type { PeerId, RaftRandom } from "./types.js";

const STEPS = 400;
const STORM_STEPS = 2_500;
const LONG_STEPS = 1_500;
const CALM_STEPS = 240;
const SPARES: readonly PeerId[] = ["x", "y"];
const CHANGE_TYPES: readonly ConfChangeType[] = [
  "ConfChangeAddNode",
  "ConfChangeAddLearnerNode",
  "ConfChangeRemoveNode",
];
const LEARNERS_FIRST: typeof CHANGE_TYPES = [...CHANGE_TYPES, "ConfChangeAddLearnerNode"];
const TRANSITIONS: readonly ConfChangeTransition[] = ["Auto", "JointImplicit", "JointExplicit"];

/** What happened in a run; a fault that never happens shows nothing. */
export interface Totals {
  elections: number;
  crashes: number;
  pauses: number;
  dropped: number;
  committed: number;
  reads: number;
  snapshots: number;
  membershipChanges: number;
  transfers: number;
}

/** Nothing happened yet. */
export function noTotals(): Totals {
  return {
    elections: 0,
    crashes: 0,
    pauses: 0,
    dropped: 0,
    committed: 0,
    reads: 0,
    snapshots: 0,
    membershipChanges: 0,
    transfers: 0,
  };
}

/** Small and deterministic (mulberry32): one seed, one run. */
export function seeded(seed: number): RaftRandom {
  let state = seed >>> 0;
  return {
    below: (bound) => {
      state = (state + 0x6d2b79f5) >>> 0;
      let z = Math.imul(state ^ (state >>> 15), state | 1);
      z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
      return ((z ^ (z >>> 14)) >>> 0) % bound;
    },
  };
}

/** Every seed draws its own group and its own bad luck; fixed odds keep finding one bug. */
function swarm(random: RaftRandom) {
  const electionTicks = 5 + random.below(10);
  const odds = {
    steps: STEPS,
    restartOneIn: 10,
    campaignOneIn: Number.POSITIVE_INFINITY,
    changeTypes: CHANGE_TYPES,
    ids: ["a", "b", "c", "d", "e"].slice(0, 3 + 2 * random.below(2)),
    lossPercent: random.below(30),
    duplicatePercent: random.below(10),
    delayPercent: random.below(40),
    slowDiskPercent: random.below(70),
    crashOneIn: 60 + random.below(400),
    pauseOneIn: 60 + random.below(400),
    partitionOneIn: 20 + random.below(100),
    memberChangeOneIn: 2 + random.below(60),
    snapshotOneIn: 5 + random.below(60),
    transferOneIn: 20 + random.below(200),
    readPercent: random.below(80),
    inflightMax: 1 + random.below(8),
    inflightSizeMaxBytes: 8 + random.below(60),
    messageSizeMaxBytes: 1 + random.below(40),
    electionTicks,
    leaseTicks: random.below(2) * (electionTicks - 1),
    lazyCommit: electionTicks % 4 === 0,
  };
  return { ...odds, leaderCrashOneIn: odds.crashOneIn };
}

/**
 * The odds of a storm: everybody wants to lead, nobody does for long, who is down is back at once,
 * and entries travel one by one. What takes several short terms to go wrong goes wrong here.
 */
function storm(random: RaftRandom): ReturnType<typeof swarm> {
  const crashOneIn = 5 + random.below(30);
  return {
    ...swarm(random),
    steps: STORM_STEPS,
    crashOneIn,
    leaderCrashOneIn: random.below(2) === 0 ? 2 + random.below(10) : crashOneIn,
    restartOneIn: 1 + random.below(3),
    campaignOneIn: 5 + random.below(30),
    delayPercent: 40 + random.below(40),
    memberChangeOneIn: 5 + random.below(200),
    messageSizeMaxBytes: 1 + random.below(4),
    changeTypes: LEARNERS_FIRST,
  };
}

/**
 * Runs a group from a seed under faults, then in the calm after them. Throws when safety or
 * progress is lost.
 */
export function simulate(seed: number, bugs: Bugs, totals: Totals): void {
  const run = new Run(seed, bugs, totals);
  run.suffer();
  run.calm();
}

interface Bugs {
  readonly plantedBug?: PlantedBug;
  readonly appliedIndexApart?: boolean;
  /** The odds of a storm; or the usual ones for longer. */
  readonly weather?: "storm" | "long";
}

class Run {
  private readonly random: RaftRandom;
  private readonly odds: ReturnType<typeof swarm>;
  private readonly group: TestGroup;
  private readonly ids: readonly PeerId[];
  private readonly totals: Totals;
  private readonly pausedUntil = new Map<PeerId, number>();
  private minority = new Set<PeerId>();
  private proposed = 0;

  constructor(seed: number, { weather, ...bugs }: Bugs, totals: Totals) {
    this.random = seeded(seed);
    const odds = weather === "storm" ? storm(this.random) : swarm(this.random);
    this.odds = weather === "long" ? { ...odds, steps: LONG_STEPS } : odds;
    this.ids = [...this.odds.ids, ...SPARES];
    this.totals = totals;
    const options = { ...this.odds, ...bugs, random: this.random, spares: SPARES };
    this.group = new TestGroup(this.odds.ids, options);
  }

  suffer(): void {
    for (let step = 0; step < this.odds.steps; step += 1) this.step(step);
  }

  private step(step: number): void {
    if (this.oneIn(this.odds.partitionOneIn))
      this.minority = new Set(this.ids.filter(() => this.minority.size === 0 && this.chance(40)));
    for (const id of this.ids) this.live(id, step);
    this.propose();
    this.read();
    this.changeMembers();
    this.deliver();
  }

  /**
   * The faults stop: one leader leads, and what is proposed is applied by everyone in the group.
   */
  calm(): void {
    const { group, ids } = this;
    group.checkLogs();
    for (const id of ids) {
      this.wake(id);
      if (group.peer(id).down) group.restart(id);
    }
    for (let step = 0; step < CALM_STEPS; step += 1) {
      for (const id of ids) {
        group.tick(id);
        this.giveSnapshot(id);
      }
      this.leaveJoint();
      group.settle();
    }
    const last = group.leader()?.raft.propose(Uint8Array.of(1, 2, 3));
    assert(last?.accepted === true, "no leader once the network calmed down");
    for (let step = 0; step < 5; step += 1) {
      group.settle();
      for (const id of ids) group.tick(id);
    }
    group.checkLogs();
    this.checkAgreement(last.index);
    this.totals.elections += group.safety.leadersSeen;
    this.totals.committed += group.safety.appliedMax;
    this.totals.snapshots += group.snapshotsInstalled;
    for (const peer of group.peers.values()) this.totals.reads += peer.reads.length;
  }

  private checkAgreement(index: number): void {
    const { group } = this;
    const leader = group.leader();
    assert(leader !== null, "the leader was lost in the calm");
    assert(!isJoint(leader.raft.confState), "the joint configuration was not left");
    for (const id of membersOf(leader.raft.confState)) {
      const { machine, raft } = group.peer(id);
      assert(machine.at.index >= index, `${id} has applied ${machine.at.index} of ${index}`);
      assert(
        describeConfState(raft.confState) === describeConfState(leader.raft.confState),
        `${id} knows other members than the leader`,
      );
      if (machine.at.index === leader.machine.at.index)
        assert(machine.hash === leader.machine.hash, `${id} holds another state than the leader`);
    }
  }

  private live(id: PeerId, step: number): void {
    const { group, odds, totals } = this;
    const peer = group.peer(id);
    if (peer.down) {
      if (this.oneIn(odds.restartOneIn)) group.restart(id);
      return;
    }
    const until = this.pausedUntil.get(id);
    if (until !== undefined && until > step) return;
    this.wake(id);
    group.tick(id);
    if (odds.lazyCommit && this.chance(odds.delayPercent)) peer.raft.tellCommit();
    while (peer.writing.length > 0 && !this.chance(odds.slowDiskPercent)) group.write(id);
    const isLeader = peer.raft.role === "leader";
    if (this.oneIn(isLeader ? odds.leaderCrashOneIn : odds.crashOneIn)) {
      group.crash(id, this.random.below(1 + peer.writing.length));
      totals.crashes += 1;
    } else if (this.oneIn(odds.pauseOneIn)) {
      this.pausedUntil.set(id, step + 2 + this.random.below(4 * odds.electionTicks));
      totals.pauses += 1;
    } else {
      this.keep(id);
    }
  }

  /** Time went by that no tick told of. */
  private wake(id: PeerId): void {
    if (!this.pausedUntil.delete(id)) return;
    const { raft, down } = this.group.peer(id);
    if (down) return;
    raft.reportPause();
    // Who waited meanwhile is first.
    if (this.chance(this.odds.readPercent)) this.group.read(id);
  }

  private keep(id: PeerId): void {
    const { group, odds, random } = this;
    if (this.oneIn(10)) group.persist(id);
    if (this.oneIn(odds.snapshotOneIn)) {
      const { index } = group.takeSnapshot(id);
      group.compact(id, index - random.below(4));
    }
    this.giveSnapshot(id);
    if (this.oneIn(odds.transferOneIn) && this.transfer(id)) this.totals.transfers += 1;
    if (Number.isFinite(odds.campaignOneIn) && this.oneIn(odds.campaignOneIn))
      group.peer(id).raft.campaign();
    if (this.oneIn(200)) group.peer(id).raft.reportUnreachable(this.anyone());
  }

  private giveSnapshot(id: PeerId): void {
    const { raft, down, machine } = this.group.peer(id);
    if (!down && raft.wantsSnapshot && machine.at.index > 0) this.group.takeSnapshot(id);
  }

  private transfer(id: PeerId): boolean {
    const transferee = this.anyone();
    return transferee !== id && this.group.peer(id).raft.transferLeader(transferee);
  }

  private propose(): void {
    if (!this.chance(50)) return;
    this.proposed += 1;
    const data = Uint8Array.of(1 + (this.proposed & 0x7f), this.proposed >> 7);
    const leader = this.group.leader()?.raft;
    if (leader !== undefined && this.chance(70)) leader.propose(data);
    else this.awake()?.forward(data);
  }

  private read(): void {
    if (!this.chance(this.odds.readPercent)) return;
    const raft = this.awake();
    if (raft !== null) this.group.read(raft.id);
  }

  private changeMembers(): void {
    this.leaveJoint();
    const raft = this.group.leader()?.raft;
    if (raft === undefined || !this.oneIn(this.odds.memberChangeOneIn)) return;
    if (this.pausedUntil.has(raft.id)) return;
    const change = this.drawChange();
    const outcome = applyConfChange(raft.confState, change);
    // Two voters at least, so that there is something to agree about.
    if (!outcome.valid || outcome.confState.voters.length < 2) return;
    if (raft.proposeConfChange(change).accepted) this.totals.membershipChanges += 1;
  }

  private drawChange(): ConfChangeV2 {
    const { random } = this;
    const changes: ConfChangeSingle[] = [];
    for (let left = 1 + random.below(3); left > 0; left -= 1) {
      const { changeTypes } = this.odds;
      const type = changeTypes[random.below(changeTypes.length)] as ConfChangeType;
      changes.push({ type, node: this.anyone() });
    }
    const transition = TRANSITIONS[random.below(TRANSITIONS.length)] as ConfChangeTransition;
    return { transition, changes };
  }

  private leaveJoint(): void {
    const raft = this.group.leader()?.raft;
    if (raft === undefined || this.pausedUntil.has(raft.id)) return;
    const { confState } = raft;
    if (isJoint(confState) && !confState.autoLeave && isVoter(confState, raft.id))
      raft.proposeConfChange(LEAVE_JOINT);
  }

  private deliver(): void {
    const { group, odds } = this;
    const messages = group.network;
    group.network = [];
    for (const m of messages) {
      if (this.isCut(m) || this.chance(odds.lossPercent)) {
        this.totals.dropped += 1;
        group.lose(m);
      } else if (this.pausedUntil.has(m.to) || this.chance(odds.delayPercent)) {
        // A message may come later, and twice.
        group.network.push(m);
      } else {
        group.deliver(m);
        if (this.chance(odds.duplicatePercent)) group.network.push(m);
      }
    }
  }

  private isCut(m: Message): boolean {
    return this.minority.has(m.from) !== this.minority.has(m.to);
  }

  private awake(): Raft | null {
    const id = this.anyone();
    const peer = this.group.peer(id);
    return peer.down || this.pausedUntil.has(id) ? null : peer.raft;
  }

  private anyone(): PeerId {
    return this.ids[this.random.below(this.ids.length)] as PeerId;
  }

  private chance(percent: number): boolean {
    return this.random.below(100) < percent;
  }

  private oneIn(count: number): boolean {
    return this.random.below(count) === 0;
  }
}
