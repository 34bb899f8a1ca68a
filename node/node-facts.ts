import { readFile, statfs } from "node:fs/promises";
import { arch, cpus, platform, release, totalmem } from "node:os";
import type { NodeFacts } from "./plan/node-object.js";

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

async function text(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}

async function line(path: string): Promise<string> {
  return (await text(path)).trim();
}

function osName(osRelease: string): string {
  return /^PRETTY_NAME="?([^"\n]*)"?/m.exec(osRelease)?.[1] ?? platform();
}
