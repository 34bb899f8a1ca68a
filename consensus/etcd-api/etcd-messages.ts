import protobuf from "protobufjs";
import { present } from "../../base/assert.js";
import { ETCD_PROTO } from "./etcd-proto.js";

/** A 64-bit number as protobufjs hands it over. */
export type Int64 = number | { toNumber(): number };

/** The pairs, revisions and flags of etcd's messages, as decoded: what is absent has its default. */
export interface RangeMessage {
  readonly key: Buffer;
  readonly rangeEnd: Buffer;
  readonly limit: Int64;
  readonly revision: Int64;
  /** 0 none, 1 ascending, 2 descending. */
  readonly sortOrder: number;
  /** 0 key, 1 version, 2 create revision, 3 mod revision, 4 value. */
  readonly sortTarget: number;
  readonly serializable: boolean;
  readonly keysOnly: boolean;
  readonly countOnly: boolean;
  readonly minModRevision: Int64;
  readonly maxModRevision: Int64;
  readonly minCreateRevision: Int64;
  readonly maxCreateRevision: Int64;
}
export interface PutMessage {
  readonly key: Buffer;
  readonly value: Buffer;
  readonly lease: Int64;
  readonly prevKv: boolean;
  readonly ignoreValue: boolean;
  readonly ignoreLease: boolean;
}
export interface DeleteMessage {
  readonly key: Buffer;
  readonly rangeEnd: Buffer;
  readonly prevKv: boolean;
}
export interface RequestOpMessage {
  /** Which of the fields is set. */
  readonly request?: "requestRange" | "requestPut" | "requestDeleteRange" | "requestTxn";
  readonly requestRange: RangeMessage | null;
  readonly requestPut: PutMessage | null;
  readonly requestDeleteRange: DeleteMessage | null;
}
export interface CompareMessage {
  /** 0 equal, 1 greater, 2 less, 3 not equal. */
  readonly result: number;
  /** 0 version, 1 create revision, 2 mod revision, 3 value, 4 lease. */
  readonly target: number;
  readonly key: Buffer;
  readonly version: Int64;
  readonly createRevision: Int64;
  readonly modRevision: Int64;
  readonly value: Buffer;
  readonly lease: Int64;
  readonly rangeEnd: Buffer;
}
export interface TxnMessage {
  readonly compare: readonly CompareMessage[];
  readonly success: readonly RequestOpMessage[];
  readonly failure: readonly RequestOpMessage[];
}

const root = protobuf.parse(ETCD_PROTO).root;
const types = new Map<string, protobuf.Type>();

/** Decodes a message of etcd's by its name. Throws when the bytes are not one. */
export function decodeMessage<T>(name: string, bytes: Buffer): T {
  return typeOf(name).decode(bytes) as unknown as T;
}

/** Encodes a message of etcd's; what is absent is left out. */
export function encodeMessage(name: string, value: object): Buffer {
  const bytes = typeOf(name)
    .encode(value as protobuf.Message)
    .finish();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A 64-bit number as one of ours. Beyond 2^53 it is not exact, and no revision of ours. */
export function numberOf(value: Int64): number {
  return typeof value === "number" ? value : value.toNumber();
}

/** An unsigned 64-bit number as protobufjs takes it. */
export interface Uint64 {
  readonly low: number;
  readonly high: number;
  readonly unsigned: true;
}

/** The number that stands for an id of ours: its first 16 hex digits. */
export function uint64Of(hex: string): Uint64 {
  const digits = hex.slice(0, 16).padStart(16, "0");
  const high = Number.parseInt(digits.slice(0, 8), 16) | 0;
  return { low: Number.parseInt(digits.slice(8), 16) | 0, high, unsigned: true };
}

function typeOf(name: string): protobuf.Type {
  const known = types.get(name);
  if (known !== undefined) return known;
  const found = present(root.lookupType(`etcd.${name}`), `no message ${name}`);
  types.set(name, found);
  return found;
}
