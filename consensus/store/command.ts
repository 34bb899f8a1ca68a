import { ByteReader, ByteWriter, MalformedError } from "../bytes.js";
import type { LeaseId, Op, Revision, StoreErrorCode, TxnRequest } from "../store-api.js";
import { type MemberRecord, readMember, writeMember } from "./member-table.js";
import { readList, readTxn, writeTxn } from "./txn-codec.js";

/** The format of an entry's data; apply refuses what is newer. */
export const COMMAND_VERSION = 1;

/** What an entry of the log asks the store to do. */
export type Command =
  | { readonly type: "txn"; readonly txn: TxnRequest }
  /** Transactions that became due together, each as if it stood alone; see docs/adr/0146. */
  | { readonly type: "txns"; readonly txns: readonly TxnRequest[] }
  | { readonly type: "compact"; readonly revision: Revision }
  | { readonly type: "leaseGrant"; readonly id: LeaseId; readonly ttlMs: number }
  | { readonly type: "leaseRevoke"; readonly id: LeaseId }
  /** Where a member is found; Raft's own entries say who is one. */
  | { readonly type: "memberSet"; readonly member: MemberRecord };

/**
 * Whose proposal it is, so that one that is sent again is recognised. A resend says up to which
 * index its client had seen the log applied when it first sent it: what came later must all be in
 * the table of duplicates.
 */
export interface Origin {
  /** 16 hex digits; every client draws its own. */
  readonly session: string;
  /** Counts up with every proposal of the session; 0: sent once only, needs no recognition. */
  readonly sequence: number;
  /** Null: sent for the first time. */
  readonly resentSince: number | null;
}

export const NO_ORIGIN: Origin = { session: "0".repeat(16), sequence: 0, resentSince: null };

export interface Proposal {
  readonly origin: Origin;
  readonly command: Command;
}

/** Numbers are positions in this list: append, never reorder. */
const TYPES = ["txn", "compact", "leaseGrant", "leaseRevoke", "memberSet", "txns"] as const;
const OPERATIONS_MAX = 128;
/** Transactions that may share a proposal, and the bytes at which no more join. */
export const SHARED_TXNS_MAX = 128;
export const SHARED_TXNS_BYTES = 64 * 1024;
/** Where an encoded proposal says whether it was sent again: after format, session and sequence. */
const RESENT_AT = 1 + 8 + 8;
const NO_SEQUENCE = "\0".repeat(8);
/** Keys and values of one transaction: 1.5 MiB, and room for what surrounds them. */
export const COMMAND_SIZE_MAX_BYTES = 1_572_864 + 64 * 1024;
const TTL_MAX_MS = 10 * 365 * 24 * 3_600_000;

/** The data of an entry. */
export function encodeProposal({ origin, command }: Proposal): Buffer {
  const writer = new ByteWriter(sizeHint(command));
  writer.u8(COMMAND_VERSION).raw(Buffer.from(origin.session, "hex")).u53(origin.sequence);
  writer.bool(origin.resentSince !== null).u53(origin.resentSince ?? 0);
  writer.u8(TYPES.indexOf(command.type));
  switch (command.type) {
    case "txn":
      writeTxn(writer, command.txn);
      break;
    case "compact":
      writer.u53(command.revision);
      break;
    case "leaseGrant":
      writer.u53(command.id).u53(command.ttlMs);
      break;
    case "leaseRevoke":
      writer.u53(command.id);
      break;
    case "memberSet":
      writeMember(writer, command.member);
      break;
    case "txns":
      writer.u32(command.txns.length);
      for (const txn of command.txns) writeTxn(writer, txn);
  }
  return writer.finish();
}

/** Marks an encoded proposal, in place, as sent again; see Origin. */
export function markResent(data: Buffer, since: number): void {
  data[RESENT_AT] = 1;
  new ByteWriter(8)
    .u53(since)
    .finish()
    .copy(data, RESENT_AT + 1);
}

/**
 * Whose proposal encoded data is, as a key for maps; null when it needs no recognition.
 */
export function originKeyOf(data: Uint8Array): string | null {
  const key = Buffer.from(data.buffer, data.byteOffset + 1, RESENT_AT - 1).toString("latin1");
  return key.endsWith(NO_SEQUENCE) ? null : key;
}

/** A copy of an encoded proposal that says that it was sent before; see Origin. */
export function resentCopy(data: Uint8Array, since: number): Buffer {
  const copy = Buffer.from(data);
  if (copy[RESENT_AT] === 0) markResent(copy, since);
  return copy;
}

