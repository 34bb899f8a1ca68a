import { stopContainer, stopContainers } from "./container-stopper.js";
import type { NodeContext } from "./node-context.js";
import type { ContainerKill } from "./plan/pod-actions.js";
import { recordPodEvent } from "./pod-events.js";
import type { PodSandboxes } from "./pod-sandboxes.js";
import type { WorkedPod } from "./pod-starter.js";

/** Ends what runs of one pod. Throws CriError; every step may be repeated. */
export class PodStopper {
  private readonly pod: WorkedPod;
  private readonly context: NodeContext;
  private readonly sandboxes: PodSandboxes;

  constructor(
    pod: WorkedPod,
    deps: { readonly context: NodeContext; readonly sandboxes: PodSandboxes },
  ) {
    this.pod = pod;
    this.context = deps.context;
    this.sandboxes = deps.sandboxes;
  }

  /**
   * Stops all that runs, because the sandbox is to be made anew (`again`) or because the pod has
   * done its work.
   */
  async killPod(again: boolean, signal: AbortSignal): Promise<void> {
    if (again) {
      const message = "Pod sandbox changed, it will be killed and re-created.";
      const event = { reason: "SandboxChanged", message };
      recordPodEvent(this.context.recorder, this.pod.current, event);
    }
    await this.stopContainers(signal);
    await this.stopSandboxes(signal);
  }

  /** All of them, within the pod's grace period. */
  async stopContainers(signal: AbortSignal): Promise<void> {
    await stopContainers(this.context, {
      pod: this.pod.current,
      records: this.pod.runtime.containers,
      podIp: this.pod.podIps()[0] ?? "",
      graceSeconds: this.pod.graceSeconds(),
      signal,
    });
  }

  /** Gives addresses back; no container runs any more. */
  async stopSandboxes(signal: AbortSignal): Promise<void> {
    await this.sandboxes.stopAll(this.pod.runtime, signal);
  }

  /** One container, which is to run again. */
  async kill(kill: ContainerKill, signal: AbortSignal): Promise<void> {
    const { container, record, message } = kill;
    const graceSeconds = graceOfProbe(kill) ?? this.pod.graceSeconds();
    const podIp = this.pod.podIps()[0] ?? "";
    const pod = this.pod.current;
    const request = { pod, container, record, podIp, graceSeconds, message, signal };
    await stopContainer(this.context, request);
  }
}

/** What the probe that failed gives the container, in seconds. */
function graceOfProbe({ container, cause }: ContainerKill): number | undefined {
  switch (cause) {
    case "LivenessProbe":
      return container.livenessProbe?.terminationGracePeriodSeconds;
    case "StartupProbe":
      return container.startupProbe?.terminationGracePeriodSeconds;
    default:
      return undefined;
  }
}
