import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PodSpec } from "../api/schema/types/core-v1.gen.js";
import { CGROUP_MOUNT, type CgroupLayout, findLayout, hierarchyOf } from "./cgroup-layout.js";
import { hasErrno } from "./errno.js";
import { killProcess } from "./kill-process.js";
import { type PodCgroupPlan, podCgroupPlan } from "./plan/resources.js";

const KILL_POLL_MS = 50;
const REMOVE_TIMEOUT_MS = 10_000;

/** Makes and removes the cgroups that pods' containers live in. */
export interface PodCgroups {
  /** The path of the pod's cgroup, which exists afterwards with its limits. */
  ensure(uid: string, spec: PodSpec): Promise<string>;
  /**
   * Gives it other limits, in an order in which no container's is above the pod's: first those that
   * grow, then what `between` does to the containers, then those that shrink.
   */
  resize(uid: string, spec: PodSpec, between: () => Promise<void>): Promise<void>;
  /** The memory that a container uses, in bytes; with null the pod. Null: nobody knows. */
  memoryUsed(uid: string, spec: PodSpec, containerId: string | null): Promise<number | null>;
  /** Removes it once no process is left in it. */
  remove(uid: string): Promise<void>;
  /** The pods that have one. */
  list(): Promise<readonly string[]>;
  /**
   * Removes the node's own cgroup with everything below it, and waits for processes that end.
   * Rejects when something is still there after `timeoutMs`.
   */
  removeAll(timeoutMs?: number): Promise<void>;
}

/**
 * The cgroups of one node below `root` (such as /raftsman/dev/node-1), in cgroups v1 or v2,
 * whichever the host has.
 */
export class LinuxPodCgroups implements PodCgroups {
  private readonly root: string;
  private layout: Promise<CgroupLayout> | null = null;
  private readonly made = new Set<string>();
  /** What all pods together may use; null: no limit. Set with the first pod. */
  private memoryBytes: number | null;

  constructor(root: string, { memoryBytes = null }: { readonly memoryBytes?: number | null } = {}) {
    this.root = root;
    this.memoryBytes = memoryBytes;
  }

  async ensure(uid: string, spec: PodSpec): Promise<string> {
    const plan = podCgroupPlan(this.root, uid, spec);
    if (this.made.has(uid)) return plan.path;
    const layout = await this.found();
    if (layout.version === 2) await ensureV2(layout, plan);
    else await ensureV1(layout, plan);
    await weighClasses(layout, this.root);
    await this.limitAll(layout);
    this.made.add(uid);
    return plan.path;
  }

  async resize(uid: string, spec: PodSpec, between: () => Promise<void>): Promise<void> {
    const plan = podCgroupPlan(this.root, uid, spec);
    const layout = await this.found();
    await writeLimits(layout, { ...plan, cpuQuotaUs: null, memoryBytes: null });
    await between();
    await writeLimits(layout, plan);
    await weighClasses(layout, this.root);
  }

  async memoryUsed(uid: string, spec: PodSpec, containerId: string | null): Promise<number | null> {
    const { version, hierarchies } = await this.found();
    const mount = version === 2 ? hierarchies[0] : hierarchyOf(hierarchies, "memory");
    if (mount === undefined) return null;
    const { path } = podCgroupPlan(this.root, uid, spec);
    const file = version === 2 ? "memory.current" : "memory.usage_in_bytes";
    try {
      return Number(await readFile(join(mount, path, containerId ?? "", file), "utf8"));
    } catch (error) {
      if (!hasErrno(error, "ENOENT")) throw error;
      return null;
    }
  }

  async remove(uid: string): Promise<void> {
    this.made.delete(uid);
    const layout = await this.found();
    for (const hierarchy of layout.hierarchies)
      for (const group of ["", "burstable", "besteffort"])
        await removeTree(join(hierarchy, this.root, group, `pod${uid}`));
    await weighClasses(layout, this.root);
  }

  async list(): Promise<readonly string[]> {
    const uids = new Set<string>();
    for (const hierarchy of (await this.found()).hierarchies)
      for (const group of ["", "burstable", "besteffort"])
        for (const name of await readdir(join(hierarchy, this.root, group)).catch(() => []))
          if (name.startsWith("pod")) uids.add(name.slice(3));
    return [...uids];
  }

