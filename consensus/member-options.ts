import type { Entry, PlantedBug, RaftConfig } from "raft-ts";
import type { Clock } from "../base/clock.js";
import type { Logger } from "../base/logger.js";
import type { Random } from "../base/random.js";
import type { Computer } from "./computer.js";
import type { Identity } from "./group/identity.js";
import type { Member } from "./member.js";
import type { MemberMetrics } from "./metrics/member-metrics.js";
import { type HostBug, isHostBug } from "./planted-bug.js";
import type { RaftHostConfig } from "./raft-host.js";
import { COMMAND_SIZE_MAX_BYTES } from "./store/command.js";
import type { MemberNetwork } from "./transport/peer-network.js";
import type { DiskOptions } from "./wal/fsync-record.js";

export interface MemberOptions {
  readonly dataDir: string;
  readonly identity: Identity;
  /** The way to the peers; null: a group of one that stays alone. */
  readonly network: MemberNetwork | null;
  /** Where this member is found; kept in the store when there is a network. */
  readonly addresses?: { readonly peerUrl: string; readonly apiUrl: string };
  /** Such as 0.1.0; told to whoever asks. */
  readonly version?: string;
  /**
   * Called when a snapshot took the place of this member's log: it has stopped, and is to be closed
   * and opened again.
   */
  readonly onReplaced?: () => void;
  /** The same happened before the member was open: it is being opened anew. */
  readonly onReplacedEarly?: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called once when the disk or the state can no longer be trusted: the process must end. */
  readonly onFatal: (error: unknown) => void;
  /** Off: a power loss loses what was acknowledged. For tests and benchmarks. */
  readonly fsync?: boolean;
  /** Takes down there what is durable (see DiskOptions.record); absent: nowhere. */
  readonly fsyncRecord?: string;
  /** While this file exists each fsync takes the milliseconds longer that stand in it. */
  readonly slowFsyncFile?: string;
  /** A leader answers reads by a lease that outlives pauses: stale reads, for the chaos suite. */
  readonly unsafeLeaseReads?: boolean;
  /** Where it runs; the computer of this process when absent (and then `fsync` counts). */
  readonly computer?: Computer;
  /** How long earlier revisions are kept; 5 minutes when absent. */
  readonly historyMs?: number;
  /** Entries between two snapshots; 100,000 when absent. */
  readonly snapshotEntries?: number;
  /** Applied entries kept in memory for followers that lag; 5,000 when absent. */
  readonly entriesKept?: number;
  /** What a segment of the log may have; 64 MiB when absent. */
  readonly segmentSizeBytes?: number;
  /** What keys, values and their history may take up; 8 GiB when absent. */
  readonly sizeLimitBytes?: number;
  /** How often a leader compares the replicas' hashes; 10 minutes when absent. */
  readonly scrubMs?: number;
  /** Told what happens to this member; absent: nobody. */
  readonly metrics?: MemberMetrics;
  /** Other figures than those of production, for a simulation: small ones find more. */
  readonly tuning?: MemberTuning;
  /** For tests alone: a bug that others shipped, to see that it would be noticed. */
  readonly plantedBug?: PlantedBug | HostBug;
  /** Told of entries once they are applied, for a simulation. A throw is fatal. */
  readonly onApplied?: (member: Member, entries: readonly Entry[]) => void;
}

export interface MemberTuning
  extends Pick<
    RaftConfig,
    "electionTicks" | "heartbeatTicks" | "messageSizeMaxBytes" | "inflightMax" | "lazyCommit"
  > {
  /** Entries kept in memory for followers that lag. */
  readonly entriesKept: number;
}

const TICK_MS = 50;
/** Ticks: heartbeats every 100 ms; elections after 500 to 1,000 ms of silence. */
const TUNING: MemberTuning = {
  electionTicks: 10,
  heartbeatTicks: 2,
  messageSizeMaxBytes: 1024 * 1024,
  inflightMax: 256,
  lazyCommit: true,
  /** Who lags more gets a snapshot. */
  entriesKept: 5_000,
};

/** What is meant where MemberOptions say nothing. */
export const MEMBER_DEFAULTS = {
  historyMs: 5 * 60_000,
  scrubMs: 10 * 60_000,
  snapshotEntries: 100_000,
  segmentSizeBytes: 64 * 1024 * 1024,
  sizeLimitBytes: 8 * 1024 * 1024 * 1024,
} as const;

export function hostConfig({
  network,
  entriesKept,
  tuning = TUNING,
}: MemberOptions): RaftHostConfig {
  return {
    tickMs: TICK_MS,
    waitingMax: 10_000,
    // A group of one has no follower for whom applied entries would have to be kept.
    entriesKept: network === null ? 0 : (entriesKept ?? tuning.entriesKept),
    readTimeoutMs: 5_000,
    proposalTimeoutMs: 10_000,
  };
}

/** 16 hex digits; see Origin. */
export function newSession(random: Random): string {
  const digits = (): string =>
    random
      .below(2 ** 32)
      .toString(16)
      .padStart(8, "0");
  return digits() + digits();
}

export function diskOptions(
  options: Pick<MemberOptions, "fsync" | "fsyncRecord" | "slowFsyncFile">,
): DiskOptions {
  const { fsync = true, fsyncRecord: record = null, slowFsyncFile } = options;
  return { fsync, record, ...(slowFsyncFile === undefined ? {} : { slowFile: slowFsyncFile }) };
}

export function raftConfig(
  { identity, tuning = TUNING, plantedBug, unsafeLeaseReads }: MemberOptions,
  random: Random,
): RaftConfig {
  return {
    id: identity.memberId,
    electionTicks: tuning.electionTicks,
    heartbeatTicks: tuning.heartbeatTicks,
    messageSizeMaxBytes: tuning.messageSizeMaxBytes,
    inflightMax: tuning.inflightMax,
    entrySizeMaxBytes: COMMAND_SIZE_MAX_BYTES,
    uncommittedSizeMaxBytes: 64 * 1024 * 1024,
    ...(tuning.lazyCommit === undefined ? {} : { lazyCommit: tuning.lazyCommit }),
    committedEntriesMax: 512,
    committedSizeMaxBytes: 4 * 1024 * 1024,
    random,
    ...(plantedBug === undefined || isHostBug(plantedBug) ? {} : { plantedBug }),
    ...(unsafeLeaseReads === true
      ? { leaseTicks: tuning.electionTicks - 1, plantedBug: "LeaseOutlivesPause" }
      : {}),
  };
}
