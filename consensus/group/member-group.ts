import { type ConfState, isVoter, membersOf, type PeerId, type Raft } from "raft-ts";
import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/logger.js";
import type { RaftHost } from "../raft-host.js";
import type { MemberRecord } from "../store/member-table.js";
import { toErrorCode } from "../store/apply-result.js";
import type { Replica } from "../store/replica.js";
import type { MemberInfo, MemberList, MemberStatus, NewMember } from "../store-api.js";
import { StoreError } from "../store-error.js";
import type { MemberNetwork } from "../transport/peer-network.js";
import { Farewell } from "./farewell.js";
import type { Identity } from "./identity.js";
import { planPromotion, type PeerView, refuseRemoval } from "./membership-plan.js";

/** What a member does for another that asks. */
export type GroupMethod =
  | "status"
  | "leaseKeepAlive"
  | "leaseTimeToLive"
  | "memberAdd"
  | "memberPromote"
  | "memberRemove"
  | "transferLeader"
  | "hashAt"
  | "scrubbed";

export interface MemberGroupDeps {
  readonly identity: Identity;
  readonly raft: Raft;
  readonly host: RaftHost;
  readonly replica: Replica;
  readonly network: MemberNetwork | null;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Puts a record into the log. */
  readonly setMember: (member: MemberRecord) => Promise<void>;
  readonly ownStatus: () => Promise<Omit<MemberStatus, keyof MemberInfo>>;
  /** This member was removed, and nobody needs it any more. */
  readonly onRemoved: (why: string) => void;
}

/** How long whoever leads is looked for. */
const LEADER_WAIT_MS = 5_000;
const RETRY_MS = 50;
const STATUS_TIMEOUT_MS = 1_000;
const TRANSFER_TIMEOUT_MS = 2_000;
/** How often a leader looks whether learners have caught up. */
const PROMOTE_CHECK_MS = 200;
/** A log so many entries behind follows closely. */
const CAUGHT_UP_ENTRIES = 1_000;

/** Who belongs to the group: what is asked of it, and what a leader does about it by itself. */
export class MemberGroup {
  private readonly deps: MemberGroupDeps;
  private cancelCheck: (() => void) | null = null;
  /** Changes of the membership are made one after the other. */
  private lastChange: Promise<unknown> = Promise.resolve();
  private isClosed = false;
  /** Called when another leads, and at the end. */
  private readonly leaderWatchers = new Set<() => void>();
  /** Null: this member is alone for ever. */
  private readonly farewell: Farewell | null;

  constructor(deps: MemberGroupDeps) {
    this.deps = deps;
    this.farewell = deps.network === null ? null : this.makeFarewell(deps.network);
  }

  close(): void {
    this.isClosed = true;
    this.farewell?.close();
    this.cancelCheck?.();
    this.tellWatchers();
  }

  /** Everybody who belongs to the group, as far as is applied here. */
  members(): MemberInfo[] {
    const { confState, mvcc } = this.deps.replica;
    return membersOf(confState).map((id) => {
      const record = mvcc.members.get(id);
      const { name = "", peerUrl = "", apiUrl = "" } = record ?? {};
      return { id, name, peerUrl, apiUrl, voter: isVoter(confState, id) };
    });
  }

  /** Leader or membership may have changed: connects to whom there is, looks after learners. */
  update(): void {
    if (this.isClosed) return;
    this.tellWatchers();
    const { network, replica, identity } = this.deps;
    const known = replica.mvcc.members.all().filter(({ peerUrl }) => peerUrl !== "");
    network?.setPeers(known);
    if (replica.mvcc.members.hasLeft(identity.memberId))
      this.farewell?.begin(replica.applied.index);
    if (this.cancelCheck === null) this.checkLearners();
  }

  async list(): Promise<MemberList> {
    const { identity, raft } = this.deps;
    const members = await Promise.all(this.members().map((member) => this.statusOf(member)));
    // Who was paused may still think that it leads: the newest term is right.
    const term = Math.max(raft.term, ...members.map((member) => member.term));
    const checked = members.map((member) =>
      member.role === "leader" && member.term < term
        ? { ...member, role: "follower" as const }
        : member,
    );
    return { clusterId: identity.clusterId, members: checked };
  }

