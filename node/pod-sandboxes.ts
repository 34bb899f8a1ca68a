import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import type { Pod } from "../api/schema/types/core-v1.gen.js";
import type { PodSandboxConfig } from "./cri/cri-types.js";
import { CriError } from "./cri/cri-error.js";
import type { NodeContext } from "./node-context.js";
import { podDnsConfig } from "./plan/dns-config.js";
import { renderHostNetworkHostsFile, renderHostsFile } from "./plan/pod-identity.js";
import type { PodRuntime, SandboxRecord } from "./plan/pod-runtime.js";
import { sandboxConfig } from "./plan/sandbox-config.js";

const NO_USER_NAMESPACES =
  "can't set `spec.hostUsers: false`, this node does not support user namespaces";

/** Makes and removes pods' sandboxes with what the node keeps around them. */
export class PodSandboxes {
  private readonly context: NodeContext;

  constructor(context: NodeContext) {
    this.context = context;
  }

  /** The configuration that the sandbox of this attempt has; its cgroup exists afterwards. */
  async configOf(pod: Pod, attempt: number): Promise<PodSandboxConfig> {
    const { config, paths, cgroups } = this.context;
    return sandboxConfig(pod, {
      attempt,
      logDirectory: paths.logs(pod),
      dns: podDnsConfig(pod, config.clusterDns, config.hostDns),
      cgroupParent: await cgroups.ensure(pod.metadata.uid, pod.spec),
      clusterDomain: config.clusterDns.domain,
    });
  }

  /** Makes a sandbox; its addresses are known when this returns. Throws CriError. */
  async create(
    pod: Pod,
    attempt: number,
    signal: AbortSignal,
  ): Promise<{ readonly record: SandboxRecord; readonly config: PodSandboxConfig }> {
    const { config, paths, runtime, clock } = this.context;
    // Silently given the host's users instead, root inside would be root outside.
    if (pod.spec.hostUsers === false && !config.simulated)
      throw new CriError("Unimplemented", "RunPodSandbox", { message: NO_USER_NAMESPACES });
    const runtimeHandler = await this.handlerOf(pod);
    const wanted = await this.configOf(pod, attempt);
    if (!config.simulated) await mkdir(paths.logs(pod), { recursive: true, mode: 0o755 });
    const id = await runtime.runPodSandbox({ config: wanted, runtimeHandler }, signal);
    const base = { id, ready: true, attempt, createdAtMs: clock.nowMs() };
    if (pod.spec.hostNetwork === true) return { record: { ...base, ips: [] }, config: wanted };
    const { network } = await runtime.podSandboxStatus(id, signal);
    const ips = network === null ? [] : [network.ip, ...network.additionalIps.map(({ ip }) => ip)];
    return { record: { ...base, ips: ips.filter((ip) => ip !== "") }, config: wanted };
  }

  /** What the runtime is told of the pod's RuntimeClass (KEP-585). Throws when there is none. */
  private async handlerOf({ spec }: Pod): Promise<string> {
    const { runtimeClassName: name = "" } = spec;
    if (name === "") return "";
    const found = await this.context.objects.runtimeClass(name);
    if (found !== null) return found.handler;
    const message = `runtimeclass.node.k8s.io ${JSON.stringify(name)} not found`;
    throw new CriError("NotFound", "RunPodSandbox", { message });
  }

  /** The file that the pod's containers see as /etc/hosts. */
  async writeHostsFile(pod: Pod, ips: readonly string[]): Promise<void> {
    const { config, paths } = this.context;
    if (config.simulated) return;
    const text =
      pod.spec.hostNetwork === true
        ? renderHostNetworkHostsFile(pod, await readFile("/etc/hosts", "utf8").catch(() => ""))
        : renderHostsFile(pod, { ips, domain: config.clusterDns.domain });
    await mkdir(paths.pod(pod.metadata.uid), { recursive: true, mode: 0o750 });
    await writeFile(paths.hostsFile(pod.metadata.uid), text, { mode: 0o644 });
  }

  /** Stops all sandboxes and gives their addresses back. */
  async stopAll(state: PodRuntime, signal: AbortSignal): Promise<void> {
    for (const sandbox of state.sandboxes)
      if (sandbox.ready) await this.context.runtime.stopPodSandbox(sandbox.id, signal);
  }

  /** Removes containers, sandboxes, cgroup and logs; nothing may run any more. */
  async removeAll(pod: Pod, state: PodRuntime, signal: AbortSignal): Promise<void> {
    const { runtime, cgroups, paths, config } = this.context;
    for (const { id } of state.containers) await runtime.removeContainer(id, signal);
    for (const { id } of state.sandboxes) {
      // Not ready may mean half stopped: what its network still holds is given back here.
      await runtime.stopPodSandbox(id, signal);
      await runtime.removePodSandbox(id, signal);
    }
    if (config.simulated) return;
    await cgroups.remove(pod.metadata.uid);
    await rm(paths.logs(pod), { recursive: true, force: true });
  }
}
