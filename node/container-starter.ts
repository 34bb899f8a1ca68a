import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Container, Pod } from "../api/schema/types/core-v1.gen.js";
import { messageOf } from "../base/errors.js";
import type { Mount, PodSandboxConfig, RuntimeImage } from "./cri/cri-types.js";
import type { ImagePuller } from "./image-puller.js";
import { runHook } from "./lifecycle-hooks.js";
import type { NodeContext } from "./node-context.js";
import { containerConfig, TERMINATION_MESSAGE_PATH } from "./plan/container-config.js";
import { computeEnvironment } from "./plan/env.js";
import { allContainers } from "./plan/pod-runtime.js";
import { containerResources, resourceFieldValue } from "./plan/resources.js";
import { rootRefusal } from "./plan/security.js";
import { recordPodEvent } from "./pod-events.js";
import type { PodVolumes, VolumeContext } from "./volumes/pod-volumes.js";

/** Started, or the reason in the container's waiting state and when to try again. */
export type StartResult =
  | { readonly ok: true; readonly containerId: string }
  | {
      readonly ok: false;
      readonly reason: string;
      readonly message: string;
      readonly retryMs: number | null;
      /** The container runs but must not: its postStart hook failed. */
      readonly killId?: string;
    };

/** One container to be started in a sandbox that is ready. */
export interface StartRequest {
  readonly pod: Pod;
  readonly container: Container;
  readonly sandboxId: string;
  readonly sandboxConfig: PodSandboxConfig;
  readonly podIps: readonly string[];
  readonly restartCount: number;
  /**
   * The container whose processes an ephemeral one wants to see; null: it names none. `id` null:
   * that container does not run.
   */
  readonly target: { readonly name: string; readonly id: string | null } | null;
  readonly signal: AbortSignal;
  /**
   * For what must not be cut short when the pod is asked to end: a runtime that is interrupted
   * tells of a container that could not be started. Aborts when the agent ends.
   */
  readonly lasting: AbortSignal;
}

const RETRY_MS = 2000;
const HOOK_TIMEOUT_MS = 600_000;

/** Takes one container from its spec to running: image, configuration, create, start, postStart. */
export class ContainerStarter {
  private readonly context: NodeContext;
  private readonly images: ImagePuller;
  private readonly volumes: PodVolumes;

  constructor(
    context: NodeContext,
    deps: { readonly images: ImagePuller; readonly volumes: PodVolumes },
  ) {
    this.context = context;
    this.images = deps.images;
    this.volumes = deps.volumes;
  }

  /** Throws only when the signal aborts. */
  async start(request: StartRequest): Promise<StartResult> {
    const image = await this.images.ensure(request);
    if (!image.ok) return image;
    const withheld = await this.mountImages(request);
    if (withheld !== null) return withheld;
    let config: ReturnType<typeof containerConfig> | string;
    try {
      config = await this.configure(request, image.image);
    } catch (error) {
      if (request.signal.aborted) throw error;
      config = messageOf(error);
    }
    if (typeof config === "string")
      return this.failed(request, { reason: "CreateContainerConfigError", message: config });
    const { pod, container, sandboxId, sandboxConfig, lasting } = request;
    const { runtime, recorder } = this.context;
    let id: string;
    try {
      id = await runtime.createContainer(
        { podSandboxId: sandboxId, config, sandboxConfig },
        lasting,
      );
    } catch (error) {
      if (lasting.aborted) throw error;
      return this.failed(request, { reason: "CreateContainerError", message: messageOf(error) });
    }
    const created = `Created container: ${container.name}`;
    recordPodEvent(recorder, pod, { reason: "Created", message: created, container });
    try {
      await runtime.startContainer(id, lasting);
    } catch (error) {
      if (lasting.aborted) throw error;
      return this.failed(request, { reason: "RunContainerError", message: messageOf(error) });
    }
    const started = `Started container ${container.name}`;
    recordPodEvent(recorder, pod, { reason: "Started", message: started, container });
    return this.postStart(request, id);
  }

  /** Gets and mounts the images that the container has as volumes; null: all are there. */
  private async mountImages(request: StartRequest): Promise<StartResult | null> {
    const { pod, container, signal } = request;
    const wanted = new Set((container.volumeMounts ?? []).map(({ name }) => name));
    for (const volume of pod.spec.volumes ?? []) {
      const { image: source } = volume;
      if (source === undefined || !wanted.has(volume.name) || this.context.config.simulated)
        continue;
      const { reference: image = "", pullPolicy: imagePullPolicy = "IfNotPresent" } = source;
      const asImage = { ...container, image, imagePullPolicy };
      const found = await this.images.ensure({ ...request, container: asImage });
      if (!found.ok) return found;
      const imageId = found.image.id;
      const message = await this.volumes.mountImage(pod, volume, { imageId, signal });
      if (message !== null)
        return this.failed(request, { reason: "CreateContainerError", message });
    }
    return null;
  }