  /**
   * Has the leader do it: here, or at the peer that leads. Rejects with what that one says, or
   * NoLeader.
   */
  async atLeader<T>(method: GroupMethod, body: unknown, here: () => Promise<T>): Promise<T> {
    const { raft, network, clock, identity } = this.deps;
    const deadlineMs = clock.monotonicMs() + LEADER_WAIT_MS;
    for (;;) {
      const { leader } = raft;
      if (leader === identity.memberId) {
        const result = await here().catch(onlyNoLeader);
        if (result !== NO_LEADER) return result;
      } else if (leader !== null && network !== null) {
        const leftMs = Math.max(1, deadlineMs - clock.monotonicMs());
        const answer = await network.request(leader, method, body, leftMs);
        if (answer.ok) return answer.body as T;
        if (answer.code !== "NoLeader" && answer.code !== "Unreachable")
          throw new StoreError(toErrorCode(answer.code), answer.message);
      }
      if (clock.monotonicMs() >= deadlineMs || this.isClosed)
        throw new StoreError("NoLeader", "there is no leader that could be asked");
      await this.anotherLeader(leader === null ? deadlineMs - clock.monotonicMs() : RETRY_MS);
    }
  }

  /** Leader only, like everything that follows. */
  add(member: NewMember): Promise<void> {
    return this.change(async () => {
      this.mustLead();
      const { host, replica } = this.deps;
      const { id, name, peerUrl, apiUrl } = member;
      if (replica.mvcc.members.hasLeft(id))
        throw new StoreError("Unsafe", `the member ${id} was removed and cannot come back`);
      const same = this.members().find((one) => one.name === name && one.id !== id);
      if (same !== undefined) await this.replace(same);
      await this.deps.setMember({ id, name, peerUrl, apiUrl });
      if (membersOf(replica.confState).includes(id)) return;
      const change = { type: "ConfChangeAddLearnerNode", node: id } as const;
      await host.changeMembers({ transition: "Auto", changes: [change] });
      this.deps.logger.info("a member was taken in as a learner", { id, name, peerUrl });
    });
  }

  promote(names: readonly string[]): Promise<void> {
    return this.change(async () => {
      this.mustLead();
      const { confState } = this.deps.replica;
      const learners = names.map((name) => this.named(name)).filter(({ voter }) => !voter);
      for (const { id, name } of learners) {
        const view = this.viewOf(id);
        if (!view.isReachable) throw notReady(`${name} cannot be reached`);
        if (!view.isCaughtUp || !confState.learners.includes(id))
          throw notReady(`${name} has not caught up yet`);
      }
      await this.makeVoters(learners.map(({ id }) => id));
    });
  }

  remove(name: string, force: boolean): Promise<void> {
    return this.change(async () => {
      this.mustLead();
      const member = this.named(name);
      await this.removeMember(member, force);
    });
  }

  async transfer(name: string | null): Promise<void> {
    this.mustLead();
    const target = name === null ? this.best() : this.named(name).id;
    const { raft, host, clock, identity } = this.deps;
    if (target === identity.memberId) return;
    if (target === null || !isVoter(raft.confState, target))
      throw notReady("there is no other voter that keeps up");
    if (!this.viewOf(target).isReachable) throw notReady(`${name ?? target} cannot be reached`);
    host.transferLeader(target);
    const deadlineMs = clock.monotonicMs() + TRANSFER_TIMEOUT_MS;
    while (raft.leader !== target) {
      const leftMs = deadlineMs - clock.monotonicMs();
      if (leftMs <= 0 || this.isClosed)
        throw notReady(`${name ?? target} did not take over in time`);
      await this.anotherLeader(leftMs);
    }
  }

  private makeFarewell(network: MemberNetwork): Farewell {
    const { clock, replica, onRemoved } = this.deps;
    return new Farewell({
      clock,
      remaining: () => replica.confState.voters,
      askStatus: (peer, timeoutMs) => network.request(peer, "status", {}, timeoutMs),
      onLeave: () => onRemoved("the group's log says so"),
    });
  }

