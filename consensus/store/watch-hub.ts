import { assert } from "../../base/assert.js";
import { messageOf } from "../../base/errors.js";
import type { Revision, WatchBatch, WatchEvent, WatchRequest } from "../store-api.js";
import { StoreError } from "../store-error.js";
import type { Change, Mvcc } from "./mvcc.js";
import { isWhole, type OrderedMap } from "./ordered-map.js";
import { decodeRecord, mapKey, parseMapKey, PREFIX } from "./store-record.js";

/** Where a watch's batches go. */
export interface WatchSink {
  onBatch(batch: WatchBatch): void;
  /** The watch has ended and will say nothing more. */
  onEnd(error: StoreError): void;
}

/** A running watch. */
export interface WatchHandle {
  /** False while it reads history: it will report up to now later. */
  isLive(): boolean;
  /** Stops reporting; nothing is kept for it, it reads what it missed from history when resumed. */
  pause(): void;
  resume(): void;
  cancel(): void;
}

/** What the hub needs of the store. */
export interface WatchSource {
  readonly map: OrderedMap;
  readonly mvcc: Mvcc;
  /** The last revision that the map itself holds. */
  mapRevision(): Revision;
  /** Resolves once the map holds everything applied so far. */
  flushed(): Promise<void>;
}

interface Watcher {
  readonly from: string;
  readonly end: string | null;
  readonly prevKv: boolean;
  readonly sink: WatchSink;
  /** The next revision to report. */
  next: Revision;
  state: "live" | "catchingUp" | "paused" | "ended";
}

/** Pairs read from history at a time, and their size; more when one revision has more. */
const SLICE = 1000;
const SLICE_BYTES = 1024 * 1024;

/** Tells watchers what changed: live ones at once, those that are behind from history. */
export class WatchHub {
  private readonly source: WatchSource;
  private readonly watchers = new Set<Watcher>();
  private readonly roundListeners = new Set<(revision: Revision) => void>();

  constructor(source: WatchSource) {
    this.source = source;
  }

  /** Starts a watch. Throws "Compacted". */
  watch(request: WatchRequest, sink: WatchSink): WatchHandle {
    this.refuseCompacted(request.fromRevision);
    const watcher: Watcher = {
      from: request.key.toString("latin1"),
      end: request.rangeEnd?.toString("latin1") ?? `${request.key.toString("latin1")}\0`,
      prevKv: request.prevKv === true,
      sink,
      next: request.fromRevision,
      state: "paused",
    };
    this.watchers.add(watcher);
    this.resume(watcher);
    return {
      isLive: () => watcher.state === "live",
      pause: () => {
        if (watcher.state !== "ended") watcher.state = "paused";
      },
      resume: () => this.resume(watcher),
      cancel: () => this.end(watcher),
    };
  }

  /** Everything of one or more whole revisions, in order, up to the store's revision. */
  publish(changes: readonly Change[]): void {
    const { revision } = this.source.mvcc;
    for (const watcher of this.watchers) {
      if (watcher.state !== "live") continue;
      const events: WatchEvent[] = [];
      for (const change of changes)
        if (wants(watcher, change.key, change.kv.modRevision))
          events.push(this.toEvent(watcher, change));
      watcher.next = Math.max(watcher.next, revision + 1);
      watcher.sink.onBatch({ revision, events });
    }
    for (const listener of this.roundListeners) listener(revision);
  }

  /**
   * Calls after every publish, when all live watchers have been told up to `revision`; returns how
   * to stop.
   */
  onRound(listener: (revision: Revision) => void): () => void {
    this.roundListeners.add(listener);
    return () => this.roundListeners.delete(listener);
  }

  /** Ends every watch. */
  close(error: StoreError): void {
    for (const watcher of this.watchers) {
      this.end(watcher);
      watcher.sink.onEnd(error);
    }
  }

  private resume(watcher: Watcher): void {
    if (watcher.state !== "paused") return;
    if (watcher.next > this.source.mvcc.revision) {
      watcher.state = "live";
      return;
    }
    watcher.state = "catchingUp";
    this.catchUp(watcher).catch((error: unknown) => {
      if (watcher.state === "ended") return;
      this.end(watcher);
      const known = error instanceof StoreError ? error : null;
      watcher.sink.onEnd(
        known ??
          new StoreError("Closed", `the watch failed: ${messageOf(error)}`, { cause: error }),
      );
    });
  }

  private async catchUp(watcher: Watcher): Promise<void> {
    while (watcher.state === "catchingUp") {
      if (watcher.next > this.source.mvcc.revision) {
        watcher.state = "live";
        return;
      }
      if (watcher.next > this.source.mapRevision()) await this.source.flushed();
      else await this.reportSlice(watcher, SLICE);
    }
  }

  /** Reports whole revisions from history, about `limit` pairs. */
  private async reportSlice(watcher: Watcher, limit: number): Promise<void> {
    const start = watcher.next;
    const last = this.source.mapRevision();
    const from = mapKey(PREFIX.record, start);
    const end = mapKey(PREFIX.record, last + 1);
    const range = { from, end, limit, limitBytes: (limit / SLICE) * SLICE_BYTES };
    const pairs = await this.source.map.scan(range);
    if (watcher.state !== "catchingUp") return;
    assert(watcher.next === start, "one slice at a time");
    // What was compacted while we read may be missing from what we read.
    this.refuseCompacted(start);
    const lastPair = pairs.at(-1);
    const reached =
      isWhole(pairs, range) || lastPair === undefined ? last : parseMapKey(lastPair[0]).number - 1;
    if (reached < start) return this.reportSlice(watcher, limit * 4);
    const events: WatchEvent[] = [];
    for (const [mapped, sealed] of pairs) {
      const { number: modRevision, rest } = parseMapKey(mapped);
      if (modRevision > reached) break;
      const key = rest.toString("latin1");
      if (!wants(watcher, key, modRevision)) continue;
      const kv = { key: rest, modRevision, ...decodeRecord(mapped, sealed) };
      const prevRevision = this.source.mvcc.index.visibleAt(key, modRevision - 1);
      events.push(this.toEvent(watcher, { key, kv, prevRevision }));
    }
    watcher.next = reached + 1;
    watcher.sink.onBatch({ revision: reached, events });
  }

  private toEvent(watcher: Watcher, { key, kv, prevRevision }: Change): WatchEvent {
    const type = kv.version === 0 ? "delete" : "put";
    if (!watcher.prevKv || prevRevision === 0) return { type, kv };
    return { type, kv, prevKv: this.source.mvcc.read(key, prevRevision) };
  }

  private refuseCompacted(fromRevision: Revision): void {
    const { compactRevision } = this.source.mvcc;
    if (fromRevision > compactRevision) return;
    throw new StoreError("Compacted", `revision ${fromRevision} is compacted`, {
      details: { compactRevision },
    });
  }

  private end(watcher: Watcher): void {
    watcher.state = "ended";
    this.watchers.delete(watcher);
  }
}

function wants(watcher: Watcher, key: string, revision: Revision): boolean {
  return (
    revision >= watcher.next && key >= watcher.from && (watcher.end === null || key < watcher.end)
  );
}
