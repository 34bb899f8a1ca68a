import { type StatusBody, expired } from "../../api/machinery/status.js";
import type { Clock } from "../../base/clock.js";
import type { ResponseSink } from "../server/http-types.js";
import { nextTurn } from "../server/waiting.js";
import type {
  CacheEvent,
  CacheWatcher,
  CachedObject,
  ResourceCache,
  WatchInterest,
} from "../storage/resource-cache.js";
import type { Selection } from "../storage/selection.js";
import type { FanOut, Flushable } from "./fan-out.js";
import type { WatchEncoder } from "./watch-encoder.js";

export interface WatchSessionOptions {
  readonly initial: readonly CachedObject[];
  readonly revision: number;
  readonly initialBookmark: boolean;
  /** Up to which revision `resource` has handed on everything. */
  readonly reached: () => number;
  readonly resource: EventSource;
  readonly selection: Selection;
  readonly encoder: WatchEncoder;
  readonly fanOut: FanOut;
  readonly sink: ResponseSink;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly bookmarks: boolean;
}

/** Where a watch gets its events from. */
export type EventSource = Pick<ResourceCache, "reaches" | "eventsAfter"> & {
  subscribe(watcher: EventWatcher): () => void;
};

/** A watcher that can also be told that the events cannot be shown. */
export interface EventWatcher extends CacheWatcher {
  onFailure(status: StatusBody): void;
}

/** A watcher this far behind is cut off: its client starts again from the last revision it saw. */
const QUEUE_EVENTS_MAX = 20_000;
const BUFFERED_BYTES_MAX = 1024 * 1024;
const CHUNK_BYTES = 128 * 1024;
/** How often a quiet watch hears how far it is; as in Kubernetes. */
const BOOKMARK_MS = 60_000;

/**
 * One open watch: first the present state, then every event that concerns the selection, in order,
 * none twice. What waits for a slow client are references to events that the cache keeps anyway,
 * and their number is bounded.
 */
export class WatchSession implements EventWatcher, Flushable {
  readonly interest: WatchInterest;
  private readonly options: WatchSessionOptions;
  private queue: CacheEvent[] = [];
  /** Events up to here were sent, or did not concern the selection. */
  private sentRevision: number;
  /** "opening" while the present state is sent, "blocked" while the connection has enough. */
  private state: "opening" | "live" | "blocked" | "over" = "opening";
  private bookmarkDue = false;
  /** Why the watch ends once what is queued was sent. */
  private ending: "timeout" | "reset" | StatusBody | null = null;
  private finish: (error?: Error) => void = () => {};

  constructor(options: WatchSessionOptions) {
    this.options = options;
    this.interest = options.selection.interest;
    this.sentRevision = options.revision;
  }

  onEvent(event: CacheEvent): void {
    if (this.state === "over" || this.ending !== null) return;
    // A watch may be asked to begin in the future.
    if (event.revision <= this.options.revision) return;
    if (this.queue.length >= QUEUE_EVENTS_MAX) this.over(new Error("the watcher is too slow"));
    else this.queue.push(event);
    this.wantsFlush();
  }

  onReset(): void {
    this.end("reset");
  }

  onFailure(status: StatusBody): void {
    this.end(status);
  }

  /** Resolves when the watch is over; rejects when the watcher was too slow. */
  async run(): Promise<void> {
    const { resource, sink, clock, timeoutMs } = this.options;
    // Between the decision where to start and now time has passed: the window says what happened.
    if (!resource.reaches(this.sentRevision)) {
      this.sendExpired();
      return;
    }
    this.queue = [...resource.eventsAfter(this.sentRevision)];
    const over = new Promise<void>((resolve, reject) => {
      this.finish = (error) => (error === undefined ? resolve() : reject(error));
    });
    const unsubscribe = resource.subscribe(this);
    const cancelTimeout = clock.schedule(timeoutMs, () => this.end("timeout"));
    const cancelBookmarks = this.options.bookmarks ? this.scheduleBookmarks() : () => {};
    const onAbort = (): void => this.over();
    sink.signal.addEventListener("abort", onAbort);
    if (sink.signal.aborted) this.over();
    try {
      // A client that reads nothing keeps the opening waiting: being cut off must not wait for it.
      await Promise.race([this.open(), over]);
      await over;
    } finally {
      this.state = "over";
      sink.signal.removeEventListener("abort", onAbort);
      cancelBookmarks();
      cancelTimeout();
      unsubscribe();
    }
  }

