import { assert } from "../../base/assert.js";
import type { Clock } from "../../base/clock.js";
import { Heap } from "../../base/heap.js";
import { type BackoffLimits, RetryRateLimiter, TokenBucket } from "./rate-limiter.js";

/** Told of what happens in a queue, in the words of Kubernetes' workqueue_* metrics. */
export interface WorkQueueMetrics {
  added(): void;
  depth(waiting: number): void;
  /** A key was handed out after it waited so long. */
  started(waitedMs: number): void;
  done(workedMs: number): void;
  retried(): void;
  /** Called once, by the queue: where to ask how long consumers have had their keys by now. */
  follow(work: WorkInProgress): void;
}

/** What consumers have in their hands, in milliseconds. */
export interface WorkInProgress {
  /** The time that all keys together have been worked on. */
  unfinishedMs(): number;
  /** The time of the key that is worked on longest. */
  longestMs(): number;
}

/** How a queue treats failures; see RetryRateLimiter. */
export interface WorkQueueOptions {
  /** Default 5 ms, doubling up to 60 s. */
  readonly backoff?: BackoffLimits;
  /** Retries of all keys together; default 10 a second after a burst of 100. */
  readonly retries?: { readonly burst: number; readonly perSecond: number };
  readonly metrics?: WorkQueueMetrics;
}

const BACKOFF: BackoffLimits = { firstMs: 5, maxMs: 60_000 };
const RETRIES = { burst: 100, perSecond: 10 };

/**
 * A queue of keys, in client-go's four words: *fair* (first in, first out), *stingy* (a key added
 * again before it is worked on is worked on once; one added while it is worked on is worked on
 * again afterwards), for *many producers and consumers* (no key is ever with two consumers), and
 * with a *shutdown*.
 *
 * Bounded by the number of distinct keys.
 */
export class WorkQueue<K extends string> {
  /** Handed out in this order. Invariant: every key here is dirty and not in processing. */
  private queue: K[] = [];
  private head = 0;
  /** What needs work, with the time since when. */
  private readonly dirty = new Map<K, number>();
  /** What a consumer has now, with the time since when. A key may be dirty at the same time. */
  private readonly processing = new Map<K, number>();
  private readonly getters: ((key: K | null) => void)[] = [];
  private readonly clock: Clock;
  private readonly limiter: RetryRateLimiter;
  private readonly metrics: WorkQueueMetrics | null;
  private readonly delayed: DelayedKeys<K>;
  private shuttingDown = false;
  private drained: (() => void)[] = [];

  constructor(clock: Clock, options: WorkQueueOptions = {}) {
    this.clock = clock;
    this.metrics = options.metrics ?? null;
    this.metrics?.follow({
      unfinishedMs: () => this.workTimes().reduce((sum, ms) => sum + ms, 0),
      longestMs: () => Math.max(0, ...this.workTimes()),
    });
    const bucket = new TokenBucket(clock, options.retries ?? RETRIES);
    this.limiter = new RetryRateLimiter(options.backoff ?? BACKOFF, bucket);
    this.delayed = new DelayedKeys(clock, (key) => this.add(key));
  }

  /** Keys waiting to be handed out, those with a delay left aside. */
  get size(): number {
    return this.queue.length - this.head;
  }

  /** Marks a key as in need of work. Does nothing once the queue is shut down. */
  add(key: K): void {
    if (this.shuttingDown || this.dirty.has(key)) return;
    this.metrics?.added();
    this.dirty.set(key, this.clock.monotonicMs());
    if (!this.processing.has(key)) this.offer(key);
  }

  /** Adds the key after a delay; of several delays for one key the earliest counts. */
  addAfter(key: K, delayMs: number): void {
    if (this.shuttingDown) return;
    if (delayMs <= 0) this.add(key);
    else this.delayed.add(key, delayMs);
  }

  /** Adds the key after a delay that grows with each failure since the last `forget`. */
  addRateLimited(key: K): void {
    this.metrics?.retried();
    this.addAfter(key, this.limiter.delayMs(key));
  }

  /** The key did well (or is given up): its next failure starts with the shortest delay. */
  forget(key: K): void {
    this.limiter.forget(key);
  }

  /** Failures of the key since the last `forget`. */
  failuresOf(key: K): number {
    return this.limiter.failuresOf(key);
  }

