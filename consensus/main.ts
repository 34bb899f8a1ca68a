import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../base/clock.js";
import type { Logger } from "../base/logger.js";
import { type BackupOptions, Backups } from "./backup/backups.js";
import { foldersOf, prepareDataDir } from "./data-dir.js";
import { type EtcdApiOptions, type RunningEtcdApi, startEtcdApi } from "./etcd-api/etcd-server.js";
import { type Identity, openIdentity, readIdentity } from "./group/identity.js";
import { dieWithLastWords } from "./last-words.js";
import { LocalStore } from "./local-store.js";
import { Member } from "./member.js";
import { diskOptions, type MemberOptions } from "./member-options.js";
import { type RunningMetricsServer, startMetricsServer } from "./metrics/metrics-server.js";
import { StoreMetrics } from "./metrics/store-metrics.js";
import type { HostBug } from "./planted-bug.js";
import { StoreServer } from "./socket/store-server.js";
import type { MemberList, SavedSnapshot, StoreStatus } from "./store-api.js";
import { systemClock } from "./system-clock.js";
import { PeerNetwork } from "./transport/peer-network.js";
import type { PeerTls } from "./transport/peer-identity.js";
import { nodeFileSystem } from "./wal/node-file-system.js";

export type { BackupOptions } from "./backup/backups.js";
export { type ForcedGroup, forceNewGroup } from "./backup/force-new-group.js";
export {
  readSnapshotInfo,
  restoreSnapshot,
  type SnapshotInfo,
} from "./backup/snapshot-files.js";
export { PEER_NAME_PREFIX, PEER_ORGANIZATION } from "./transport/peer-identity.js";
export type { EtcdApiOptions } from "./etcd-api/etcd-server.js";
export type { Identity } from "./group/identity.js";

/** How this server talks to its peers. */
export interface PeersOptions {
  readonly listen: { readonly host: string; readonly port: number };
  /** The host that peers reach this server at. */
  readonly advertiseHost: string;
  /** Where this server's API is, such as https://10.0.0.1:6443. */
  readonly apiUrl: string;
  /** A certificate of the cluster's that names this member (PEER_NAME_PREFIX + its id). */
  readonly tls: PeerTls;
}

export type { FsyncRecordLine } from "./wal/fsync-record.js";

export interface ConsensusOptions {
  readonly dataDir: string;
  readonly memberName: string;
  /** At most 107 bytes; in a folder that only this user may enter. */
  readonly socketPath: string;
  readonly logger: Logger;
  /** Absent: a group of one that stays alone. */
  readonly peers?: PeersOptions;
  /** Serve etcd's API too; absent: not. */
  readonly etcdApi?: EtcdApiOptions;
  /** Serve GET /metrics there by plain HTTP; absent: not. */
  readonly metricsListen?: { readonly host: string; readonly port: number };
  /** Make backups; absent: none. */
  readonly backups?: BackupOptions;
  /** Such as 0.1.0; told to whoever lists the members. */
  readonly version?: string;
  readonly clock?: Clock;
  /** A power loss then loses what was acknowledged. For tests and benchmarks. */
  readonly unsafeNoFsync?: boolean;
  /** Takes down there what is durable, so that a test can play a power loss; absent: nowhere. */
  readonly fsyncRecord?: string;
  /** Makes the disk slow while this file exists, by as many milliseconds as stand in it. */
  readonly slowFsyncFile?: string;
  /** Lets leaders answer stale reads after a pause, so that a test can show that it notices. */
  readonly unsafeLeaseReads?: boolean;
  /** How long earlier revisions are kept; 5 minutes when absent. */
  readonly historyMs?: number;
  /** Entries between two snapshots; 100,000 when absent. */
  readonly snapshotEntries?: number;
  /** Applied entries kept in memory for followers that lag; 5,000 when absent. */
  readonly entriesKept?: number;
  /** What a segment of the log may have; 64 MiB when absent. */
  readonly segmentSizeBytes?: number;
  /** How often a leader compares the replicas' hashes; 10 minutes when absent. */
  readonly scrubMs?: number;
  /** For tests alone: a bug, to see that it would be noticed. */
  readonly plantedBug?: HostBug;
  /** What keys, values and their history may take up; 8 GiB when absent. */
  readonly sizeLimitBytes?: number;
  /**
   * Called instead of ending the process when disk or state can no longer be trusted, or when this
   * member was removed. For tests.
   */
  readonly onFatal?: (error: unknown) => void;
}

