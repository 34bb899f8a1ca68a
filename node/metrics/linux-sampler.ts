import { readFile } from "node:fs";
import { readdir, stat, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import type { Clock } from "../../base/clock.js";
import { type CgroupLayout, findLayout, hierarchyOf } from "../cgroup-layout.js";
import {
  allContainers,
  type ContainerRecord,
  type PodRuntime,
  readySandbox,
} from "../plan/pod-runtime.js";
import { podCgroupPlan } from "../plan/resources.js";
import {
  CGROUP_V1_FILES,
  CGROUP_V2_FILES,
  type CgroupFiles,
  type CgroupStats,
  machineMemory,
  parseCgroupV1,
  parseCgroupV2,
} from "./cgroup-stats.js";
import { type InterfaceStats, parseNetDev } from "./net-dev.js";
import type {
  ClaimSample,
  ContainerSample,
  FileSystemStats,
  NodeSample,
  PodSample,
  Sampler,
} from "./node-sample.js";

/** A pod of this node and what the runtime knows of it. */
export interface SampledPod {
  readonly current: Pod;
  readonly runtime: PodRuntime;
}

/** What the sampler reads. */
export interface LinuxSamplerDeps {
  /** The node's own cgroup, such as /raftsman/dev/node-1: pods' cgroups are below it. */
  readonly cgroupRoot: string;
  /** A folder on the disk whose space pods use. */
  readonly dataDir: string;
  readonly pods: () => Iterable<SampledPod>;
  /** What containers wrote over their images, as the runtime says; asked once a minute. */
  readonly layers: (signal: AbortSignal) => Promise<readonly LayerUsage[]>;
  /** Where a claimed volume is on the host; null: not there (yet). */
  readonly claimFolder: (podUid: string, volume: string) => string | null;
  readonly clock: Clock;
}

/** What the runtime says of a container's own layer. */
export interface LayerUsage {
  readonly id: string;
  readonly writtenBytes: number;
}

/** A runtime adds up what was written no more often than now and then itself. */
const LAYERS_MS = 60_000;

/**
 * Reads what containers use from their cgroups, v1 or v2. The runtime must make a container's
 * cgroup under its id inside the cgroup that it was given for the pod, as containerd does with the
 * driver cgroupfs. Container by container: reading never becomes the node's main work.
 */
export class LinuxSampler implements Sampler {
  private readonly deps: LinuxSamplerDeps;
  private layout: Promise<CgroupLayout> | null = null;
  private layers: ReadonlyMap<string, number> = new Map();
  private layersMs = Number.NEGATIVE_INFINITY;

  constructor(deps: LinuxSamplerDeps) {
    this.deps = deps;
  }

  async sample(signal: AbortSignal): Promise<NodeSample> {
    const { clock, dataDir } = this.deps;
    this.layout ??= findLayout();
    const layout = await this.layout;
    await this.readLayers(signal);
    const pods: PodSample[] = [];
    for (const pod of this.deps.pods()) {
      signal.throwIfAborted();
      const sampled = await this.samplePod(layout, pod);
      if (sampled !== null) pods.push(sampled);
    }
    const stats = await readMachine(layout);
    const readMs = clock.monotonicMs();
    const network = parseNetDev(await text("/proc/self/net/dev"));
    const fileSystem = await readFileSystem(dataDir);
    return { atMs: clock.nowMs(), readMs, simulated: false, stats, network, fileSystem, pods };
  }

  /** What a runtime cannot say is not known; everything else is. */
  private async readLayers(signal: AbortSignal): Promise<void> {
    const { clock, layers } = this.deps;
    if (clock.monotonicMs() - this.layersMs < LAYERS_MS) return;
    this.layersMs = clock.monotonicMs();
    const all = await layers(signal).catch(() => []);
    signal.throwIfAborted();
    this.layers = new Map(all.map(({ id, writtenBytes }) => [id, writtenBytes]));
  }

  private async samplePod(
    layout: CgroupLayout,
    { current: pod, runtime }: SampledPod,
  ): Promise<PodSample | null> {
    const { namespace = "", name, uid } = pod.metadata;
    const path = podCgroupPlan(this.deps.cgroupRoot, uid, pod.spec).path;
    const containers: ContainerSample[] = [];
    for (const record of runtime.containers) {
      if (record.state !== "running") continue;
      const image = imageOf(pod, record);
      const sampled = await this.sampleContainer(layout, { path, record, image });
      if (sampled !== null) containers.push(sampled);
    }
    if (containers.length === 0) return null;
    const sandbox = readySandbox(runtime);
    const network =
      sandbox === null || pod.spec.hostNetwork === true
        ? []
        : await readNetwork(layout, join(path, sandbox.id));
    const startedAtMs = sandbox?.createdAtMs ?? containers[0]?.startedAtMs ?? 0;
    const claims = await this.readClaims(pod);
    return { namespace, name, uid, startedAtMs, network, containers, claims };
  }

  private async readClaims(pod: Pod): Promise<readonly ClaimSample[]> {
    const claims: ClaimSample[] = [];
    for (const { name, persistentVolumeClaim, ephemeral } of pod.spec.volumes ?? []) {
      const claim =
        persistentVolumeClaim?.claimName ??
        (ephemeral === undefined ? undefined : `${pod.metadata.name}-${name}`);
      const folder = this.deps.claimFolder(pod.metadata.uid, name);
      if (claim === undefined || folder === null) continue;
      const fileSystem = await readFolder(folder);
      if (fileSystem !== null) claims.push({ volume: name, claim, fileSystem });
    }
    return claims;
  }

  private async sampleContainer(
    layout: CgroupLayout,
    of: { readonly path: string; readonly record: ContainerRecord; readonly image: string },
  ): Promise<ContainerSample | null> {
    const { path, record, image } = of;
    const stats = await readCgroup(layout, join(path, record.id));
    // It ended in the meantime.
    if (stats === null) return null;
    const { name, id, restartCount, startedAtMs, logPath } = record;
    const readMs = this.deps.clock.monotonicMs();
    const logBytes = await sizeOfLogs(logPath);
    const layerBytes = this.layers.get(id) ?? null;
    return { name, id, image, restartCount, startedAtMs, readMs, stats, logBytes, layerBytes };
  }
}

/** The image as the pod's spec names it: the runtime knows it by its id. */
export function imageOf(pod: Pod, { name, image }: ContainerRecord): string {
  return allContainers(pod).find((each) => each.name === name)?.image ?? image;
}

/** What a cgroup used; null when it is not there. `path` is below the root of every hierarchy. */
export async function readCgroup(layout: CgroupLayout, path: string): Promise<CgroupStats | null> {
  if (layout.version === 2) {
    const dir = join(layout.hierarchies[0] ?? "", path);
    return parseCgroupV2(await readFiles(dir, CGROUP_V2_FILES));
  }
  const parts = Object.entries(CGROUP_V1_FILES).map(async ([controller, names]) => {
    const mount = hierarchyOf(layout.hierarchies, controller);
    return mount === undefined ? {} : readFiles(join(mount, path), names);
  });
  return parseCgroupV1(Object.assign({}, ...(await Promise.all(parts))) as CgroupFiles);
}

/** The machine as a whole: the root of the cgroups, and what it does not have, from /proc. */
export async function readMachine(layout: CgroupLayout): Promise<CgroupStats> {
  const stats = await readCgroup(layout, "/");
  if (stats === null) throw new Error("the root cgroup has neither CPU nor memory");
  const tasks = Number(/\s\d+\/(\d+)\s/.exec(await text("/proc/loadavg"))?.[1] ?? 0);
  if (layout.version === 1) return { ...stats, tasks };
  const memoryStat = await text(join(layout.hierarchies[0] ?? "", "memory.stat"));
  return { ...stats, tasks, ...machineMemory(await text("/proc/meminfo"), memoryStat) };
}

/** The interfaces in the network of the sandbox whose cgroup this is. */
async function readNetwork(layout: CgroupLayout, path: string): Promise<readonly InterfaceStats[]> {
  const mount =
    layout.version === 2 ? layout.hierarchies[0] : hierarchyOf(layout.hierarchies, "memory");
  const pid = (await text(join(mount ?? "", path, "cgroup.procs"))).split("\n")[0] ?? "";
  return pid === "" ? [] : parseNetDev(await text(`/proc/${pid}/net/dev`));
}

/** Null for a disk that a pod gets as it is, and for what is gone. */
async function readFolder(path: string): Promise<FileSystemStats | null> {
  try {
    return (await stat(path)).isDirectory() ? await readFileSystem(path) : null;
  } catch {
    return null;
  }
}

/** The file system that the folder is on. */
export async function readFileSystem(dir: string): Promise<FileSystemStats> {
  const disk = await statfs(dir);
  return {
    capacityBytes: disk.blocks * disk.bsize,
    availableBytes: disk.bavail * disk.bsize,
    usedBytes: (disk.blocks - disk.bfree) * disk.bsize,
    inodes: disk.files,
    inodesFree: disk.ffree,
  };
}

/** The log being written and the rotated ones beside it. */
async function sizeOfLogs(logPath: string): Promise<number> {
  if (logPath === "") return 0;
  const dir = dirname(logPath);
  const names = await readdir(dir).catch(() => []);
  const sizes = names.map((name) =>
    stat(join(dir, name)).then(
      ({ size }) => size,
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

async function readFiles(dir: string, names: readonly string[]): Promise<CgroupFiles> {
  const entries = names.map(async (name) => [name, await text(join(dir, name))] as const);
  const read = await Promise.all(entries);
  return Object.fromEntries(read.filter(([, content]) => content !== ""));
}

/** "" when it cannot be read. */
function text(path: string): Promise<string> {
  return new Promise((resolve) => {
    readFile(path, "utf8", (error, content) => resolve(error === null ? content : ""));
  });
}
