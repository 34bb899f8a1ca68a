import { assert } from "../../base/assert.js";
import type { Clock } from "../../base/clock.js";
import { hasCode } from "../../base/errors.js";
import type { Logger } from "../../base/logger.js";
import type { KeyValue, Store, WatchBatch, WatchEvent } from "../../consensus/consensus.js";
import { pause } from "../server/waiting.js";
import {
  REGISTRY_PREFIX,
  type ResourceId,
  parseObjectKey,
  prefixEnd,
  qualifiedResource,
} from "./keys.js";
import { type CachedObject, ResourceCache, type SelectorFields } from "./resource-cache.js";

/** A resource to keep in the cache, and how its selectors read an object. */
export interface CachedResource {
  readonly id: ResourceId;
  /** A selectable field with many values that watchers pin, such as `spec.nodeName`; null: none. */
  readonly indexField: string | null;
  /**
   * Reads labels and selectable fields from stored bytes. Bytes come from the store: they parse.
   */
  readonly readFields: (value: Buffer) => SelectorFields;
}

export interface WatchCacheDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How a resource is kept that was not named at the start: one of a custom kind. */
  readonly custom: (id: ResourceId) => CachedResource;
}

/**
 * How many revisions of history are read again after a start, so that watches of before can go on.
 */
const REPLAY_REVISIONS_MAX = 20_000;
const RANGE_PAGE = 2_000;
const RETRY_MS_MIN = 20;
const RETRY_MS_MAX = 1_000;

/**
 * Everything in the store, so that every revision is seen and the cache knows how current it is.
 */
const ALL_KEYS = { key: Buffer.from([0]), rangeEnd: Buffer.from([0xff]) };

/**
 * Keeps every served resource in memory, from one watch of the store. Reads ask for a revision,
 * wait until the cache has it, and then look at ResourceCache synchronously.
 */
export class WatchCache {
  private readonly deps: WatchCacheDeps;
  private readonly caches = new Map<string, ResourceCache>();
  private readonly resources = new Map<string, CachedResource>();
  private readonly waiting = new Set<Waiter>();
  private currentRevision = 0;
  private filled = false;
  /** Events of revisions above this one were seen, whatever they were about. */
  private seenFrom = 0;

  constructor(resources: readonly CachedResource[], deps: WatchCacheDeps) {
    this.deps = deps;
    for (const resource of resources) {
      const name = qualifiedResource(resource.id);
      this.resources.set(name, resource);
      this.caches.set(name, new ResourceCache(resource.id, resource));
    }
  }

  /** Everything up to this revision of the store is in the cache. */
  get revision(): number {
    return this.currentRevision;
  }

  /** False until the first fill, and while a lost history is read again. */
  get ready(): boolean {
    return this.filled;
  }

  of(id: ResourceId): ResourceCache {
    const cache = this.known(qualifiedResource(id));
    assert(cache !== undefined, `no cache for ${qualifiedResource(id)}`);
    return cache;
  }

  all(): Iterable<ResourceCache> {
    return this.caches.values();
  }

  /**
   * Reads a pair of the store as the cache would. Null (and a log line) for a value that no API
   * server wrote: one bad record must not stop the others.
   */
  toObject(id: ResourceId, kv: KeyValue): CachedObject | null {
    const key = kv.key.toString("latin1");
    const parsed = parseObjectKey(key);
    const name = qualifiedResource(id);
    this.known(name);
    const resource = this.resources.get(name);
    if (parsed === null || resource === undefined) return null;
    const value = ownBytes(kv.value);
    const { namespace } = parsed;
    try {
      const { labels, fields } = resource.readFields(value);
      return { key, namespace, name: parsed.name, value, revision: kv.modRevision, labels, fields };
    } catch (error) {
      this.deps.logger.error("an object in the store cannot be read", { key, error });
      return null;
    }
  }