export interface RunningConsensus {
  readonly identity: Identity;
  /** Where peers reach this server; "" in a group of one that stays alone. */
  readonly peerUrl: string;
  /** Where etcd's API is served; null: nowhere. */
  readonly etcdPort: number | null;
  /** Where metrics are served; null: nowhere. */
  readonly metricsPort: number | null;
  status(): Promise<StoreStatus>;
  memberList(): Promise<MemberList>;
  /** Takes the peer certificate anew from its files. */
  renewCertificate(): void;
  /** Hands leadership to another voter if it is here and one keeps up; goes on serving. */
  handOver(): Promise<void>;
  /** Hands leadership over and ends in order; what was acknowledged stays. */
  stop(): Promise<void>;
}

/**
 * Whose data folder it is: what stands in it, or `join` (see the answer to a server that joins), or
 * a member that founds a group. Written down for good. Throws ConsensusError.
 */
export function claimDataDir(
  dataDir: string,
  wanted: {
    readonly name: string;
    readonly join?: { readonly clusterId: string; readonly memberId: string };
  },
): Identity {
  const files = nodeFileSystem({ fsync: true });
  prepareDataDir(files, dataDir);
  return openIdentity(files, dataDir, wanted);
}

/** Null: the folder belongs to nobody yet, so its server may found a group or join one. */
export function ownerOfDataDir(dataDir: string): Identity | null {
  return existsSync(dataDir) ? readIdentity(nodeFileSystem({ fsync: true }), dataDir) : null;
}

/**
 * Runs this server's member of the group and serves its store on the socket; resolves once it does.
 * Throws ConsensusError. A disk that fails later ends the process, with last words on stderr.
 */
export async function runConsensus(options: ConsensusOptions): Promise<RunningConsensus> {
  const { clock = systemClock, logger } = options;
  const disk = diskOptions({ ...options, fsync: options.unsafeNoFsync !== true });
  const identity = claimDataDir(options.dataDir, { name: options.memberName });
  const { clusterId, memberId } = identity;
  const { peers } = options;
  const metrics = new StoreMetrics();
  if (peers === undefined)
    return ConsensusProcess.open(options, { identity, metrics, network: null });
  const snapshotFolder = foldersOf(options.dataDir).snapshots;
  nodeFileSystem(disk).makeFolder(snapshotFolder);
  const { listen, tls } = peers;
  const network = await PeerNetwork.listen(
    { clusterId, memberId, listen, tls, snapshotFolder, disk },
    { clock, logger, onRoundTrip: (peer, tookMs) => metrics.roundTripped(peer, tookMs) },
  );
  try {
    return await ConsensusProcess.open(options, { identity, metrics, network });
  } catch (error) {
    await network.close();
    throw error;
  }
}

interface ProcessParts {
  readonly identity: Identity;
  readonly metrics: StoreMetrics;
  readonly network: PeerNetwork | null;
}

/** A member with its socket; the member is opened anew when a snapshot takes its place. */
class ConsensusProcess implements RunningConsensus {
  readonly identity: Identity;
  readonly peerUrl: string;
  private readonly options: ConsensusOptions;
  private readonly metrics: StoreMetrics;
  private readonly network: PeerNetwork | null;
  private readonly onFatal: (error: unknown) => void;
  private member: Member | null = null;
  private server: StoreServer | null = null;
  private etcdApi: RunningEtcdApi | null = null;
  private metricsServer: RunningMetricsServer | null = null;
  private readonly backups: Backups | null;
  /** What opens or closes the member, one after the other. */
  private work: Promise<void> = Promise.resolve();
  private isStopped = false;

