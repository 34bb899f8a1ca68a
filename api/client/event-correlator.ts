import type { Clock } from "../../base/clock.js";
import type { ObjectReference } from "../schema/types/core-v1.gen.js";
import { TokenBucket } from "./rate-limiter.js";

/** One thing that was noted about an object. */
export interface EventFacts {
  readonly regarding: ObjectReference;
  readonly component: string;
  readonly host: string;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

/** What is to be written: a new Event, or a higher count on one that was written before. */
export interface CorrelatedEvent {
  readonly facts: EventFacts;
  /** The message, or the one that stands for many similar events. */
  readonly message: string;
  readonly count: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /** Makes names unique within a millisecond. */
  readonly serial: number;
  /** Null: create it. */
  readonly written: { readonly name: string } | null;
  readonly key: string;
}

interface Seen {
  count: number;
  readonly firstMs: number;
  lastMs: number;
  name: string | null;
}

interface Similar {
  readonly messages: Set<string>;
  lastMs: number;
}

// client-go's figures (tools/record/events_cache.go).
const CACHE_LIMIT = 4096;
const SIMILAR_MAX = 10;
const SIMILAR_WINDOW_MS = 600_000;
const SPAM = { burst: 25, perSecond: 1 / 300 };

/**
 * Decides what becomes of an event: dropped as spam, counted, folded into one for many, or written.
 */
export class EventCorrelator {
  private readonly clock: Clock;
  private readonly seen = new LruMap<Seen>(CACHE_LIMIT);
  private readonly similar = new LruMap<Similar>(CACHE_LIMIT);
  private readonly spam = new LruMap<TokenBucket>(CACHE_LIMIT);
  private serial = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** `nowMs` is when it was noted. Null: drop it, its source has said enough about this object. */
  correlate(facts: EventFacts, nowMs: number): CorrelatedEvent | null {
    const about = keyOf(facts);
    const bucket = this.spam.get(about) ?? new TokenBucket(this.clock, SPAM);
    this.spam.set(about, bucket);
    if (!bucket.tryTake()) return null;
    const group = JSON.stringify([about, facts.type, facts.reason]);
    const combined = this.noteSimilar(group, facts.message, nowMs);
    const message = combined ? `(combined from similar events): ${facts.message}` : facts.message;
    // One that stands for many is known by its group, so that its message may go on changing.
    const key = combined ? group : JSON.stringify([group, facts.message]);
    const seen = this.seen.get(key) ?? { count: 0, firstMs: nowMs, lastMs: nowMs, name: null };
    seen.count += 1;
    seen.lastMs = nowMs;
    this.seen.set(key, seen);
    this.serial = (this.serial + 1) % 1_000_000;
    const { count, firstMs, name } = seen;
    const written = name === null ? null : { name };
    return { facts, message, count, firstMs, lastMs: nowMs, serial: this.serial, written, key };
  }

  /** The event is on the server under this name. */
  written(event: CorrelatedEvent, { name }: { name: string; resourceVersion: string }): void {
    const seen = this.seen.get(event.key);
    if (seen !== undefined) seen.name = name;
  }

  private noteSimilar(group: string, message: string, nowMs: number): boolean {
    const known = this.similar.get(group);
    const fresh = known !== undefined && nowMs - known.lastMs <= SIMILAR_WINDOW_MS;
    const similar = fresh ? known : { messages: new Set<string>(), lastMs: nowMs };
    similar.lastMs = nowMs;
    if (similar.messages.size < SIMILAR_MAX) similar.messages.add(message);
    this.similar.set(group, similar);
    return similar.messages.size >= SIMILAR_MAX;
  }
}

function keyOf({ component, host, regarding }: EventFacts): string {
  const { kind, namespace, name, uid, fieldPath } = regarding;
  return JSON.stringify([component, host, kind, namespace, name, uid, fieldPath]);
}

/** Forgets what was not asked for longest when it is full. */
class LruMap<V> {
  private readonly entries = new Map<string, V>();
  private readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  get(key: string): V | undefined {
    return this.entries.get(key);
  }

  set(key: string, value: V): void {
    this.entries.delete(key);
    this.entries.set(key, value);
    if (this.entries.size <= this.limit) return;
    for (const oldest of this.entries.keys()) {
      this.entries.delete(oldest);
      return;
    }
  }
}
