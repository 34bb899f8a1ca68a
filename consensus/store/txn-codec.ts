import { type ByteReader, type ByteWriter, MalformedError } from "../bytes.js";
import type {
  Compare,
  KeyRange,
  KeyValue,
  Op,
  OpResult,
  TxnRequest,
  TxnResponse,
} from "../store-api.js";

/** Numbers on disk and on the wire are positions in these lists: append, never reorder. */
const TARGETS = ["createRevision", "modRevision", "version", "lease", "value"] as const;
const RESULTS = ["=", "!=", "<", ">"] as const;
const OP_TYPES = ["put", "delete", "range"] as const;

const FLAG_PREV_KV = 1;
const FLAG_SPLICE = 2;
const FLAG_RANGE_END = 4;
const FLAG_KEYS_ONLY = 8;
const FLAG_COUNT_ONLY = 16;

/** A transaction, in the form in which it travels and is stored in the log. */
export function writeTxn(w: ByteWriter, txn: TxnRequest): void {
  w.u32(txn.compares.length);
  for (const compare of txn.compares) writeCompare(w, compare);
  for (const ops of [txn.success, txn.failure ?? []]) {
    w.u32(ops.length);
    for (const op of ops) writeOp(w, op);
  }
}

/** Throws MalformedError. Keys and values are views into what is read. */
export function readTxn(r: ByteReader): TxnRequest {
  return {
    compares: readList(r, readCompare),
    success: readList(r, readOp),
    failure: readList(r, readOp),
  };
}

/** A list preceded by its length. */
export function readList<T>(r: ByteReader, readOne: (r: ByteReader) => T): T[] {
  const count = r.u32();
  // Every item takes a byte at least: a larger count is garbage, and must not make us allocate.
  if (count > r.remaining) throw new MalformedError(`a list of ${count} in ${r.remaining} bytes`);
  const list: T[] = [];
  for (let i = 0; i < count; i += 1) list.push(readOne(r));
  return list;
}

function writeCompare(w: ByteWriter, compare: Compare): void {
  w.u8(TARGETS.indexOf(compare.target)).u8(RESULTS.indexOf(compare.result)).bytes(compare.key);
  if (compare.target === "value") w.bytes(compare.value);
  else w.u53(compare.value);
}

function readCompare(r: ByteReader): Compare {
  const target = oneOf(TARGETS, r.u8());
  const result = oneOf(RESULTS, r.u8());
  const key = r.bytes();
  if (target === "value") return { target, result, key, value: r.bytes() };
  return { target, result, key, value: r.u53() };
}

function writeOp(w: ByteWriter, op: Op): void {
  w.u8(OP_TYPES.indexOf(op.type)).u8(flagsOf(op)).bytes(op.key);
  if (op.type === "put") {
    w.u53(op.lease ?? 0);
    if (op.spliceAt !== undefined) w.u32(op.spliceAt);
    w.bytes(op.value);
    return;
  }
  if (op.rangeEnd !== undefined) w.bytes(op.rangeEnd);
  if (op.type === "range") w.u32(op.limit ?? 0);
}

function readOp(r: ByteReader): Op {
  const type = oneOf(OP_TYPES, r.u8());
  const flags = r.u8();
  const key = r.bytes();
  const has = (flag: number): boolean => (flags & flag) !== 0;
  const prevKv = has(FLAG_PREV_KV) ? { prevKv: true } : {};
  if (type === "put") {
    const lease = r.u53();
    const splice = has(FLAG_SPLICE) ? { spliceAt: r.u32() } : {};
    return { type, key, lease, value: r.bytes(), ...splice, ...prevKv };
  }
  const range: KeyRange = has(FLAG_RANGE_END) ? { key, rangeEnd: r.bytes() } : { key };
  if (type === "delete") return { type, ...range, ...prevKv };
  const limit = r.u32();
  const flagged = { keysOnly: has(FLAG_KEYS_ONLY), countOnly: has(FLAG_COUNT_ONLY) };
  return { type, ...range, limit, ...flagged };
}

function flagsOf(op: Op): number {
  if (op.type === "put")
    return (op.prevKv === true ? FLAG_PREV_KV : 0) | (op.spliceAt === undefined ? 0 : FLAG_SPLICE);
  const end = op.rangeEnd === undefined ? 0 : FLAG_RANGE_END;
  if (op.type === "delete") return end | (op.prevKv === true ? FLAG_PREV_KV : 0);
  const keysOnly = op.keysOnly === true ? FLAG_KEYS_ONLY : 0;
  return end | keysOnly | (op.countOnly === true ? FLAG_COUNT_ONLY : 0);
}

/** The answer to a transaction. */
export function writeTxnResponse(w: ByteWriter, response: TxnResponse): void {
  w.bool(response.succeeded).u53(response.revision).u32(response.results.length);
  for (const result of response.results) {
    w.u8(OP_TYPES.indexOf(result.type));
    if (result.type === "put") {
      w.bool(result.prev !== null);
      if (result.prev !== null) writeKeyValue(w, result.prev);
    } else if (result.type === "delete") {
      w.u53(result.deleted);
      writeKeyValues(w, result.prev);
    } else {
      w.u53(result.count).bool(result.more);
      writeKeyValues(w, result.kvs);
    }
  }
}

/** Throws MalformedError. */
export function readTxnResponse(r: ByteReader): TxnResponse {
  return { succeeded: r.bool(), revision: r.u53(), results: readList(r, readOpResult) };
}

function readOpResult(r: ByteReader): OpResult {
  const type = oneOf(OP_TYPES, r.u8());
  if (type === "put") return { type, prev: r.bool() ? readKeyValue(r) : null };
  if (type === "delete") return { type, deleted: r.u53(), prev: readList(r, readKeyValue) };
  const count = r.u53();
  const more = r.bool();
  return { type, count, more, kvs: readList(r, readKeyValue) };
}

export function writeKeyValues(w: ByteWriter, kvs: readonly KeyValue[]): void {
  w.u32(kvs.length);
  for (const kv of kvs) writeKeyValue(w, kv);
}

export function writeKeyValue(w: ByteWriter, kv: KeyValue): void {
  w.u53(kv.createRevision).u53(kv.modRevision).u53(kv.version).u53(kv.lease);
  w.bytes(kv.key).bytes(kv.value);
}

/** Throws MalformedError. */
export function readKeyValue(r: ByteReader): KeyValue {
  const createRevision = r.u53();
  const modRevision = r.u53();
  const version = r.u53();
  const lease = r.u53();
  return { createRevision, modRevision, version, lease, key: r.bytes(), value: r.bytes() };
}

function oneOf<T>(list: readonly T[], at: number): T {
  const found = list[at];
  if (found === undefined) throw new MalformedError(`${at} is not one of ${list.length} kinds`);
  return found;
}
