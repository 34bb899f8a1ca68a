import { isPatchObject, member, type PatchValue, sameJson } from "./patch-json.js";

/**
 * True when two list elements are the same one: objects by the value of their merge key, everything
 * else (mergeKey null) by value.
 */
export function sameElement(a: PatchValue, b: PatchValue, mergeKey: string | null): boolean {
  if (mergeKey === null) return sameJson(a, b);
  if (!isPatchObject(a) || !isPatchObject(b)) return false;
  const key = member(a, mergeKey);
  return key !== undefined && sameJson(key, member(b, mergeKey));
}

/**
 * Puts a merged list in order: the elements that `wanted` names stand as there, the others as in
 * `live`, and where the two meet, `live` says who comes first as far as it knows both.
 */
export function orderElements(
  merged: readonly PatchValue[],
  wanted: readonly PatchValue[],
  { live, mergeKey }: { live: readonly PatchValue[]; mergeKey: string | null },
): PatchValue[] {
  const wantedIndex = new ElementIndex(wanted, mergeKey);
  const liveIndex = new ElementIndex(live, mergeKey);
  const named = merged.filter((item) => wantedIndex.of(item) >= 0);
  const others = merged.filter((item) => wantedIndex.of(item) < 0);
  const right = sortBy(named, wantedIndex);
  const left = sortBy(others, liveIndex);
  const out: PatchValue[] = [];
  let l = 0;
  let r = 0;
  while (l < left.length && r < right.length) {
    const [first, second] = [left[l] ?? null, right[r] ?? null];
    const [i, j] = [liveIndex.of(first), liveIndex.of(second)];
    if (i >= 0 && j >= 0 && i < j) {
      out.push(first);
      l += 1;
    } else {
      out.push(second);
      r += 1;
    }
  }
  return [...out, ...left.slice(l), ...right.slice(r)];
}

/** Finds the place of an element by its key, in constant time. */
class ElementIndex {
  private readonly places = new Map<string, number>();
  private readonly mergeKey: string | null;

  constructor(list: readonly PatchValue[], mergeKey: string | null) {
    this.mergeKey = mergeKey;
    list.forEach((item, place) => {
      const key = this.keyOf(item);
      if (key !== null && !this.places.has(key)) this.places.set(key, place);
    });
  }

  /** −1: not in the list. */
  of(item: PatchValue): number {
    const key = this.keyOf(item);
    return key === null ? -1 : (this.places.get(key) ?? -1);
  }

  private keyOf(item: PatchValue): string | null {
    if (this.mergeKey === null) return JSON.stringify(item);
    const key = isPatchObject(item) ? member(item, this.mergeKey) : undefined;
    return key === undefined ? null : JSON.stringify(key);
  }
}

/**
 * Stable; what the index does not know keeps its place relative to its neighbours by going last.
 */
function sortBy(items: readonly PatchValue[], index: ElementIndex): PatchValue[] {
  const rank = (item: PatchValue): number => {
    const place = index.of(item);
    return place < 0 ? Number.MAX_SAFE_INTEGER : place;
  };
  return [...items].sort((a, b) => rank(a) - rank(b));
}
