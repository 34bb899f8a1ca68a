import type { Pod } from "../api/schema/types/core-v1.gen.js";
import { hasCode, messageOf } from "../base/errors.js";
import type { Runtime } from "./cri/runtime.js";
import { SIMULATED } from "./hollow/hollow-runtime.js";
import { readySandbox } from "./plan/pod-runtime.js";
import type { PodWorkers } from "./pod-workers.js";
import type { StatusManager } from "./status-manager.js";
import {
  type ContainerLog,
  type PodStreams,
  PodStreamError,
  type StreamRequest,
} from "./streaming/pod-streams.js";

/** Opens streams into the pods that the workers keep. */
export class AgentStreams implements PodStreams {
  private readonly runtime: Runtime;
  private readonly workers: PodWorkers;
  private readonly statuses: StatusManager;
  private readonly simulated: boolean;

  constructor(
    runtime: Runtime,
    deps: {
      readonly workers: PodWorkers;
      readonly statuses: StatusManager;
      readonly simulated: boolean;
    },
  ) {
    this.runtime = runtime;
    this.simulated = deps.simulated;
    this.workers = deps.workers;
    this.statuses = deps.statuses;
  }

  pod(namespace: string, name: string): Pod | null {
    const found = [...this.workers.all()].find(({ current: { metadata } }) => {
      return metadata.name === name && metadata.namespace === namespace;
    });
    return found === undefined ? null : this.withLatestStatus(found.current);
  }

  pods(): readonly Pod[] {
    return [...this.workers.all()].map(({ current }) => this.withLatestStatus(current));
  }

  private withLatestStatus(pod: Pod): Pod {
    const status = this.statuses.latest(pod.metadata.uid);
    return status === null ? pod : { ...pod, status: { ...pod.status, ...status } };
  }

  async containerLog(containerId: string, signal: AbortSignal): Promise<ContainerLog | null> {
    if (this.simulated) throw new PodStreamError("Unsupported", SIMULATED);
    try {
      const { logPath, state } = await this.runtime.containerStatus(containerId, signal);
      return { path: logPath, running: state === "CONTAINER_RUNNING" };
    } catch (error) {
      if (hasCode(error, "NotFound")) return null;
      throw toStreamError(error);
    }
  }

  async exec(
    containerId: string,
    request: StreamRequest & { readonly command: readonly string[] },
    signal: AbortSignal,
  ): Promise<string> {
    const { command, ...streams } = request;
    return this.runtime
      .exec({ containerId, cmd: command, ...streams }, signal)
      .catch((error: unknown) => {
        throw toStreamError(error);
      });
  }

  async attach(containerId: string, request: StreamRequest, signal: AbortSignal): Promise<string> {
    return this.runtime.attach({ containerId, ...request }, signal).catch((error: unknown) => {
      throw toStreamError(error);
    });
  }

  async portForward(pod: Pod, signal: AbortSignal): Promise<string> {
    const runtime = this.workers.get(pod.metadata.uid)?.runtime;
    const sandbox = runtime === undefined ? null : readySandbox(runtime);
    if (sandbox === null)
      throw new PodStreamError("NotFound", `pod ${pod.metadata.name} has no running sandbox`);
    return this.runtime
      .portForward({ podSandboxId: sandbox.id, port: [] }, signal)
      .catch((error: unknown) => {
        throw toStreamError(error);
      });
  }
}

function toStreamError(cause: unknown): PodStreamError {
  const message = messageOf(cause);
  if (hasCode(cause, "NotFound")) return new PodStreamError("NotFound", message, { cause });
  if (hasCode(cause, "Unimplemented")) return new PodStreamError("Unsupported", message, { cause });
  return new PodStreamError("Runtime", message, { cause });
}
