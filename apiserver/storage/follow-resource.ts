import type { CachedObject, ResourceCache } from "./resource-cache.js";

const EVERYTHING = { namespace: "", name: "", indexed: null };

/** Who wants to know of every object of a resource. */
export interface ResourceFollower {
  /** One object was created, changed (`previous` is the old one) or deleted (`current` null). */
  readonly onChange: (current: CachedObject | null, previous: CachedObject | null) => void;
}

/**
 * Hands on what is there and what changes. A rebuilt cache is compared with what was handed on
 * before.
 */
export function followResource(cache: ResourceCache, follower: ResourceFollower): void {
  const known = new Map<string, CachedObject>();
  const hand = (current: CachedObject | null, previous: CachedObject | null): void => {
    if (current !== null) known.set(current.key, current);
    else if (previous !== null) known.delete(previous.key);
    follower.onChange(current, previous);
  };
  const start = (): void => {
    const all = new Map(cache.list({ namespace: "", indexed: null }).map((it) => [it.key, it]));
    for (const [key, old] of known) if (!all.has(key)) hand(null, old);
    for (const [key, current] of all) {
      const old = known.get(key);
      if (old?.revision !== current.revision) hand(current, null);
    }
    cache.subscribe({
      interest: EVERYTHING,
      onEvent: ({ current, previous }) => hand(current, previous),
      // The set of watchers may not change while it is walked.
      onReset: () => queueMicrotask(start),
    });
  };
  start();
}
