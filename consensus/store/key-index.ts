import { assert } from "../../base/assert.js";
import { SetHash } from "./state-hash.js";
import { SortedMap } from "./sorted-map.js";

/** What is known of a key without reading its value. */
export interface KeyState {
  readonly modRevision: number;
  readonly createRevision: number;
  /** 0: the key is deleted; it stays until that revision is compacted. */
  readonly version: number;
  readonly lease: number;
  /** The checksum of its record, and how large that is on the disk. */
  readonly sum: number;
  readonly sizeBytes: number;
}

interface Slot {
  latest: KeyState;
  /**
   * Earlier revisions that are still kept, ascending; negative where the key was deleted. Null:
   * none.
   */
  earlier: number[] | null;
}

/** A version that compaction may remove once `at` is compacted. */
export interface Superseded {
  readonly at: number;
  readonly key: string;
  readonly revision: number;
  readonly sum: number;
  readonly sizeBytes: number;
}

/** Where a key's value is to be read. */
export interface KeyVersion {
  readonly key: string;
  readonly revision: number;
}

/**
 * All keys in order, each with the revisions that are kept. Keys are byte strings (latin1), so that
 * `<` is byte order.
 */
export class KeyIndex {
  private readonly slots = new SortedMap<Slot>();
  /** Oldest first, in the order in which they were superseded. */
  private superseded: Superseded[] = [];
  private supersededHead = 0;
  private storedBytes = 0;
  /** Of the latest version of every live key. */
  readonly hash = new SetHash();
  /** Of every version that is kept. */
  readonly storedHash = new SetHash();

  /** What all versions that are kept take up, about. */
  get sizeBytes(): number {
    return this.storedBytes;
  }

  get size(): number {
    return this.slots.size;
  }

  /** How many versions wait for a compaction. */
  get supersededCount(): number {
    return this.superseded.length - this.supersededHead;
  }

  /** The live state of a key; null when it does not exist. */
  get(key: string): KeyState | null {
    const latest = this.slots.get(key)?.latest;
    return latest === undefined || latest.version === 0 ? null : latest;
  }

  /** Takes in the next version of a key; revisions only grow. */
  put(key: string, state: KeyState): void {
    const slot = this.slots.get(key);
    this.storedBytes += state.sizeBytes;
    this.storedHash.add(state.sum, state.modRevision);
    if (state.version > 0) this.hash.add(state.sum, state.modRevision);
    if (slot === undefined) {
      this.slots.set(key, { latest: state, earlier: null });
    } else {
      const last = slot.latest;
      assert(state.modRevision > last.modRevision, `revision ${state.modRevision} goes back`);
      // A tombstone is queued already, when it was made.
      if (last.version > 0) this.supersede(key, last, state.modRevision);
      slot.earlier ??= [];
      slot.earlier.push(last.version > 0 ? last.modRevision : -last.modRevision);
      slot.latest = state;
    }
    if (state.version === 0) this.queue(key, state, state.modRevision);
  }

  private supersede(key: string, last: KeyState, at: number): void {
    this.hash.remove(last.sum, last.modRevision);
    this.queue(key, last, at);
  }

  private queue(key: string, { modRevision, sum, sizeBytes }: KeyState, at: number): void {
    this.superseded.push({ at, key, revision: modRevision, sum, sizeBytes });
  }

  /**
   * The revision at which the version visible at `revision` was written; 0 when the key did not
   * exist then.
   */
  visibleAt(key: string, revision: number): number {
    const slot = this.slots.get(key);
    return slot === undefined ? 0 : visible(slot, revision);
  }

  /**
   * Live keys of a range as of a revision, at most `max` of them from `from` on; `next` says where
   * to go on, null at the end.
   */
  slice(
    range: { readonly from: string; readonly end: string | null },
    { revision, max }: { revision: number; max: number },
  ): { readonly found: KeyVersion[]; readonly next: string | null } {
    const found: KeyVersion[] = [];
    let walked = 0;
    for (const [key, slot] of this.slots.range(range.from, range.end)) {
      if (walked === max) return { found, next: key };
      walked += 1;
      const at = visible(slot, revision);
      if (at > 0) found.push({ key, revision: at });
    }
    return { found, next: null };
  }

  /**
   * Forgets up to `max` versions that nobody can see at or after `compacted`; returns where they
   * are stored.
   */
  removeSuperseded(compacted: number, max: number): Superseded[] {
    const removed: Superseded[] = [];
    while (removed.length < max && this.supersededHead < this.superseded.length) {
      const next = this.superseded[this.supersededHead] as Superseded;
      if (next.at > compacted) break;
      this.supersededHead += 1;
      this.forget(next);
      removed.push(next);
    }
    if (this.supersededHead > 4096 && this.supersededHead * 2 > this.superseded.length) {
      this.superseded = this.superseded.slice(this.supersededHead);
      this.supersededHead = 0;
    }
    return removed;
  }

  private forget({ key, revision, sum, sizeBytes }: Superseded): void {
    this.storedBytes -= sizeBytes;
    this.storedHash.remove(sum, revision);
    const slot = this.slots.get(key);
    assert(slot !== undefined, "a superseded version has its key");
    if (slot.latest.modRevision === revision) {
      assert(
        slot.latest.version === 0,
        "the latest version is superseded only when it is a tombstone",
      );
      this.slots.delete(key);
      return;
    }
    // Versions of a key are superseded in the order in which they were made.
    const oldest = slot.earlier?.shift() ?? 0;
    assert(Math.abs(oldest) === revision, `revision ${revision} is not the oldest, ${oldest} is`);
    if (slot.earlier?.length === 0) slot.earlier = null;
  }
}

function visible(slot: Slot, revision: number): number {
  const { latest, earlier } = slot;
  if (latest.modRevision <= revision) return latest.version === 0 ? 0 : latest.modRevision;
  if (earlier === null) return 0;
  for (let i = earlier.length - 1; i >= 0; i -= 1) {
    const at = earlier[i] as number;
    if (Math.abs(at) <= revision) return Math.max(0, at);
  }
  return 0;
}
