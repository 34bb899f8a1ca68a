import type { Random } from "../base/random.js";
import type { DataDirLock } from "./data-dir-lock.js";
import type { OrderedMap } from "./store/ordered-map.js";
import type { DiskRunner } from "./wal/disk-runner.js";
import type { FileSystem } from "./wal/file-system.js";

/**
 * What a member finds around it beside the clock: the computer it runs on, or one that a simulation
 * makes up. Nothing else of the outside is touched by log, Raft and store.
 */
export interface Computer {
  readonly files: FileSystem;
  readonly random: Random;
  /**
   * What carries out the writes to one folder, in a thread of its own. Goes on in file `name`;
   * null: the first request creates one. While `mayWait` says so, a small write may be carried out
   * in the caller's thread.
   */
  openDisk(at: {
    readonly folder: string;
    readonly name: string | null;
    readonly mayWait?: () => boolean;
  }): DiskRunner;
  /** The store's map in `folder`. Throws what the map throws. */
  openMap(folder: string): Promise<OrderedMap>;
  /** Throws the map away; the next open begins with nothing. */
  destroyMap(folder: string): void;
  /** Makes sure that one process works on a data folder. Throws DataDirInUse. */
  lockDataDir(dataDir: string): Promise<DataDirLock>;
  /** Resolves once everything else that is due has had its turn. */
  readonly yieldTurn: () => Promise<void>;
  /** Begins to measure how long the event loop stands still. */
  watchStalls(): StallWatch;
}

export interface StallWatch {
  /** The longest stall since the watch began. */
  readonly longestMs: number;
  stop(): void;
}
