import { assert, unreachable } from "../../base/assert.js";
import { ByteWriter } from "../bytes.js";
import type {
  Compare,
  DeleteOp,
  KeyRange,
  KeyValue,
  LeaseId,
  Op,
  OpResult,
  PutOp,
  RangeOp,
  Revision,
  TxnRequest,
} from "../store-api.js";
import type { ApplyResult } from "./apply-result.js";
import type { Command, Proposal } from "./command.js";
import { Duplicates } from "./duplicates.js";
import { KeyIndex, type KeyState } from "./key-index.js";
import { type MemberRecord, MemberTable, writeMember } from "./member-table.js";
import { SetHash } from "./state-hash.js";
import {
  decodeRecord,
  encodeRecord,
  mapKey,
  PREFIX,
  STORE_VERSION,
  seal,
  sumOfSealed,
  valueWithin,
} from "./store-record.js";

/** Where records are read from and written to. */
export interface RecordStore {
  get(key: Buffer): Buffer | undefined;
  put(key: Buffer, value: Buffer): void;
  delete(key: Buffer): void;
}

/** A change of one key. */
export interface Change {
  readonly key: string;
  readonly kv: KeyValue;
  /** The revision of the version before; 0 when the key did not exist. */
  readonly prevRevision: Revision;
}

/** What one entry did. */
export interface Applied {
  readonly result: ApplyResult;
  /** By revision and key; empty when nothing changed. */
  readonly changes: readonly Change[];
}

export interface Lease {
  readonly id: LeaseId;
  readonly ttlMs: number;
  readonly keys: Set<string>;
}

/** Pairs that a range within a transaction returns at most; `more` tells when there are others. */
const TXN_RANGE_MAX = 1000;
/** What tells the parts of the hash that are numbers alone. */
const HASH_REVISION = 1;
const HASH_COMPACTED = 2;
const HASH_FLOOR = 3;
/** A tombstone's bytes. */
const NOTHING = Buffer.alloc(0);
const NEVER: KeyState = {
  modRevision: 0,
  createRevision: 0,
  version: 0,
  lease: 0,
  sum: 0,
  sizeBytes: 0,
};

/**
 * The replicated state: keys with their versions, leases, and the table of duplicates. apply() is
 * deterministic: the same entries in the same order give the same state and the same results on
 * every replica.
 */
export class Mvcc {
  readonly index = new KeyIndex();
  readonly leases = new Map<LeaseId, Lease>();
  readonly members = new MemberTable();
  duplicates = new Duplicates(0);
  revision: Revision = 1;
  compactRevision: Revision = 0;
  private readonly records: RecordStore;
  private changes: Change[] = [];

  constructor(records: RecordStore) {
    this.records = records;
  }

  /** Applies the command of the entry at `index`. Throws StoreCorrupt: the process must end. */
  apply(proposal: Proposal, index: number): Applied {
    const known = this.duplicates.lookUp(proposal.origin);
    if (known !== null) return { result: known === "unknown" ? UNKNOWN : known, changes: [] };
    const { result, changes } = this.carryOut(proposal.command);
    const didSomething = changes.length > 0 || mayWrite(proposal.command);
    if (didSomething && result.type !== "error")
      this.duplicates.remember(proposal.origin, index, result);
    return { result, changes };
  }

  private carryOut(command: Command): Applied {
    if (command.type !== "txns") {
      this.changes = [];
      const result = this.run(command);
      const changes = this.changes;
      this.changes = [];
      if (changes.length > 1) changes.sort((a, b) => (a.key < b.key ? -1 : 1));
      return { result, changes };
    }
    const all: Change[] = [];
    const results = command.txns.map((txn) => {
      const { result, changes } = this.carryOut({ type: "txn", txn });
      for (const change of changes) all.push(change);
      return result;
    });
    return { result: { type: "txns", results }, changes: all };
  }

  /** The pair as written at `revision`, which is kept. Throws StoreCorrupt. */
  read(key: string, revision: Revision): KeyValue {
    const bytes = Buffer.from(key, "latin1");
    const at = mapKey(PREFIX.record, revision, bytes);
    const sealed = this.records.get(at);
    // A missing record fails the checksum of nothing: the same error, and the same remedy.
    const record = decodeRecord(at, sealed ?? NOTHING);
    return { key: bytes, modRevision: revision, ...record };
  }

  /**
   * The same on every replica that has applied the same entries: of revisions, live keys, leases
   * and the table of duplicates. Not of the history that is kept: it is removed at each one's pace.
   */
  hash(): string {
    const all = new SetHash();
    all.add(HASH_REVISION, this.revision);
    all.add(HASH_COMPACTED, this.compactRevision);
    all.add(HASH_FLOOR, this.duplicates.floor);
    all.addAll(this.index.hash);
    all.addAll(this.duplicates.hash);
    for (const { id, ttlMs } of this.leases.values()) all.add(ttlMs, id);
    this.members.addTo(all);
    return all.toString();
  }

