import { chmodSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { messageOf } from "../../base/errors.js";
import type { Logger } from "../../base/logger.js";
import { ByteReader, MalformedError } from "../bytes.js";
import { ConsensusError } from "../consensus-errors.js";
import { failPoint } from "../fail-point.js";
import { LocalStore } from "../local-store.js";
import type { Member } from "../member.js";
import { type ApplyResult, writeApplyResult } from "../store/apply-result.js";
import { decodeProposal } from "../store/command.js";
import { writeKeyValue } from "../store/txn-codec.js";
import type { WatchHandle } from "../store/watch-hub.js";
import type {
  RangeRequest,
  RangeResponse,
  Revision,
  WatchBatch,
  WatchEvent,
} from "../store-api.js";
import { StoreError } from "../store-error.js";
import { FrameDecoder, FrameEncoder, type SocketMessage } from "./frame.js";
import {
  type MembersRequest,
  REQUEST,
  RESPONSE,
  readRange,
  readWatch,
  writeError,
  writeLeaseStatus,
  writeProgress,
  writeStatus,
  writeWatchBatch,
} from "./messages.js";

/** Above this many unsent bytes a connection's watches pause … */
const PAUSE_BYTES = 8 * 1024 * 1024;
/** … and above this many it is not read from. */
const STOP_READING_BYTES = 32 * 1024 * 1024;
/** Bytes of pairs or events in one part of a long answer. */
const PART_BYTES = 1024 * 1024;
const WATCHES_MAX = 10_000;
/** Requests of one connection that wait for their answer. */
const PENDING_MAX = 16_384;
/** What a unix socket's path may have at most. */
const PATH_MAX_BYTES = 107;

/** Serves a member's store on a unix socket. */
export class StoreServer {
  private readonly server: Server;
  private readonly connections = new Set<Connection>();

  private constructor(server: Server) {
    this.server = server;
  }

  /**
   * Resolves once it listens. A socket that a dead process left behind is replaced: the caller
   * holds the data folder.
   */
  static async listen(
    member: Member,
    { socketPath, logger }: { socketPath: string; logger: Logger },
  ): Promise<StoreServer> {
    if (Buffer.byteLength(socketPath) > PATH_MAX_BYTES)
      throw new ConsensusError(
        "SocketPathTooLong",
        `${socketPath} is too long for a socket: name one of at most ${PATH_MAX_BYTES} bytes`,
        { details: { socketPath } },
      );
    rmSync(socketPath, { force: true });
    const server = createServer();
    const store = new StoreServer(server);
    server.on("connection", (socket) => {
      const connection = new Connection(socket, { member, logger });
      store.connections.add(connection);
      socket.on("close", () => store.connections.delete(connection));
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(socketPath, resolve);
    });
    // Whoever may connect may do everything.
    chmodSync(socketPath, 0o600);
    return store;
  }

  async close(): Promise<void> {
    for (const connection of this.connections) connection.destroy();
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
    });
  }
}

class Connection {
  private readonly socket: Socket;
  private readonly member: Member;
  private readonly out: FrameEncoder;
  private readonly watches = new Map<number, WatchHandle>();
  private readonly stopRounds: () => void;
  private pending = 0;
  private isPaused = false;

  constructor(socket: Socket, { member, logger }: { member: Member; logger: Logger }) {
    this.socket = socket;
    this.member = member;
    this.out = new FrameEncoder((frame) => this.write(frame));
    const decoder = new FrameDecoder((message) => this.handle(message));
    this.stopRounds = member.replica.hub.onRound((revision) => this.sendProgress(revision));
    socket.on("data", (chunk: Buffer) => {
      try {
        decoder.push(chunk);
      } catch (error) {
        logger.warn("a client of the store sent what cannot be read", { error });
        this.destroy();
      }
    });
    socket.on("drain", () => this.drained());
    // What was lost with the connection is the client's to ask for again.
    socket.on("error", () => {});
    socket.on("close", () => this.forget());
  }

  destroy(): void {
    this.socket.destroy();
  }

  private forget(): void {
    this.stopRounds();
    for (const watch of this.watches.values()) watch.cancel();
    this.watches.clear();
  }

