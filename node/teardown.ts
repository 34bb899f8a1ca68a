import { rm } from "node:fs/promises";
import { messageOf } from "../base/errors.js";
import { silentLogger } from "../base/logger.js";
import { nftTableName } from "./cni/network-plan.js";
import { teardownPodNetwork } from "./cni/pod-network.js";
import { ContainerdInstance } from "./containerd/containerd-instance.js";
import { PAUSE_IMAGE } from "./containerd/image-import.js";
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

const STOP_TIMEOUT_MS = 60_000;
const ANSWER_TIMEOUT_MS = 3000;

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
 * that.
 */
async function removePods(options: TeardownOptions, paths: NodePaths): Promise<void> {
  const { dataDir, runDir } = options;
  const instance = new ContainerdInstance(
    { dataDir, runDir, sandboxImage: PAUSE_IMAGE, cniConfDir: paths.cniConfDir },
    { logger: silentLogger },
  );
  if (!(await instance.hasRun())) return;
  const signal = AbortSignal.timeout(STOP_TIMEOUT_MS);
  // One that hangs is ended and started again.
  if ((await instance.pid()) !== null && !(await answers(instance.socketPath)))
    await instance.shutdown();
  await instance.start(signal);
  const { runtime, close } = connectRuntime(instance.socketPath);
  try {
    const sandboxes = await runtime.listPodSandboxes({}, signal);
    await Promise.all(
      sandboxes.map(async ({ id }) => {
        await runtime.stopPodSandbox(id, signal);
        await runtime.removePodSandbox(id, signal);
      }),
    );
  } finally {
    close();
    await instance.shutdown();
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
