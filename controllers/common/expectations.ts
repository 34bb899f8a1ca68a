import type { Clock } from "../../base/clock.js";

interface Expected {
  creations: number;
  readonly deletions: Set<string>;
  readonly sinceMs: number;
}

/**
 * A watch that is later than this has lost something: the world is then taken as the cache shows
 * it.
 */
const EXPIRY_MS = 300_000;

/**
 * What a loop has written and its cache does not show yet. A loop that counts what it has in its
 * cache must not count before its own creations and deletions have arrived there, or it would
 * repeat them.
 */
export class Expectations {
  private readonly clock: Clock;
  private readonly byOwner = new Map<string, Expected>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** True when everything expected for this owner was seen, or when it has been too long. */
  satisfied(owner: string): boolean {
    const expected = this.byOwner.get(owner);
    if (expected === undefined) return true;
    if (expected.creations > 0 || expected.deletions.size > 0)
      return this.clock.monotonicMs() - expected.sinceMs > EXPIRY_MS;
    return true;
  }

  /**
   * To be called before the writes: their events may arrive before the answers. Replaces what was
   * expected.
   */
  expect(owner: string, creations: number, deletions: readonly string[] = []): void {
    const sinceMs = this.clock.monotonicMs();
    this.byOwner.set(owner, { creations, deletions: new Set(deletions), sinceMs });
  }

  /** A creation was seen, or failed and will not be. */
  creationSeen(owner: string, count = 1): void {
    const expected = this.byOwner.get(owner);
    if (expected !== undefined) expected.creations -= count;
  }

  /** The deletion of the object with this uid was seen, or failed and will not be. */
  deletionSeen(owner: string, uid: string): void {
    this.byOwner.get(owner)?.deletions.delete(uid);
  }

  /** The owner is gone. */
  forget(owner: string): void {
    this.byOwner.delete(owner);
  }
}