  /**
   * Removes up to `max` compacted versions that no read at or after `pinned` needs; returns how
   * many it were.
   */
  removeCompacted(pinned: Revision, max: number): number {
    const removed = this.index.removeSuperseded(Math.min(this.compactRevision, pinned), max);
    for (const { key, revision } of removed)
      this.records.delete(mapKey(PREFIX.record, revision, Buffer.from(key, "latin1")));
    return removed.length;
  }

  private run(command: Exclude<Command, { type: "txns" }>): ApplyResult {
    switch (command.type) {
      case "txn":
        return this.txn(command.txn);
      case "compact":
        return this.compact(command.revision);
      case "leaseGrant":
        return this.grant(command.id, command.ttlMs);
      case "leaseRevoke":
        return this.revoke(command.id);
      case "memberSet":
        return this.setMember(command.member);
      default:
        return unreachable(command);
    }
  }

  /** The entry at `index` took these members out of the group. */
  removeMembers(ids: readonly string[], index: number): void {
    for (const id of ids) {
      this.records.delete(memberKey(0, id));
      const key = memberKey(index, id);
      this.records.put(key, seal(key, new ByteWriter(16).u8(STORE_VERSION)));
      const forgotten = this.members.leave(id, index);
      if (forgotten !== null) this.records.delete(memberKey(forgotten.index, forgotten.id));
    }
  }

  private setMember(member: MemberRecord): ApplyResult {
    if (this.members.hasLeft(member.id))
      return error("InvalidRequest", `the member ${member.id} was removed and cannot come back`);
    this.members.set(member);
    const key = memberKey(0, member.id);
    const writer = new ByteWriter(256).u8(STORE_VERSION);
    writeMember(writer, member);
    this.records.put(key, seal(key, writer));
    return { type: "done", revision: this.revision };
  }

  private txn({ compares, success, failure = [] }: TxnRequest): ApplyResult {
    const succeeded = compares.every((compare) => this.holds(compare));
    const ops = succeeded ? success : failure;
    for (const op of ops) {
      if (op.type !== "put" || op.lease === undefined || op.lease === 0) continue;
      if (!this.leases.has(op.lease)) return leaseNotFound(op.lease);
    }
    const revision = this.revision + 1;
    const results = ops.map((op) => this.runOp(op, revision));
    if (this.changes.length > 0) this.revision = revision;
    return { type: "txn", response: { succeeded, revision: this.revision, results } };
  }

  private holds(compare: Compare): boolean {
    const key = compare.key.toString("latin1");
    const state = this.index.get(key);
    if (compare.target === "value") {
      // As in etcd: a key that does not exist has no value, and nothing compares with it.
      if (state === null) return false;
      const { value } = this.read(key, state.modRevision);
      return test(Buffer.compare(value, compare.value), compare.result);
    }
    return test((state ?? NEVER)[compare.target] - compare.value, compare.result);
  }

  private runOp(op: Op, revision: Revision): OpResult {
    switch (op.type) {
      case "put":
        return this.put(op, revision);
      case "delete":
        return this.deleteRange(op, revision);
      case "range":
        return this.range(op);
      default:
        return unreachable(op);
    }
  }

  private put(op: PutOp, revision: Revision): OpResult {
    const key = op.key.toString("latin1");
    const before = this.index.get(key);
    const prev = op.prevKv === true && before !== null ? this.read(key, before.modRevision) : null;
    const meta = {
      createRevision: before?.createRevision ?? revision,
      version: (before?.version ?? 0) + 1,
      lease: op.lease ?? 0,
    };
    const at = mapKey(PREFIX.record, revision, op.key);
    const sealed = encodeRecord(at, meta, spliced(op, revision));
    const { createRevision, version, lease } = meta;
    this.records.put(at, sealed);
    this.index.put(key, stateOf(at, sealed, { modRevision: revision, ...meta }));
    this.attach(key, { from: before?.lease ?? 0, to: lease });
    const value = valueWithin(sealed);
    const kv = { key: op.key, modRevision: revision, createRevision, version, lease, value };
    this.changes.push({ key, kv, prevRevision: before?.modRevision ?? 0 });
    return { type: "put", prev };
  }

  private deleteRange(op: DeleteOp, revision: Revision): OpResult {
    const keys = this.liveKeys(op);
    const prev: KeyValue[] = [];
    for (const { key, revision: modRevision } of keys)
      if (op.prevKv === true) prev.push(this.read(key, modRevision));
    for (const { key } of keys) this.deleteKey(key, revision);
    return { type: "delete", deleted: keys.length, prev };
  }

  private deleteKey(key: string, revision: Revision): void {
    const before = this.index.get(key);
    assert(before !== null, "only a live key is deleted");
    const bytes = Buffer.from(key, "latin1");
    const at = mapKey(PREFIX.record, revision, bytes);
    const meta = { createRevision: 0, version: 0, lease: 0 };
    const sealed = encodeRecord(at, meta, []);
    this.records.put(at, sealed);
    this.index.put(key, stateOf(at, sealed, { modRevision: revision, ...meta }));
    this.attach(key, { from: before.lease, to: 0 });
    const kv = { key: bytes, value: NOTHING, modRevision: revision, ...meta };
    this.changes.push({ key, kv, prevRevision: before.modRevision });
  }

