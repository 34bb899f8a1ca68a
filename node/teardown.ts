import { setMaxListeners } from "node:events";
import { rm } from "node:fs/promises";
import { messageOf } from "../base/errors.js";
import { silentLogger } from "../base/logger.js";
import { nftTableName } from "./cni/network-plan.js";
import { teardownPodNetwork } from "./cni/pod-network.js";
import { ContainerdInstance } from "./containerd/containerd-instance.js";
import { PAUSE_IMAGE } from "./containerd/image-import.js";
import { killShims, shimsOf } from "./containerd/shim-processes.js";
import type { SandboxId } from "./cri/cri-types.js";
import type { Runtime } from "./cri/runtime.js";
import { connectRuntime } from "./cri/runtime-service.js";
import { teardownDns } from "./dns/ensure-dns-process.js";
import { NodePaths } from "./node-paths.js";
import { LinuxPodCgroups } from "./pod-cgroups.js";
import { removeServiceTable } from "./proxy/service-proxy.js";
import { unmountBelow } from "./volumes/mounts.js";

/** Which node's traces to remove; to be called in its network namespace, with its agent stopped. */
export interface TeardownOptions {
  readonly dataDir: string;
  readonly runDir: string;
  readonly cgroupRoot: string;
  readonly networkName: string;
  readonly clusterCidr: string;
  readonly serviceCidr: string;
  readonly clusterDnsAddress: string;
}

const START_TIMEOUT_MS = 60_000;
const ANSWER_TIMEOUT_MS = 3000;
/** Sandboxes that are stopped at the same time. */
const AT_ONCE = 16;
const ROUND_TIMEOUT_MS = 120_000;
/** For how long nothing may get less before the rest is killed. */
const IDLE_TIMEOUT_MS = 15_000;
const KILL_TIMEOUT_MS = 10_000;
const POLL_MS = 50;

/**
 * Leaves nothing of a node that ran on a containerd of its own: pods, containerd, DNS, Service
 * rules, network, mounts and cgroups. The data folder stays. May be repeated; does all it can,
 * then rejects with an AggregateError when something was left.
 */
export async function teardownNode(options: TeardownOptions): Promise<void> {
  const { dataDir, runDir, cgroupRoot, networkName, clusterCidr, serviceCidr } = options;
  const paths = new NodePaths(dataDir);
  const cgroups = new LinuxPodCgroups(cgroupRoot);
  const errors: unknown[] = [];
  const attempt = async (run: () => Promise<void>): Promise<void> => {
    try {
      await run();
    } catch (error) {
      errors.push(error);
    }
  };
  await attempt(() => removePods(options, paths));
  await attempt(() => cgroups.killAll(KILL_TIMEOUT_MS));
  await attempt(() => teardownDns({ runDir, listenAddress: options.clusterDnsAddress }));
  await attempt(() => removeServiceTable(nftTableName(networkName, "services")));
  await attempt(() =>
    teardownPodNetwork({
      networkName,
      dataDir,
      clusterCidr,
      serviceCidr,
      confDir: paths.cniConfDir,
    }),
  );
  await attempt(async () => {
    await unmountBelow(dataDir);
    // Never where something is still mounted: what is deleted there is somebody else's.
    await rm(paths.podsDir, { recursive: true, force: true });
  });
  await attempt(() => cgroups.removeAll());
  if (errors.length > 0)
    throw new AggregateError(errors, `node not taken down: ${errors.map(messageOf).join("; ")}`);
}

/**
 * Stops and removes every sandbox, then containerd; a dead containerd is started once more for
 * that. What will not go in order is killed.
 */
async function removePods(options: TeardownOptions, paths: NodePaths): Promise<void> {
  const { dataDir, runDir } = options;
  const instance = new ContainerdInstance(
    { dataDir, runDir, sandboxImage: PAUSE_IMAGE, cniConfDir: paths.cniConfDir },
    { logger: silentLogger },
  );
  if (!(await instance.hasRun())) return;
  try {
    // One that hangs is ended and started again.
    if ((await instance.pid()) !== null && !(await answers(instance.socketPath)))
      await instance.shutdown();
    await instance.start(AbortSignal.timeout(START_TIMEOUT_MS));
    await removeSandboxes(instance.socketPath);
  } finally {
    await instance.shutdown();
    await killShims(instance.socketPath, KILL_TIMEOUT_MS);
  }
}

/**
 * Removes sandboxes until there is none and no shim either: pods that were being started when the
 * agent ended are not listed yet, and refuse to be removed while their container starts. Returns
 * when nothing gets less any more.
 */
async function removeSandboxes(socketPath: string): Promise<void> {
  const { runtime, close } = connectRuntime(socketPath);
  let least = Number.POSITIVE_INFINITY;
  let idleSinceMs = performance.now();
  try {
    for (;;) {
      const signal = AbortSignal.timeout(ROUND_TIMEOUT_MS);
      // Each call of a round listens to it.
      setMaxListeners(0, signal);
      const sandboxes = [...(await runtime.listPodSandboxes({}, signal))];
      const left = sandboxes.length + (await shimsOf(socketPath)).length;
      if (left === 0) return;
      if (left < least) idleSinceMs = performance.now();
      if (performance.now() - idleSinceMs > IDLE_TIMEOUT_MS) return;
      least = Math.min(least, left);
      const work = async (): Promise<void> => {
        for (let next = sandboxes.pop(); next !== undefined; next = sandboxes.pop())
          if (await removed(runtime, { id: next.id, signal })) idleSinceMs = performance.now();
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  } finally {
    close();
  }
}

/** False when it would not go: it is listed again in the next round. */
async function removed(
  runtime: Runtime,
  { id, signal }: { readonly id: SandboxId; readonly signal: AbortSignal },
): Promise<boolean> {
  try {
    await runtime.stopPodSandbox(id, signal);
    await runtime.removePodSandbox(id, signal);
    return true;
  } catch {
    return false;
  }
}

async function answers(socketPath: string): Promise<boolean> {
  const { runtime, close } = connectRuntime(socketPath, { timeoutMs: ANSWER_TIMEOUT_MS });
  try {
    await runtime.version(AbortSignal.timeout(ANSWER_TIMEOUT_MS));
    return true;
  } catch {
    return false;
  } finally {
    close();
  }
}
