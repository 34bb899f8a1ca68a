import type { ByteReader, ByteWriter } from "../bytes.js";
import { readErrorCode, writeErrorCode } from "../store/apply-result.js";
import { readKeyValue, readList, writeKeyValue } from "../store/txn-codec.js";
import type {
  LeaseStatus,
  MemberInfo,
  NewMember,
  RangeRequest,
  Revision,
  StoreErrorCode,
  StoreStatus,
  WatchBatch,
  WatchEvent,
  WatchRequest,
} from "../store-api.js";
import { StoreError } from "../store-error.js";

/** What a client asks. Never reuse a number. */
export const REQUEST = {
  hello: 1,
  /** The payload is the data of the log's entry, as it is. */
  propose: 2,
  range: 3,
  watch: 4,
  cancelWatch: 5,
  readIndex: 6,
  leaseKeepAlive: 7,
  leaseTimeToLive: 8,
  status: 9,
  /** The payload is JSON, as is that of the answer. */
  members: 10,
  metrics: 12,
  snapshot: 13,
} as const;

/** What a server answers. Never reuse a number. */
export const RESPONSE = {
  hello: 1,
  result: 2,
  /** Pairs of a range; more follow. */
  rangePart: 3,
  rangeEnd: 4,
  watchCreated: 5,
  watchBatch: 6,
  watchEnd: 7,
  /** Every watch that was created and is not named here has been told up to this revision. */
  progress: 8,
  revision: 9,
  leaseKeptAlive: 10,
  leaseStatus: 11,
  status: 12,
  error: 13,
  members: 14,
  metrics: 16,
  snapshot: 17,
} as const;

const FLAG_RANGE_END = 1;
const FLAG_KEYS_ONLY = 2;
const FLAG_COUNT_ONLY = 4;
const FLAG_SERIALIZABLE = 8;
const FLAG_PREV_KV = 16;

export function writeRange(w: ByteWriter, range: RangeRequest): void {
  const flags =
    (range.rangeEnd === undefined ? 0 : FLAG_RANGE_END) |
    (range.keysOnly === true ? FLAG_KEYS_ONLY : 0) |
    (range.countOnly === true ? FLAG_COUNT_ONLY : 0) |
    (range.serializable === true ? FLAG_SERIALIZABLE : 0);
  w.u8(flags).bytes(range.key);
  if (range.rangeEnd !== undefined) w.bytes(range.rangeEnd);
  w.u53(range.revision ?? 0).u53(range.limit ?? 0);
}

/** Throws MalformedError, like everything here that reads. */
export function readRange(r: ByteReader): RangeRequest {
  const flags = r.u8();
  const key = r.bytes();
  const end = (flags & FLAG_RANGE_END) === 0 ? {} : { rangeEnd: r.bytes() };
  return {
    key,
    ...end,
    revision: r.u53(),
    limit: r.u53(),
    keysOnly: (flags & FLAG_KEYS_ONLY) !== 0,
    countOnly: (flags & FLAG_COUNT_ONLY) !== 0,
    serializable: (flags & FLAG_SERIALIZABLE) !== 0,
  };
}

export function writeWatch(w: ByteWriter, watch: WatchRequest, fromRevision: Revision): void {
  const end = watch.rangeEnd === undefined ? 0 : FLAG_RANGE_END;
  w.u8(end | (watch.prevKv === true ? FLAG_PREV_KV : 0)).bytes(watch.key);
  if (watch.rangeEnd !== undefined) w.bytes(watch.rangeEnd);
  w.u53(fromRevision);
}

export function readWatch(r: ByteReader): WatchRequest {
  const flags = r.u8();
  const key = r.bytes();
  const end = (flags & FLAG_RANGE_END) === 0 ? {} : { rangeEnd: r.bytes() };
  return { key, ...end, prevKv: (flags & FLAG_PREV_KV) !== 0, fromRevision: r.u53() };
}

export function writeWatchBatch(w: ByteWriter, { revision, events }: WatchBatch): void {
  w.u53(revision).u32(events.length);
  for (const { kv, prevKv } of events) {
    w.bool(prevKv !== undefined);
    writeKeyValue(w, kv);
    if (prevKv !== undefined) writeKeyValue(w, prevKv);
  }
}