  /** A container that would be stopped by another signal than it needs is not started. */
  private signalRefusal({ lifecycle }: Container): string | null {
    const { config, containerSignals } = this.context;
    const { stopSignal } = lifecycle ?? {};
    if (stopSignal === undefined || config.simulated || containerSignals !== null) return null;
    return `the runtime of this node cannot be told to stop containers by ${stopSignal}`;
  }

  private async postStart(request: StartRequest, id: string): Promise<StartResult> {
    const handler = request.container.lifecycle?.postStart;
    if (handler === undefined) return { ok: true, containerId: id };
    const { pod, container, signal } = request;
    const podIp = request.podIps[0] ?? "";
    const target = { pod, container, containerId: id, podIp, timeoutMs: HOOK_TIMEOUT_MS, signal };
    const failure = await runHook(this.context, handler, target);
    if (failure === null) return { ok: true, containerId: id };
    const message = `PostStartHook failed: ${failure}`;
    const event = { type: "Warning", reason: "FailedPostStartHook", message, container } as const;
    recordPodEvent(this.context.recorder, pod, event);
    return { ok: false, reason: "PostStartHookError", message, retryMs: 0, killId: id };
  }

  private failed(
    request: StartRequest,
    failure: { readonly reason: string; readonly message: string },
  ): StartResult {
    const { pod, container } = request;
    const message = `Error: ${failure.message}`;
    const event = { type: "Warning", reason: "Failed", message, container } as const;
    recordPodEvent(this.context.recorder, pod, event);
    return { ok: false, ...failure, retryMs: RETRY_MS };
  }

  /** The container's configuration, or the sentence that says why there is none. */
  private async configure(
    request: StartRequest,
    image: RuntimeImage,
  ): Promise<ReturnType<typeof containerConfig> | string> {
    const { pod, container, restartCount } = request;
    const { config, objects, paths } = this.context;
    const refusal = rootRefusal(pod, container, image) ?? this.signalRefusal(container);
    if (refusal !== null) return refusal;
    const { target } = request;
    if (target?.id === null) return `unable to find target container "${target.name}"`;
    const namespace = pod.metadata.namespace ?? "";
    const environment = computeEnvironment(pod, container, {
      ...volumeContext(this.context, pod, request.podIps),
      configMap: (name) => objects.configMap(namespace, name),
      secret: (name) => objects.secret(namespace, name),
      services: this.context.servicesFor(pod),
    });
    if (!environment.ok) return environment.message;
    const shared = {
      restartCount,
      env: environment.env,
      image,
      resources: containerResources(pod.spec, container, config.capacity),
      seccompDir: paths.seccompDir,
      targetId: target?.id ?? null,
    };
    if (config.simulated)
      return containerConfig(pod, container, {
        ...shared,
        mounts: [],
        devices: [],
        terminationMessageFile: null,
      });
    const mounts = await this.volumes.mountsOf(pod, container, environment.env);
    if (!mounts.ok) return mounts.message;
    const file = paths.terminationMessage(pod.metadata.uid, container.name, restartCount);
    return containerConfig(pod, container, {
      ...shared,
      mounts: [...mounts.mounts, ...(await this.ownMounts(request, file, mounts.mounts))],
      devices: this.volumes.devicesOf(pod, container),
      terminationMessageFile: file,
    });
  }

  /**
   * What the agent adds: /etc/hosts and the file for last words, unless the pod mounts something
   * there itself.
   */
  private async ownMounts(
    request: StartRequest,
    terminationFile: string,
    mounts: readonly Mount[],
  ): Promise<readonly Mount[]> {
    const { pod, container } = request;
    const { paths } = this.context;
    const taken = new Set(mounts.map(({ containerPath }) => containerPath));
    await mkdir(dirname(terminationFile), { recursive: true });
    await writeFile(terminationFile, "");
    // Whatever user the container runs as; the mode of writeFile would be cut by the umask.
    await chmod(terminationFile, 0o666);
    const messagePath = container.terminationMessagePath || TERMINATION_MESSAGE_PATH;
    const own: Mount[] = [
      { containerPath: "/etc/hosts", hostPath: paths.hostsFile(pod.metadata.uid) },
      { containerPath: messagePath, hostPath: terminationFile },
    ];
    return own.filter(({ containerPath }) => !taken.has(containerPath));
  }
}

/** What downward API values of a pod are made from. */
export function volumeContext(
  { config }: NodeContext,
  pod: Pod,
  podIps: readonly string[],
): VolumeContext {
  return {
    podIps,
    hostIp: config.nodeIp,
    resourceValue: (name, resource, divisor) => {
      const container = allContainers(pod).find((candidate) => candidate.name === name);
      if (container === undefined) return null;
      return resourceFieldValue(
        { spec: pod.spec, container },
        { resource, divisor },
        config.allocatable,
      );
    },
  };
}
