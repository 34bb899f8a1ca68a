import { randomBytes } from "node:crypto";
import { messageOf } from "../../base/errors.js";
import type { Clock } from "../../base/clock.js";
import { ByteReader, type ByteWriter } from "../bytes.js";
import { type ApplyResult, readApplyResult } from "../store/apply-result.js";
import {
  type Command,
  encodeProposal,
  markResent,
  type Proposal,
  refuseCommand,
} from "../store/command.js";
import { readKeyValue, readList } from "../store/txn-codec.js";
import type {
  KeyValue,
  LeaseId,
  LeaseStatus,
  MemberList,
  NewMember,
  RangeRequest,
  RangeResponse,
  Revision,
  SavedSnapshot,
  Store,
  StoreStatus,
  TxnRequest,
  TxnResponse,
  WatchBatch,
  WatchRequest,
} from "../store-api.js";
import { StoreError } from "../store-error.js";
import { TxnGatherer } from "../txn-gatherer.js";
import type { SocketMessage } from "./frame.js";
import {
  type MembersRequest,
  REQUEST,
  RESPONSE,
  readError,
  readLeaseStatus,
  readProgress,
  readStatus,
  readWatchBatch,
  writeRange,
  writeWatch,
} from "./messages.js";
import { StoreConnection } from "./store-connection.js";

export interface StoreClientConfig {
  readonly socketPath: string;
  /** A request that has no answer by then is given up. */
  readonly requestTimeoutMs: number;
}

/** Requests that may wait, and the bytes of proposals among them. */
const PENDING_MAX = 8192;
const PENDING_MAX_BYTES = 64 * 1024 * 1024;
/** A snapshot writes everything there is. */
const SNAPSHOT_TIMEOUT_MS = 600_000;
const RETRY_MIN_MS = 10;
const RETRY_MAX_MS = 500;

interface Pending {
  readonly type: number;
  /** A proposal's bytes; null for what reads and may simply be asked again. */
  readonly data: Buffer | null;
  readonly fill: (writer: ByteWriter) => void;
  readonly deadlineMs: number;
  readonly resolve: (answer: ByteReader) => void;
  readonly reject: (error: StoreError) => void;
  /** Pairs of a long answer so far. */
  kvs: KeyValue[];
  /** How far the server's replica was when this was first sent; null: never sent. */
  sentSince: number | null;
}

interface Watching {
  readonly request: WatchRequest;
  readonly onBatch: (batch: WatchBatch) => void;
  readonly reject: (error: StoreError) => void;
  next: Revision;
  isCreated: boolean;
}

/**
 * The store behind a consensus process's socket. When the connection is lost it connects again,
 * asks again what was only read, sends proposals again (the store recognises those that were
 * already applied) and resumes watches at the next revision.
 */
export class StoreClient implements Store {
  private readonly config: StoreClientConfig;
  private readonly clock: Clock;
  private readonly pending = new Map<number, Pending>();
  private pendingBytes = 0;
  private readonly gatherer = new TxnGatherer((command) => {
    const proposed = this.propose(command);
    // They have waited for the end of a turn already.
    this.connection?.flush();
    return proposed;
  });
  private readonly watches = new Map<number, Watching>();
  private connection: StoreConnection | null = null;
  private connecting: StoreConnection | null = null;
  private appliedIndex = 0;
  private lastId = 0;
  private readonly session = randomBytes(8).toString("hex");
  private sequence = 0;
  private retryMs = RETRY_MIN_MS;
  private cancelRetry: (() => void) | null = null;
  private cancelSweep: (() => void) | null = null;
  private lastError: Error | null = null;
  private isClosed = false;

  constructor(config: StoreClientConfig, deps: { readonly clock: Clock }) {
    this.config = config;
    this.clock = deps.clock;
    this.connect();
  }

  txn(txn: TxnRequest): Promise<TxnResponse> {
    if (this.isClosed) return Promise.reject(closed());
    if (this.gatherer.size >= PENDING_MAX) return Promise.reject(tooMany());
    return this.gatherer.txn(txn);
  }

  async range(range: RangeRequest): Promise<RangeResponse> {
    let kvs: readonly KeyValue[] = [];
    const answer = await this.ask(
      REQUEST.range,
      (w) => writeRange(w, range),
      (pending) => {
        kvs = pending.kvs;
      },
    );
    return { kvs, revision: answer.u53(), count: answer.u53(), more: answer.bool() };
  }

