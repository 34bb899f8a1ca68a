import { join } from "node:path";
import { crc32 } from "node:zlib";
import type { Message, MsgSnap, PeerId } from "raft-ts";
import { messageOf } from "../../base/errors.js";
import {
  decodeFrame,
  type DiskRunner,
  encodeMessages,
  type FileSystem,
  listSnapshots,
  type MemberNetwork,
  type PeerAddress,
  type PeerAnswer,
  type PeerNetworkHandler,
} from "../../consensus/simulation.js";
import type { SimProcess } from "./sim-process.js";
import type { World } from "./world.js";

/** What the network knows of a process. */
export interface Attached {
  readonly name: string;
  readonly id: PeerId;
  readonly process: SimProcess;
  readonly files: FileSystem;
  readonly snapshotFolder: string;
  openDisk(): DiskRunner;
}

const CONNECT_MS = 1_000;
/** Who was heard within this counts as connected. */
const HEARD_MS = 3_000;
const SNAPSHOT_RETRY_MS = 1_000;
const SNAPSHOTS_KEPT = 2;

/** All messages between the servers: lost, late, twice, in another order, or cut off for a time. */
export class SimNetwork {
  private readonly world: World;
  private readonly ports = new Map<PeerId, SimPort>();
  /** Cut off from everybody else, by name. */
  private minority: ReadonlySet<string> = new Set();
  /** Cut off in one direction only: nothing gets out. */
  private isOneWay = false;
  /** Who has no network at all. */
  private readonly away = new Set<string>();
  private sent = 0;

  constructor(world: World) {
    this.world = world;
  }

  open(at: Attached): SimPort {
    const port = new SimPort(this, at);
    this.ports.set(at.id, port);
    port.keepConnecting();
    return port;
  }

  /** Its process ended: everybody else notices. */
  closed(port: SimPort): void {
    if (this.ports.get(port.id) === port) this.ports.delete(port.id);
    for (const other of this.ports.values()) {
      const delayMs = 1 + this.world.random.below(20);
      other.process.after(delayMs, () => other.handler?.onUnreachable(port.id));
    }
  }

  cut(names: ReadonlySet<string>, isOneWay: boolean): void {
    this.minority = names;
    this.isOneWay = isOneWay;
  }

  setAway(name: string, isAway: boolean): void {
    if (isAway) this.away.add(name);
    else this.away.delete(name);
  }

  /** Everybody reaches everybody. */
  heal(): void {
    this.cut(new Set(), false);
    this.away.clear();
  }

  /** The connection between two servers breaks. */
  reset(one: string, other: string): void {
    for (const from of this.ports.values())
      for (const to of this.ports.values())
        if ((from.name === one && to.name === other) || (from.name === other && to.name === one))
          from.process.after(1, () => from.handler?.onUnreachable(to.id));
  }

  portOf(id: PeerId): SimPort | null {
    return this.ports.get(id) ?? null;
  }

  isCut(from: string, to: string): boolean {
    if (this.away.has(from) || this.away.has(to)) return true;
    const [a, b] = [this.minority.has(from), this.minority.has(to)];
    return a !== b && (!this.isOneWay || a);
  }

  get nowMs(): number {
    return this.world.queue.nowMs;
  }

  /** Messages to one peer, as the production code puts them into frames. */
  send(from: SimPort, to: PeerId, messages: readonly Message[]): void {
    for (const m of messages) this.world.safety.sent(m);
    const reports = messages.some((m) => m.type === "MsgApp");
    for (const frame of encodeMessages(messages)) this.transmit(from, to, { frame, reports });
  }

  /** A request, and its answer; either may be lost. */
  ask(
    from: SimPort,
    to: PeerId,
    run: (target: SimPort) => Promise<PeerAnswer>,
  ): Promise<PeerAnswer> {
    return new Promise((resolve) => {
      const target = this.wayTo(from, to);
      if (target === null || this.isLost()) {
        from.process.after(20, () => resolve(unreachable(to)));
        return;
      }
      target.process.after(this.delayMs(), () => {
        void run(target).then((answer) => {
          if (this.isCut(target.name, from.name)) return;
          from.process.after(this.delayMs(), () => resolve(answer));
        });
      });
    });
  }

  sendSnapshot(from: SimPort, m: MsgSnap): void {
    this.world.safety.snapshotSent(m);
    void this.trySnapshot(from, m).then((status) => {
      const delayMs = status === "SnapshotFinish" ? this.delayMs() : SNAPSHOT_RETRY_MS;
      from.process.after(delayMs, () => {
        this.world.safety.snapshotEnded(from.id, m.to);
        from.handler?.onSnapshotSent(m.to, status);
      });
    });
  }

