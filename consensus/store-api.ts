/**
 * The store's data model is etcd v3's: one flat key space of bytes, one global revision, and for
 * each key its createRevision, modRevision and version. Whoever speaks to the store speaks these
 * types.
 */

/** Grows by one with every transaction that changes something. 1 is the empty store. */
export type Revision = number;
/** Names a lease; 0 means none. */
export type LeaseId = number;

export interface KeyValue {
  readonly key: Buffer;
  readonly value: Buffer;
  readonly createRevision: Revision;
  readonly modRevision: Revision;
  /** 1 for a key just created; how many times it was put since. */
  readonly version: number;
  readonly lease: LeaseId;
}

/**
 * A condition of a transaction. A key that does not exist has revisions and version 0, and no
 * value.
 */
export type Compare =
  | {
      readonly target: "createRevision" | "modRevision" | "version" | "lease";
      readonly key: Buffer;
      readonly result: "=" | "!=" | "<" | ">";
      readonly value: number;
    }
  | {
      readonly target: "value";
      readonly key: Buffer;
      readonly result: "=" | "!=" | "<" | ">";
      readonly value: Buffer;
    };

/** Keys from `key` (included) to `rangeEnd` (excluded). No rangeEnd: that key alone. */
export interface KeyRange {
  readonly key: Buffer;
  readonly rangeEnd?: Buffer;
}

export interface PutOp {
  readonly type: "put";
  readonly key: Buffer;
  readonly value: Buffer;
  readonly lease?: LeaseId;
  /**
   * Where apply inserts the decimal revision of this transaction into `value` (a byte offset): an
   * object's resourceVersion is known only then. Absent: the value is stored as it is.
   */
  readonly spliceAt?: number;
  /** Ask for the pair that this put replaced. */
  readonly prevKv?: boolean;
}
export interface DeleteOp extends KeyRange {
  readonly type: "delete";
  readonly prevKv?: boolean;
}
export interface RangeOp extends KeyRange {
  readonly type: "range";
  readonly limit?: number;
  readonly keysOnly?: boolean;
  readonly countOnly?: boolean;
}
export type Op = PutOp | DeleteOp | RangeOp;

export type OpResult =
  | { readonly type: "put"; readonly prev: KeyValue | null }
  | { readonly type: "delete"; readonly deleted: number; readonly prev: readonly KeyValue[] }
  | {
      readonly type: "range";
      readonly kvs: readonly KeyValue[];
      /** All keys in the range, whatever the limit. */
      readonly count: number;
      readonly more: boolean;
    };

/**
 * All compares hold: `success` runs, otherwise `failure`; all or nothing, at most 128 operations.
 */
export interface TxnRequest {
  readonly compares: readonly Compare[];
  readonly success: readonly Op[];
  readonly failure?: readonly Op[];
}
export interface TxnResponse {
  readonly succeeded: boolean;
  /** The store's revision after this transaction. */
  readonly revision: Revision;
  readonly results: readonly OpResult[];
}

export interface RangeRequest extends KeyRange {
  /** Read as of this revision; absent or 0: now. Throws "Compacted" or "FutureRevision". */
  readonly revision?: Revision;
  readonly limit?: number;
  readonly keysOnly?: boolean;
  readonly countOnly?: boolean;
  /**
   * Read the local replica without asking the leader. Off: the read is linearizable (ReadIndex).
   */
  readonly serializable?: boolean;
}
export interface RangeResponse {
  /** The store's revision when the range was read, not the one that was asked for. */
  readonly revision: Revision;
  readonly kvs: readonly KeyValue[];
  readonly count: number;
  readonly more: boolean;
}

export interface WatchRequest extends KeyRange {
  /**
   * The first revision to report. Throws "Compacted" when history no longer reaches back that far.
   */
  readonly fromRevision: Revision;
  readonly prevKv?: boolean;
}
export interface WatchEvent {
  readonly type: "put" | "delete";
  /** For a delete: the key, modRevision = the revision of the delete, an empty value. */
  readonly kv: KeyValue;
  readonly prevKv?: KeyValue;
}
/** All events of one or more whole revisions, in order; never half a revision. */
export interface WatchBatch {
  /** Everything up to and including this revision has been reported. */
  readonly revision: Revision;
  /** Empty in a progress report. */
  readonly events: readonly WatchEvent[];
}

export interface LeaseStatus {
  readonly id: LeaseId;
  readonly grantedTtlMs: number;
  /** What is left; negative or 0 when it expired and awaits its deletion. */
  readonly remainingMs: number;
}

/** A member as every other knows it, without asking it. */
export interface MemberInfo {
  readonly id: string;
  /** What people call it; "" before it said so. */
  readonly name: string;
  /** Where its peers reach it, such as wss://10.0.0.1:6444. */
  readonly peerUrl: string;
  /** Where its API is, such as https://10.0.0.1:6443. */
  readonly apiUrl: string;
  /** False: a learner, which receives everything and decides nothing. */
  readonly voter: boolean;
}

export type MemberRole = "leader" | "follower" | "candidate" | "learner" | "unreachable";

/** A member as it says itself that it is; of one that is unreachable, nothing but MemberInfo. */
export interface MemberStatus extends MemberInfo {
  readonly role: MemberRole;
  readonly healthy: boolean;
  readonly pid: number;
  readonly term: number;
  readonly commitIndex: number;
  readonly appliedIndex: number;
  readonly revision: Revision;
  readonly dbSizeBytes: number;
  /** Of the state as of hashRevision; see StoreStatus.hash. */
  readonly hash: string;
  readonly hashRevision: Revision;
  readonly alarms: readonly string[];
  readonly version: string;
}

