/** Keys per chunk before it is split. */
const CHUNK_MAX = 512;
/**
 * Hash tables that the values are spread over. One table of a million keys stands still for a tenth
 * of a second when it grows; one of so many for less than a millisecond.
 */
const TABLES = 256;

/**
 * A map from strings, in the order of their code units. Lookups are a hash away, inserts touch one
 * small chunk.
 */
export class SortedMap<V> {
  /** Made when they are needed: most maps are small. */
  private readonly tables: (Map<string, V> | undefined)[] = [];
  private count = 0;
  /** Invariant: chunks are sorted, not empty, and follow each other in order. */
  private chunks: string[][] = [];

  get size(): number {
    return this.count;
  }

  get(key: string): V | undefined {
    return this.tables[tableOf(key)]?.get(key);
  }

  set(key: string, value: V): void {
    const number = tableOf(key);
    const table = this.tables[number] ?? this.addTable(number);
    const before = table.size;
    table.set(key, value);
    if (table.size === before) return;
    this.count += 1;
    const at = Math.max(0, this.chunkOf(key));
    const chunk = this.chunks[at];
    if (chunk === undefined) {
      this.chunks.push([key]);
      return;
    }
    chunk.splice(lowerBound(chunk, key), 0, key);
    if (chunk.length > CHUNK_MAX) this.chunks.splice(at + 1, 0, chunk.splice(CHUNK_MAX / 2));
  }

  delete(key: string): boolean {
    if (this.tables[tableOf(key)]?.delete(key) !== true) return false;
    this.count -= 1;
    const at = this.chunkOf(key);
    const chunk = this.chunks[at];
    chunk?.splice(lowerBound(chunk, key), 1);
    if (chunk?.length === 0) this.chunks.splice(at, 1);
    return true;
  }

  /**
   * Keys from `from` (included) to `end` (excluded; null: to the last), in order. The map must not
   * change meanwhile.
   */
  *range(from: string, end: string | null): Generator<[string, V]> {
    let at = Math.max(0, this.chunkOf(from));
    let offset = lowerBound(this.chunks[at] ?? [], from);
    for (; at < this.chunks.length; at += 1) {
      const chunk = this.chunks[at] as string[];
      for (; offset < chunk.length; offset += 1) {
        const key = chunk[offset] as string;
        if (end !== null && key >= end) return;
        yield [key, this.get(key) as V];
      }
      offset = 0;
    }
  }

  private addTable(number: number): Map<string, V> {
    const table = new Map<string, V>();
    while (this.tables.length < TABLES) this.tables.push(undefined);
    this.tables[number] = table;
    return table;
  }

  /** The last chunk that begins at or before `key`; -1 when all begin after it. */
  private chunkOf(key: string): number {
    let low = 0;
    let high = this.chunks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.chunks[middle]?.[0] as string) <= key) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/** Keys differ at their ends; this reads no more of them than that. */
function tableOf(key: string): number {
  const { length } = key;
  let hash = length;
  for (let at = Math.max(0, length - 6); at < length; at += 1)
    hash = Math.imul(hash, 31) + key.charCodeAt(at);
  return (hash ^ (hash >>> 8)) & (TABLES - 1);
}

/** Where `key` is or belongs in a sorted list. */
function lowerBound(sorted: readonly string[], key: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