  private async trySnapshot(
    from: SimPort,
    m: MsgSnap,
  ): Promise<"SnapshotFinish" | "SnapshotFailure"> {
    const target = this.wayTo(from, m.to);
    if (target === null || from.snapshotsTo.has(m.to)) return "SnapshotFailure";
    const name = Buffer.from(m.snapshot.data).toString();
    let bytes: Buffer;
    try {
      bytes = from.files.read(join(from.snapshotFolder, name));
    } catch {
      return "SnapshotFailure";
    }
    from.snapshotsTo.add(m.to);
    const isTaken = await new Promise<boolean>((resolve) => {
      // The way may break; whoever waits for an answer gives up.
      from.process.after(10_000, () => resolve(false));
      target.process.after(this.delayMs() + 10 + this.world.random.below(300), () => {
        if (this.isLost() || this.isCut(from.name, target.name) || target.isReceiving) {
          from.process.after(this.delayMs(), () => resolve(false));
          return;
        }
        void target.receive(m, { name, bytes }).then(
          (message) => {
            from.process.after(this.delayMs(), () => resolve(true));
            target.handler?.onMessage(message);
          },
          // As in production: it is not received, and the sender is told so.
          () => from.process.after(this.delayMs(), () => resolve(false)),
        );
      });
    });
    from.snapshotsTo.delete(m.to);
    if (isTaken) this.world.note(from.name, `snapshot ${name} went to ${target.name}`);
    return isTaken ? "SnapshotFinish" : "SnapshotFailure";
  }

  /** Null when neither knows the other, it does not run, or the way is cut. */
  wayTo(from: SimPort, to: PeerId): SimPort | null {
    const target = this.ports.get(to);
    if (target === undefined || this.isCut(from.name, target.name)) return null;
    return from.peers.has(to) || target.peers.has(from.id) ? target : null;
  }

  private transmit(
    from: SimPort,
    to: PeerId,
    { frame, reports }: { readonly frame: Buffer; readonly reports: boolean },
  ): void {
    const { world } = this;
    const target = this.wayTo(from, to);
    if (target === null || this.isLost()) {
      world.totals.messagesDropped += 1;
      // Entries that were lost are sent again when that is known; all else is repeated anyway.
      if (reports)
        from.process.after(20 + world.random.below(200), () => from.handler?.onUnreachable(to));
      return;
    }
    this.deliverLater(from, target, frame);
    if (world.isCalm || !world.random.chance(world.odds.duplicatePercent)) return;
    world.totals.messagesDuplicated += 1;
    this.deliverLater(from, target, frame);
  }

  private deliverLater(from: SimPort, target: SimPort, frame: Buffer): void {
    this.sent += 1;
    const order = this.sent;
    target.process.after(this.delayMs(), () => this.deliver(from, target, { frame, order }));
  }

  private deliver(
    from: SimPort,
    target: SimPort,
    { frame, order }: { readonly frame: Buffer; readonly order: number },
  ): void {
    const { totals } = this.world;
    const { handler } = target;
    if (handler === null) return;
    if (this.away.has(target.name)) {
      totals.messagesDropped += 1;
      return;
    }
    totals.messagesDelivered += 1;
    if (order < (target.newest.get(from.id) ?? 0)) totals.messagesReordered += 1;
    else target.newest.set(from.id, order);
    target.heardAtMs.set(from.id, this.nowMs);
    if (handler.hasLeft(from.id)) return from.tellRemoved();
    const decoded = decodeFrame(frame, { from: from.id, to: target.id });
    if (decoded.kind !== "messages") throw new Error(`a frame of ${decoded.kind}`);
    for (const m of decoded.messages) {
      this.world.safety.delivered(m, this.nowMs);
      handler.onMessage(m);
    }
  }

  private isLost(): boolean {
    const { isCalm, random, odds } = this.world;
    return !isCalm && random.chance(odds.lossPercent);
  }

  private delayMs(): number {
    const { isCalm, random, odds, totals } = this.world;
    const delayMs = 1 + random.below(odds.delayMs);
    if (isCalm || !random.chance(odds.latePercent)) return delayMs;
    totals.messagesDelayed += 1;
    return delayMs + random.below(odds.lateMs);
  }
}