  /** The next key; null once the queue is shut down and empty. Hand the key back with `done`. */
  get(): Promise<K | null> {
    const key = this.poll();
    if (key !== undefined) return Promise.resolve(this.start(key));
    if (this.shuttingDown) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.getters.push(resolve);
    });
  }

  /** The consumer is through with the key, well or not. */
  done(key: K): void {
    const sinceMs = this.processing.get(key);
    assert(sinceMs !== undefined, `done(${key}) without get`);
    this.processing.delete(key);
    this.metrics?.done(this.clock.monotonicMs() - sinceMs);
    if (this.dirty.has(key)) this.offer(key);
    this.maybeDrained();
  }

  /** Takes no more keys; consumers get what is queued, then null. */
  shutDown(): void {
    this.shuttingDown = true;
    this.delayed.clear();
    for (const getter of this.getters.splice(0)) getter(null);
  }

  /** Shuts down and resolves when every key handed out or queued is done. */
  shutDownWithDrain(): Promise<void> {
    this.shutDown();
    return new Promise((resolve) => {
      this.drained.push(resolve);
      this.maybeDrained();
    });
  }

  private workTimes(): readonly number[] {
    const nowMs = this.clock.monotonicMs();
    return Array.from(this.processing.values(), (sinceMs) => nowMs - sinceMs);
  }

  private offer(key: K): void {
    const getter = this.getters.shift();
    if (getter !== undefined) return getter(this.start(key));
    this.queue.push(key);
    this.metrics?.depth(this.size);
  }

  private poll(): K | undefined {
    const key = this.queue[this.head];
    if (key === undefined) return undefined;
    this.head += 1;
    // Cut in blocks: the cost per key stays constant.
    if (this.head >= 1024 && this.head * 2 >= this.queue.length) {
      this.queue = this.queue.slice(this.head);
      this.head = 0;
    }
    this.metrics?.depth(this.size);
    return key;
  }

  private start(key: K): K {
    const sinceMs = this.dirty.get(key);
    assert(sinceMs !== undefined, `queued key ${key} is not dirty`);
    assert(!this.processing.has(key), `key ${key} would be with two consumers`);
    const nowMs = this.clock.monotonicMs();
    this.dirty.delete(key);
    this.processing.set(key, nowMs);
    this.metrics?.started(nowMs - sinceMs);
    return key;
  }

  private maybeDrained(): void {
    if (!this.shuttingDown || this.processing.size > 0 || this.size > 0) return;
    for (const resolve of this.drained.splice(0)) resolve();
  }
}

/** Keys that wait for their time, behind one timer. */
class DelayedKeys<K extends string> {
  private readonly clock: Clock;
  private readonly release: (key: K) => void;
  /** When each key is due; what the heap says beside it is out of date and skipped. */
  private readonly dueMs = new Map<K, number>();
  private readonly heap = new Heap<{ readonly key: K; readonly atMs: number }>(
    (a, b) => a.atMs < b.atMs,
  );
  private timerAtMs = Number.POSITIVE_INFINITY;
  private cancelTimer = (): void => {};

  constructor(clock: Clock, release: (key: K) => void) {
    this.clock = clock;
    this.release = release;
  }

  add(key: K, delayMs: number): void {
    const atMs = this.clock.monotonicMs() + delayMs;
    const known = this.dueMs.get(key);
    if (known !== undefined && known <= atMs) return;
    this.dueMs.set(key, atMs);
    this.heap.push({ key, atMs });
    this.arm();
  }

  clear(): void {
    this.cancelTimer();
    this.timerAtMs = Number.POSITIVE_INFINITY;
    this.dueMs.clear();
    while (this.heap.pop() !== undefined);
  }

  private arm(): void {
    const next = this.heap.peek();
    if (next === undefined || next.atMs >= this.timerAtMs) return;
    this.cancelTimer();
    this.timerAtMs = next.atMs;
    this.cancelTimer = this.clock.schedule(next.atMs - this.clock.monotonicMs(), () => this.fire());
  }

  private fire(): void {
    this.timerAtMs = Number.POSITIVE_INFINITY;
    // A timer may fire a fraction of a millisecond early.
    const nowMs = this.clock.monotonicMs() + 1;
    for (let next = this.heap.peek(); next !== undefined; next = this.heap.peek()) {
      if (next.atMs > nowMs) break;
      this.heap.pop();
      if (this.dueMs.get(next.key) !== next.atMs) continue;
      this.dueMs.delete(next.key);
      this.release(next.key);
    }
    this.arm();
  }
}
