import { join } from "node:path";
import { runCommand } from "./cni/run-command.js";
import type { Runtime } from "./cri/runtime.js";
import type { NodeSample } from "./metrics/node-sample.js";
import type { NodePaths } from "./node-paths.js";
import type { ContainerConsumption, PodConsumption } from "./plan/eviction-victims.js";
import type { PodWorker } from "./pod-worker.js";

/** What is to be found out; what is not asked for counts as nothing. */
export interface WantedConsumption {
  readonly disk: boolean;
  readonly inodes: boolean;
}

const MEASURE_TIMEOUT_MS = 30_000;

/**
 * What pods use: memory and processes from the newest sample, and on request what their layers,
 * logs and emptyDirs take up of the disk.
 */
export async function consumptionOf(
  workers: readonly PodWorker[],
  wanted: WantedConsumption,
  from: {
    readonly runtime: Runtime;
    readonly paths: NodePaths;
    readonly sample: NodeSample | null;
    readonly signal: AbortSignal;
  },
): Promise<readonly PodConsumption[]> {
  const { runtime, paths, sample, signal } = from;
  const layers = wanted.disk ? await runtime.containerDiskUsage(signal) : [];
  const written = new Map(layers.map(({ id, writtenBytes }) => [id, writtenBytes]));
  const result: PodConsumption[] = [];
  for (const { current: pod, uid } of workers) {
    const samples = sample?.pods.find((it) => it.uid === uid)?.containers ?? [];
    const containers = samples.map(
      ({ name, id, stats, logBytes }): ContainerConsumption => ({
        name,
        memoryBytes: stats.memoryWorkingSetBytes,
        diskBytes: (written.get(id) ?? 0) + logBytes,
      }),
    );
    const volumes = new Map<string, number>();
    let [volumeBytes, inodes] = [0, 0];
    for (const { name, emptyDir } of pod.spec.volumes ?? []) {
      if (emptyDir === undefined || !(wanted.disk || wanted.inodes)) continue;
      const path = join(paths.volumes(uid), name);
      const bytes = await measure(["-s", "-x", "-B1"], path, signal);
      volumes.set(name, bytes);
      if (emptyDir.medium !== "Memory") volumeBytes += bytes;
      if (wanted.inodes) inodes += await measure(["-s", "-x", "--inodes"], path, signal);
    }
    const sum = (amount: (it: ContainerConsumption) => number): number =>
      containers.reduce((total, it) => total + amount(it), 0);
    result.push({
      pod,
      memoryBytes: sum((it) => it.memoryBytes),
      diskBytes: sum((it) => it.diskBytes) + volumeBytes,
      inodes,
      processes: samples.reduce((total, { stats }) => total + stats.processes, 0),
      containers,
      volumes,
    });
  }
  return result;
}

/** 0 for what is not there (yet, or any more). In a process of its own: a tree may be large. */
async function measure(
  flags: readonly string[],
  path: string,
  signal: AbortSignal,
): Promise<number> {
  try {
    const options = { timeoutMs: MEASURE_TIMEOUT_MS, signal };
    return Number.parseInt(await runCommand("du", [...flags, "--", path], options), 10) || 0;
  } catch (error) {
    if (signal.aborted) throw error;
    return 0;
  }
}