  /**
   * Kills what is left in the node's cgroups, such as a container that was just being started.
   * Rejects when something is still there after `timeoutMs`.
   */
  async killAll(timeoutMs: number): Promise<void> {
    const endMs = performance.now() + timeoutMs;
    for (;;) {
      const pids = new Set<number>();
      for (const hierarchy of (await this.found()).hierarchies)
        for (const pid of await processesBelow(join(hierarchy, this.root))) pids.add(pid);
      if (pids.size === 0) return;
      if (performance.now() > endMs)
        throw new Error(`processes of pods could not be killed: ${[...pids].join(", ")}`);
      for (const pid of pids) killProcess(pid);
      await new Promise((resolve) => setTimeout(resolve, KILL_POLL_MS));
    }
  }

  async removeAll(timeoutMs = REMOVE_TIMEOUT_MS): Promise<void> {
    const endMs = performance.now() + timeoutMs;
    for (const hierarchy of (await this.found()).hierarchies) {
      const dir = join(hierarchy, this.root);
      // A process that was killed is listed no more, and yet in its cgroup until it has ended.
      for (await removeTree(dir); existsSync(dir); await removeTree(dir)) {
        if (performance.now() > endMs) throw new Error(`${dir} is still used by a process`);
        await new Promise((resolve) => setTimeout(resolve, KILL_POLL_MS));
      }
      // The folders of cluster and product go with the last host.
      for (let path = join(this.root, ".."); path !== "/"; path = join(path, ".."))
        await rmdir(join(hierarchy, path)).catch(() => {});
    }
  }

  private async limitAll({ version, hierarchies }: CgroupLayout): Promise<void> {
    if (this.memoryBytes === null) return;
    const mount = version === 2 ? hierarchies[0] : hierarchyOf(hierarchies, "memory");
    if (mount === undefined) return;
    const dir = join(mount, this.root);
    await mkdir(dir, { recursive: true });
    const file = version === 2 ? "memory.max" : "memory.limit_in_bytes";
    await writeFile(join(dir, file), `${this.memoryBytes}`);
    this.memoryBytes = null;
  }

  private found(): Promise<CgroupLayout> {
    this.layout ??= findLayout();
    return this.layout;
  }
}

async function processesBelow(dir: string): Promise<readonly number[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => []);
  const dirs = entries
    .filter((entry) => entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name));
  const texts = await Promise.all(
    [dir, ...dirs].map((one) => readFile(join(one, "cgroup.procs"), "utf8").catch(() => "")),
  );
  // 0 is a process of another pid namespace, which cannot be named here.
  return texts.flatMap((text) => text.split("\n").map(Number)).filter((pid) => pid > 0);
}

/** For pods that have no processes. */
export class NoPodCgroups implements PodCgroups {
  ensure(): Promise<string> {
    return Promise.resolve("");
  }
  resize(_uid: string, _spec: PodSpec, between: () => Promise<void>): Promise<void> {
    return between();
  }
  memoryUsed(): Promise<null> {
    return Promise.resolve(null);
  }
  remove(): Promise<void> {
    return Promise.resolve();
  }
  list(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }
  removeAll(): Promise<void> {
    return Promise.resolve();
  }
}

/**
 * The folder of a cgroup where its share of the CPU is set; null: the host has no such controller.
 */
function cpuDir(layout: CgroupLayout, path: string): string | null {
  const mount =
    layout.version === 2 ? layout.hierarchies[0] : hierarchyOf(layout.hierarchies, "cpu");
  return mount === undefined ? null : join(mount, path);
}

const CPU_WEIGHT = {
  1: { file: "cpu.shares", min: 2, max: 262_144 },
  2: { file: "cpu.weight", min: 1, max: 10_000 },
} as const;

/**
 * Among the classes, burstable pods together weigh what they asked for, best-effort ones next to
 * nothing: otherwise a class would weigh as much as one CPU, however full it is. Counted from what
 * is there, so that it is right after a restart.
 */
async function weighClasses(layout: CgroupLayout, root: string): Promise<void> {
  const dir = cpuDir(layout, root);
  if (dir === null) return;
  const { file, min, max } = CPU_WEIGHT[layout.version];
  const burstable = join(dir, "burstable");
  const pods = (await readdir(burstable).catch(() => [])).filter((name) => name.startsWith("pod"));
  const weights = await Promise.all(
    pods.map((name) => readFile(join(burstable, name, file), "utf8").catch(() => "0")),
  );
  const sum = weights.reduce((total, text) => total + Number(text), 0);
  await writeIfThere(join(burstable, file), Math.min(max, Math.max(min, sum)));
  await writeIfThere(join(dir, "besteffort", file), min);
}