  private handle({ type, id, payload }: SocketMessage): void {
    const reader = new ByteReader(payload);
    switch (type) {
      case REQUEST.hello:
        return this.sayHello(id);
      case REQUEST.propose:
        return this.answer(id, () => this.propose(id, payload));
      case REQUEST.range:
        return this.answer(id, () => this.range(id, readRange(reader)));
      case REQUEST.watch:
        return this.watch(id, reader);
      case REQUEST.cancelWatch:
        this.watches.get(id)?.cancel();
        this.watches.delete(id);
        return;
      case REQUEST.readIndex:
        return this.answer(id, () => this.readIndex(id));
      case REQUEST.leaseKeepAlive:
        return this.answer(id, () => this.leaseKeepAlive(id, reader.u53()));
      case REQUEST.leaseTimeToLive:
        return this.answer(id, () => this.leaseTimeToLive(id, reader.u53()));
      case REQUEST.status:
        return this.answer(id, () => this.status(id));
      case REQUEST.members:
        return this.answer(id, () => this.members(id, reader.text()));
      case REQUEST.metrics:
        return this.answer(id, () => this.metrics(id));
      case REQUEST.snapshot:
        return this.answer(id, () => this.snapshot(id));
      default:
        throw new MalformedError(`request ${type} is not known`);
    }
  }

  /** Runs a request; what it rejects with is the answer. */
  private answer(id: number, run: () => Promise<void>): void {
    if (this.pending >= PENDING_MAX) {
      this.sendError(id, new StoreError("Overloaded", "too many requests of this client wait"));
      return;
    }
    this.pending += 1;
    run().then(
      () => {
        this.pending -= 1;
      },
      (error: unknown) => {
        this.pending -= 1;
        this.sendError(id, error);
      },
    );
  }

  private sayHello(id: number): void {
    const { index } = this.member.replica.applied;
    this.out.send(RESPONSE.hello, id, (w) => w.u53(index));
  }

  private async propose(id: number, payload: Buffer): Promise<void> {
    // A copy of its own: the entry outlives the frame, and must not keep all of it.
    const data = Buffer.from(payload);
    const result = await this.member.propose(decodeProposal(data), data);
    if (result.type === "error") return this.sendError(id, this.toError(result));
    failPoint("before-answer");
    const { index } = this.member.replica.applied;
    this.out.send(RESPONSE.result, id, (w) => writeApplyResult(w.u53(index), result));
  }

  private toError({ code, message }: ApplyResult & { type: "error" }): StoreError {
    return new StoreError(code, message, this.member.details());
  }

  private async range(id: number, request: RangeRequest): Promise<void> {
    const response = await this.member.range(request);
    let at = 0;
    while (at < response.kvs.length) {
      at = this.sendRangePart(id, response, at);
      if (this.socket.destroyed) return;
      if (this.socket.writableLength > PAUSE_BYTES) await drainOf(this.socket);
    }
    this.out.send(RESPONSE.rangeEnd, id, (w) =>
      w.u53(response.revision).u53(response.count).bool(response.more),
    );
  }

  /** Sends pairs from `at` on; returns where the next part begins. */
  private sendRangePart(id: number, { kvs }: RangeResponse, start: number): number {
    let end = start;
    for (let size = 0; end < kvs.length && size < PART_BYTES; end += 1)
      size += 64 + (kvs[end]?.key.length ?? 0) + (kvs[end]?.value.length ?? 0);
    this.out.send(RESPONSE.rangePart, id, (w) => {
      w.u32(end - start);
      for (const kv of kvs.slice(start, end)) writeKeyValue(w, kv);
    });
    return end;
  }

  private watch(id: number, reader: ByteReader): void {
    const request = readWatch(reader);
    try {
      if (this.watches.size >= WATCHES_MAX)
        throw new StoreError("Overloaded", `${WATCHES_MAX} watches on one connection already`);
      if (this.watches.has(id)) throw new MalformedError(`watch ${id} exists already`);
      this.out.send(RESPONSE.watchCreated, id, () => {});
      const handle = this.member.replica.hub.watch(request, {
        onBatch: (batch) => {
          // Where nothing happened the round's progress tells, once for all watches.
          if (batch.events.length === 0 && this.watches.get(id)?.isLive() === true) return;
          for (const part of partsOf(batch))
            this.out.send(RESPONSE.watchBatch, id, (w) => writeWatchBatch(w, part));
        },
        onEnd: (error) => this.endWatch(id, error),
      });
      this.watches.set(id, handle);
      if (this.isPaused) handle.pause();
    } catch (error) {
      if (error instanceof MalformedError) throw error;
      this.endWatch(id, error);
    }
  }