/** The network as one process sees it. */
export class SimPort implements MemberNetwork {
  handler: PeerNetworkHandler | null = null;
  readonly peers = new Set<PeerId>();
  readonly heardAtMs = new Map<PeerId, number>();
  readonly snapshotsTo = new Set<PeerId>();
  /** The newest message of each peer. */
  readonly newest = new Map<PeerId, number>();
  isReceiving = false;
  private readonly network: SimNetwork;
  private readonly at: Attached;

  constructor(network: SimNetwork, at: Attached) {
    this.network = network;
    this.at = at;
  }

  get name(): string {
    return this.at.name;
  }
  get id(): PeerId {
    return this.at.id;
  }
  get process(): SimProcess {
    return this.at.process;
  }
  get files(): FileSystem {
    return this.at.files;
  }
  get snapshotFolder(): string {
    return this.at.snapshotFolder;
  }

  attach(handler: PeerNetworkHandler | null): void {
    this.handler = handler;
  }

  setPeers(addresses: readonly PeerAddress[]): void {
    this.peers.clear();
    for (const { id } of addresses) if (id !== this.id) this.peers.add(id);
  }

  send(messages: readonly Message[]): void {
    const byPeer = new Map<PeerId, Message[]>();
    for (const m of messages) {
      if (m.type === "MsgSnap") {
        this.network.sendSnapshot(this, m);
        continue;
      }
      const some = byPeer.get(m.to);
      if (some === undefined) byPeer.set(m.to, [m]);
      else some.push(m);
    }
    for (const [to, some] of byPeer) this.network.send(this, to, some);
  }

  request(to: PeerId, method: string, body: unknown, timeoutMs: number): Promise<PeerAnswer> {
    return new Promise((resolve) => {
      const message = `no answer within ${timeoutMs} ms`;
      const cancel = this.process.after(timeoutMs, () =>
        resolve({ ok: false, code: "Timeout", message }),
      );
      void this.network
        .ask(this, to, (target) => target.answer(this.id, method, body))
        .then((answer) => {
          cancel();
          resolve(answer);
        });
    });
  }

  isConnected(id: PeerId): boolean {
    const heardAtMs = this.heardAtMs.get(id) ?? Number.NEGATIVE_INFINITY;
    return this.network.portOf(id) !== null && this.network.nowMs - heardAtMs < HEARD_MS;
  }

  /** Connections are tried again and again; whoever was removed is told so then. */
  keepConnecting(): void {
    this.process.after(CONNECT_MS, () => {
      for (const id of this.peers)
        if (this.network.wayTo(this, id)?.handler?.hasLeft(this.id) === true) this.tellRemoved();
      this.keepConnecting();
    });
  }

  tellRemoved(): void {
    this.process.after(1, () => this.handler?.onRemoved("a peer says so"));
  }

  /** As the production transport answers. */
  async answer(from: PeerId, method: string, body: unknown): Promise<PeerAnswer> {
    if (this.handler === null) return unreachable(this.id);
    try {
      return await this.handler.onRequest(from, method, JSON.parse(JSON.stringify(body)));
    } catch (error) {
      const { code } = error as { code?: unknown };
      const known = typeof code === "string" ? code : "Internal";
      return { ok: false, code: known, message: messageOf(error) };
    }
  }

  /** Puts a snapshot on the disk, as the production receiver does. */
  async receive(
    m: MsgSnap,
    file: { readonly name: string; readonly bytes: Buffer },
  ): Promise<MsgSnap> {
    this.isReceiving = true;
    return this.takeIn(m, file).finally(() => {
      this.isReceiving = false;
    });
  }

  private async takeIn(
    m: MsgSnap,
    file: { readonly name: string; readonly bytes: Buffer },
  ): Promise<MsgSnap> {
    const { snapshotFolder, files } = this;
    const temporary = `incoming-${file.name}.tmp`;
    for (const name of files.readdir(snapshotFolder))
      if (name.startsWith("incoming-")) files.remove(join(snapshotFolder, name));
    const runner = this.at.openDisk();
    const half = file.bytes.length >> 1;
    await runner.run({ type: "create", name: temporary, bytes: file.bytes.subarray(0, half) });
    await runner.run({ type: "append", bytes: file.bytes.subarray(half) });
    const crc = crc32(file.bytes);
    await runner.run({ type: "publish", name: temporary, as: file.name, crc });
    const names = listSnapshots(files.readdir(snapshotFolder)).map(({ name }) => name);
    const old = names.slice(SNAPSHOTS_KEPT);
    if (old.length > 0) await runner.run({ type: "remove", names: old });
    await runner.close();
    return m;
  }
}

function unreachable(id: PeerId): PeerAnswer {
  return { ok: false, code: "Unreachable", message: `there is no connection to ${id}` };
}
