import type { Member } from "./member.js";
import type {
  LeaseId,
  LeaseStatus,
  MemberList,
  NewMember,
  RangeRequest,
  RangeResponse,
  Revision,
  SavedSnapshot,
  Store,
  StoreStatus,
  TxnRequest,
  TxnResponse,
  WatchBatch,
  WatchRequest,
} from "./store-api.js";
import { TxnGatherer } from "./txn-gatherer.js";

/** The store of a member in this process. */
export class LocalStore implements Store {
  private readonly member: Member;
  private readonly gatherer: TxnGatherer;

  constructor(member: Member) {
    this.member = member;
    this.gatherer = new TxnGatherer((command) => member.run(command));
  }

  txn(txn: TxnRequest): Promise<TxnResponse> {
    return this.gatherer.txn(txn);
  }

  range(request: RangeRequest): Promise<RangeResponse> {
    return this.member.range(request);
  }

  watch(
    request: WatchRequest,
    { signal, onBatch }: { signal: AbortSignal; onBatch: (batch: WatchBatch) => void },
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return resolve();
      const handle = this.member.replica.hub.watch(request, { onBatch, onEnd: reject });
      signal.addEventListener(
        "abort",
        () => {
          handle.cancel();
          resolve();
        },
        { once: true },
      );
    });
  }

  async compact(revision: Revision): Promise<void> {
    await this.member.run({ type: "compact", revision });
  }

  readIndex(): Promise<Revision> {
    return this.member.readIndex();
  }

  async leaseGrant(ttlMs: number): Promise<LeaseId> {
    const id = this.member.leases.newId();
    await this.member.run({ type: "leaseGrant", id, ttlMs });
    return id;
  }

  async leaseKeepAlive(id: LeaseId): Promise<number> {
    return this.member.leases.keepAlive(id);
  }

  async leaseRevoke(id: LeaseId): Promise<void> {
    await this.member.run({ type: "leaseRevoke", id });
  }

  async leaseTimeToLive(id: LeaseId): Promise<LeaseStatus> {
    return this.member.leases.timeToLive(id);
  }

  status(): Promise<StoreStatus> {
    return this.member.report.status();
  }

  memberList(): Promise<MemberList> {
    return this.member.group.list();
  }

  memberAdd(member: NewMember): Promise<void> {
    const { group } = this.member;
    return group.atLeader("memberAdd", member, () => group.add(member));
  }

  memberPromote(names: readonly string[]): Promise<void> {
    const { group } = this.member;
    return group.atLeader("memberPromote", { names }, () => group.promote(names));
  }

  memberRemove(name: string, { force = false } = {}): Promise<void> {
    const { group } = this.member;
    const body = { names: [name], force };
    return group.atLeader("memberRemove", body, () => group.remove(name, force));
  }

  transferLeader(name: string | null): Promise<void> {
    const { group } = this.member;
    const body = { names: name === null ? [] : [name] };
    return group.atLeader("transferLeader", body, () => group.transfer(name));
  }

  snapshot(): Promise<SavedSnapshot> {
    return this.member.snapshot();
  }

  metrics(): Promise<string> {
    return this.member.report.metricsText();
  }

  close(): Promise<void> {
    return this.member.close();
  }
}