export function readWatchBatch(r: ByteReader): WatchBatch {
  return { revision: r.u53(), events: readList(r, readWatchEvent) };
}

function readWatchEvent(r: ByteReader): WatchEvent {
  const hasPrev = r.bool();
  const kv = readKeyValue(r);
  const type = kv.version === 0 ? "delete" : "put";
  return hasPrev ? { type, kv, prevKv: readKeyValue(r) } : { type, kv };
}

export function writeProgress(w: ByteWriter, revision: Revision, lagging: readonly number[]): void {
  w.u53(revision).u32(lagging.length);
  for (const id of lagging) w.u32(id);
}

export function readProgress(r: ByteReader): { revision: Revision; lagging: readonly number[] } {
  return { revision: r.u53(), lagging: readList(r, (one) => one.u32()) };
}

export function writeLeaseStatus(w: ByteWriter, lease: LeaseStatus): void {
  w.u53(lease.id).u53(lease.grantedTtlMs).signed(Math.round(lease.remainingMs));
}

export function readLeaseStatus(r: ByteReader): LeaseStatus {
  return { id: r.u53(), grantedTtlMs: r.u53(), remainingMs: r.signed() };
}

export function writeStatus(w: ByteWriter, status: StoreStatus): void {
  const { clusterId, memberId, memberName, role } = status;
  w.text(clusterId)
    .text(memberId)
    .text(memberName)
    .text(role)
    .bool(status.leaderId !== null);
  if (status.leaderId !== null) w.text(status.leaderId);
  w.u32(status.members.length);
  for (const { id, name, peerUrl, apiUrl, voter } of status.members)
    w.text(id).text(name).text(peerUrl).text(apiUrl).bool(voter);
  w.u53(status.term).u53(status.commitIndex).u53(status.appliedIndex);
  w.u53(status.revision).u53(status.compactRevision).u53(status.dbSizeBytes);
  w.u32(status.alarms.length);
  for (const alarm of status.alarms) w.text(alarm);
  w.text(status.hash).u53(Math.round(status.longestStallMs));
}

export function readStatus(r: ByteReader): StoreStatus {
  return {
    clusterId: r.text(),
    memberId: r.text(),
    memberName: r.text(),
    role: r.text() as StoreStatus["role"],
    leaderId: r.bool() ? r.text() : null,
    members: readList(r, readMemberInfo),
    term: r.u53(),
    commitIndex: r.u53(),
    appliedIndex: r.u53(),
    revision: r.u53(),
    compactRevision: r.u53(),
    dbSizeBytes: r.u53(),
    alarms: readList(r, (one) => one.text()),
    hash: r.text(),
    longestStallMs: r.u53(),
  };
}

function readMemberInfo(r: ByteReader): MemberInfo {
  const addresses = { id: r.text(), name: r.text(), peerUrl: r.text(), apiUrl: r.text() };
  return { ...addresses, voter: r.bool() };
}

/** What is asked about the group's members; JSON, for it is asked rarely. */
export type MembersRequest =
  | { readonly ask: "list" }
  | { readonly ask: "add"; readonly member: NewMember }
  | { readonly ask: "promote"; readonly names: readonly string[] }
  | { readonly ask: "remove"; readonly name: string; readonly force: boolean }
  | { readonly ask: "transferLeader"; readonly name: string | null };

export function writeError(w: ByteWriter, code: StoreErrorCode, error: StoreError | Error): void {
  const details = error instanceof StoreError ? error.details : {};
  const { compactRevision } = details as { compactRevision?: unknown };
  writeErrorCode(w, code);
  w.text(error.message).bool(typeof compactRevision === "number");
  if (typeof compactRevision === "number") w.u53(compactRevision);
}

export function readError(r: ByteReader): StoreError {
  const code = readErrorCode(r);
  const message = r.text();
  const details = r.bool() ? { compactRevision: r.u53() } : {};
  return new StoreError(code, message, { details });
}
