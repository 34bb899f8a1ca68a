import { toApiFailure } from "../server/api-failure.js";
import type { CacheEvent, CachedObject, ResourceCache } from "../storage/resource-cache.js";
import type { ObjectEncoder } from "./encoder.js";
import type { EventSource, EventWatcher } from "./watch-session.js";

/** Events that wait to be converted at most: a watcher further behind is cut off. */
const PENDING_MAX = 5_000;

/**
 * The events of a resource for one watcher whose version a webhook makes: handed on in order, each
 * once it was converted. One that cannot be converted ends the watch with its failure.
 */
export class ConvertedEvents implements EventSource {
  private readonly source: ResourceCache;
  private readonly options: {
    readonly encoder: ObjectEncoder;
    readonly from: number;
    readonly reached: () => number;
  };
  private pending: CacheEvent[] = [];
  private handedOn: number;
  private isConverting = false;
  private isOver = false;

  /** `from`: the revision after which events are wanted. */
  constructor(source: ResourceCache, options: ConvertedEvents["options"]) {
    this.source = source;
    this.options = options;
    this.handedOn = options.from;
  }

  /** Up to which revision everything was handed on. */
  get reached(): number {
    return this.isConverting ? this.handedOn : Math.max(this.handedOn, this.options.reached());
  }

  reaches(revision: number): boolean {
    return this.source.reaches(revision);
  }

  /** Nothing is ready yet: what was before comes through `subscribe` too. */
  eventsAfter(): readonly CacheEvent[] {
    return [];
  }

  subscribe(watcher: EventWatcher): () => void {
    const take = (event: CacheEvent): void => {
      if (this.isOver) return;
      if (this.pending.length >= PENDING_MAX) {
        this.isOver = true;
        this.pending = [];
        return watcher.onReset();
      }
      this.pending.push(event);
      if (!this.isConverting) void this.convertAll(watcher);
    };
    for (const event of this.source.eventsAfter(this.options.from)) take(event);
    const unsubscribe = this.source.subscribe({
      interest: watcher.interest,
      onEvent: take,
      onReset: () => watcher.onReset(),
    });
    return () => {
      this.isOver = true;
      this.pending = [];
      unsubscribe();
    };
  }

  private async convertAll(watcher: EventWatcher): Promise<void> {
    this.isConverting = true;
    try {
      for (let event = this.pending.shift(); event !== undefined; event = this.pending.shift()) {
        const converted = await this.converted(event);
        if (this.isOver) return;
        watcher.onEvent(converted);
        this.handedOn = event.revision;
      }
    } catch (error) {
      if (!this.isOver) watcher.onFailure(toApiFailure(error).status);
    } finally {
      this.isConverting = false;
    }
  }

  private async converted(event: CacheEvent): Promise<CacheEvent> {
    const objects = [event.current, event.previous].filter(
      (object): object is CachedObject => object !== null,
    );
    const ready = [...(await this.options.encoder.inVersion(objects))];
    const current = event.current === null ? null : (ready.shift() ?? null);
    return { ...event, current, previous: ready.shift() ?? null };
  }
}
