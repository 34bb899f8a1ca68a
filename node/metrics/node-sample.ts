import type { NodeUsage, PodUsage } from "../../gossip/usage.js";
import type { CgroupStats } from "./cgroup-stats.js";
import type { InterfaceStats } from "./net-dev.js";

/** A container that runs, as it was at one moment. */
export interface ContainerSample {
  readonly name: string;
  readonly id: string;
  readonly image: string;
  readonly restartCount: number;
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
  /** When it was read, on the monotonic clock: CPU is averaged between such moments. */
  readonly readMs: number;
  readonly stats: CgroupStats;
  readonly logBytes: number;
  /** What it wrote over its image; null: not known yet. */
  readonly layerBytes: number | null;
}

/** A claimed volume of a pod, and the file system that it is on. */
export interface ClaimSample {
  /** As the pod calls it. */
  readonly volume: string;
  readonly claim: string;
  readonly fileSystem: FileSystemStats;
}

/** A pod with containers that run. */
export interface PodSample {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly startedAtMs: number;
  /** Empty in the host's network. */
  readonly network: readonly InterfaceStats[];
  readonly containers: readonly ContainerSample[];
  readonly claims: readonly ClaimSample[];
}

/** The space of a file system. */
export interface FileSystemStats {
  readonly capacityBytes: number;
  readonly availableBytes: number;
  readonly usedBytes: number;
  readonly inodes: number;
  readonly inodesFree: number;
}

/** Everything that was read of a node in one go. */
export interface NodeSample {
  /** Milliseconds since 1970, when the last of it was read. */
  readonly atMs: number;
  /** When the node's own amounts were read, on the monotonic clock. */
  readonly readMs: number;
  readonly simulated: boolean;
  readonly stats: CgroupStats;
  readonly network: readonly InterfaceStats[];
  /** Where pods' data, logs and images are. */
  readonly fileSystem: FileSystemStats;
  readonly pods: readonly PodSample[];
}

/** Reads a sample. */
export interface Sampler {
  sample(signal: AbortSignal): Promise<NodeSample>;
}

/**
 * What was used between two samples; null when no time went by. A container that is new, or was
 * restarted, since the first one is left out: it has no average yet.
 */
export function usageBetween(before: NodeSample, now: NodeSample): NodeUsage | null {
  const windowMs = Math.round(now.readMs - before.readMs);
  if (windowMs <= 0) return null;
  const earlier = new Map(
    before.pods.flatMap(({ containers }) => containers.map((each) => [each.id, each] as const)),
  );
  return {
    atMs: Math.round(now.atMs),
    windowMs,
    simulated: now.simulated,
    cpuNanoCores: nanoCores(before, now) ?? 0,
    memoryBytes: Math.round(now.stats.memoryWorkingSetBytes),
    pods: now.pods.map((pod) => podUsage(pod, earlier)),
  };
}

function podUsage(pod: PodSample, earlier: ReadonlyMap<string, ContainerSample>): PodUsage {
  const { namespace, name, uid } = pod;
  const containers = pod.containers.flatMap((container) => {
    const before = earlier.get(container.id);
    const cpuNanoCores = before === undefined ? null : nanoCores(before, container);
    if (cpuNanoCores === null) return [];
    const memoryBytes = Math.round(container.stats.memoryWorkingSetBytes);
    return [{ name: container.name, cpuNanoCores, memoryBytes }];
  });
  return { namespace, name, uid, containers };
}

type Moment = Pick<ContainerSample, "readMs" | "stats">;

/** Null: no time went by, or the counter began anew. */
export function nanoCores(before: Moment, now: Moment): number | null {
  const elapsedMs = now.readMs - before.readMs;
  const usedNs = now.stats.cpuUsageNs - before.stats.cpuUsageNs;
  return elapsedMs <= 0 || usedNs < 0 ? null : Math.round((usedNs * 1000) / elapsedMs);
}

/** What containers used together: each of the amounts added up; no limit. */
export function totalOf(containers: readonly Pick<ContainerSample, "stats">[]): CgroupStats {
  const sum = (amount: (stats: CgroupStats) => number): number =>
    containers.reduce((total, { stats }) => total + amount(stats), 0);
  return {
    cpuUsageNs: sum((stats) => stats.cpuUsageNs),
    cpuUserNs: sum((stats) => stats.cpuUserNs),
    cpuSystemNs: sum((stats) => stats.cpuSystemNs),
    cpuPeriods: sum((stats) => stats.cpuPeriods),
    cpuThrottledPeriods: sum((stats) => stats.cpuThrottledPeriods),
    cpuThrottledNs: sum((stats) => stats.cpuThrottledNs),
    memoryUsageBytes: sum((stats) => stats.memoryUsageBytes),
    memoryWorkingSetBytes: sum((stats) => stats.memoryWorkingSetBytes),
    memoryRssBytes: sum((stats) => stats.memoryRssBytes),
    memoryCacheBytes: sum((stats) => stats.memoryCacheBytes),
    memoryMappedFileBytes: sum((stats) => stats.memoryMappedFileBytes),
    memorySwapBytes: sum((stats) => stats.memorySwapBytes),
    memoryLimitBytes: null,
    memoryFailures: sum((stats) => stats.memoryFailures),
    pageFaults: sum((stats) => stats.pageFaults),
    majorPageFaults: sum((stats) => stats.majorPageFaults),
    oomKills: sum((stats) => stats.oomKills),
    processes: sum((stats) => stats.processes),
    tasks: sum((stats) => stats.tasks),
    readBytes: sum((stats) => stats.readBytes),
    writtenBytes: sum((stats) => stats.writtenBytes),
    reads: sum((stats) => stats.reads),
    writes: sum((stats) => stats.writes),
  };
}
