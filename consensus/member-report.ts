import type { Raft } from "raft-ts";
import type { Clock } from "../base/clock.js";
import type { StallWatch } from "./computer.js";
import type { Identity } from "./group/identity.js";
import { type MemberGroup, roleOf } from "./group/member-group.js";
import { MEMBER_DEFAULTS, type MemberOptions } from "./member-options.js";
import type { RaftHost } from "./raft-host.js";
import type { SizeLimit } from "./size-limit.js";
import type { Replica } from "./store/replica.js";
import type { MemberInfo, MemberStatus, StoreStatus } from "./store-api.js";
import type { MemberNetwork } from "./transport/peer-network.js";

/** How long a disk that was slow once is spoken of. */
const SLOW_DISK_MS = 60_000;

export interface MemberReportDeps {
  readonly identity: Identity;
  readonly options: MemberOptions;
  readonly network: MemberNetwork | null;
  readonly clock: Clock;
  readonly raft: Raft;
  readonly host: RaftHost;
  readonly replica: Replica;
  readonly sizeLimit: SizeLimit;
  readonly stalls: StallWatch;
  readonly members: () => ReturnType<MemberGroup["members"]>;
  /** Its replica is not what those of the others are. */
  readonly differs: () => boolean;
}

/** What a member says of itself: status, place in a list of members, metrics. */
export class MemberReport {
  private readonly deps: MemberReportDeps;
  private slowDiskAtMs = Number.NEGATIVE_INFINITY;

  constructor(deps: MemberReportDeps) {
    this.deps = deps;
  }

  noteSlowDisk(): void {
    this.slowDiskAtMs = this.deps.clock.monotonicMs();
  }

  async status(): Promise<StoreStatus> {
    const { raft, replica, identity, members, stalls } = this.deps;
    const own = await this.own();
    return {
      clusterId: identity.clusterId,
      memberId: identity.memberId,
      memberName: identity.name,
      role: roleOf(raft, replica.confState),
      leaderId: raft.leader,
      members: members(),
      term: own.term,
      commitIndex: own.commitIndex,
      appliedIndex: own.appliedIndex,
      revision: own.revision,
      compactRevision: replica.mvcc.compactRevision,
      dbSizeBytes: own.dbSizeBytes,
      alarms: own.alarms,
      hash: own.hash,
      longestStallMs: stalls.longestMs,
    };
  }

  /** What this member says of itself in a list of members. */
  async own(): Promise<Omit<MemberStatus, keyof MemberInfo>> {
    const { raft, replica, options } = this.deps;
    const dbSizeBytes = await replica.sizeBytes();
    return {
      role: roleOf(raft, replica.confState),
      healthy: raft.leader !== null,
      pid: process.pid,
      term: raft.term,
      commitIndex: raft.commitIndex,
      appliedIndex: replica.applied.index,
      revision: replica.mvcc.revision,
      dbSizeBytes,
      hash: replica.mvcc.hash(),
      hashRevision: replica.mvcc.revision,
      alarms: this.alarms(),
      version: options.version ?? "",
    };
  }

  /** Its metrics in Prometheus' text format; "" where nobody keeps them. */
  async metricsText(): Promise<string> {
    const { raft, replica, identity, options, host, stalls, network } = this.deps;
    const { metrics, sizeLimitBytes = MEMBER_DEFAULTS.sizeLimitBytes } = options;
    if (metrics === undefined) return "";
    const role = roleOf(raft, replica.confState);
    return metrics.text({
      memberId: identity.memberId,
      hasLeader: raft.leader !== null,
      isLeader: role === "leader",
      isLearner: role === "learner",
      commitIndex: raft.commitIndex,
      appliedIndex: replica.applied.index,
      pendingProposals: host.pendingProposals,
      revision: replica.mvcc.revision,
      dbSizeBytes: await replica.sizeBytes(),
      sizeLimitBytes,
      longestStallMs: stalls.longestMs,
      peers: network?.figures?.() ?? [],
    });
  }

  private alarms(): string[] {
    const { sizeLimit, replica, clock, differs } = this.deps;
    const alarms: string[] = [];
    if (sizeLimit.isReached(replica.mvcc.index.sizeBytes)) alarms.push("NoSpace");
    if (clock.monotonicMs() - this.slowDiskAtMs < SLOW_DISK_MS) alarms.push("SlowDisk");
    if (differs()) alarms.push("HashMismatch");
    return alarms;
  }
}