  private endWatch(id: number, error: unknown): void {
    this.watches.delete(id);
    const known = toStoreError(error);
    this.out.send(RESPONSE.watchEnd, id, (w) => writeError(w, known.code, known));
  }

  private sendProgress(revision: Revision): void {
    if (this.watches.size === 0 || this.isPaused) return;
    const lagging: number[] = [];
    for (const [id, watch] of this.watches) if (!watch.isLive()) lagging.push(id);
    this.out.send(RESPONSE.progress, 0, (w) => writeProgress(w, revision, lagging));
  }

  private async readIndex(id: number): Promise<void> {
    const revision = await this.member.readIndex();
    this.out.send(RESPONSE.revision, id, (w) => w.u53(revision));
  }

  private async leaseKeepAlive(id: number, lease: number): Promise<void> {
    const leftMs = await this.member.leases.keepAlive(lease);
    this.out.send(RESPONSE.leaseKeptAlive, id, (w) => w.u53(leftMs));
  }

  private async leaseTimeToLive(id: number, lease: number): Promise<void> {
    const status = await this.member.leases.timeToLive(lease);
    this.out.send(RESPONSE.leaseStatus, id, (w) => writeLeaseStatus(w, status));
  }

  private async status(id: number): Promise<void> {
    const status = await this.member.report.status();
    this.out.send(RESPONSE.status, id, (w) => writeStatus(w, status));
  }

  private async members(id: number, text: string): Promise<void> {
    const request = JSON.parse(text) as MembersRequest;
    const store = new LocalStore(this.member);
    const answer = JSON.stringify((await askMembers(store, request)) ?? null);
    this.out.send(RESPONSE.members, id, (w) => w.text(answer));
  }

  private async metrics(id: number): Promise<void> {
    const text = await this.member.report.metricsText();
    this.out.send(RESPONSE.metrics, id, (w) => w.text(text));
  }

  private async snapshot(id: number): Promise<void> {
    const { path, sizeBytes } = await this.member.snapshot();
    this.out.send(RESPONSE.snapshot, id, (w) => w.text(path).u53(sizeBytes));
  }

  private sendError(id: number, error: unknown): void {
    if (error instanceof MalformedError) return this.destroy();
    const known = toStoreError(error);
    this.out.send(RESPONSE.error, id, (w) => writeError(w, known.code, known));
  }

  private write(frame: Buffer): void {
    if (this.socket.destroyed) return;
    this.socket.write(frame);
    const unsent = this.socket.writableLength;
    if (unsent > STOP_READING_BYTES) this.socket.pause();
    if (unsent <= PAUSE_BYTES || this.isPaused) return;
    // Nothing piles up here for a client that does not read: its watches go on from history later.
    this.isPaused = true;
    for (const watch of this.watches.values()) watch.pause();
  }

  private drained(): void {
    if (this.socket.isPaused()) this.socket.resume();
    if (!this.isPaused) return;
    this.isPaused = false;
    for (const watch of this.watches.values()) watch.resume();
  }
}

/** Whole revisions, about PART_BYTES each. */
function* partsOf(batch: WatchBatch): Generator<WatchBatch> {
  let events: WatchEvent[] = [];
  let size = 0;
  for (const event of batch.events) {
    const last = events.at(-1)?.kv.modRevision ?? 0;
    if (size > PART_BYTES && event.kv.modRevision > last) {
      yield { revision: last, events };
      events = [];
      size = 0;
    }
    events.push(event);
    size += event.kv.value.length + (event.prevKv?.value.length ?? 0);
  }
  yield { revision: batch.revision, events };
}

function askMembers(store: LocalStore, request: MembersRequest): Promise<unknown> {
  switch (request.ask) {
    case "list":
      return store.memberList();
    case "add":
      return store.memberAdd(request.member);
    case "promote":
      return store.memberPromote(request.names);
    case "remove":
      return store.memberRemove(request.name, { force: request.force });
    case "transferLeader":
      return store.transferLeader(request.name);
    default:
      throw new MalformedError("members are asked for something unknown");
  }
}

function toStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  return new StoreError("OutcomeUnknown", messageOf(error), { cause: error });
}

function drainOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off("drain", done);
      socket.off("close", done);
      resolve();
    };
    socket.on("drain", done);
    socket.on("close", done);
  });
}