  watch(
    request: WatchRequest,
    { signal, onBatch }: { signal: AbortSignal; onBatch: (batch: WatchBatch) => void },
  ): Promise<void> {
    if (this.isClosed) return Promise.reject(closed());
    if (signal.aborted) return Promise.resolve();
    const id = this.nextId();
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        if (!this.watches.delete(id)) return;
        this.connection?.send(REQUEST.cancelWatch, id, () => {});
        resolve();
      };
      signal.addEventListener("abort", abort, { once: true });
      const fail = (error: StoreError): void => {
        signal.removeEventListener("abort", abort);
        reject(error);
      };
      const next = request.fromRevision;
      const watching = { request, onBatch, reject: fail, next, isCreated: false };
      this.watches.set(id, watching);
      this.sendWatch(id, watching);
    });
  }

  async compact(revision: Revision): Promise<void> {
    await this.propose({ type: "compact", revision });
  }

  async readIndex(): Promise<Revision> {
    return (await this.ask(REQUEST.readIndex, () => {})).u53();
  }

  async leaseGrant(ttlMs: number): Promise<LeaseId> {
    const id = 1 + randomBytes(6).readUIntBE(0, 6);
    await this.propose({ type: "leaseGrant", id, ttlMs });
    return id;
  }

  async leaseKeepAlive(id: LeaseId): Promise<number> {
    return (await this.ask(REQUEST.leaseKeepAlive, (w) => w.u53(id))).u53();
  }

  async leaseRevoke(id: LeaseId): Promise<void> {
    await this.propose({ type: "leaseRevoke", id });
  }

  async leaseTimeToLive(id: LeaseId): Promise<LeaseStatus> {
    return readLeaseStatus(await this.ask(REQUEST.leaseTimeToLive, (w) => w.u53(id)));
  }

  async status(): Promise<StoreStatus> {
    return readStatus(await this.ask(REQUEST.status, () => {}));
  }

  async memberList(): Promise<MemberList> {
    return JSON.parse(await this.askMembers({ ask: "list" })) as MemberList;
  }

  async memberAdd(member: NewMember): Promise<void> {
    await this.askMembers({ ask: "add", member });
  }

  async memberPromote(names: readonly string[]): Promise<void> {
    await this.askMembers({ ask: "promote", names });
  }

  async memberRemove(name: string, { force = false } = {}): Promise<void> {
    await this.askMembers({ ask: "remove", name, force });
  }

  async transferLeader(name: string | null): Promise<void> {
    await this.askMembers({ ask: "transferLeader", name });
  }

  async metrics(): Promise<string> {
    return (await this.ask(REQUEST.metrics, () => {})).text();
  }

  async snapshot(): Promise<SavedSnapshot> {
    const options = { data: null, fill: () => {}, timeoutMs: SNAPSHOT_TIMEOUT_MS };
    const answer = await this.request(REQUEST.snapshot, options);
    return { path: answer.text(), sizeBytes: answer.u53() };
  }

  private async askMembers(request: MembersRequest): Promise<string> {
    const answer = await this.ask(REQUEST.members, (w) => w.text(JSON.stringify(request)));
    return answer.text();
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    this.cancelRetry?.();
    this.cancelSweep?.();
    this.connection?.destroy();
    this.connecting?.destroy();
    for (const watching of this.watches.values()) watching.reject(closed());
    this.watches.clear();
    for (const pending of this.pending.values()) pending.reject(closed());
    this.pending.clear();
  }

  private async propose(command: Command): Promise<ApplyResult> {
    const refusal = refuseCommand(command);
    if (refusal !== null) throw new StoreError(refusal.code, refusal.message);
    this.sequence += 1;
    const origin = { session: this.session, sequence: this.sequence, resentSince: null };
    const proposal: Proposal = { origin, command };
    const data = encodeProposal(proposal);
    const answer = await this.request(REQUEST.propose, { data, fill: (w) => w.raw(data) });
    this.appliedIndex = Math.max(this.appliedIndex, answer.u53());
    return readApplyResult(answer);
  }

  private ask(
    type: number,
    fill: (writer: ByteWriter) => unknown,
    onAnswer?: (pending: Pending) => void,
  ): Promise<ByteReader> {
    return this.request(type, {
      data: null,
      fill,
      ...(onAnswer === undefined ? {} : { onAnswer }),
    });
  }

  private request(
    type: number,
    options: {
      readonly data: Buffer | null;
      readonly fill: (writer: ByteWriter) => unknown;
      readonly onAnswer?: (pending: Pending) => void;
      readonly timeoutMs?: number;
    },
  ): Promise<ByteReader> {
    if (this.isClosed) return Promise.reject(closed());
    const { data, fill, onAnswer, timeoutMs = this.config.requestTimeoutMs } = options;
    const bytes = this.pendingBytes + (data?.length ?? 0);
    if (this.pending.size >= PENDING_MAX || bytes > PENDING_MAX_BYTES)
      return Promise.reject(tooMany());
    this.pendingBytes = bytes;
    return new Promise((resolve, reject) => {
      const id = this.nextId();
      const pending: Pending = {
        type,
        data,
        fill: (writer) => {
          fill(writer);
        },
        deadlineMs: this.clock.monotonicMs() + timeoutMs,
        resolve: (answer) => {
          onAnswer?.(pending);
          resolve(answer);
        },
        reject,
        kvs: [],
        sentSince: null,
      };
      this.pending.set(id, pending);
      this.scheduleSweep();
      this.sendPending(id, pending);
    });
  }

  private nextId(): number {
    this.lastId = this.lastId === 0xffff_ffff ? 1 : this.lastId + 1;
    return this.lastId;
  }

  // --- the connection ---

  private connect(): void {
    this.cancelRetry = null;
    this.connecting = new StoreConnection(this.config.socketPath, {
      onOpen: (connection, appliedIndex) => this.opened(connection, appliedIndex),
      onMessage: (message) => this.handle(message),
      onClose: (error) => this.lost(error),
    });
  }

  private opened(connection: StoreConnection, appliedIndex: number): void {
    this.connecting = null;
    this.connection = connection;
    this.retryMs = RETRY_MIN_MS;
    // In the order in which they were asked: map order is insertion order.
    for (const [id, pending] of this.pending) this.sendPending(id, pending);
    this.appliedIndex = Math.max(this.appliedIndex, appliedIndex);
    for (const [id, watching] of this.watches) this.sendWatch(id, watching);
  }

  private lost(error: Error | null): void {
    this.connection = null;
    this.connecting = null;
    this.lastError = error;
    for (const watching of this.watches.values()) watching.isCreated = false;
    if (this.isClosed) return;
    this.cancelRetry = this.clock.schedule(this.retryMs, () => this.connect());
    this.retryMs = Math.min(RETRY_MAX_MS, this.retryMs * 2);
  }

  private sendPending(id: number, pending: Pending): void {
    if (this.connection === null) return;
    pending.kvs = [];
    // The first server to see it must find everything since then among its duplicates.
    if (pending.sentSince === null) pending.sentSince = this.appliedIndex;
    else if (pending.data !== null) markResent(pending.data, pending.sentSince);
    this.connection.send(pending.type, id, pending.fill);
  }

  private sendWatch(id: number, watching: Watching): void {
    this.connection?.send(REQUEST.watch, id, (w) => writeWatch(w, watching.request, watching.next));
  }

  /** One timer for all deadlines, and none while nothing waits. */
  private scheduleSweep(): void {
    if (this.cancelSweep !== null) return;
    this.cancelSweep = this.clock.schedule(this.config.requestTimeoutMs / 4, () => {
      this.cancelSweep = null;
      const nowMs = this.clock.monotonicMs();
      for (const [id, pending] of this.pending) {
        if (pending.deadlineMs > nowMs) continue;
        this.settle(id);
        pending.reject(this.tooLate(pending));
      }
      if (this.pending.size > 0) this.scheduleSweep();
    });
  }

  private tooLate(pending: Pending): StoreError {
    const cause = this.lastError;
    const why = cause === null ? "no answer in time" : messageOf(cause);
    if (pending.data !== null && pending.sentSince !== null)
      return new StoreError("OutcomeUnknown", `it may or may not happen: ${why}`, { cause });
    return new StoreError("NoLeader", `the store cannot be reached: ${why}`, { cause });
  }

  // --- what comes in ---

  private handle({ type, id, payload }: SocketMessage): void {
    const reader = new ByteReader(payload);
    switch (type) {
      case RESPONSE.watchCreated:
        return this.noteCreated(id);
      case RESPONSE.watchBatch:
        return this.report(id, readWatchBatch(reader));
      case RESPONSE.watchEnd:
        return this.endWatch(id, readError(reader));
      case RESPONSE.progress:
        return this.reportProgress(reader);
      case RESPONSE.rangePart: {
        const kvs = this.pending.get(id)?.kvs;
        if (kvs !== undefined) for (const kv of readList(reader, readKeyValue)) kvs.push(kv);
        return;
      }
      case RESPONSE.error:
        return this.settle(id)?.reject(readError(reader));
      default:
        return this.settle(id)?.resolve(reader);
    }
  }

  private settle(id: number): Pending | undefined {
    const pending = this.pending.get(id);
    if (pending === undefined) return undefined;
    this.pending.delete(id);
    this.pendingBytes -= pending.data?.length ?? 0;
    return pending;
  }

  private noteCreated(id: number): void {
    const watching = this.watches.get(id);
    if (watching !== undefined) watching.isCreated = true;
  }

  private report(id: number, batch: WatchBatch): void {
    const watching = this.watches.get(id);
    if (watching === undefined) return;
    watching.next = batch.revision + 1;
    watching.onBatch(batch);
  }

  private reportProgress(reader: ByteReader): void {
    const { revision, lagging } = readProgress(reader);
    for (const [id, watching] of this.watches) {
      if (!watching.isCreated || revision < watching.next) continue;
      if (lagging.length === 0 || !lagging.includes(id)) this.report(id, { revision, events: [] });
    }
  }

  private endWatch(id: number, error: StoreError): void {
    const watching = this.watches.get(id);
    if (watching === undefined) return;
    // A server that stops says so; the watch goes on with the next one.
    if (error.code === "Closed") {
      watching.isCreated = false;
      return;
    }
    this.watches.delete(id);
    watching.reject(error);
  }
}

function tooMany(): StoreError {
  return new StoreError("Overloaded", "too many requests wait already; try again");
}

function closed(): StoreError {
  return new StoreError("Closed", "this client was closed");
}