  /** Resolves true when the cache has `revision`, false when `signal` aborted first. */
  waitFor(revision: number, signal: AbortSignal): Promise<boolean> {
    if (this.filled && this.currentRevision >= revision) return Promise.resolve(true);
    if (signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const waiter: Waiter = {
        revision,
        done: (reached) => {
          this.waiting.delete(waiter);
          signal.removeEventListener("abort", waiter.abort);
          resolve(reached);
        },
        abort: () => waiter.done(false),
      };
      signal.addEventListener("abort", waiter.abort);
      this.waiting.add(waiter);
    });
  }

  /** Forgets events up to and including `revision`, in every resource. */
  trimWindows(revision: number): void {
    for (const cache of this.caches.values()) cache.trimWindow(revision);
  }

  /**
   * Fills the cache and follows the store until `signal` aborts; a lost store is asked again, with
   * growing pauses.
   */
  async run(signal: AbortSignal): Promise<void> {
    let pauseMs = RETRY_MS_MIN;
    while (!signal.aborted) {
      const before = this.currentRevision;
      try {
        if (!this.filled) await this.fill();
        await this.follow(signal);
      } catch (error) {
        if (signal.aborted) return;
        if (hasCode(error, "Compacted") || hasCode(error, "FutureRevision")) this.filled = false;
        this.deps.logger.warn("the watch of the store ended, starting it again", { error });
      }
      pauseMs = this.currentRevision > before ? RETRY_MS_MIN : Math.min(RETRY_MS_MAX, pauseMs * 2);
      await pause(this.deps.clock, pauseMs, signal);
    }
  }

  private follow(signal: AbortSignal): Promise<void> {
    return this.deps.store.watch(
      { ...ALL_KEYS, fromRevision: this.currentRevision + 1 },
      { signal, onBatch: (batch) => this.takeIn(batch) },
    );
  }

  /**
   * Reads the state at an old revision that history still reaches, so that following from there
   * also fills the event windows: watches that began before this process did can go on.
   */
  private async fill(): Promise<void> {
    const { compactRevision, revision } = await this.deps.store.status();
    const startRevision = Math.max(compactRevision, revision - REPLAY_REVISIONS_MAX, 1);
    this.seenFrom = startRevision;
    for (const name of await this.resourceNames(startRevision)) this.known(name);
    for (const cache of this.caches.values()) {
      cache.reset(await this.readAll(cache, startRevision), startRevision);
    }
    this.currentRevision = startRevision;
    await this.catchUp(revision);
    this.filled = true;
    this.wake();
  }

  /** Takes in history up to `revision` before anybody is served. */
  private async catchUp(revision: number): Promise<void> {
    if (this.currentRevision >= revision) return;
    const reached = new AbortController();
    const onBatch = (batch: WatchBatch): void => {
      this.takeIn(batch);
      if (this.currentRevision >= revision) reached.abort();
    };
    const fromRevision = this.currentRevision + 1;
    await this.deps.store.watch({ ...ALL_KEYS, fromRevision }, { signal: reached.signal, onBatch });
  }

  private async readAll({ id, prefix }: ResourceCache, revision: number): Promise<CachedObject[]> {
    const objects: CachedObject[] = [];
    const rangeEnd = prefixEnd(prefix);
    let key = Buffer.from(prefix);
    for (;;) {
      const page = await this.deps.store.range({ key, rangeEnd, revision, limit: RANGE_PAGE });
      for (const kv of page.kvs) {
        const object = this.toObject(id, kv);
        if (object !== null) objects.push(object);
      }
      const last = page.kvs.at(-1);
      if (!page.more || last === undefined) return objects;
      key = Buffer.concat([last.key, Buffer.from([0])]);
    }
  }

  /** The resources of which there are objects: one question for each. */
  private async resourceNames(revision: number): Promise<string[]> {
    const names: string[] = [];
    const rangeEnd = prefixEnd(REGISTRY_PREFIX);
    let key: Buffer = Buffer.from(REGISTRY_PREFIX);
    for (;;) {
      const [kv] = (await this.deps.store.range({ key, rangeEnd, revision, limit: 1 })).kvs;
      if (kv === undefined) return names;
      const text = kv.key.toString("latin1").slice(REGISTRY_PREFIX.length);
      const name = text.slice(0, Math.max(0, text.indexOf("/")));
      if (name === "") return names;
      names.push(name);
      key = prefixEnd(`${REGISTRY_PREFIX}${name}/`);
    }
  }

  /**
   * The cache of a resource by its qualified name. One of a custom kind is made when it is first
   * asked for or seen, for nobody named it at the start.
   */
  private known(name: string): ResourceCache | undefined {
    const cache = this.caches.get(name);
    const dot = name.indexOf(".");
    if (cache !== undefined || dot <= 0) return cache;
    const id = { resource: name.slice(0, dot), group: name.slice(dot + 1) };
    const resource = this.deps.custom(id);
    const made = new ResourceCache(id, resource);
    made.reset([], this.seenFrom);
    this.resources.set(name, resource);
    this.caches.set(name, made);
    return made;
  }

  private takeIn(batch: WatchBatch): void {
    for (const event of batch.events) this.takeInEvent(event);
    if (batch.revision <= this.currentRevision) return;
    this.currentRevision = batch.revision;
    this.wake();
  }

  private takeInEvent(event: WatchEvent): void {
    // A watch that was resumed by the store's client may repeat what was already taken in.
    if (event.kv.modRevision <= this.currentRevision) return;
    const key = event.kv.key.toString("latin1");
    const name = parseObjectKey(key)?.resource;
    const cache = name === undefined ? undefined : this.known(name);
    if (cache === undefined) return;
    const current = event.type === "put" ? this.toObject(cache.id, event.kv) : null;
    cache.apply(key, current, event.kv.modRevision);
  }

  private wake(): void {
    if (!this.filled) return;
    for (const waiter of this.waiting) {
      if (waiter.revision <= this.currentRevision) waiter.done(true);
    }
  }
}

interface Waiter {
  readonly revision: number;
  readonly done: (reached: boolean) => void;
  readonly abort: () => void;
}

/** A value cut out of a larger message would keep all of it alive: such a value is copied. */
function ownBytes(value: Buffer): Buffer {
  return value.buffer.byteLength <= value.length + 64 ? value : Buffer.from(value);
}
