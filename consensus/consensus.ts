/**
 * The one door of this folder: nothing else of it may be imported from outside.
 *
 * `connectStore` reaches a consensus process over its unix socket; `openStore` runs a group in this
 * process, for tests and tools.
 */
import type { Clock } from "../base/clock.js";
import { type Logger, silentLogger } from "../base/logger.js";
import { prepareDataDir } from "./data-dir.js";
import { openIdentity } from "./group/identity.js";
import { dieWithLastWords } from "./last-words.js";
import { LocalStore } from "./local-store.js";
import { Member } from "./member.js";
import { StoreMetrics } from "./metrics/store-metrics.js";
import { StoreClient } from "./socket/store-client.js";
import type { Store } from "./store-api.js";
import { systemClock } from "./system-clock.js";
import { nodeFileSystem } from "./wal/node-file-system.js";

export { ConsensusError, type ConsensusErrorCode } from "./consensus-errors.js";
export type * from "./store-api.js";
export { StoreError } from "./store-error.js";

export interface OpenStoreOptions {
  readonly dataDir: string;
  /** The member's name; the data folder remembers it. */
  readonly name: string;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Off: a power loss loses what was acknowledged. For tests. On when absent. */
  readonly fsync?: boolean;
  /** How long earlier revisions are kept; 5 minutes when absent. */
  readonly historyMs?: number;
  /** Entries between two snapshots; 100,000 when absent. */
  readonly snapshotEntries?: number;
  /** What a segment of the log may have; 64 MiB when absent. */
  readonly segmentSizeBytes?: number;
  /** What keys, values and their history may take up; 8 GiB when absent. */
  readonly sizeLimitBytes?: number;
  /** Called when the disk failed or is full; when absent the process says why and ends. */
  readonly onFatal?: (error: unknown) => void;
}

/** A group of one in this process. Throws ConsensusError (DataDirInUse, DiskFull …). */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const files = nodeFileSystem({ fsync: options.fsync ?? true });
  prepareDataDir(files, options.dataDir);
  const member = await Member.open({
    ...options,
    identity: openIdentity(files, options.dataDir, { name: options.name }),
    network: null,
    metrics: new StoreMetrics(),
    clock: options.clock ?? systemClock,
    logger: options.logger ?? silentLogger,
    onFatal: options.onFatal ?? dieWithLastWords,
  });
  return new LocalStore(member);
}

export interface ConnectStoreOptions {
  /** Where a consensus process listens (see runConsensus). */
  readonly socketPath: string;
  readonly clock?: Clock;
  /** A request without an answer by then is given up; 15 s when absent. */
  readonly requestTimeoutMs?: number;
}

/**
 * The store of the consensus process behind a socket; resolves once that answers. Throws NoLeader
 * when it does not within requestTimeoutMs. The connection is made again whenever it is lost.
 */
export async function connectStore(options: ConnectStoreOptions): Promise<Store> {
  const { socketPath, requestTimeoutMs = 15_000, clock = systemClock } = options;
  const client = new StoreClient({ socketPath, requestTimeoutMs }, { clock });
  try {
    await client.status();
    return client;
  } catch (error) {
    await client.close();
    throw error;
  }
}
