import { randomBytes } from "node:crypto";
import type { Computer } from "./computer.js";
import { lockDataDir } from "./data-dir-lock.js";
import { StallMeter } from "./stall-meter.js";
import { destroyLevelMap, openLevelMap } from "./store/level-map.js";
import { threadRunner } from "./wal/disk-runner.js";
import { type DiskOptions, recordedFileSystem } from "./wal/fsync-record.js";
import { promptRunner } from "./wal/prompt-runner.js";

/**
 * The computer this process runs on. With `fsync: false` nothing survives a power loss: for tests
 * and benchmarks only.
 */
export function realComputer(disk: DiskOptions): Computer {
  const files = recordedFileSystem(disk);
  return {
    files,
    random: { below: (bound) => randomBytes(6).readUIntBE(0, 6) % bound },
    openDisk: ({ folder, name, mayWait }) => {
      const thread = threadRunner({ folder, name, ...disk });
      // A record of what is durable has one writer for each file.
      if (mayWait === undefined || disk.record !== null) return thread;
      const monotonicMs = (): number => performance.now();
      return promptRunner(thread, { files, folder, name, mayWait, monotonicMs });
    },
    openMap: openLevelMap,
    destroyMap: destroyLevelMap,
    lockDataDir,
    yieldTurn: () =>
      new Promise((resolve) => {
        setImmediate(resolve);
      }),
    watchStalls: () => new StallMeter(),
  };
}
