import { crc32 } from "node:zlib";
import type { Entry, HardState, LogStart } from "raft-ts";
import { assert } from "../../base/assert.js";
import { ByteReader, ByteWriter, MalformedError } from "../bytes.js";

/** The format of a segment; a reader refuses what is newer. */
export const WAL_VERSION = 1;

/**
 * One record of the log:
 *
 *     0  crc32 of everything from 4 on     4  payload length       8  kind
 *     9  flags (bit 0: last of its batch) 10  two zero bytes      12  batch number (8 bytes)
 *    20  payload, padded with zeros to 8
 *
 * A batch is what one fdatasync made durable. Its number tells a torn tail from damage: when a
 * later batch can be read, an earlier one was once on the disk in full.
 */
export const RECORD_HEADER_BYTES = 20;
/** No record is larger; a larger length is garbage. */
export const RECORD_PAYLOAD_MAX_BYTES = 16 * 1024 * 1024;

/** The head of every segment: whose log it is, and which index comes first. */
export interface SegmentHead {
  readonly memberId: string;
  readonly firstIndex: number;
}

export type WalRecord =
  | { readonly kind: "head"; readonly head: SegmentHead }
  | { readonly kind: "hardState"; readonly hardState: HardState }
  | { readonly kind: "entry"; readonly entry: Entry }
  /** Everything before it counts no longer: a snapshot up to here took its place. */
  | { readonly kind: "restart"; readonly start: LogStart };

/** A record with its place in the file. */
export interface FoundRecord {
  readonly record: WalRecord;
  readonly batch: number;
  readonly lastOfBatch: boolean;
  /** Where the next record begins. */
  readonly end: number;
}

const KIND_HEAD = 1;
const KIND_HARD_STATE = 2;
const KIND_ENTRY = 3;
const KIND_CONF_CHANGE = 4;
const KIND_RESTART = 5;
const FLAG_LAST = 1;

/** The records of one batch, ready to be written; at least one. */
export function encodeBatch(records: readonly WalRecord[], batch: number): Buffer {
  assert(records.length > 0, "a batch holds at least one record");
  let size = 0;
  for (const record of records) size += encodedSizeMax(record);
  const writer = ByteWriter.owning(size);
  records.forEach((record, i) => {
    encodeRecord(writer, record, { batch, last: i === records.length - 1 });
  });
  return writer.finish();
}

function encodeRecord(
  writer: ByteWriter,
  record: WalRecord,
  { batch, last }: { batch: number; last: boolean },
): void {
  const start = writer.length;
  writer.u32(0).u32(0).u8(kindOf(record));
  writer
    .u8(last ? FLAG_LAST : 0)
    .u8(0)
    .u8(0)
    .u53(batch);
  encodePayload(writer, record);
  const length = writer.length - start - RECORD_HEADER_BYTES;
  writer.patchU32(start + 4, length);
  const view = writer.finish();
  writer.patchU32(start, crc32(view.subarray(start + 4)));
  while (writer.length % 8 !== 0) writer.u8(0);
}

function encodePayload(writer: ByteWriter, record: WalRecord): void {
  switch (record.kind) {
    case "head":
      writer.u8(WAL_VERSION).text(record.head.memberId).u53(record.head.firstIndex);
      return;
    case "hardState": {
      const { term, vote, commit } = record.hardState;
      writer
        .u53(term)
        .u53(commit)
        .bool(vote !== null);
      if (vote !== null) writer.text(vote);
      return;
    }
    case "entry":
      writer.u53(record.entry.term).u53(record.entry.index).raw(record.entry.data);
      return;
    case "restart":
      writer.u53(record.start.term).u53(record.start.index);
  }
}

/**
 * The record at `offset`, or null when what is there is no record (or the file ends). Throws on
 * unknown formats.
 */
export function readRecord(file: Buffer, offset: number): FoundRecord | null {
  if (offset + RECORD_HEADER_BYTES > file.length) return null;
  const length = file.readUInt32BE(offset + 4);
  if (length === 0 || length > RECORD_PAYLOAD_MAX_BYTES) return null;
  const payloadAt = offset + RECORD_HEADER_BYTES;
  const end = payloadAt + length;
  if (align(end) > file.length) return null;
  if (crc32(file.subarray(offset + 4, end)) !== file.readUInt32BE(offset)) return null;
  const flags = file[offset + 9] as number;
  const batch = new ByteReader(file, offset + 12).u53();
  const record = decodePayload(file[offset + 8] as number, file.subarray(payloadAt, end));
  return { record, batch, lastOfBatch: (flags & FLAG_LAST) !== 0, end: align(end) };
}

function decodePayload(kind: number, payload: Buffer): WalRecord {
  const reader = new ByteReader(payload);
  if (kind === KIND_HEAD) {
    const version = reader.u8();
    if (version !== WAL_VERSION) throw new MalformedError(`log format ${version} is not known`);
    return { kind: "head", head: { memberId: reader.text(), firstIndex: reader.u53() } };
  }
  if (kind === KIND_HARD_STATE) {
    const term = reader.u53();
    const commit = reader.u53();
    return {
      kind: "hardState",
      hardState: { term, vote: reader.bool() ? reader.text() : null, commit },
    };
  }
  if (kind === KIND_ENTRY || kind === KIND_CONF_CHANGE) {
    const entry = { term: reader.u53(), index: reader.u53(), data: reader.rest() };
    if (kind === KIND_ENTRY) return { kind: "entry", entry };
    return { kind: "entry", entry: { ...entry, type: "EntryConfChangeV2" } };
  }
  if (kind === KIND_RESTART)
    return { kind: "restart", start: { term: reader.u53(), index: reader.u53() } };
  throw new MalformedError(`record kind ${kind} is not known`);
}

function kindOf(record: WalRecord): number {
  if (record.kind === "head") return KIND_HEAD;
  if (record.kind === "restart") return KIND_RESTART;
  if (record.kind === "hardState") return KIND_HARD_STATE;
  return record.entry.type === "EntryConfChangeV2" ? KIND_CONF_CHANGE : KIND_ENTRY;
}

function encodedSizeMax(record: WalRecord): number {
  const payload = record.kind === "entry" ? record.entry.data.length + 16 : 512;
  return RECORD_HEADER_BYTES + payload + 8;
}

function align(offset: number): number {
  return Math.ceil(offset / 8) * 8;
}
