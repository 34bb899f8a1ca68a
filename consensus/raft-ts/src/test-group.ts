import { assert } from "./assert.js";
import { type ConfState, confStateOf, EMPTY_CONF_STATE } from "./conf-state.js";
import type { Message } from "./messages.js";
import type { PlantedBug } from "./planted-bug.js";
import { Raft } from "./raft.js";
import { checkLogs, hashAfter, Safety } from "./test-checks.js";
import type {
  Entry,
  HardState,
  Index,
  LogStart,
  PeerId,
  RaftConfig,
  RaftRandom,
  Ready,
  Snapshot,
} from "./types.js";

/** The state machine: what it has applied, its hash, and the membership at that index. */
interface Machine {
  readonly at: LogStart;
  readonly hash: number;
  readonly confState: ConfState;
}

/** What one peer keeps across a crash. */
interface Disk {
  hardState: HardState;
  start: LogStart;
  entries: Entry[];
  /** Applied index, state and membership: always replaced in one step. */
  machine: Machine;
  snapshot: Snapshot | null;
}

/** One peer with its disk and its state machine. */
export interface TestPeer {
  raft: Raft;
  readonly disk: Disk;
  machine: Machine;
  /** Readys whose writes are still on their way to the disk, oldest first. */
  writing: Ready[];
  /** What was applied since the start of this process. */
  readonly applied: Entry[];
  readonly reads: { readonly context: number; readonly index: Index }[];
  down: boolean;
}

export interface TestGroupOptions {
  readonly random: RaftRandom;
  readonly electionTicks?: number;
  readonly inflightMax?: number;
  readonly inflightSizeMaxBytes?: number;
  readonly messageSizeMaxBytes?: number;
  readonly leaseTicks?: number;
  readonly lazyCommit?: boolean;
  readonly disableProposalForwarding?: boolean;
  readonly plantedBug?: PlantedBug;
  /** A bug of the shell: the applied index is written a step after the state. */
  readonly appliedIndexApart?: boolean;
  /** Peers that belong to nobody yet. */
  readonly spares?: readonly PeerId[];
}

/** Loses what goes between these and the others. */
export function cutOff(...ids: readonly PeerId[]): (m: Message) => boolean {
  return (m) => ids.includes(m.from) !== ids.includes(m.to);
}

/**
 * A group in memory: its tests decide when a message arrives, a disk writes and a peer dies. Checks
 * safety at each step.
 */
export class TestGroup {
  readonly peers = new Map<PeerId, TestPeer>();
  readonly safety = new Safety();
  /** Sent and not yet delivered, oldest first. */
  network: Message[] = [];
  snapshotsInstalled = 0;
  /** Off: who sent a snapshot is not told that it was lost. */
  reportsLosses = true;
  private readonly options: TestGroupOptions;
  private lastContext = 0;

  constructor(ids: readonly PeerId[], options: TestGroupOptions) {
    this.options = options;
    for (const id of ids) this.addPeer(id, confStateOf(ids));
    for (const id of options.spares ?? []) this.addPeer(id, EMPTY_CONF_STATE);
  }

  /** A peer with an empty disk. */
  addPeer(id: PeerId, confState: ConfState): void {
    const start = { index: 0, term: 0 };
    const machine = { at: start, hash: 0, confState };
    const hardState = { term: 0, vote: null, commit: 0 };
    const disk: Disk = { hardState, start, entries: [], machine, snapshot: null };
    const state = { writing: [], applied: [], reads: [], down: false };
    this.peers.set(id, { raft: this.start(id, disk), disk, machine, ...state });
  }

  peer(id: PeerId): TestPeer {
    const peer = this.peers.get(id);
    assert(peer !== undefined, `no peer ${id}`);
    return peer;
  }

  /** The leader of the highest term among those that are up; null when there is none. */
  leader(): TestPeer | null {
    let found: TestPeer | null = null;
    for (const peer of this.peers.values())
      if (!peer.down && peer.raft.role === "leader" && peer.raft.term > (found?.raft.term ?? 0))
        found = peer;
    return found;
  }