  private range(op: RangeOp): OpResult {
    const keys = this.liveKeys(op);
    const limit = Math.min(
      op.limit === 0 ? TXN_RANGE_MAX : (op.limit ?? TXN_RANGE_MAX),
      TXN_RANGE_MAX,
    );
    const wanted = op.countOnly === true ? [] : keys.slice(0, limit);
    const kvs = wanted.map(({ key, revision }) => {
      const kv = this.read(key, revision);
      return op.keysOnly === true ? { ...kv, value: NOTHING } : kv;
    });
    const more = op.countOnly !== true && keys.length > kvs.length;
    return { type: "range", kvs, count: keys.length, more };
  }

  private liveKeys(
    range: KeyRange,
  ): readonly { readonly key: string; readonly revision: Revision }[] {
    const from = range.key.toString("latin1");
    if (range.rangeEnd === undefined) {
      const state = this.index.get(from);
      return state === null ? [] : [{ key: from, revision: state.modRevision }];
    }
    const end = range.rangeEnd.toString("latin1");
    const now = { revision: Number.MAX_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER };
    return this.index.slice({ from, end }, now).found;
  }

  private compact(revision: Revision): ApplyResult {
    if (revision > this.revision)
      return error("FutureRevision", `revision ${revision} has not happened yet`);
    if (revision <= this.compactRevision)
      return error("Compacted", `revision ${revision} is compacted already`);
    this.compactRevision = revision;
    return { type: "done", revision: this.revision };
  }

  private grant(id: LeaseId, ttlMs: number): ApplyResult {
    if (this.leases.has(id)) return error("InvalidRequest", `lease ${id} exists already`);
    this.leases.set(id, { id, ttlMs, keys: new Set() });
    const key = mapKey(PREFIX.lease, id);
    this.records.put(key, seal(key, new ByteWriter(32).u8(STORE_VERSION).u53(ttlMs)));
    return { type: "done", revision: this.revision };
  }

  private revoke(id: LeaseId): ApplyResult {
    const lease = this.leases.get(id);
    if (lease === undefined) return leaseNotFound(id);
    const revision = this.revision + 1;
    for (const key of [...lease.keys].sort()) this.deleteKey(key, revision);
    if (this.changes.length > 0) this.revision = revision;
    this.leases.delete(id);
    this.records.delete(mapKey(PREFIX.lease, id));
    return { type: "done", revision: this.revision };
  }

  /** Notes that a key is bound to another lease than before; 0 is none. */
  attach(key: string, { from, to }: { from: LeaseId; to: LeaseId }): void {
    if (from === to) return;
    this.leases.get(from)?.keys.delete(key);
    this.leases.get(to)?.keys.add(key);
  }
}

function stateOf(at: Buffer, sealed: Buffer, meta: Omit<KeyState, "sum" | "sizeBytes">): KeyState {
  const { modRevision, createRevision, version, lease } = meta;
  const sizeBytes = at.length + sealed.length;
  return { modRevision, createRevision, version, lease, sum: sumOfSealed(sealed), sizeBytes };
}

const UNKNOWN = error(
  "OutcomeUnknown",
  "this proposal was sent again, and it is no longer known whether it was applied",
);

function error(
  code: "FutureRevision" | "Compacted" | "InvalidRequest" | "LeaseNotFound" | "OutcomeUnknown",
  message: string,
): ApplyResult {
  return { type: "error", code, message };
}

function memberKey(index: number, id: string): Buffer {
  return mapKey(PREFIX.member, index, Buffer.from(id, "latin1"));
}

/**
 * A transaction that only fails its comparison counts too: a second copy of it must not succeed
 * where the first, which was answered, did not.
 */
function mayWrite(command: Command): boolean {
  if (command.type === "txns") return command.txns.some((txn) => mayWrite({ type: "txn", txn }));
  if (command.type !== "txn") return true;
  const { success, failure = [] } = command.txn;
  return [success, failure].some((ops) => ops.some((op) => op.type !== "range"));
}

function leaseNotFound(id: LeaseId): ApplyResult {
  return error("LeaseNotFound", `lease ${id} does not exist, or it expired`);
}

/** The value with the revision in its place. */
function spliced(op: PutOp, revision: Revision): Uint8Array[] {
  if (op.spliceAt === undefined) return [op.value];
  const digits = Buffer.from(String(revision), "latin1");
  return [op.value.subarray(0, op.spliceAt), digits, op.value.subarray(op.spliceAt)];
}

function test(difference: number, result: Compare["result"]): boolean {
  switch (result) {
    case "=":
      return difference === 0;
    case "!=":
      return difference !== 0;
    case "<":
      return difference < 0;
    case ">":
      return difference > 0;
    default:
      return unreachable(result);
  }
}
