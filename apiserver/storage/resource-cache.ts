import { assert } from "../../base/assert.js";
import type { ObjectName, ResourceId } from "./keys.js";
import { resourcePrefix } from "./keys.js";
import { SortedObjects } from "./sorted-objects.js";

/** What selectors may look at; read from an object's bytes once, when it enters the cache. */
export interface SelectorFields {
  readonly labels: Readonly<Record<string, string>>;
  /** Beyond metadata.name and metadata.namespace; `spec.nodeName` → "node-1". */
  readonly fields: Readonly<Record<string, string>>;
}

export interface CachedObject extends SelectorFields, ObjectName {
  /** The store's key. */
  readonly key: string;
  /** As stored, resourceVersion included. Never changed. */
  readonly value: Buffer;
  /** The revision that wrote it: its resourceVersion. */
  readonly revision: number;
}

/** One change. `previous` is null for a creation, `current` for a deletion; never both. */
export interface CacheEvent {
  readonly revision: number;
  readonly current: CachedObject | null;
  readonly previous: CachedObject | null;
}

/**
 * Which events a watcher wants to be asked about: a coarse filter that finds watchers without
 * asking each.
 */
export interface WatchInterest {
  /** "" for all namespaces. */
  readonly namespace: string;
  /** "" for all names. */
  readonly name: string;
  /** Value of the indexed field, or null when the selector does not pin it. */
  readonly indexed: string | null;
}

export interface CacheWatcher {
  readonly interest: WatchInterest;
  /**
   * Called in the order of revisions. Must neither throw nor change the set of watchers
   * synchronously.
   */
  onEvent(event: CacheEvent): void;
  /** The cache was rebuilt and lost its history: the watch cannot go on. */
  onReset(): void;
}

/** Limits of the event window: the older half goes when one is passed. */
const WINDOW_EVENTS_MAX = 65_536;
const WINDOW_BYTES_MAX = 64 * 1024 * 1024;

/**
 * All objects of one resource at one revision, and the events that led there. Synchronous: whoever
 * holds a result of one call holds a consistent view. Fed by WatchCache alone.
 */
export class ResourceCache {
  readonly id: ResourceId;
  readonly prefix: string;
  /** The selectable field by which objects and watchers are found; null: none. */
  readonly indexField: string | null;
  private readonly objects = new Map<string, CachedObject>();
  private readonly sorted = new SortedObjects<CachedObject>();
  private readonly byIndex = new Map<string, Set<string>>();
  private readonly watchers = new WatcherIndex();
  private window: CacheEvent[] = [];
  private windowBytes = 0;
  /** Invariant: every event with a revision above this is in the window. */
  private windowStart = 0;
  private lastRevision = 0;

  constructor(id: ResourceId, options: { indexField: string | null }) {
    this.id = id;
    this.prefix = resourcePrefix(id);
    this.indexField = options.indexField;
  }

  get size(): number {
    return this.objects.size;
  }

  get watcherCount(): number {
    return this.watchers.size;
  }

  /**
   * The revision of the newest event; the content is the same at every revision from here to the
   * cache's own.
   */
  get contentRevision(): number {
    return this.lastRevision;
  }

  get(key: string): CachedObject | undefined {
    return this.objects.get(key);
  }

  /**
   * The objects whose keys are at or after `start`, in key order, as an array of its own. With a
   * namespace: of that namespace; with an indexed value: only those, found without looking at the
   * others.
   */
  list(scope: { namespace: string; indexed: string | null; start?: string }): CachedObject[] {
    const prefix = resourcePrefix(this.id, scope.namespace);
    if (scope.indexed === null) return this.sorted.withPrefix(prefix, scope.start);
    const { start = prefix } = scope;
    const keys = [...(this.byIndex.get(scope.indexed) ?? [])].filter(
      (key) => key.startsWith(prefix) && key >= start,
    );
    return keys.sort().map((key) => {
      const object = this.objects.get(key);
      assert(object !== undefined, `cache lost ${key}`);
      return object;
    });
  }

  /** Events after this revision are known. */
  get oldestRevision(): number {
    return this.windowStart;
  }

  /** True when the window still holds every event after `revision`. */
  reaches(revision: number): boolean {
    return revision >= this.windowStart;
  }

  /** Events after `revision`, oldest first. `reaches(revision)` must hold. */
  eventsAfter(revision: number): readonly CacheEvent[] {
    assert(this.reaches(revision), `events after ${revision} are gone`);
    return this.window.slice(firstAfter(this.window, revision));
  }

  /** Takes part from the next event on; the returned function ends it. */
  subscribe(watcher: CacheWatcher): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  /** Replaces everything: the state at `revision`, with no history before it. */
  reset(objects: Iterable<CachedObject>, revision: number): void {
    this.objects.clear();
    this.byIndex.clear();
    this.window = [];
    this.windowBytes = 0;
    this.windowStart = revision;
    this.lastRevision = 0;
    for (const object of objects) {
      this.objects.set(object.key, object);
      this.index(object);
      this.lastRevision = Math.max(this.lastRevision, object.revision);
    }
    this.sorted.reset([...this.objects.values()]);
    this.watchers.reset();
  }

