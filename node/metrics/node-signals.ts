import { readFile } from "node:fs/promises";
import { totalmem } from "node:os";
import type { Clock } from "../../base/clock.js";
import { findLayout } from "../cgroup-layout.js";
import type { Observation, Observations } from "../plan/eviction.js";
import { readFileSystem, readMachine } from "./linux-sampler.js";

/**
 * Reads how much is left of what can run out on a node. `imageFolder` is where the runtime keeps
 * images; null: with everything else.
 */
export async function readNodeSignals(
  dataDir: string,
  imageFolder: string | null,
  clock: Clock,
): Promise<Observations> {
  const [machine, disk, imageDisk, tasksMax] = await Promise.all([
    findLayout().then(readMachine),
    readFileSystem(dataDir),
    readFileSystem(imageFolder ?? dataDir),
    readFile("/proc/sys/kernel/pid_max", "utf8").then(Number),
  ]);
  const memoryBytes = totalmem();
  const atMs = clock.monotonicMs();
  const seen = (available: number, capacity: number): Observation => ({
    available: Math.max(0, available),
    capacity,
    atMs,
  });
  return new Map([
    // What could be given back to those who ask counts as there: the working set is the rest.
    ["memory.available", seen(memoryBytes - machine.memoryWorkingSetBytes, memoryBytes)],
    ["nodefs.available", seen(disk.availableBytes, disk.capacityBytes)],
    ["nodefs.inodesFree", seen(disk.inodesFree, disk.inodes)],
    ["imagefs.available", seen(imageDisk.availableBytes, imageDisk.capacityBytes)],
    ["imagefs.inodesFree", seen(imageDisk.inodesFree, imageDisk.inodes)],
    ["pid.available", seen(tasksMax - machine.tasks, tasksMax)],
  ]);
}
