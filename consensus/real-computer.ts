import { randomBytes } from "node:crypto";
import type { Computer } from "./computer.js";
import { lockDataDir } from "./data-dir-lock.js";
import { StallMeter } from "./stall-meter.js";
import { destroyLevelMap, openLevelMap } from "./store/level-map.js";
import { threadRunner } from "./wal/disk-runner.js";
import { type DiskOptions, recordedFileSystem } from "./wal/fsync-record.js";

/**
 * The computer this process runs on. With `fsync: false` nothing survives a power loss: for tests
 * and benchmarks only.
 */
export function realComputer(disk: DiskOptions): Computer {
  return {
    files: recordedFileSystem(disk),
    random: { below: (bound) => randomBytes(6).readUIntBE(0, 6) % bound },
    openDisk: (at) => threadRunner({ ...at, ...disk }),
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
