import { join } from "node:path";
import type { Index, LogStart, Snapshot } from "raft-ts";
import type { Logger } from "../base/logger.js";
import type { Computer } from "./computer.js";
import type { Replica } from "./store/replica.js";
import { StoreError } from "./store-error.js";
import { halfTaken, listSnapshots, snapshotName, writeSnapshot } from "./store/snapshot-file.js";
import type { Wal } from "./wal/wal.js";

/** A snapshot's file. */
export interface Snapshotted {
  readonly path: string;
  /** It holds the log up to here. */
  readonly index: Index;
  readonly sizeBytes: number;
}

export interface SnapshotterConfig {
  readonly folder: string;
  /** A snapshot is taken after so many entries … */
  readonly entries: number;
  /** … or once the log has grown by so much. */
  readonly logBytes: number;
}

/**
 * Snapshots that are kept: should the newest one rot, the log still goes on from the one before.
 */
const KEPT = 2;
/**
 * A snapshot writes everything there is. One larger than this is followed by the next only once the
 * log has grown by as much, or a large store under load would write little else.
 */
const LARGE_BYTES = 64 * 1024 * 1024;

/** Takes snapshots, so that the log does not grow for ever, and drops the log below them. */
export class Snapshotter {
  private readonly config: SnapshotterConfig;
  private readonly replica: Replica;
  private readonly wal: Wal;
  private readonly logger: Logger;
  private readonly computer: Computer;
  /** Up to where the last one reached, or was tried. */
  private triedAt: Index;
  private logBytes: number;
  /** What the newest one takes up. */
  private newestBytes: number;
  private newest: Snapshotted | null;
  private running: Promise<void> | null = null;
  private lastError: unknown = null;
  private isClosed = false;
  private readonly onTaken: (snapshot: Snapshot) => void;

  constructor(
    config: SnapshotterConfig,
    deps: {
      readonly replica: Replica;
      readonly wal: Wal;
      readonly logger: Logger;
      readonly computer: Computer;
      readonly last: LogStart | null;
      /** There is a new one; its data is the name of its file. */
      readonly onTaken: (snapshot: Snapshot) => void;
    },
  ) {
    this.config = config;
    this.replica = deps.replica;
    this.wal = deps.wal;
    this.logger = deps.logger;
    this.computer = deps.computer;
    this.onTaken = deps.onTaken;
    this.triedAt = deps.last?.index ?? 0;
    this.logBytes = deps.wal.sizeBytes;
    this.newest = deps.last === null ? null : this.snapshotted(deps.last);
    this.newestBytes = this.newest?.sizeBytes ?? 0;
  }

  /** Starts one when it is due and none is being taken. */
  maybeTake(): void {
    if (this.running !== null || this.isClosed) return;
    const entries = this.replica.applied.index - this.triedAt;
    const grown = this.wal.sizeBytes - this.logBytes;
    if (entries < this.config.entries && grown < this.config.logBytes) return;
    if (this.newestBytes > LARGE_BYTES && grown < this.newestBytes) return;
    this.takeNow();
  }

  /** Starts one unless one is being taken. */
  takeNow(): void {
    if (this.running !== null || this.isClosed) return;
    this.running = this.take().then(
      () => {
        this.running = null;
      },
      (error: unknown) => {
        this.running = null;
        this.failed(error);
      },
    );
  }

  /**
   * One that holds everything that is applied now: the newest, or one that is taken for it. The
   * file stays until two later ones were taken. Rejects with what the disk threw.
   */
  async fresh(): Promise<Snapshotted> {
    const wanted = this.replica.applied.index;
    for (;;) {
      await this.running;
      const { newest } = this;
      if (newest !== null && newest.index >= wanted) return newest;
      if (this.isClosed) throw new StoreError("Closed", "the store was closed");
      this.lastError = null;
      this.takeNow();
      await this.running;
      if (this.lastError !== null) throw this.lastError;
    }
  }

  /** Waits for the one being taken. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.running;
  }

  /**
   * Nothing is lost: the log is kept until one succeeds. It is tried again when as much has been
   * written again.
   */
  private failed(error: unknown): void {
    this.lastError = error;
    const { folder } = this.config;
    this.logger.error("a snapshot could not be taken; the log is kept", { folder, error });
    const { files } = this.computer;
    for (const name of halfTaken(files.readdir(folder))) files.remove(join(folder, name));
    this.triedAt = this.replica.applied.index;
    this.logBytes = this.wal.sizeBytes;
  }

  private async take(): Promise<void> {
    const { folder } = this.config;
    const { view, at, confState } = await this.replica.view();
    const runner = this.computer.openDisk({ folder, name: null });
    try {
      await writeSnapshot(view, at, runner);
      const names = listSnapshots(this.computer.files.readdir(folder));
      const old = names.slice(KEPT).map(({ name }) => name);
      if (old.length > 0) await runner.run({ type: "remove", names: old });
      const oldest = names[KEPT - 1];
      if (oldest !== undefined) await this.wal.dropBelow(oldest.at.index);
    } finally {
      await runner.close();
      await view.close();
    }
    this.triedAt = at.index;
    this.logBytes = this.wal.sizeBytes;
    this.newest = this.snapshotted(at);
    this.newestBytes = this.newest.sizeBytes;
    this.logger.info("took a snapshot", { folder, index: at.index });
    if (!this.isClosed) this.onTaken({ ...at, confState, data: Buffer.from(snapshotName(at)) });
  }

  private snapshotted(at: LogStart): Snapshotted {
    const path = join(this.config.folder, snapshotName(at));
    return { path, index: at.index, sizeBytes: this.computer.files.sizeOf(path) };
  }
}
