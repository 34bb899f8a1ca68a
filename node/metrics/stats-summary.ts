import type { CgroupStats } from "./cgroup-stats.js";
import type { InterfaceStats } from "./net-dev.js";
import {
  type ClaimSample,
  type ContainerSample,
  type FileSystemStats,
  type NodeSample,
  type PodSample,
  nanoCores,
  totalOf,
} from "./node-sample.js";

/** What the summary is of. */
export interface SummaryOptions {
  readonly nodeName: string;
  /** When the machine started, in milliseconds since 1970. */
  readonly bootedAtMs: number;
  /** Memory of the machine. */
  readonly memoryBytes: number;
  readonly onlyCpuAndMemory: boolean;
}

/**
 * The kubelet's stats API, v1alpha1: GET /stats/summary. `samples` are the newest ones, at most
 * two, the older one first. What is not measured (volumes
 * that are no claims) is absent.
 */
export function statsSummary(samples: readonly NodeSample[], options: SummaryOptions): object {
  const now = samples.at(-1);
  if (now === undefined) return { node: { nodeName: options.nodeName }, pods: [] };
  const before = samples.length > 1 ? (samples[0] ?? null) : null;
  const { bootedAtMs, memoryBytes, onlyCpuAndMemory } = options;
  const time = timeOf(now.atMs);
  const node = {
    nodeName: options.nodeName,
    startTime: timeOf(bootedAtMs),
    cpu: cpuOf(before, now, time),
    memory: {
      ...memoryOf(now.stats, time),
      availableBytes: Math.max(0, memoryBytes - now.stats.memoryWorkingSetBytes),
    },
  };
  const pods = now.pods.map((pod) => podOf(pod, { before, now, onlyCpuAndMemory }));
  if (onlyCpuAndMemory) return { node, pods };
  const fs = fileSystemOf(now.fileSystem, time);
  return {
    node: {
      ...node,
      network: networkOf(now.network, time),
      fs,
      runtime: { imageFs: fs },
      rlimit: { time, curproc: now.stats.tasks },
    },
    pods,
  };
}

function podOf(
  pod: PodSample,
  context: {
    readonly before: NodeSample | null;
    readonly now: NodeSample;
    readonly onlyCpuAndMemory: boolean;
  },
): object {
  const { before, now, onlyCpuAndMemory } = context;
  const earlier = before?.pods.find(({ uid }) => uid === pod.uid)?.containers ?? [];
  const time = timeOf(now.atMs);
  const containers = pod.containers.map((container) =>
    containerOf(container, {
      before: earlier.find(({ id }) => id === container.id) ?? null,
      now,
      onlyCpuAndMemory,
    }),
  );
  const total = totalOf(pod.containers);
  const rates = containers.map(({ cpu }) => cpu.usageNanoCores ?? 0);
  const core = {
    podRef: { name: pod.name, namespace: pod.namespace, uid: pod.uid },
    startTime: timeOf(pod.startedAtMs),
    containers,
    cpu: {
      time,
      usageNanoCores: rates.reduce((sum, rate) => sum + rate, 0),
      usageCoreNanoSeconds: total.cpuUsageNs,
    },
    memory: memoryOf(total, time),
  };
  if (onlyCpuAndMemory) return core;
  return {
    ...core,
    ...(pod.network.length === 0 ? {} : { network: networkOf(pod.network, time) }),
    ...(pod.claims.length === 0
      ? {}
      : { volume: pod.claims.map((one) => volumeOf(pod, one, time)) }),
    process_stats: { process_count: total.processes },
  };
}

function containerOf(
  container: ContainerSample,
  context: {
    readonly before: ContainerSample | null;
    readonly now: NodeSample;
    readonly onlyCpuAndMemory: boolean;
  },
): { readonly cpu: { readonly usageNanoCores?: number }; readonly logs?: object } {
  const time = timeOf(context.now.atMs);
  const limitBytes = container.stats.memoryLimitBytes;
  const available =
    limitBytes === null
      ? {}
      : { availableBytes: Math.max(0, limitBytes - container.stats.memoryWorkingSetBytes) };
  const core = {
    name: container.name,
    startTime: timeOf(container.startedAtMs),
    cpu: cpuOf(context.before, container, time),
    memory: { ...memoryOf(container.stats, time), ...available },
  };
  if (context.onlyCpuAndMemory) return core;
  const disk = fileSystemOf(context.now.fileSystem, time);
  const { layerBytes, logBytes } = container;
  return {
    ...core,
    ...(layerBytes === null ? {} : { rootfs: { ...disk, usedBytes: layerBytes } }),
    logs: { ...disk, usedBytes: logBytes },
  };
}

type Moment = Pick<ContainerSample, "readMs" | "stats">;

function cpuOf(
  before: Moment | null,
  now: Moment,
  time: string,
): {
  readonly time: string;
  readonly usageNanoCores?: number;
  readonly usageCoreNanoSeconds: number;
} {
  const rate = before === null ? null : nanoCores(before, now);
  const { cpuUsageNs: usageCoreNanoSeconds } = now.stats;
  return { time, ...(rate === null ? {} : { usageNanoCores: rate }), usageCoreNanoSeconds };
}

function memoryOf(stats: CgroupStats, time: string): object {
  return {
    time,
    usageBytes: stats.memoryUsageBytes,
    workingSetBytes: stats.memoryWorkingSetBytes,
    rssBytes: stats.memoryRssBytes,
    pageFaults: stats.pageFaults,
    majorPageFaults: stats.majorPageFaults,
  };
}

/** The first interface stands for all of them, as with the kubelet. */
function networkOf(network: readonly InterfaceStats[], time: string): object {
  const interfaces = network.map((one) => ({
    name: one.name,
    rxBytes: one.receivedBytes,
    rxErrors: one.receiveErrors,
    txBytes: one.sentBytes,
    txErrors: one.sendErrors,
  }));
  return { time, ...interfaces[0], interfaces };
}

function volumeOf({ namespace }: PodSample, one: ClaimSample, time: string): object {
  const { volume: name, claim, fileSystem } = one;
  return { ...fileSystemOf(fileSystem, time), name, pvcRef: { name: claim, namespace } };
}

function fileSystemOf(disk: FileSystemStats, time: string): object {
  return {
    time,
    availableBytes: disk.availableBytes,
    capacityBytes: disk.capacityBytes,
    usedBytes: disk.usedBytes,
    inodesFree: disk.inodesFree,
    inodes: disk.inodes,
    inodesUsed: disk.inodes - disk.inodesFree,
  };
}

function timeOf(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}
