import type {
  Compare,
  KeyRange,
  KeyValue,
  Op,
  OpResult,
  PutOp,
  RangeOp,
  RangeRequest,
  TxnRequest,
} from "../store-api.js";
import {
  type CompareMessage,
  type DeleteMessage,
  numberOf,
  type PutMessage,
  type RangeMessage,
  type RequestOpMessage,
  type TxnMessage,
} from "./etcd-messages.js";
import { GRPC, GrpcError } from "./grpc-status.js";
import { isProtected } from "./protected-keys.js";

/** etcd's "from this key on": a range end of one zero byte. */
const TO_THE_END = Buffer.from([0]);
/** No key in use comes after it; the store knows no open ranges. */
const LAST_KEY = Buffer.alloc(64, 0xff);

/** What may be written: everything, or all but the API server's own keys. */
export interface WriteRule {
  readonly unsafe: boolean;
}

/** etcd's two fields as a range of the store. */
export function keyRangeOf(key: Buffer, rangeEnd: Buffer): KeyRange {
  if (rangeEnd.length === 0) return { key };
  return { key, rangeEnd: rangeEnd.equals(TO_THE_END) ? LAST_KEY : rangeEnd };
}

/** A range and what has to be done with what it finds, because the store does not. */
export interface PlannedRange {
  readonly request: RangeRequest;
  /** Filters, sorts and cuts; absent: what the store answers is the answer. */
  readonly after?: (kvs: readonly KeyValue[]) => readonly KeyValue[];
}

/** Turns a range of etcd's into one of the store's. Throws GrpcError. */
export function planRange(message: RangeMessage): PlannedRange {
  if (message.key.length === 0 && message.rangeEnd.length === 0) throw noKey();
  const { serializable, keysOnly, countOnly } = message;
  const revision = numberOf(message.revision);
  const limit = numberOf(message.limit);
  const base: RangeRequest = {
    ...keyRangeOf(message.key, message.rangeEnd),
    ...(revision === 0 ? {} : { revision }),
    ...(serializable ? { serializable } : {}),
    ...(countOnly ? { countOnly } : {}),
  };
  const work = afterWork(message);
  // Sorting by value needs the values, even when only keys are wanted.
  if (work !== null) return { request: base, after: (kvs) => cut(work(kvs), limit, keysOnly) };
  return {
    request: { ...base, ...(limit > 0 ? { limit } : {}), ...(keysOnly ? { keysOnly } : {}) },
  };
}

/** Null when the order of the store (by key, ascending) without any filter is what is asked for. */
function afterWork(
  message: RangeMessage,
): ((kvs: readonly KeyValue[]) => readonly KeyValue[]) | null {
  const [minMod, maxMod, minCreate, maxCreate] = [
    message.minModRevision,
    message.maxModRevision,
    message.minCreateRevision,
    message.maxCreateRevision,
  ].map(numberOf) as [number, number, number, number];
  const filters = minMod + maxMod + minCreate + maxCreate > 0;
  // A target without an order is sorted as if it were ascending, as etcd does.
  const sorts = message.sortTarget !== 0 || message.sortOrder === 2;
  if (!filters && !sorts) return null;
  const within = (value: number, min: number, max: number): boolean =>
    value >= min && (max === 0 || value <= max);
  const by = comparison(message.sortTarget);
  const sign = message.sortOrder === 2 ? -1 : 1;
  return (kvs) =>
    kvs
      .filter((kv) => within(kv.modRevision, minMod, maxMod))
      .filter((kv) => within(kv.createRevision, minCreate, maxCreate))
      .sort((a, b) => sign * by(a, b));
}

function cut(kvs: readonly KeyValue[], limit: number, keysOnly: boolean): readonly KeyValue[] {
  const some = limit > 0 ? kvs.slice(0, limit) : kvs;
  return keysOnly ? some.map((kv) => ({ ...kv, value: Buffer.alloc(0) })) : some;
}

function comparison(target: number): (a: KeyValue, b: KeyValue) => number {
  switch (target) {
    case 1:
      return (a, b) => a.version - b.version;
    case 2:
      return (a, b) => a.createRevision - b.createRevision;
    case 3:
      return (a, b) => a.modRevision - b.modRevision;
    case 4:
      return (a, b) => a.value.compare(b.value);
    default:
      return (a, b) => a.key.compare(b.key);
  }
}

