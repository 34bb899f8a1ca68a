import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import type { ApiClient } from "../../api/client/client-types.js";
import { PODS } from "../../api/client/resource-types.js";
import { BUSYBOX_IMAGE } from "../../deploy/images/busybox-image.js";
import type { ContainerConfig, PodSandboxConfig } from "../../node/cri/cri-types.js";
import { connectRuntime } from "../../node/cri/runtime-service.js";
import { PodTimes } from "./pod-times.js";
import { against, alone, percentile, type BenchResult } from "./report.js";
import type { BenchCluster } from "./bench-cluster.js";

const ROUNDS = 30;
const NAMESPACE = "default";

/**
 * From the create call to Running as a watch shows it, one pod at a time, image present; beside it
 * what CRI alone needs for the same sandbox and container on the same containerd.
 */
export async function podStart(cluster: BenchCluster): Promise<BenchResult[]> {
  const ours = await timePods(cluster.client);
  const cri = await timeCri(cluster.runtimeSocket);
  const result = alone("create to Running", {
    unit: "ms",
    ours: percentile(ours, 50),
    timesMs: ours,
    n: ours.length,
  });
  return [
    against(result, {
      name: "CRI alone",
      version: cri.version,
      value: percentile(cri.timesMs, 50),
    }),
  ];
}

async function timePods(client: ApiClient): Promise<number[]> {
  const all = await PodTimes.watch(client, NAMESPACE);
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const name = `start-${round}`;
    times.push(...(await all.start([name])));
    await client.resource(PODS).delete(name, { namespace: NAMESPACE, gracePeriodSeconds: 0 });
  }
  await all.stop();
  return times;
}

async function timeCri(
  socketPath: string,
): Promise<{ version: string; timesMs: readonly number[] }> {
  const connection = connectRuntime(socketPath, { timeoutMs: 30_000 });
  const { runtime } = connection;
  const signal = AbortSignal.timeout(120_000);
  try {
    const { runtimeName, runtimeVersion } = await runtime.version(signal);
    const timesMs: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const { sandboxConfig, config } = bareConfig(round);
      const startedMs = performance.now();
      const podSandboxId = await runtime.runPodSandbox({ config: sandboxConfig }, signal);
      const container = await runtime.createContainer(
        { podSandboxId, config, sandboxConfig },
        signal,
      );
      await runtime.startContainer(container, signal);
      timesMs.push(performance.now() - startedMs);
      await runtime.stopPodSandbox(podSandboxId, signal);
      await runtime.removePodSandbox(podSandboxId, signal);
    }
    return { version: `${runtimeName} ${runtimeVersion}`, timesMs };
  } finally {
    connection.close();
  }
}

/** The least that CRI takes for one container in one sandbox. */
function bareConfig(round: number): { sandboxConfig: PodSandboxConfig; config: ContainerConfig } {
  const namespaceOptions = { network: "POD", pid: "CONTAINER", ipc: "POD" } as const;
  return {
    sandboxConfig: {
      metadata: { name: `cri-${round}`, uid: randomUUID(), namespace: "bench", attempt: 0 },
      hostname: `cri-${round}`,
      logDirectory: tmpdir(),
      portMappings: [],
      labels: {},
      annotations: {},
      linux: { cgroupParent: "/raftsman/bench", securityContext: { namespaceOptions } },
    },
    config: {
      metadata: { name: "main", attempt: 0 },
      image: { image: BUSYBOX_IMAGE },
      command: ["sleep"],
      args: ["1000"],
      workingDir: "",
      envs: [],
      mounts: [],
      labels: {},
      annotations: {},
      logPath: `cri-bench-${round}.log`,
      stdin: false,
      stdinOnce: false,
      tty: false,
      linux: { resources: {}, securityContext: { namespaceOptions } },
    },
  };
}