/** Throws MalformedError. Keys and values are views into `data`. */
export function decodeProposal(data: Uint8Array): Proposal {
  const reader = new ByteReader(data);
  const version = reader.u8();
  if (version !== COMMAND_VERSION) throw new MalformedError(`entry format ${version} is not known`);
  const session = reader.raw(8).toString("hex");
  const sequence = reader.u53();
  const isResend = reader.bool();
  const since = reader.u53();
  const origin = { session, sequence, resentSince: isResend ? since : null };
  const command = decodeCommand(reader);
  reader.end();
  return { origin, command };
}

function decodeCommand(reader: ByteReader): Command {
  const at = reader.u8();
  const type = TYPES[at];
  switch (type) {
    case "txn":
      return { type, txn: readTxn(reader) };
    case "compact":
      return { type, revision: reader.u53() };
    case "leaseGrant":
      return { type, id: reader.u53(), ttlMs: reader.u53() };
    case "leaseRevoke":
      return { type, id: reader.u53() };
    case "memberSet":
      return { type, member: readMember(reader) };
    case "txns":
      return { type, txns: readList(reader, readTxn) };
    case undefined:
    default:
      throw new MalformedError(`command ${at} is not known`);
  }
}

/**
 * Why a command must not be proposed; null when it may. What passes here applies without surprises.
 */
export function refuseCommand(
  command: Command,
): { readonly code: StoreErrorCode; readonly message: string } | null {
  if (command.type === "leaseGrant") {
    const valid = command.ttlMs > 0 && command.ttlMs <= TTL_MAX_MS && command.id > 0;
    return valid ? null : invalid(`a lease of ${command.ttlMs} ms`);
  }
  if (command.type === "txn") return refuseTxn(command.txn);
  if (command.type !== "txns") return null;
  const count = command.txns.length;
  if (count === 0 || count > SHARED_TXNS_MAX) return invalid(`${count} transactions in one`);
  for (const txn of command.txns) {
    const refusal = refuseTxn(txn);
    if (refusal !== null) return refusal;
  }
  return null;
}

function refuseTxn(txn: TxnRequest): ReturnType<typeof refuseCommand> {
  const { compares, success, failure = [] } = txn;
  const count = Math.max(compares.length, success.length, failure.length);
  if (count > OPERATIONS_MAX)
    return { code: "TooManyOperations", message: `${count} operations, ${OPERATIONS_MAX} allowed` };
  if (compares.some((compare) => compare.key.length === 0)) return invalid("an empty key");
  return refuseOps(success) ?? refuseOps(failure);
}

function refuseOps(ops: readonly Op[]): ReturnType<typeof refuseCommand> {
  const written = new Set<string>();
  let size = 0;
  for (const op of ops) {
    // The empty key begins a range over everything; it names no pair.
    const isWholeRange = op.type !== "put" && op.rangeEnd !== undefined;
    if (op.key.length === 0 && !isWholeRange) return invalid("an empty key");
    size += op.key.length;
    if (op.type !== "put") continue;
    size += op.value.length;
    if (op.spliceAt !== undefined && op.spliceAt > op.value.length)
      return invalid(`a splice at ${op.spliceAt} of ${op.value.length} bytes`);
    const key = op.key.toString("latin1");
    if (written.has(key)) return invalid(`the key ${op.key.toString()} is put twice`);
    written.add(key);
  }
  if (size > 1_572_864)
    return {
      code: "RequestTooLarge",
      message: `${size} bytes in one transaction, 1572864 allowed`,
    };
  return refuseOverlap(ops, written);
}

/** A key is written at most once in a transaction, or the order of its events would be lost. */
function refuseOverlap(
  ops: readonly Op[],
  written: ReadonlySet<string>,
): ReturnType<typeof refuseCommand> {
  for (const op of ops) {
    if (op.type !== "delete") continue;
    const from = op.key.toString("latin1");
    const end = op.rangeEnd?.toString("latin1");
    for (const key of written) {
      const inside = end === undefined ? key === from : key >= from && key < end;
      if (inside)
        return invalid(`the key ${Buffer.from(key, "latin1").toString()} is put and deleted`);
    }
  }
  return null;
}

function invalid(what: string): { readonly code: StoreErrorCode; readonly message: string } {
  return { code: "InvalidRequest", message: `invalid request: ${what}` };
}

function sizeHint(command: Command): number {
  if (command.type === "txn") return 64 + txnSizeHint(command.txn);
  if (command.type !== "txns") return 128;
  return command.txns.reduce((sum, txn) => sum + txnSizeHint(txn), 64);
}

/** About as many bytes as the transaction takes in a proposal, and no fewer. */
export function txnSizeHint(txn: TxnRequest): number {
  let size = 64 + txn.compares.length * 128;
  for (const ops of [txn.success, txn.failure ?? []])
    for (const op of ops) size += op.key.length + 128 + (op.type === "put" ? op.value.length : 0);
  return size;
}