  /** Takes what a peer owes: messages leave, entries are applied, writes begin. */
  process(id: PeerId): Ready[] {
    const peer = this.peer(id);
    const taken: Ready[] = [];
    while (!peer.down && peer.raft.hasReady()) {
      const ready = peer.raft.ready();
      taken.push(ready);
      this.network.push(...ready.messages);
      peer.writing.push(ready);
      for (const entry of ready.committedEntries) this.apply(peer, entry);
      for (const read of ready.readStates) {
        this.safety.readAnswered(read.context, read.index);
        peer.reads.push(read);
      }
      this.check(peer);
    }
    if (!peer.down) this.check(peer);
    return taken;
  }

  /** The oldest write of a peer reaches its disk. */
  write(id: PeerId): void {
    const peer = this.peer(id);
    const ready = peer.writing.shift();
    if (ready === undefined || peer.down) return;
    this.save(peer, ready, ready.entries.length);
    if (ready.snapshot !== null) peer.machine = peer.disk.machine;
    peer.raft.advance(ready);
    this.network.push(...ready.messagesAfterAppend);
    this.process(id);
  }

  deliver(message: Message): void {
    const peer = this.peer(message.to);
    if (peer.down) return this.lose(message);
    peer.raft.step(message);
    this.reportSnapshot(message, "SnapshotFinish");
    this.process(message.to);
  }

  /** A message does not arrive; of a snapshot, its sender is told. */
  lose(message: Message): void {
    if (this.reportsLosses) this.reportSnapshot(message, "SnapshotFailure");
  }

  tick(id: PeerId): void {
    const peer = this.peer(id);
    if (peer.down) return;
    peer.raft.tick();
    this.process(id);
  }

  /** Everybody ticks, and the group comes to rest, so many times. */
  tickAll(count: number, lose?: (message: Message) => boolean): void {
    for (let i = 0; i < count; i += 1) {
      for (const id of this.peers.keys()) this.tick(id);
      this.settle(lose);
    }
  }

  /** Proposes a text of ASCII characters; false when it was refused. */
  propose(id: PeerId, text: string): boolean {
    const data = Uint8Array.from(text, (char) => char.charCodeAt(0));
    return this.peer(id).raft.propose(data).accepted;
  }

  /** Asks for a read whose answer is checked; false when it was not taken. */
  read(id: PeerId, context = this.lastContext + 1): boolean {
    this.lastContext = Math.max(context, this.lastContext);
    this.safety.readAsked(context);
    return this.peer(id).raft.readIndex(context);
  }

  /** The state machine reaches the disk, with its index and membership. */
  persist(id: PeerId): void {
    const { disk, machine } = this.peer(id);
    const before = disk.machine;
    disk.machine =
      this.options.appliedIndexApart === true && before.hash !== machine.hash
        ? { ...before, hash: machine.hash }
        : machine;
  }

  /** Takes a snapshot of what is applied; it can be sent from now on. */
  takeSnapshot(id: PeerId): Snapshot {
    const peer = this.peer(id);
    this.persist(id);
    const { at, hash, confState } = peer.machine;
    const data = new Uint8Array(new Uint32Array([hash]).buffer);
    const snapshot = { ...at, confState, data };
    peer.disk.snapshot = snapshot;
    peer.raft.snapshotTaken(snapshot);
    return snapshot;
  }

  /** Lets go of the log up to `index` where that may be; returns where it begins now. */
  compact(id: PeerId, index: Index): Index {
    const { raft, disk } = this.peer(id);
    const limit = Math.min(index, disk.machine.at.index);
    const first = raft.compact(limit);
    const dropped = first - 1 - disk.start.index;
    const last = disk.entries[dropped - 1];
    if (last === undefined) return first;
    disk.entries.splice(0, dropped);
    disk.start = { index: last.index, term: last.term };
    return first;
  }

  /**
   * The process dies: what had not reached the disk is gone, `torn` writes and half of the next
   * excepted.
   */
  crash(id: PeerId, torn = 0): void {
    const peer = this.peer(id);
    for (let i = 0; i < torn && peer.writing.length > 0; i += 1) {
      const ready = peer.writing.shift() as Ready;
      this.save(peer, ready, ready.entries.length);
    }
    const [half] = peer.writing;
    if (torn > 0 && half !== undefined)
      this.save(
        peer,
        { ...half, snapshot: null },
        half.snapshot === null ? half.entries.length >> 1 : 0,
      );
    peer.writing = [];
    peer.down = true;
  }

