import { crc32 } from "node:zlib";
import { ByteReader, ByteWriter } from "../bytes.js";
import { ConsensusError } from "../consensus-errors.js";

/** The format of everything in LevelDB; another one is rebuilt from snapshot and log. */
export const STORE_VERSION = 1;

/** Keys in LevelDB begin with one of these; the batch marker is what makes a batch whole. */
export const PREFIX = {
  batch: 0x62, // b + applied index
  duplicates: 0x64, // d + applied index
  lease: 0x6c, // l + lease id
  member: 0x6d, // m + 0 (or the index at which it left) + member id
  record: 0x72, // r + revision + key
} as const;
export type Prefix = (typeof PREFIX)[keyof typeof PREFIX];

/** One version of one key; a tombstone has version 0 and no value. */
export interface StoreRecord {
  readonly createRevision: number;
  readonly version: number;
  readonly lease: number;
  readonly value: Buffer;
}

/** prefix, number (big-endian, so that order is numeric), and for a record the key. */
export function mapKey(prefix: Prefix, number: number, rest?: Buffer): Buffer {
  const writer = new ByteWriter(9 + (rest?.length ?? 0)).u8(prefix).u53(number);
  if (rest !== undefined) writer.raw(rest);
  return writer.finish();
}

/** The number in a key that mapKey made, and what follows it. */
export function parseMapKey(key: Buffer): { readonly number: number; readonly rest: Buffer } {
  const reader = new ByteReader(key, 1);
  return { number: reader.u53(), rest: reader.rest() };
}

/** The bytes with a checksum over themselves and the key they are stored under. */
export function seal(key: Buffer, content: ByteWriter): Buffer {
  const sum = crc32(content.finish(), crc32(key));
  return content.u32(sum).finish();
}

/**
 * The bytes that were sealed. Throws StoreCorrupt when they, or the key, are not what was written.
 */
export function unseal(key: Buffer, sealed: Buffer): ByteReader {
  const end = sealed.length - 4;
  if (end < 1 || crc32(sealed.subarray(0, end), crc32(key)) !== sealed.readUInt32BE(end))
    throw corrupt(key, "does not match its checksum");
  const reader = new ByteReader(sealed.subarray(0, end));
  const version = reader.u8();
  if (version !== STORE_VERSION) throw corrupt(key, `has the unknown format ${version}`);
  return reader;
}

/** The value under which a record is stored; `value` may come in pieces. */
export function encodeRecord(
  key: Buffer,
  meta: Omit<StoreRecord, "value">,
  pieces: readonly Uint8Array[],
): Buffer {
  let size = 32;
  for (const piece of pieces) size += piece.length;
  const writer = new ByteWriter(size).u8(STORE_VERSION);
  writer.u53(meta.createRevision).u53(meta.version).u53(meta.lease);
  for (const piece of pieces) writer.raw(piece);
  return seal(key, writer);
}

/** The value within what encodeRecord gave. */
export function valueWithin(sealed: Buffer): Buffer {
  return sealed.subarray(25, sealed.length - 4);
}

/** The checksum that seal() put at the end. */
export function sumOfSealed(sealed: Buffer): number {
  return sealed.readUInt32BE(sealed.length - 4);
}

/** The record stored as `sealed` under `key`. Throws StoreCorrupt. */
export function decodeRecord(key: Buffer, sealed: Buffer): StoreRecord {
  const reader = unseal(key, sealed);
  return {
    createRevision: reader.u53(),
    version: reader.u53(),
    lease: reader.u53(),
    value: reader.rest(),
  };
}

function corrupt(key: Buffer, why: string): ConsensusError {
  return new ConsensusError(
    "StoreCorrupt",
    `the store's record ${key.toString("hex")} ${why}: ` +
      "start the server again, it rebuilds the store from snapshot and log",
    { details: { key: key.toString("hex") } },
  );
}
