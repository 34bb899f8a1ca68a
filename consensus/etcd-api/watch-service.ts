import { StoreError } from "../store-error.js";
import type { WatchBatch, WatchEvent } from "../store-api.js";
import type { EtcdBackend } from "./etcd-backend.js";
import { decodeMessage, encodeMessage, type Int64, numberOf } from "./etcd-messages.js";
import type { GrpcCall, StreamHandler } from "./grpc-server.js";
import { GRPC, GrpcError, grpcErrorOf } from "./grpc-status.js";
import { keyRangeOf } from "./kv-plan.js";

const WATCHES_MAX = 10_000;
/** A client that is this far behind is cut off: it comes again from where it was. */
const BACKLOG_BYTES_MAX = 64 << 20;
/** Of gRPC's clients: messages beyond 4 MB are not taken. */
const EVENT_BYTES_MAX = 2 << 20;

interface CreateMessage {
  readonly key: Buffer;
  readonly rangeEnd: Buffer;
  readonly startRevision: Int64;
  /** 0: no puts, 1: no deletions. */
  readonly filters: readonly number[];
  readonly prevKv: boolean;
  readonly watchId: Int64;
}
interface WatchMessage {
  readonly createRequest: CreateMessage | null;
  readonly cancelRequest: { readonly watchId: Int64 } | null;
  readonly progressRequest: object | null;
}

/** etcd's Watch: any number of watches over one stream. */
export function watchService(backend: EtcdBackend): readonly [string, StreamHandler] {
  const handler: StreamHandler = (call) => {
    const watches = new WatchStream(backend, call);
    return {
      onMessage: (bytes) => watches.take(decodeMessage<WatchMessage>("WatchRequest", bytes)),
      onHalfClose: () => watches.close(),
      onClose: () => watches.close(),
    };
  };
  return ["/etcdserverpb.Watch/Watch", handler];
}

class WatchStream {
  private readonly backend: EtcdBackend;
  private readonly call: GrpcCall;
  private readonly watches = new Map<number, AbortController>();
  private nextId = 0;

  constructor(backend: EtcdBackend, call: GrpcCall) {
    this.backend = backend;
    this.call = call;
  }

  take(message: WatchMessage): void {
    if (message.createRequest !== null) this.create(message.createRequest);
    else if (message.cancelRequest !== null) this.cancel(numberOf(message.cancelRequest.watchId));
    // The answer to a question for progress goes to no watch in particular.
    else if (message.progressRequest !== null) this.send({ watchId: -1 });
  }

  close(): void {
    for (const stop of this.watches.values()) stop.abort();
    this.watches.clear();
    this.call.end();
  }

  private create(message: CreateMessage): void {
    if (this.watches.size >= WATCHES_MAX)
      throw new GrpcError(GRPC.resourceExhausted, `${WATCHES_MAX} watches on one stream`);
    const watchId = this.idFor(numberOf(message.watchId));
    if (watchId === null) {
      const cancelReason = "mvcc: duplicate watch ID";
      return this.send({ watchId: -1, created: true, canceled: true, cancelReason });
    }
    const stop = new AbortController();
    this.watches.set(watchId, stop);
    const revision = this.backend.revision;
    this.send({ watchId, created: true }, revision);
    const fromRevision = numberOf(message.startRevision) || revision + 1;
    const { prevKv, filters } = message;
    const request = { ...keyRangeOf(message.key, message.rangeEnd), fromRevision, prevKv };
    const wants = (event: WatchEvent): boolean => !filters.includes(event.type === "put" ? 0 : 1);
    this.backend.store
      .watch(request, {
        signal: stop.signal,
        onBatch: (batch) => this.report(watchId, batch, wants),
      })
      .catch((error: unknown) => this.ended(watchId, error));
  }

  /** The client's own choice, if nobody has it; 0 leaves the choice to us. */
  private idFor(wanted: number): number | null {
    if (wanted !== 0) return this.watches.has(wanted) ? null : wanted;
    while (this.watches.has(this.nextId)) this.nextId += 1;
    this.nextId += 1;
    return this.nextId - 1;
  }

  private cancel(watchId: number): void {
    const stop = this.watches.get(watchId);
    if (stop === undefined) return;
    stop.abort();
    this.watches.delete(watchId);
    this.send({ watchId, canceled: true });
  }

  private report(watchId: number, batch: WatchBatch, wants: (event: WatchEvent) => boolean): void {
    if (!this.watches.has(watchId)) return;
    if (this.call.bufferedBytes > BACKLOG_BYTES_MAX) {
      this.close();
      return;
    }
    let some: object[] = [];
    let sizeBytes = 0;
    const flush = (): void => {
      if (some.length > 0) this.send({ watchId, events: some }, batch.revision);
      some = [];
      sizeBytes = 0;
    };
    for (const event of batch.events) {
      if (!wants(event)) continue;
      some.push({ ...event, type: event.type === "put" ? 0 : 1 });
      sizeBytes += event.kv.value.length + (event.prevKv?.value.length ?? 0);
      if (sizeBytes > EVENT_BYTES_MAX) flush();
    }
    flush();
  }

  private ended(watchId: number, error: unknown): void {
    if (!this.watches.delete(watchId)) return;
    const compacted = error instanceof StoreError && error.code === "Compacted";
    const cancelReason = grpcErrorOf(error).message;
    const { compactRevision } = this.backend;
    const at = compacted ? { compactRevision } : {};
    this.send({ watchId, canceled: true, cancelReason, ...at });
  }

  private send(message: object, revision = this.backend.revision): void {
    const header = this.backend.header(revision);
    this.call.send(encodeMessage("WatchResponse", { header, ...message }));
  }
}
