import { formatMilliseconds } from "./plan/durations.js";
import type { Container, Pod } from "../api/schema/types/core-v1.gen.js";
import { messageOf } from "../base/errors.js";
import type { PodSandboxConfig, RuntimeImage } from "./cri/cri-types.js";
import type { NodeContext } from "./node-context.js";
import {
  type BackoffEntry,
  backoffRemainingMs,
  nextBackoff,
  PULL_BACKOFF,
} from "./plan/backoff.js";
import { parseImageName } from "./plan/image-name.js";
import { registryAuth } from "./plan/pull-secrets.js";
import { recordPodEvent } from "./pod-events.js";

/** The image, or why the container has to wait for it. */
export type ImageResult =
  | { readonly ok: true; readonly image: RuntimeImage }
  | {
      readonly ok: false;
      readonly reason:
        | "ErrImagePull"
        | "ImagePullBackOff"
        | "InvalidImageName"
        | "ErrImageNeverPull"
        | "ImageInspectError";
      readonly message: string;
      /** When to try again; null: only when the pod changes. */
      readonly retryMs: number | null;
    };

interface ImageRequest {
  readonly pod: Pod;
  readonly container: Container;
  readonly sandboxConfig: PodSandboxConfig;
  readonly signal: AbortSignal;
}

const PARALLEL_PULLS_MAX = 4;

/**
 * Gets images onto the node as their pull policy says, with back-off per image and a limit on
 * pulls at a time.
 */
export class ImagePuller {
  private readonly context: NodeContext;
  private readonly backoff = new Map<
    string,
    { readonly entry: BackoffEntry; readonly endedMs: number; readonly cause: string }
  >();
  private pulling = 0;
  private readonly queue: (() => void)[] = [];

  constructor(context: NodeContext) {
    this.context = context;
  }

  /** Throws only when the signal aborts. */
  async ensure(request: ImageRequest): Promise<ImageResult> {
    const { container, signal } = request;
    const name = container.image ?? "";
    const parsed = parseImageName(name);
    if (!parsed.ok) {
      this.event(request, "Warning", { reason: "InspectFailed", message: parsed.message });
      this.event(request, "Warning", { reason: "Failed", message: "Error: InvalidImageName" });
      return { ok: false, reason: "InvalidImageName", message: parsed.message, retryMs: null };
    }
    let present: RuntimeImage | null;
    try {
      present = await this.context.runtime.imageStatus(name, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      const message = `Failed to inspect image "${name}": ${messageOf(error)}`;
      this.event(request, "Warning", { reason: "InspectFailed", message });
      return { ok: false, reason: "ImageInspectError", message, retryMs: 5000 };
    }
    const policy =
      container.imagePullPolicy ?? (parsed.tag === "latest" ? "Always" : "IfNotPresent");
    if (present !== null && policy !== "Always") {
      const message = `Container image "${name}" already present on machine`;
      this.event(request, "Normal", { reason: "Pulled", message });
      return { ok: true, image: present };
    }
    if (policy === "Never") {
      const message = `Container image "${name}" is not present with pull policy of Never`;
      this.event(request, "Warning", { reason: "ErrImageNeverPull", message });
      this.event(request, "Warning", { reason: "Failed", message: "Error: ErrImageNeverPull" });
      return { ok: false, reason: "ErrImageNeverPull", message, retryMs: 10_000 };
    }
    return this.pullUnlessBackingOff(request, name);
  }

  private async pullUnlessBackingOff(request: ImageRequest, name: string): Promise<ImageResult> {
    const nowMs = this.context.clock.nowMs();
    const last = this.backoff.get(name);
    const waitMs =
      last === undefined
        ? 0
        : backoffRemainingMs(last.entry, PULL_BACKOFF, { endedMs: last.endedMs, nowMs });
    if (last !== undefined && waitMs > 0) {
      const message = `Back-off pulling image "${name}"`;
      this.event(request, "Normal", { reason: "BackOff", message });
      this.event(request, "Warning", { reason: "Failed", message: "Error: ImagePullBackOff" });
      const reason = "ImagePullBackOff";
      const full = `${message}: ErrImagePull: ${last.cause}`;
      return { ok: false, reason, message: full, retryMs: waitMs };
    }
    const queuedMs = this.context.clock.monotonicMs();
    await this.takeTurn();
    try {
      return await this.pull(request, name, queuedMs);
    } finally {
      this.endTurn();
    }
  }

  private async pull(request: ImageRequest, name: string, queuedMs: number): Promise<ImageResult> {
    const { pod, sandboxConfig, signal } = request;
    const { clock, runtime } = this.context;
    this.event(request, "Normal", { reason: "Pulling", message: `Pulling image "${name}"` });
    const startedMs = clock.monotonicMs();
    try {
      const auth = registryAuth(name, this.pullSecrets(pod));
      const id = await runtime.pullImage({ image: name, auth, sandboxConfig }, signal);
      const image = await runtime.imageStatus(id, signal);
      if (image === null) throw new Error("the image is gone right after it was pulled");
      this.backoff.delete(name);
      const [took, whole] = [startedMs, queuedMs].map((fromMs) =>
        formatMilliseconds(clock.monotonicMs() - fromMs),
      );
      const message =
        `Successfully pulled image "${name}" in ${took} (${whole} including waiting). ` +
        `Image size: ${image.size} bytes.`;
      this.event(request, "Normal", { reason: "Pulled", message });
      return { ok: true, image };
    } catch (error) {
      if (signal.aborted) throw error;
      const cause = messageOf(error);
      const nowMs = clock.nowMs();
      const entry = nextBackoff(this.backoff.get(name)?.entry, PULL_BACKOFF, nowMs);
      this.backoff.set(name, { entry, endedMs: nowMs, cause });
      const message = `Failed to pull image "${name}": ${cause}`;
      this.event(request, "Warning", { reason: "Failed", message });
      this.event(request, "Warning", { reason: "Failed", message: "Error: ErrImagePull" });
      // Looked at again soon, so that the back-off becomes visible as such.
      return { ok: false, reason: "ErrImagePull", message: cause, retryMs: 2000 };
    }
  }

  private pullSecrets(pod: Pod): readonly string[] {
    const namespace = pod.metadata.namespace ?? "";
    return (pod.spec.imagePullSecrets ?? []).flatMap(({ name = "" }) => {
      const data = this.context.objects.secret(namespace, name)?.data?.[".dockerconfigjson"];
      return data === undefined ? [] : [Buffer.from(data, "base64").toString()];
    });
  }

  private async takeTurn(): Promise<void> {
    if (this.pulling >= PARALLEL_PULLS_MAX) {
      await new Promise<void>((resolve) => this.queue.push(resolve));
    }
    this.pulling += 1;
  }

  private endTurn(): void {
    this.pulling -= 1;
    this.queue.shift()?.();
  }

  private event(
    request: ImageRequest,
    type: "Normal" | "Warning",
    event: { readonly reason: string; readonly message: string },
  ): void {
    const { pod, container } = request;
    recordPodEvent(this.context.recorder, pod, { type, container, ...event });
  }
}
