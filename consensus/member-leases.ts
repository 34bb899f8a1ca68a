import type { Clock } from "../base/clock.js";
import { hasCode } from "../base/errors.js";
import type { Random } from "../base/random.js";
import type { MemberGroup } from "./group/member-group.js";
import type { ApplyResult } from "./store/apply-result.js";
import type { Command } from "./store/command.js";
import { LeaseClock } from "./store/lease-clock.js";
import type { Lease } from "./store/mvcc.js";
import type { Replica } from "./store/replica.js";
import type { LeaseId, LeaseStatus } from "./store-api.js";
import { StoreError } from "./store-error.js";

/** Random lease ids: 48 bits, so that they are safe integers. */
const LEASE_ID_HALF = 2 ** 24;
/** A revocation that did not happen is tried again after this. */
const RETRY_MS = 1_000;

export interface MemberLeasesDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly replica: Replica;
  /** The way to whoever leads. */
  readonly group: Pick<MemberGroup, "atLeader">;
  /** Proposes the revocation of a lease that has run out. Rejects with StoreError. */
  readonly revoke: (id: LeaseId) => Promise<unknown>;
}

/** Leases as one member sees them: while it leads it lets them run out, otherwise it asks. */
export class MemberLeases {
  private readonly deps: MemberLeasesDeps;
  private readonly running: LeaseClock;
  private leads = false;

  constructor(deps: MemberLeasesDeps) {
    this.deps = deps;
    this.running = new LeaseClock(deps.clock, (id) => this.expire(id));
  }

  newId(): LeaseId {
    const { random } = this.deps;
    return 1 + random.below(LEASE_ID_HALF) * LEASE_ID_HALF + random.below(LEASE_ID_HALF);
  }

  /** Who begins to lead gives each its full time again. */
  noteLeadership(leads: boolean): void {
    this.leads = leads;
    this.running.stop();
    if (leads) this.running.start(this.deps.replica.mvcc.leases.values());
  }

  noteCommand(command: Command, result: ApplyResult): void {
    if (!this.leads || result.type === "error") return;
    if (command.type === "leaseGrant") this.running.granted(command.id, command.ttlMs);
    if (command.type === "leaseRevoke") this.running.revoked(command.id);
  }

  stop(): void {
    this.running.stop();
  }

  /** Rejects with LeaseNotFound, also for one that has run out but is not revoked yet. */
  keepAlive(id: LeaseId): Promise<number> {
    return this.deps.group.atLeader("leaseKeepAlive", { id }, async () => this.keepAliveHere(id));
  }

  timeToLive(id: LeaseId): Promise<LeaseStatus> {
    return this.deps.group.atLeader("leaseTimeToLive", { id }, async () => this.timeToLiveHere(id));
  }

  /** As `keepAlive`, of who leads alone. Throws NoLeader or LeaseNotFound. */
  keepAliveHere(id: LeaseId): number {
    const left = this.running.keepAlive(this.find(id));
    if (left === null) throw new StoreError("LeaseNotFound", `lease ${id} has expired`);
    return left;
  }

  /** As `timeToLive`, of who leads alone. Throws NoLeader or LeaseNotFound. */
  timeToLiveHere(id: LeaseId): LeaseStatus {
    return this.running.statusOf(this.find(id));
  }

  private find(id: LeaseId): Lease {
    if (!this.leads) throw new StoreError("NoLeader", "this member does not lead");
    const lease = this.deps.replica.mvcc.leases.get(id);
    if (lease === undefined) throw new StoreError("LeaseNotFound", `lease ${id} does not exist`);
    return lease;
  }

  private expire(id: LeaseId): void {
    this.deps.revoke(id).catch((error: unknown) => {
      if (hasCode(error, "LeaseNotFound")) return this.running.revoked(id);
      if (hasCode(error, "Closed")) return;
      this.running.retry(id, RETRY_MS);
    });
  }
}
