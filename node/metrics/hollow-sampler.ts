import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import type { Clock } from "../../base/clock.js";
import { cpuMilliOf, wholeOf } from "../plan/resources.js";
import { readySandbox } from "../plan/pod-runtime.js";
import type { CgroupStats } from "./cgroup-stats.js";
import { imageOf, type SampledPod } from "./linux-sampler.js";
import type { ContainerSample, NodeSample, PodSample, Sampler } from "./node-sample.js";

/**
 * Annotations of a pod that say what each of its simulated containers shall seem to use, as
 * quantities.
 */
export const SIMULATED_CPU = "raftsman.io/simulated-cpu";
export const SIMULATED_MEMORY = "raftsman.io/simulated-memory";

/** What a simulated container seems to use when nothing is said. */
const CPU_MILLI = 1;
const MEMORY_BYTES = 2 ** 20;

const NO_STATS: CgroupStats = {
  cpuUsageNs: 0,
  cpuUserNs: 0,
  cpuSystemNs: 0,
  cpuPeriods: 0,
  cpuThrottledPeriods: 0,
  cpuThrottledNs: 0,
  memoryUsageBytes: 0,
  memoryWorkingSetBytes: 0,
  memoryRssBytes: 0,
  memoryCacheBytes: 0,
  memoryMappedFileBytes: 0,
  memorySwapBytes: 0,
  memoryLimitBytes: null,
  memoryFailures: 0,
  pageFaults: 0,
  majorPageFaults: 0,
  oomKills: 0,
  processes: 0,
  tasks: 0,
  readBytes: 0,
  writtenBytes: 0,
  reads: 0,
  writes: 0,
};

/**
 * Makes up what simulated pods use: little, or what their annotations say. The node uses what its
 * pods use.
 */
export class HollowSampler implements Sampler {
  private readonly deps: { readonly pods: () => Iterable<SampledPod>; readonly clock: Clock };
  /** CPU time by container id; added up, so that an annotation may change. */
  private cpuNs = new Map<string, number>();
  private sampledMs: number | null = null;
  private nodeCpuNs = 0;

  constructor(deps: HollowSampler["deps"]) {
    this.deps = deps;
  }

  sample(): Promise<NodeSample> {
    const { clock } = this.deps;
    const readMs = clock.monotonicMs();
    const elapsedMs = readMs - (this.sampledMs ?? readMs);
    this.sampledMs = readMs;
    const earlier = this.cpuNs;
    this.cpuNs = new Map();
    const pods = Array.from(this.deps.pods(), (pod) => {
      const { milli, bytes } = wished(pod.current);
      const grownNs = elapsedMs * 1000 * milli;
      return this.samplePod(pod, { readMs, earlier, grownNs, bytes });
    }).filter(({ containers }) => containers.length > 0);
    const containers = pods.flatMap((pod) => pod.containers);
    const memoryBytes = containers.reduce((sum, { stats }) => sum + stats.memoryUsageBytes, 0);
    const stats = { ...statsOf(this.nodeCpuNs, memoryBytes), tasks: containers.length };
    const fileSystem = {
      capacityBytes: 0,
      availableBytes: 0,
      usedBytes: 0,
      inodes: 0,
      inodesFree: 0,
    };
    const atMs = clock.nowMs();
    return Promise.resolve({ atMs, readMs, simulated: true, stats, network: [], fileSystem, pods });
  }

  private samplePod(
    { current: pod, runtime }: SampledPod,
    now: {
      readonly readMs: number;
      readonly earlier: ReadonlyMap<string, number>;
      readonly grownNs: number;
      readonly bytes: number;
    },
  ): PodSample {
    const running = runtime.containers.filter(({ state }) => state === "running");
    const containers = running.map((record): ContainerSample => {
      const { name, id, restartCount, startedAtMs } = record;
      const image = imageOf(pod, record);
      const known = now.earlier.get(id);
      const cpuNs = known === undefined ? 0 : known + now.grownNs;
      this.nodeCpuNs += cpuNs - (known ?? 0);
      this.cpuNs.set(id, cpuNs);
      const stats = { ...statsOf(cpuNs, now.bytes), processes: 1, tasks: 1 };
      return {
        name,
        id,
        image,
        restartCount,
        startedAtMs,
        readMs: now.readMs,
        stats,
        logBytes: 0,
        layerBytes: 0,
      };
    });
    const { namespace = "", name, uid } = pod.metadata;
    const startedAtMs = readySandbox(runtime)?.createdAtMs ?? 0;
    return { namespace, name, uid, startedAtMs, network: [], containers, claims: [] };
  }
}

function statsOf(cpuNs: number, bytes: number): CgroupStats {
  return {
    ...NO_STATS,
    cpuUsageNs: cpuNs,
    cpuUserNs: cpuNs,
    memoryUsageBytes: bytes,
    memoryWorkingSetBytes: bytes,
    memoryRssBytes: bytes,
  };
}

function wished({ metadata: { annotations = {} } }: Pod): {
  readonly milli: number;
  readonly bytes: number;
} {
  const cpu = annotations[SIMULATED_CPU];
  const memory = annotations[SIMULATED_MEMORY];
  return {
    milli: cpu === undefined ? CPU_MILLI : cpuMilliOf(cpu),
    bytes: memory === undefined ? MEMORY_BYTES : wholeOf(memory),
  };
}
