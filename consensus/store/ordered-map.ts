/** One change; a missing value deletes. */
export interface MapWrite {
  readonly key: Buffer;
  readonly value: Buffer | null;
}

export interface MapRange {
  /** Included. */
  readonly from: Buffer;
  /** Excluded. */
  readonly end: Buffer;
  /** At most so many pairs … */
  readonly limit: number;
  /** … and no further pair once those found are so large; see isWhole. */
  readonly limitBytes: number;
}

export type MapPair = readonly [key: Buffer, value: Buffer];

/** The map as it was at one moment. */
export interface MapView {
  scan(range: MapRange): Promise<MapPair[]>;
  close(): Promise<void>;
}

/** An ordered map from bytes to bytes: LevelDB, or its twin in memory. Keys are in byte order. */
export interface OrderedMap {
  get(key: Buffer): Buffer | undefined;
  /** All or nothing; reads see it once it resolves. Not durable by itself. */
  write(batch: readonly MapWrite[]): Promise<void>;
  scan(range: MapRange): Promise<MapPair[]>;
  view(): MapView;
  /** About, on the disk. */
  sizeBytes(): Promise<number>;
  close(): Promise<void>;
}

/** True when a scan reached the end of its range, and not one of its limits. */
export function isWhole(pairs: readonly MapPair[], range: MapRange): boolean {
  return pairs.length < range.limit && sizeOfPairs(pairs) < range.limitBytes;
}

export function sizeOfPairs(pairs: readonly MapPair[]): number {
  let size = 0;
  for (const [key, value] of pairs) size += key.length + value.length;
  return size;
}