async function writeIfThere(path: string, value: number | string): Promise<void> {
  try {
    await writeFile(path, `${value}`, { flag: "r+" });
  } catch (error) {
    if (!hasErrno(error, "ENOENT")) throw error;
  }
}

/** The runtime makes the other hierarchies' folders itself; only cpu and memory have limits. */
async function ensureV1(layout: CgroupLayout, plan: PodCgroupPlan): Promise<void> {
  const dirOf = (controller: string): string | null => {
    const dir = hierarchyOf(layout.hierarchies, controller);
    return dir === undefined ? null : join(dir, plan.path);
  };
  const [cpu, memory] = [dirOf("cpu"), dirOf("memory")];
  if (cpu !== null) {
    await mkdir(cpu, { recursive: true });
    await writeFile(join(cpu, "cpu.shares"), `${plan.cpuShares}`);
    if (plan.cpuQuotaUs !== null) {
      await writeFile(join(cpu, "cpu.cfs_period_us"), `${plan.cpuPeriodUs}`);
      await writeFile(join(cpu, "cpu.cfs_quota_us"), `${plan.cpuQuotaUs}`);
    }
  }
  if (memory !== null && plan.memoryBytes !== null) {
    await mkdir(memory, { recursive: true });
    await writeFile(join(memory, "memory.limit_in_bytes"), `${plan.memoryBytes}`);
  }
}

async function ensureV2(layout: CgroupLayout, plan: PodCgroupPlan): Promise<void> {
  const [mount = CGROUP_MOUNT] = layout.hierarchies;
  const dir = join(mount, plan.path);
  await mkdir(dir, { recursive: true });
  // Controllers must be handed down level by level, from the root to the pod.
  let level = mount;
  for (const part of ["", ...plan.path.split("/").filter((name) => name !== "")]) {
    level = join(level, part);
    for (const controller of ["cpu", "memory", "pids", "io", "cpuset"])
      await writeFile(join(level, "cgroup.subtree_control"), `+${controller}`).catch(() => {});
  }
  await writeFile(join(dir, "cpu.weight"), `${cpuWeight(plan)}`);
  if (plan.cpuQuotaUs !== null)
    await writeFile(join(dir, "cpu.max"), `${plan.cpuQuotaUs} ${plan.cpuPeriodUs}`);
  if (plan.memoryBytes !== null) await writeFile(join(dir, "memory.max"), `${plan.memoryBytes}`);
}

/** Sets the limits of a pod's cgroup anew; null: none. */
async function writeLimits(layout: CgroupLayout, plan: PodCgroupPlan): Promise<void> {
  const { path, cpuQuotaUs, cpuPeriodUs, memoryBytes } = plan;
  if (layout.version === 2) {
    const dir = join(layout.hierarchies[0] ?? CGROUP_MOUNT, path);
    await writeIfThere(join(dir, "cpu.weight"), cpuWeight(plan));
    await writeIfThere(join(dir, "cpu.max"), `${cpuQuotaUs ?? "max"} ${cpuPeriodUs}`);
    await writeIfThere(join(dir, "memory.max"), memoryBytes ?? "max");
    return;
  }
  const dirOf = (controller: string): string =>
    join(hierarchyOf(layout.hierarchies, controller) ?? CGROUP_MOUNT, path);
  await writeIfThere(join(dirOf("cpu"), "cpu.shares"), plan.cpuShares);
  await writeIfThere(join(dirOf("cpu"), "cpu.cfs_quota_us"), cpuQuotaUs ?? -1);
  await writeIfThere(join(dirOf("memory"), "memory.limit_in_bytes"), memoryBytes ?? -1);
}

/** The share of v1 on the scale of v2. */
function cpuWeight({ cpuShares }: PodCgroupPlan): number {
  return 1 + Math.floor(((cpuShares - 2) * 9999) / 262_142);
}

/** Removes a cgroup and those below it; what still has a process is left for the next time. */
async function removeTree(dir: string): Promise<void> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(dir, entry.name));
  await rmdir(dir).catch((error: unknown) => {
    if (!hasErrno(error, "ENOENT") && !hasErrno(error, "EBUSY")) throw error;
  });
}