  /** Sends what is queued. Called by the fan-out, for many sessions in one turn. */
  flush(): void {
    if (this.state !== "live") return;
    const { sink } = this.options;
    const queue = this.queue;
    let sent = 0;
    while (sent < queue.length && sink.bufferedBytes <= BUFFERED_BYTES_MAX) {
      sent = this.writeFrom(queue, sent);
    }
    if (sent < queue.length) {
      this.queue = queue.slice(sent);
      this.block();
      return;
    }
    this.queue = [];
    if (this.bookmarkDue) this.sendBookmark();
    if (this.ending !== null) this.sendEnd(this.ending);
    else if (sink.bufferedBytes > BUFFERED_BYTES_MAX) this.block();
  }

  /** Writes about one chunk of events from `start` on; returns where the next begins. */
  private writeFrom(queue: readonly CacheEvent[], start: number): number {
    const parts: Uint8Array[] = [];
    let size = 0;
    let at = start;
    for (; at < queue.length && size < CHUNK_BYTES; at += 1) {
      const event = queue[at];
      const bytes = event === undefined ? null : this.encode(event);
      if (bytes === null) continue;
      parts.push(bytes);
      size += bytes.length;
    }
    const [first] = parts;
    if (first !== undefined) {
      this.options.sink.write(parts.length === 1 ? first : Buffer.concat(parts));
    }
    return at;
  }

  /** Sends the present state, in chunks, and waits for the connection whenever it has enough. */
  private async open(): Promise<void> {
    const { sink, initial, encoder, initialBookmark, revision } = this.options;
    let parts: Uint8Array[] = [];
    let size = 0;
    for (const object of initial) {
      const bytes = encoder.added(object);
      parts.push(bytes);
      size += bytes.length;
      if (size < CHUNK_BYTES) continue;
      sink.write(Buffer.concat(parts));
      parts = [];
      size = 0;
      if (sink.bufferedBytes > BUFFERED_BYTES_MAX) await sink.drained();
      else await nextTurn();
      if (this.isOver()) return;
    }
    if (initialBookmark) parts.push(encoder.bookmark(revision, true));
    if (parts.length > 0) sink.write(Buffer.concat(parts));
    if (this.isOver()) return;
    this.state = "live";
    this.flush();
  }

  /** Asked after a wait, during which everything may have happened. */
  private isOver(): boolean {
    return this.state === "over";
  }

  /** An object that leaves the selection is DELETED for this watcher, one that enters it ADDED. */
  private encode(event: CacheEvent): Uint8Array | null {
    const { selection, encoder } = this.options;
    this.sentRevision = event.revision;
    return encoder.change(event, selection);
  }

  private sendBookmark(): void {
    const { reached, encoder, sink } = this.options;
    this.bookmarkDue = false;
    this.sentRevision = Math.max(this.sentRevision, reached());
    sink.write(encoder.bookmark(this.sentRevision, false));
  }

  /**
   * A watch that ends because its time is up says how far it came, so that the next starts there.
   */
  private sendEnd(why: "timeout" | "reset" | StatusBody): void {
    const { sink, encoder } = this.options;
    if (typeof why !== "string") sink.write(encoder.error(why));
    else if (why === "reset") this.sendExpired();
    else if (this.options.bookmarks) this.sendBookmark();
    this.over();
  }

  private sendExpired(): void {
    const { encoder, sink } = this.options;
    sink.write(encoder.error(expired("the history of this watch is no longer kept")));
  }

  private scheduleBookmarks(): () => void {
    const { clock } = this.options;
    const due = (): void => {
      this.bookmarkDue = true;
      this.wantsFlush();
      cancel = clock.schedule(BOOKMARK_MS, due);
    };
    let cancel = clock.schedule(BOOKMARK_MS, due);
    return () => cancel();
  }

  /** A client that takes nothing does not keep the watch open either. */
  private end(why: "timeout" | "reset" | StatusBody): void {
    this.ending ??= why;
    if (this.state === "blocked" || this.state === "opening") this.over();
    else this.wantsFlush();
  }

  private over(error?: Error): void {
    if (this.state === "over") return;
    this.state = "over";
    this.queue = [];
    this.finish(error);
  }

  private wantsFlush(): void {
    if (this.state === "live") this.options.fanOut.add(this);
  }

  private block(): void {
    this.state = "blocked";
    void this.options.sink.drained().then(() => {
      if (this.state !== "blocked") return;
      this.state = "live";
      this.flush();
    });
  }
}