/** Turns a put of etcd's into one of the store's. Throws GrpcError. */
export function planPut(message: PutMessage, rule: WriteRule): PutOp {
  if (message.key.length === 0) throw noKey();
  if (message.ignoreValue || message.ignoreLease)
    throw unimplemented("a put that keeps the value or the lease is not served");
  refuseProtected({ key: message.key }, rule);
  const lease = numberOf(message.lease);
  return {
    type: "put",
    key: message.key,
    value: message.value,
    ...(lease === 0 ? {} : { lease }),
    ...(message.prevKv ? { prevKv: true } : {}),
  };
}

/** Turns a deletion of etcd's into one of the store's. Throws GrpcError. */
export function planDelete(message: DeleteMessage, rule: WriteRule): Op {
  if (message.key.length === 0 && message.rangeEnd.length === 0) throw noKey();
  const range = keyRangeOf(message.key, message.rangeEnd);
  refuseProtected(range, rule);
  return { type: "delete", ...range, ...(message.prevKv ? { prevKv: true } : {}) };
}

/** Turns a transaction of etcd's into one of the store's. Throws GrpcError. */
export function planTxn(message: TxnMessage, rule: WriteRule): TxnRequest {
  const ops = (list: readonly RequestOpMessage[]): Op[] => list.map((op) => planOp(op, rule));
  return {
    compares: message.compare.map(planCompare),
    success: ops(message.success),
    failure: ops(message.failure),
  };
}

/** True when a transaction reads and compares only: then nothing of it is written. */
export function isReadOnly({ success, failure = [] }: TxnRequest): boolean {
  return [...success, ...failure].every(({ type }) => type === "range");
}

function planOp(op: RequestOpMessage, rule: WriteRule): Op {
  if (op.requestPut !== null) return planPut(op.requestPut, rule);
  if (op.requestDeleteRange !== null) return planDelete(op.requestDeleteRange, rule);
  if (op.requestRange !== null) return planRangeOp(op.requestRange);
  throw unimplemented("transactions inside transactions are not served");
}

function planRangeOp(message: RangeMessage): RangeOp {
  const { request, after } = planRange(message);
  if (after !== undefined || request.revision !== undefined)
    throw unimplemented("ranges in a transaction are served in the order of keys, as of now");
  const { serializable: _, revision: __, ...range } = request;
  return { type: "range", ...range };
}

const RESULTS = ["=", ">", "<", "!="] as const;

function planCompare(message: CompareMessage): Compare {
  const { key } = message;
  if (message.rangeEnd.length > 0) throw unimplemented("comparing ranges of keys is not served");
  const result = RESULTS[message.result];
  if (result === undefined) throw unimplemented(`compare result ${message.result}`);
  switch (message.target) {
    case 0:
      return { target: "version", key, result, value: numberOf(message.version) };
    case 1:
      return { target: "createRevision", key, result, value: numberOf(message.createRevision) };
    case 2:
      return { target: "modRevision", key, result, value: numberOf(message.modRevision) };
    case 3:
      return { target: "value", key, result, value: message.value };
    case 4:
      return { target: "lease", key, result, value: numberOf(message.lease) };
    default:
      throw unimplemented(`compare target ${message.target}`);
  }
}

/** One operation's result as a ResponseOp of etcd's. */
export function responseOpOf(result: OpResult): object {
  switch (result.type) {
    case "put":
      return { responsePut: result.prev === null ? {} : { prevKv: result.prev } };
    case "delete":
      return { responseDeleteRange: { deleted: result.deleted, prevKvs: result.prev } };
    case "range": {
      const { kvs, count, more } = result;
      return { responseRange: { kvs, count, more } };
    }
  }
}

function refuseProtected(range: KeyRange, { unsafe }: WriteRule): void {
  if (unsafe || !isProtected(range)) return;
  throw new GrpcError(
    GRPC.permissionDenied,
    "the API server's keys are written by the API alone (see --etcd-api-unsafe)",
  );
}

function noKey(): GrpcError {
  return new GrpcError(GRPC.invalidArgument, "etcdserver: key is not provided");
}

function unimplemented(message: string): GrpcError {
  return new GrpcError(GRPC.unimplemented, message);
}