  /** Resolves when another leads, or nobody any more; after `waitMs` at the latest. */
  private anotherLeader(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const settle = (): void => {
        cancel();
        this.leaderWatchers.delete(settle);
        resolve();
      };
      const cancel = this.deps.clock.schedule(Math.max(1, waitMs), settle);
      this.leaderWatchers.add(settle);
    });
  }

  private tellWatchers(): void {
    for (const tell of this.leaderWatchers) tell();
  }

  /** The voter that keeps up best, beside this one; null when there is none. */
  best(): PeerId | null {
    const { raft, identity } = this.deps;
    let best: { readonly id: PeerId; readonly match: number } | null = null;
    for (const id of raft.confState.voters) {
      const progress = id === identity.memberId ? null : raft.progressOf(id);
      if (progress === null || !this.viewOf(id).isReachable) continue;
      if (best === null || progress.match > best.match) best = { id, match: progress.match };
    }
    return best?.id ?? null;
  }

  private change<T>(run: () => Promise<T>): Promise<T> {
    const result = this.lastChange.then(run);
    this.lastChange = result.catch(() => {});
    return result;
  }

  /** A server that lost its disk comes back under its name: what it was before must go first. */
  private async replace(member: MemberInfo): Promise<void> {
    const { name, id } = member;
    if (this.viewOf(id).isReachable || id === this.deps.identity.memberId)
      throw new StoreError("Unsafe", `a member named ${name} is there and can be reached`);
    await this.removeMember(member, false);
  }

  private async removeMember({ id, name }: MemberInfo, force: boolean): Promise<void> {
    const { host, identity, logger, replica } = this.deps;
    const { confState } = replica;
    const peers = membersOf(confState).map((peer) => this.viewOf(peer));
    const why = refuseRemoval(confState, id, { self: identity.memberId, peers, force });
    if (why !== null) throw new StoreError("Unsafe", `${name} must not be removed: ${why}`);
    if (id === identity.memberId && this.best() !== null) {
      await this.transfer(null);
      // The next leader does it.
      throw new StoreError("NoLeader", "leadership was handed over first");
    }
    const change = { type: "ConfChangeRemoveNode", node: id } as const;
    await host.changeMembers({ transition: "Auto", changes: [change] });
    logger.info("a member was removed", { id, name });
  }

  private async makeVoters(ids: readonly PeerId[]): Promise<void> {
    if (ids.length === 0) return;
    const changes = ids.map((node) => ({ type: "ConfChangeAddNode", node }) as const);
    await this.deps.host.changeMembers({ transition: "Auto", changes });
    this.deps.logger.info("learners became voters", { ids });
  }

  private checkLearners(): void {
    const { clock, raft, replica, identity } = this.deps;
    this.cancelCheck = null;
    const { confState } = replica;
    if (this.isClosed || raft.leader !== identity.memberId || confState.learners.length === 0)
      return;
    if (this.readyLearners().length > 0)
      void this.change(() => this.makeVoters(this.readyLearners())).catch((error: unknown) => {
        this.deps.logger.warn("learners did not become voters; it is tried again", { error });
      });
    this.cancelCheck = clock.schedule(PROMOTE_CHECK_MS, () => this.checkLearners());
  }

  /** Asked again when it is done: a change that waited before it may have removed one of them. */
  private readyLearners(): readonly PeerId[] {
    const { confState } = this.deps.replica;
    return planPromotion(
      confState,
      confState.learners.map((id) => this.viewOf(id)),
    );
  }

  private viewOf(id: PeerId): PeerView {
    const { raft, network } = this.deps;
    const progress = raft.progressOf(id);
    const isReachable = network?.isConnected(id) ?? false;
    const isCaughtUp =
      progress?.state === "Replicate" && progress.match + CAUGHT_UP_ENTRIES >= raft.lastIndex;
    return { id, isReachable, isCaughtUp };
  }

  private async statusOf(member: MemberInfo): Promise<MemberStatus> {
    const { identity, network, ownStatus } = this.deps;
    if (member.id === identity.memberId) return { ...member, ...(await ownStatus()) };
    const answer = await network?.request(member.id, "status", {}, STATUS_TIMEOUT_MS);
    if (answer?.ok !== true) return { ...member, ...UNREACHABLE };
    return { ...(answer.body as Omit<MemberStatus, keyof MemberInfo>), ...member };
  }

  private named(name: string): MemberInfo {
    const found = this.members().find((member) => member.name === name || member.id === name);
    if (found !== undefined) return found;
    throw new StoreError("NoSuchMember", `nobody in the group is called ${name}`);
  }

  private mustLead(): void {
    const { raft, identity } = this.deps;
    if (raft.role === "leader" && raft.leader === identity.memberId) return;
    throw new StoreError("NoLeader", "this member does not lead");
  }
}

/** What may be told of a member's role. */
export function roleOf(
  raft: Raft,
  conf: ConfState,
): "leader" | "follower" | "candidate" | "learner" {
  if (raft.role === "leader") return "leader";
  if (raft.role !== "follower") return "candidate";
  return isVoter(conf, raft.id) ? "follower" : "learner";
}

const NO_LEADER = Symbol("no leader");

function onlyNoLeader(error: unknown): typeof NO_LEADER {
  if (error instanceof StoreError && error.code === "NoLeader") return NO_LEADER;
  throw error;
}

const UNREACHABLE: Omit<MemberStatus, keyof MemberInfo> = {
  role: "unreachable",
  healthy: false,
  pid: 0,
  term: 0,
  commitIndex: 0,
  appliedIndex: 0,
  revision: 0,
  dbSizeBytes: 0,
  hash: "",
  hashRevision: 0,
  alarms: [],
  version: "",
};

function notReady(why: string): StoreError {
  return new StoreError("NotReady", why);
}
