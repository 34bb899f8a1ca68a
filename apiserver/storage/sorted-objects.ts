/** What has a key that orders it. */
export interface Keyed {
  readonly key: string;
}

/**
 * Objects in the order of their keys, each key once. Made so that everything under a prefix is one
 * copy of an array: a list of many objects is then no work for each of them.
 */
export class SortedObjects<T extends Keyed> {
  private sorted: T[] = [];
  /** Not yet sorted in. Invariant: none has a key that is in `sorted`. */
  private added: T[] = [];

  /**
   * The key of `object` must not be there yet. Many additions between two reads are sorted at once.
   */
  add(object: T): void {
    this.added.push(object);
  }

  /** Puts `object` in the place of the one with its key, which must be there. */
  replace(object: T): void {
    this.settle();
    const at = lowerBound(this.sorted, object.key);
    if (this.sorted[at]?.key === object.key) this.sorted[at] = object;
  }

  delete(key: string): void {
    this.settle();
    const at = lowerBound(this.sorted, key);
    if (this.sorted[at]?.key === key) this.sorted.splice(at, 1);
  }

  reset(objects: readonly T[]): void {
    this.sorted = [...objects].sort(byKey);
    this.added = [];
  }

  /** The objects whose keys start with `prefix` (ASCII, not empty) and are not before `start`. */
  withPrefix(prefix: string, start = ""): T[] {
    this.settle();
    const from = start > prefix ? start : prefix;
    // U+FFFF sorts after every character that a key may hold.
    return this.sorted.slice(
      lowerBound(this.sorted, from),
      lowerBound(this.sorted, `${prefix}\uffff`),
    );
  }

  private settle(): void {
    if (this.added.length === 0) return;
    // A few are inserted where they belong; many are sorted in at once.
    if (this.added.length <= 16) {
      for (const object of this.added) {
        this.sorted.splice(lowerBound(this.sorted, object.key), 0, object);
      }
    } else {
      this.sorted = this.sorted.concat(this.added).sort(byKey);
    }
    this.added = [];
  }
}

function byKey(a: Keyed, b: Keyed): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

/** Position of the first object that is not before `key`. */
function lowerBound(sorted: readonly Keyed[], key: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.key ?? "") < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
