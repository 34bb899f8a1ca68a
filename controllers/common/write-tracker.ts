import type { Clock } from "../../base/clock.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";

interface Written {
  readonly key: string;
  /** Null: it was deleted; "going": its deletion was asked for. */
  readonly resourceVersion: number | "going" | null;
  /** The cache had it before: that it lacks it now says that it is gone. */
  readonly known: boolean;
  readonly sinceMs: number;
}

/** A watch that is later than this has lost something: the cache is then believed. */
const EXPIRY_MS = 30_000;
/** When to look again at what the cache does not show yet, should no event bring it up. */
export const RECHECK_MS = 200;

/**
 * Remembers what a loop wrote until its cache shows it. A loop that makes objects under generated
 * names must not plan on a cache that lacks them, or it would make them again.
 */
export class WriteTracker {
  private readonly clock: Clock;
  private readonly byOwner = new Map<string, Map<string, Written>>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** The object was created or updated. */
  wrote(owner: string, key: string, object: KubernetesObject): void {
    const resourceVersion = Number(object.metadata.resourceVersion);
    this.note(owner, object.metadata.uid, { key, resourceVersion, known: false });
  }

  /** An object that the cache has was changed; it may be gone before the cache shows the change. */
  changed(owner: string, key: string, object: KubernetesObject): void {
    const resourceVersion = Number(object.metadata.resourceVersion);
    this.note(owner, object.metadata.uid, { key, resourceVersion, known: true });
  }

  /** The object was deleted. */
  deleted(owner: string, key: string, object: KubernetesObject): void {
    this.note(owner, object.metadata.uid, { key, resourceVersion: null, known: true });
  }

  /** The deletion of the object was asked for; it may stay for a while, and then says so. */
  going(owner: string, key: string, object: KubernetesObject): void {
    this.note(owner, object.metadata.uid, { key, resourceVersion: "going", known: true });
  }

  /** The cache heard that the object is gone, whoever deleted it. */
  gone(owner: string, object: KubernetesObject): void {
    this.byOwner.get(owner)?.delete(object.metadata.uid);
  }

  /** True while the cache lacks something that was written for this owner. */
  isStale(owner: string, cached: (key: string) => KubernetesObject | undefined): boolean {
    const writes = this.byOwner.get(owner);
    if (writes === undefined) return false;
    for (const [uid, written] of writes) {
      const seen = isSeen(cached(written.key), uid, written);
      if (seen || this.clock.monotonicMs() - written.sinceMs > EXPIRY_MS) writes.delete(uid);
    }
    if (writes.size > 0) return true;
    this.byOwner.delete(owner);
    return false;
  }

  /** The owner is gone. */
  forget(owner: string): void {
    this.byOwner.delete(owner);
  }

  private note(owner: string, uid: string, written: Omit<Written, "sinceMs">): void {
    const writes = this.byOwner.get(owner) ?? new Map<string, Written>();
    writes.set(uid, { ...written, sinceMs: this.clock.monotonicMs() });
    this.byOwner.set(owner, writes);
  }
}

function isSeen(cached: KubernetesObject | undefined, uid: string, written: Written): boolean {
  const isThere = cached !== undefined && cached.metadata.uid === uid;
  if (written.resourceVersion === null) return !isThere;
  if (written.resourceVersion === "going")
    return !isThere || cached.metadata.deletionTimestamp !== undefined;
  if (!isThere && written.known) return true;
  return isThere && Number(cached.metadata.resourceVersion) >= written.resourceVersion;
}