  restart(id: PeerId): void {
    const peer = this.peer(id);
    peer.down = false;
    peer.applied.length = 0;
    peer.machine = peer.disk.machine;
    this.safety.restarted(id);
    peer.raft = this.start(id, peer.disk);
    if (peer.disk.snapshot !== null && peer.disk.snapshot.index <= peer.machine.at.index)
      peer.raft.snapshotTaken(peer.disk.snapshot);
    this.process(id);
  }

  /** Writes and delivers until nothing is left to do; what `lose` says is lost on the way. */
  settle(lose: (message: Message) => boolean = () => false): void {
    for (let round = 0; ; round += 1) {
      assert(round < 10_000, "the group does not come to rest");
      for (const id of this.peers.keys()) this.process(id);
      for (const [id, peer] of this.peers) while (peer.writing.length > 0) this.write(id);
      const messages = this.network;
      this.network = [];
      if (messages.length === 0) return;
      for (const message of messages) {
        if (lose(message)) this.lose(message);
        else this.deliver(message);
      }
    }
  }

  checkLogs(): void {
    checkLogs([...this.peers.values()].map(({ disk }) => disk));
  }

  private check(peer: TestPeer): void {
    this.safety.checkLeader(peer.raft);
    this.safety.checkCommit(peer.raft);
  }

  private apply(peer: TestPeer, entry: Entry): void {
    const { raft, machine } = peer;
    assert(entry.index === machine.at.index + 1, `${raft.id} applies ${entry.index} out of order`);
    const hash = hashAfter(machine.hash, entry);
    this.safety.applied(raft, entry, hash);
    const at = { index: entry.index, term: entry.term };
    peer.machine = { at, hash, confState: raft.confStateAt(entry.index) };
    peer.applied.push(entry);
    raft.applied(entry.index);
    this.safety.checkMembership(raft);
  }

  private save(peer: TestPeer, ready: Ready, entriesMax: number): void {
    const { disk } = peer;
    if (ready.hardState !== null) disk.hardState = ready.hardState;
    if (ready.snapshot !== null) this.install(disk, ready.snapshot);
    for (const entry of ready.entries.slice(0, entriesMax)) {
      const place = entry.index - disk.start.index - 1;
      assert(place <= disk.entries.length, `gap before ${entry.index}`);
      disk.entries.length = place;
      disk.entries.push(entry);
    }
  }

  private install(disk: Disk, snapshot: Snapshot): void {
    const { index, term, confState, data } = snapshot;
    const [hash = 0] = new Uint32Array(data.slice().buffer);
    this.safety.installed(snapshot, hash);
    disk.start = { index, term };
    disk.entries = [];
    disk.machine = { at: disk.start, hash, confState };
    disk.snapshot = snapshot;
    this.snapshotsInstalled += 1;
  }

  private reportSnapshot(m: Message, status: "SnapshotFinish" | "SnapshotFailure"): void {
    if (m.type !== "MsgSnap" || this.peer(m.from).down) return;
    this.peer(m.from).raft.reportSnapshot(m.to, status);
  }

  private start(id: PeerId, disk: Disk): Raft {
    const { hardState, start, entries, machine } = disk;
    const { at, confState } = machine;
    return new Raft(this.config(id), { hardState, start, entries, applied: at.index, confState });
  }

  private config(id: PeerId): RaftConfig {
    const { options } = this;
    return {
      id,
      electionTicks: options.electionTicks ?? 10,
      heartbeatTicks: 1,
      messageSizeMaxBytes: options.messageSizeMaxBytes ?? 1024,
      inflightMax: options.inflightMax ?? 4,
      inflightSizeMaxBytes: options.inflightSizeMaxBytes ?? 1_000_000,
      entrySizeMaxBytes: 1024,
      uncommittedSizeMaxBytes: 4096,
      committedEntriesMax: 8,
      committedSizeMaxBytes: 64,
      leaseTicks: options.leaseTicks ?? 0,
      lazyCommit: options.lazyCommit ?? false,
      disableProposalForwarding: options.disableProposalForwarding ?? false,
      random: options.random,
      ...(options.plantedBug === undefined ? {} : { plantedBug: options.plantedBug }),
    };
  }
}