  /** Takes in one change; `current` null deletes. A deletion of an unknown key is not an event. */
  apply(key: string, current: CachedObject | null, revision: number): void {
    const previous = this.objects.get(key) ?? null;
    if (current === null && previous === null) return;
    if (previous !== null) this.unindex(previous);
    if (current === null) {
      this.objects.delete(key);
      this.sorted.delete(key);
    } else {
      this.objects.set(key, current);
      this.index(current);
      if (previous === null) this.sorted.add(current);
      else this.sorted.replace(current);
    }
    this.lastRevision = revision;
    const event: CacheEvent = { revision, current, previous };
    this.remember(event);
    for (const watcher of this.watchers.interestedIn(event, this.indexField)) {
      watcher.onEvent(event);
    }
  }

  /** Forgets events up to and including `revision`. */
  trimWindow(revision: number): void {
    if (revision <= this.windowStart) return;
    this.dropFirst(firstAfter(this.window, revision));
    this.windowStart = revision;
  }

  private remember(event: CacheEvent): void {
    this.window.push(event);
    this.windowBytes += weightOf(event);
    if (this.window.length <= WINDOW_EVENTS_MAX && this.windowBytes <= WINDOW_BYTES_MAX) return;
    const half = this.window[this.window.length >> 1];
    if (half !== undefined) this.trimWindow(half.revision);
  }

  private dropFirst(count: number): void {
    for (const event of this.window.slice(0, count)) this.windowBytes -= weightOf(event);
    this.window = this.window.slice(count);
  }

  private index(object: CachedObject): void {
    if (this.indexField === null) return;
    const value = object.fields[this.indexField] ?? "";
    const keys = this.byIndex.get(value);
    if (keys === undefined) this.byIndex.set(value, new Set([object.key]));
    else keys.add(object.key);
  }

  private unindex(object: CachedObject): void {
    if (this.indexField === null) return;
    const value = object.fields[this.indexField] ?? "";
    const keys = this.byIndex.get(value);
    keys?.delete(object.key);
    if (keys?.size === 0) this.byIndex.delete(value);
  }
}

/**
 * What an event keeps alive: the object it replaced (the current one lives in the cache anyway).
 */
function weightOf(event: CacheEvent): number {
  return 256 + (event.previous?.value.length ?? 0);
}

/** Position of the first event with a revision above `revision`. */
function firstAfter(events: readonly CacheEvent[], revision: number): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((events[middle]?.revision ?? 0) <= revision) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Watchers by what they are interested in, so that a change of one object reaches the watchers that
 * may care, and costs nothing for the others: an agent per node watches pods by spec.nodeName.
 */
class WatcherIndex {
  private readonly buckets = new Map<string, Set<CacheWatcher>>();
  size = 0;

  add(watcher: CacheWatcher): void {
    const bucket = bucketOf(watcher.interest);
    const set = this.buckets.get(bucket);
    if (set === undefined) this.buckets.set(bucket, new Set([watcher]));
    else set.add(watcher);
    this.size += 1;
  }

  delete(watcher: CacheWatcher): void {
    const bucket = bucketOf(watcher.interest);
    const set = this.buckets.get(bucket);
    if (set?.delete(watcher) !== true) return;
    this.size -= 1;
    if (set.size === 0) this.buckets.delete(bucket);
  }

  reset(): void {
    const all = [...this.buckets.values()].flatMap((set) => [...set]);
    this.buckets.clear();
    this.size = 0;
    for (const watcher of all) watcher.onReset();
  }

  *interestedIn(event: CacheEvent, indexField: string | null): Iterable<CacheWatcher> {
    for (const bucket of bucketsOf(event, indexField)) {
      const set = this.buckets.get(bucket);
      if (set !== undefined) yield* set;
    }
  }
}

/** The narrowest bucket: one name, else one indexed value, else one namespace, else all. */
function bucketOf(interest: WatchInterest): string {
  if (interest.name !== "") return `n/${interest.namespace}/${interest.name}`;
  if (interest.indexed !== null) return `i/${interest.indexed}`;
  return interest.namespace === "" ? "a" : `s/${interest.namespace}`;
}

/**
 * Every bucket in which a watcher of this event may be; an object that moved is looked for in both
 * places.
 */
function bucketsOf(event: CacheEvent, indexField: string | null): Set<string> {
  const buckets = new Set<string>(["a"]);
  for (const object of [event.current, event.previous]) {
    if (object === null) continue;
    buckets.add(`n/${object.namespace}/${object.name}`).add(`n//${object.name}`);
    if (object.namespace !== "") buckets.add(`s/${object.namespace}`);
    if (indexField !== null) buckets.add(`i/${object.fields[indexField] ?? ""}`);
  }
  return buckets;
}
