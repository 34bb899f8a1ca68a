import { assert, present } from "../../base/assert.js";
import type { KubernetesObject } from "../schema/wire-types.js";
import { keyOf, type ObjectKey } from "./object-key.js";

/** The values under which an object is found in an index; none: it is not in it. */
export type IndexFunction<T> = (object: T) => readonly string[];

/**
 * Objects of one resource as last heard of. Read-only for everybody but the informer that fills it.
 */
export interface Lister<T> {
  readonly size: number;
  /** Undefined: not there. */
  get(key: ObjectKey): T | undefined;
  /** All objects, in no particular order. */
  values(): IterableIterator<T>;
  keys(): IterableIterator<ObjectKey>;
  /** The objects that the index files under `value`; the cost is that of the answer. */
  byIndex(index: string, value: string): readonly T[];
  /** How many objects byIndex would give. */
  countByIndex(index: string, value: string): number;
}

/** A map of objects with secondary indexes kept in step. */
export class Indexer<T extends KubernetesObject> implements Lister<T> {
  private readonly objects = new Map<ObjectKey, T>();
  private readonly functions = new Map<string, IndexFunction<T>>();
  /**
   * Invariant: holds exactly the keys whose object the index function files under the value; no
   * empty set.
   */
  private readonly buckets = new Map<string, Map<string, Set<ObjectKey>>>();

  get size(): number {
    return this.objects.size;
  }

  get(key: ObjectKey): T | undefined {
    return this.objects.get(key);
  }

  values(): IterableIterator<T> {
    return this.objects.values();
  }

  keys(): IterableIterator<ObjectKey> {
    return this.objects.keys();
  }

  byIndex(index: string, value: string): readonly T[] {
    const keys = present(this.buckets.get(index), `index ${index}`).get(value);
    if (keys === undefined) return [];
    return Array.from(keys, (key) => present(this.objects.get(key), `indexed object ${key}`));
  }

  countByIndex(index: string, value: string): number {
    return present(this.buckets.get(index), `index ${index}`).get(value)?.size ?? 0;
  }

  /** Adds an index; the same name may be added again with the same function. */
  addIndex(name: string, indexOf: IndexFunction<T>): void {
    const known = this.functions.get(name);
    if (known !== undefined) {
      assert(known === indexOf, `two functions for the index ${name}`);
      return;
    }
    this.functions.set(name, indexOf);
    this.buckets.set(name, new Map());
    for (const [key, object] of this.objects) this.file(name, key, object);
  }

  /** Stores the object and returns the one that was there before. */
  set(object: T): T | undefined {
    const key = keyOf(object);
    const old = this.objects.get(key);
    this.objects.set(key, object);
    for (const [name, indexOf] of this.functions) {
      if (old !== undefined) {
        if (sameValues(indexOf(old), indexOf(object))) continue;
        this.unfile(name, key, old);
      }
      this.file(name, key, object);
    }
    return old;
  }

  /** Removes the object and returns it; undefined when it was not there. */
  delete(key: ObjectKey): T | undefined {
    const old = this.objects.get(key);
    if (old === undefined) return undefined;
    this.objects.delete(key);
    for (const name of this.functions.keys()) this.unfile(name, key, old);
    return old;
  }

  private file(name: string, key: ObjectKey, object: T): void {
    const index = present(this.buckets.get(name), `index ${name}`);
    for (const value of present(this.functions.get(name), name)(object)) {
      const keys = index.get(value);
      if (keys === undefined) index.set(value, new Set([key]));
      else keys.add(key);
    }
  }

  private unfile(name: string, key: ObjectKey, object: T): void {
    const index = present(this.buckets.get(name), `index ${name}`);
    for (const value of present(this.functions.get(name), name)(object)) {
      const keys = index.get(value);
      keys?.delete(key);
      if (keys?.size === 0) index.delete(value);
    }
  }
}

function sameValues(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

/** Name of the index by namespace. */
export const BY_NAMESPACE = "namespace";
/** Files objects under their namespace. */
export const byNamespace = (object: KubernetesObject): readonly string[] =>
  object.metadata.namespace === undefined ? [] : [object.metadata.namespace];

/** Name of the index by the uid of every owner. */
export const BY_OWNER_UID = "ownerUid";
/** Files objects under the uid of each of their owners. */
export const byOwnerUid = (object: KubernetesObject): readonly string[] =>
  (object.metadata.ownerReferences ?? []).map((owner) => owner.uid);

/** Name of the index by the uid of the one owner that controls the object. */
export const BY_CONTROLLER_UID = "controllerUid";
/**
 * Files objects under the uid of their controller; those without one under `namespace/`, as orphans
 * of it.
 */
export const byControllerUid = (object: KubernetesObject): readonly string[] => {
  const owner = (object.metadata.ownerReferences ?? []).find((ref) => ref.controller === true);
  return [owner === undefined ? orphansOf(object.metadata.namespace) : owner.uid];
};
/**
 * The value under which BY_CONTROLLER_UID files the objects of a namespace that nobody controls.
 */
export function orphansOf(namespace: string | undefined): string {
  return `${namespace ?? ""}/`;
}

/** Name of the index by node. */
export const BY_NODE = "nodeName";
/** Files pods under the node they are bound to; those without one under "". */
export const byNode = (pod: {
  readonly spec: { readonly nodeName?: string };
}): readonly string[] => [pod.spec.nodeName ?? ""];

/** Name of the index by label. */
export const BY_LABEL = "label";
/** Files objects under each of their labels, as `namespace/key=value`; see labelValue. */
export const byLabel = (object: KubernetesObject): readonly string[] =>
  Object.entries(object.metadata.labels ?? {}).map(([key, value]) =>
    labelValue(object.metadata.namespace, key, value),
  );
/** The value under which BY_LABEL files an object with this label. */
export function labelValue(namespace: string | undefined, key: string, value: string): string {
  return `${namespace ?? ""}/${key}=${value}`;
}
