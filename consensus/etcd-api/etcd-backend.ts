import { createHash } from "node:crypto";
import { LocalStore } from "../local-store.js";
import type { Member } from "../member.js";
import type { LeaseId, Revision, Store } from "../store-api.js";
import { type Uint64, uint64Of } from "./etcd-messages.js";

/** A lease with the keys that are deleted with it. */
export interface LeaseKeys {
  readonly id: LeaseId;
  readonly keys: readonly Buffer[];
}

/** What the etcd-compatible API needs of this server's member, beyond a Store. */
export class EtcdBackend {
  readonly store: Store;
  private readonly member: Member;
  private readonly ids = new Map<string, Uint64>();

  constructor(member: Member) {
    this.member = member;
    this.store = new LocalStore(member);
  }

  get revision(): Revision {
    return this.member.replica.mvcc.revision;
  }

  get compactRevision(): Revision {
    return this.member.replica.mvcc.compactRevision;
  }

  /** Of the state as it is now; see StoreStatus.hash. */
  hash(): string {
    return this.member.replica.mvcc.hash();
  }

  /** Grants a lease; id 0: one of our choice. Rejects with StoreError. */
  async grantLease(id: LeaseId, ttlMs: number): Promise<LeaseId> {
    if (id === 0) return this.store.leaseGrant(ttlMs);
    await this.member.run({ type: "leaseGrant", id, ttlMs });
    return id;
  }

  leases(): readonly LeaseId[] {
    return [...this.member.replica.mvcc.leases.keys()];
  }

  /** Null when there is no such lease. */
  keysOf(id: LeaseId): readonly Buffer[] | null {
    const lease = this.member.replica.mvcc.leases.get(id);
    return lease === undefined
      ? null
      : [...lease.keys].sort().map((key) => Buffer.from(key, "latin1"));
  }

  /** etcd's header: who answers, as of which revision (default: the newest here). */
  header(revision: Revision = this.revision): object {
    const { clusterId, memberId, term } = this.member.position;
    return {
      clusterId: this.numberFor(clusterId),
      memberId: this.numberFor(memberId),
      revision,
      raftTerm: term,
    };
  }

  /** The 64-bit number by which etcd's clients know a member or a cluster. */
  numberFor(id: string): Uint64 {
    const known = this.ids.get(id);
    if (known !== undefined) return known;
    const isHex = /^[0-9a-f]{16,}$/.test(id);
    const made = uint64Of(isHex ? id : createHash("sha256").update(id).digest("hex"));
    this.ids.set(id, made);
    return made;
  }
}