/** Exactly one of the members is the leader, or none. */
export interface MemberList {
  readonly clusterId: string;
  readonly members: readonly MemberStatus[];
}

/** A server that is to become a member. */
export type NewMember = Omit<MemberInfo, "voter">;

/** A snapshot's file, which only this user may read. */
export interface SavedSnapshot {
  readonly path: string;
  readonly sizeBytes: number;
}

export interface StoreStatus {
  readonly clusterId: string;
  readonly memberId: string;
  readonly memberName: string;
  readonly role: Exclude<MemberRole, "unreachable">;
  readonly leaderId: string | null;
  /** As far as this member has applied. */
  readonly members: readonly MemberInfo[];
  readonly term: number;
  readonly commitIndex: number;
  readonly appliedIndex: number;
  readonly revision: Revision;
  readonly compactRevision: Revision;
  readonly dbSizeBytes: number;
  /**
   * - NoSpace: the size limit was reached; only reads and deletes are served until enough was
   *   deleted and its history compacted.
   * - HashMismatch: the last scrub found this replica to differ from what most have.
   * - SlowDisk: a write to the log has taken longer than a second within the last minute.
   */
  readonly alarms: readonly string[];
  /**
   * Of revisions, live keys, leases and the table of duplicates as of appliedIndex: members that
   * have applied the same have the same.
   */
  readonly hash: string;
  /** The longest time for which the member did nothing else than one thing, since it started. */
  readonly longestStallMs: number;
}

/**
 * - Compacted: the revision asked for is older than history (details: compactRevision).
 * - FutureRevision: the revision asked for has not happened yet.
 * - LeaseNotFound: no such lease, or it expired.
 * - TooManyOperations / RequestTooLarge: over 128 operations / over 1.5 MB in one transaction.
 * - Overloaded: too many requests wait already; nothing was proposed; try again.
 * - NoLeader: no leader could be asked in time; nothing was proposed.
 * - OutcomeUnknown: the proposal was handed over, the connection or the leader was lost: it may or
 *   may not happen.
 * - NoSpace: the store reached its size limit; only reads and deletes are served.
 * - InvalidRequest: an operation makes no sense (an empty key, a key written twice in one
 *   transaction …).
 * - Closed: this client was closed.
 * - Unsafe: refused because the group could lose its majority; the message says why.
 * - NoSuchMember: nobody in the group has that name.
 * - NotReady: the member does not keep up yet, or cannot be reached.
 */
export type StoreErrorCode =
  | "Compacted"
  | "FutureRevision"
  | "LeaseNotFound"
  | "TooManyOperations"
  | "RequestTooLarge"
  | "Overloaded"
  | "NoLeader"
  | "OutcomeUnknown"
  | "NoSpace"
  | "InvalidRequest"
  | "Closed"
  | "Unsafe"
  | "NoSuchMember"
  | "NotReady";

/**
 * The store as its users see it, in this process or behind a socket. Failures are
 * CodedError<StoreErrorCode>.
 */
export interface Store {
  txn(request: TxnRequest): Promise<TxnResponse>;
  range(request: RangeRequest): Promise<RangeResponse>;
  /**
   * Reports everything from `fromRevision` on, then goes on until the signal aborts. `onBatch` is
   * called in order; rejects (with "Compacted", "Closed" …) when it cannot go on; resolves when
   * aborted.
   */
  watch(
    request: WatchRequest,
    options: { signal: AbortSignal; onBatch: (batch: WatchBatch) => void },
  ): Promise<void>;
  /** Drops history below `revision`. */
  compact(revision: Revision): Promise<void>;
  /**
   * The revision that a linearizable read may be served from, once the local replica has applied
   * it.
   */
  readIndex(): Promise<Revision>;
  leaseGrant(ttlMs: number): Promise<LeaseId>;
  /** Renewals stay in the leader's memory. Returns what is left, in ms. */
  leaseKeepAlive(id: LeaseId): Promise<number>;
  leaseRevoke(id: LeaseId): Promise<void>;
  leaseTimeToLive(id: LeaseId): Promise<LeaseStatus>;
  status(): Promise<StoreStatus>;
  /** Asks every member; those that do not answer within a second are unreachable. */
  memberList(): Promise<MemberList>;
  /**
   * Takes in a server as a learner; the leader makes it a voter once it has caught up and the
   * number of voters stays odd. One of the same name that cannot be reached is replaced. Rejects
   * with Unsafe when it can.
   */
  memberAdd(member: NewMember): Promise<void>;
  /** Makes these learners voters in one change. Rejects with NoSuchMember, NotReady. */
  memberPromote(names: readonly string[]): Promise<void>;
  /** Rejects with NoSuchMember, or Unsafe unless forced; never removes the last voter. */
  memberRemove(name: string, options?: { readonly force?: boolean }): Promise<void>;
  /**
   * Hands leadership to that member, or to whoever keeps up best; resolves once it leads. Rejects
   * with NoSuchMember, NotReady.
   */
  transferLeader(name: string | null): Promise<void>;
  /**
   * A snapshot of everything acknowledged until now, as a file on this computer; open it soon, for
   * it is removed once two later ones were taken.
   */
  snapshot(): Promise<SavedSnapshot>;
  /** The member's metrics, in Prometheus' text format. */
  metrics(): Promise<string>;
  close(): Promise<void>;
}
