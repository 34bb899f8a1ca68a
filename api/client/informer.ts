import type { KubernetesObject } from "../schema/wire-types.js";
import type { ResourceClient, ResourceType } from "./client-types.js";
import { deepFreeze } from "./deep-freeze.js";
import { Indexer, type IndexFunction, type Lister } from "./indexer.js";
import { keyOf, type ObjectKey } from "./object-key.js";
import {
  Reflector,
  type ReflectorDeps,
  type ReflectorOptions,
  type ReflectorSink,
} from "./reflector.js";
import { allowManyListeners } from "./waiting.js";

/**
 * Told of changes, synchronously and in the order of the watch; must be quick (put a key into a
 * queue) and not throw. The cache already holds the new state when a handler runs.
 */
export interface InformerHandler<T> {
  added?(object: T): void;
  /** Called for every event, also when nothing that matters to you changed. */
  updated?(object: T, old: T): void;
  /**
   * `finalStateUnknown`: the deletion was missed and noticed by a list; the object may be older
   * than its last state.
   */
  deleted?(object: T, finalStateUnknown: boolean): void;
}

/** Which objects, and how they are kept. */
export interface InformerOptions<T> extends ReflectorOptions {
  /**
   * Drops what nobody needs before the object is cached; must return the same object for the same
   * input state.
   */
  readonly transform?: (object: T) => T;
  /** Tests and development: a write to a cached object throws. */
  readonly freeze?: boolean;
}

/**
 * A local copy of a resource and the one place where its changes are heard. Shared: however many
 * loops look at a resource, it is listed and watched once.
 */
export class Informer<T extends KubernetesObject> {
  readonly type: ResourceType<T>;
  private readonly indexer = new Indexer<T>();
  private readonly handlers = new Set<InformerHandler<T>>();
  private readonly reflector: Reflector<T>;
  private readonly prepare: (object: T) => T;
  private synced = false;
  private syncWaiters: (() => void)[] = [];
  /** Keys that the list under way has not shown yet; null: no list is under way. */
  private unseen: Set<ObjectKey> | null = null;

  constructor(client: ResourceClient<T>, options: InformerOptions<T>, deps: ReflectorDeps) {
    this.type = client.type;
    const { transform, freeze = false, ...selection } = options;
    this.prepare = (object) => {
      const kept = transform === undefined ? object : transform(object);
      return freeze ? deepFreeze(kept) : kept;
    };
    this.reflector = new Reflector(client, this.sink(), { options: selection, deps });
  }

  /** The objects as last heard of. */
  get lister(): Lister<T> {
    return this.indexer;
  }

  /** True once the first list has been handed to all handlers. */
  get hasSynced(): boolean {
    return this.synced;
  }

  /** Adds an index to the lister; harmless when it is there. */
  addIndex(name: string, indexOf: IndexFunction<T>): void {
    this.indexer.addIndex(name, indexOf);
  }

  /**
   * Adds a handler; it hears of the objects already known as added, at once. The returned function
   * takes it away.
   */
  addHandler(handler: InformerHandler<T>): () => void {
    this.handlers.add(handler);
    for (const object of this.indexer.values()) handler.added?.(object);
    return () => {
      this.handlers.delete(handler);
    };
  }

  /** Resolves once synced, or when the signal aborts: false then. */
  whenSynced(signal: AbortSignal): Promise<boolean> {
    if (this.synced || signal.aborted) return Promise.resolve(this.synced);
    allowManyListeners(signal);
    return new Promise((resolve) => {
      const finish = (): void => {
        signal.removeEventListener("abort", finish);
        resolve(this.synced);
      };
      this.syncWaiters.push(finish);
      signal.addEventListener("abort", finish, { once: true });
    });
  }

  /** Lists and watches until the signal aborts. To be called once. */
  run(signal: AbortSignal): Promise<void> {
    return this.reflector.run(signal);
  }

  private sink(): ReflectorSink<T> {
    return {
      beginReplace: () => {
        this.unseen = new Set(this.indexer.keys());
      },
      replacePage: (items) => {
        for (const item of items) {
          this.unseen?.delete(keyOf(item));
          this.store(item);
        }
      },
      endReplace: () => {
        for (const key of this.unseen ?? []) this.remove(key, null);
        this.unseen = null;
        this.synced = true;
        for (const wake of this.syncWaiters) wake();
        this.syncWaiters = [];
      },
      apply: (event) => {
        if (event.type === "DELETED") this.remove(keyOf(event.object), event.object);
        else this.store(event.object);
      },
    };
  }

  private store(received: T): void {
    const old = this.indexer.get(keyOf(received));
    // A list repeats what is known: no news for anybody.
    if (old !== undefined && isSameState(old, received)) return;
    const object = this.prepare(received);
    this.indexer.set(object);
    if (old !== undefined && old.metadata.uid !== object.metadata.uid) {
      // Deleted and made anew while nobody watched: two objects, not one that changed.
      for (const handler of this.handlers) handler.deleted?.(old, true);
      for (const handler of this.handlers) handler.added?.(object);
      return;
    }
    for (const handler of this.handlers) {
      if (old === undefined) handler.added?.(object);
      else handler.updated?.(object, old);
    }
  }

  private remove(key: ObjectKey, last: T | null): void {
    const old = this.indexer.delete(key);
    if (old === undefined) return;
    const object = last === null ? old : this.prepare(last);
    for (const handler of this.handlers) handler.deleted?.(object, last === null);
  }
}

function isSameState(a: KubernetesObject, b: KubernetesObject): boolean {
  return (
    a.metadata.resourceVersion === b.metadata.resourceVersion && a.metadata.uid === b.metadata.uid
  );
}
