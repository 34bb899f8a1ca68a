/** A store that a benchmark drives: ours, or the peer it is measured against. */
export interface BenchStore {
  readonly name: string;
  readonly version: string;
  put(key: Buffer, value: Buffer): Promise<void>;
  /** A linearizable read of one key. */
  get(key: Buffer): Promise<void>;
  /** A linearizable read of the keys from `from` to before `end`: so many there must be. */
  range(from: Buffer, end: Buffer, count: number): Promise<void>;
  /** If the first key exists: puts all keys and reads the first. Rejects when it does not. */
  transact(keys: readonly Buffer[], value: Buffer): Promise<void>;
  /**
   * Writes the key if it is still as of `modRevision` (0: not there); resolves with the revision it
   * then has. Rejects when it is another.
   */
  update(key: Buffer, modRevision: number, value: Buffer): Promise<number>;
  /** Follows a prefix from now on; calls with how many events came. */
  watch(prefix: Buffer, onEvents: (count: number) => void): Promise<void>;
  /** Ends the server too. */
  close(): Promise<void>;
}

/** The key after all that begin with `prefix`. */
export function prefixEnd(prefix: Buffer): Buffer {
  const end = Buffer.from(prefix);
  end[end.length - 1] = (end[end.length - 1] ?? 0) + 1;
  return end;
}
