import { readFile, statfs } from "node:fs/promises";
import { arch, cpus, freemem, platform, release, totalmem } from "node:os";
import type { NodeFacts, NodePressure } from "./plan/node-object.js";

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };

/** What this machine is and has. `dataDir` is on the disk whose space pods use. */
export async function readNodeFacts(dataDir: string): Promise<NodeFacts> {
  const disk = await statfs(dataDir);
  const machineId = await line("/etc/machine-id");
  return {
    cpuMilli: cpus().length * 1000,
    memoryBytes: totalmem(),
    ephemeralStorageBytes: disk.blocks * disk.bsize,
    architecture: ARCHITECTURES[arch()] ?? arch(),
    operatingSystem: platform() === "win32" ? "windows" : platform(),
    kernelVersion: release(),
    osImage: osName(await readFile("/etc/os-release", "utf8").catch(() => "")),
    machineId,
    systemUuid: (await line("/sys/class/dmi/id/product_uuid")) || machineId,
    bootId: await line("/proc/sys/kernel/random/boot_id"),
  };
}

/** What is left of memory, disk and process ids. */
export async function readNodePressure(dataDir: string): Promise<NodePressure> {
  const disk = await statfs(dataDir);
  const memory = /^MemAvailable:\s+(\d+) kB/m.exec(await text("/proc/meminfo"))?.[1];
  const tasks = /\s\d+\/(\d+)\s/.exec(await text("/proc/loadavg"))?.[1];
  const tasksMax = Number(await line("/proc/sys/kernel/pid_max"));
  return {
    memoryAvailableBytes: memory === undefined ? freemem() : Number(memory) * 1024,
    diskAvailableRatio: disk.blocks === 0 ? 1 : disk.bavail / disk.blocks,
    tasksUsedRatio: tasks === undefined || tasksMax === 0 ? 0 : Number(tasks) / tasksMax,
  };
}

async function text(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}

async function line(path: string): Promise<string> {
  return (await text(path)).trim();
}

function osName(osRelease: string): string {
  return /^PRETTY_NAME="?([^"\n]*)"?/m.exec(osRelease)?.[1] ?? platform();
}