  private constructor(options: ConsensusOptions, { identity, metrics, network }: ProcessParts) {
    this.options = options;
    this.identity = identity;
    this.metrics = metrics;
    this.network = network;
    this.onFatal = options.onFatal ?? dieWithLastWords;
    const host = options.peers?.advertiseHost ?? "";
    this.backups = this.makeBackups();
    this.peerUrl = network === null ? "" : `wss://${urlHost(host)}:${network.port}`;
  }

  static async open(options: ConsensusOptions, parts: ProcessParts): Promise<ConsensusProcess> {
    const running = new ConsensusProcess(options, parts);
    const { metricsListen } = options;
    if (metricsListen !== undefined)
      running.metricsServer = await startMetricsServer(
        metricsListen,
        async () => (await running.member?.report.metricsText()) ?? "",
      );
    try {
      await running.openMember();
      running.backups?.start();
    } catch (error) {
      await running.metricsServer?.close();
      throw error;
    }
    return running;
  }

  get etcdPort(): number | null {
    return this.etcdApi?.port ?? null;
  }

  get metricsPort(): number | null {
    return this.metricsServer?.port ?? null;
  }

  async status(): Promise<StoreStatus> {
    await this.work;
    return new LocalStore(this.mustRun()).status();
  }

  async memberList(): Promise<MemberList> {
    await this.work;
    return new LocalStore(this.mustRun()).memberList();
  }

  renewCertificate(): void {
    this.network?.renewCertificate();
  }

  async handOver(): Promise<void> {
    await this.work;
    await this.member?.handOver();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.backups?.stop();
    await this.work;
    await this.member?.handOver();
    await this.closeMember();
    await this.network?.close();
    await this.metricsServer?.close();
  }

  private async openMember(): Promise<void> {
    const { options } = this;
    const { logger, socketPath, peers } = options;
    const memberOptions: MemberOptions = {
      ...options,
      dataDir: options.dataDir,
      identity: this.identity,
      network: this.network,
      metrics: this.metrics,
      clock: options.clock ?? systemClock,
      fsync: options.unsafeNoFsync !== true,
      onFatal: this.onFatal,
      onReplaced: () => this.reopen(),
      ...(peers === undefined
        ? {}
        : { addresses: { peerUrl: this.peerUrl, apiUrl: peers.apiUrl } }),
    };
    const member = await Member.open(memberOptions);
    this.member = member;
    try {
      this.server = await StoreServer.listen(member, { socketPath, logger });
      if (options.etcdApi !== undefined)
        this.etcdApi = await startEtcdApi(member, { ...options.etcdApi, logger });
    } catch (error) {
      await this.closeMember();
      throw error;
    }
  }

  private makeBackups(): Backups | null {
    const { backups, logger, clock = systemClock } = this.options;
    if (backups === undefined) return null;
    const snapshot = async (): Promise<SavedSnapshot> => {
      await this.work;
      return this.mustRun().snapshot();
    };
    return new Backups(backups, { clock, logger, snapshot });
  }

  private async closeMember(): Promise<void> {
    await this.etcdApi?.close();
    await this.server?.close();
    await this.member?.close();
    this.etcdApi = null;
    this.server = null;
    this.member = null;
  }

  /** As after a crash: recovery makes the store from the snapshot that took the log's place. */
  private reopen(): void {
    this.work = this.work
      .then(async () => {
        if (this.isStopped) return;
        await this.closeMember();
        await this.openMember();
      })
      .catch((error: unknown) => this.onFatal(error));
  }

  private mustRun(): Member {
    if (this.member !== null) return this.member;
    throw new Error(`the store in ${join(this.options.dataDir)} was closed`);
  }
}

/** An address as it stands in a URL. */
function urlHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
