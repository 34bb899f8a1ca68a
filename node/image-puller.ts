import { createHash } from "node:crypto";
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
import { fullImageName, parseImageName } from "./plan/image-name.js";
import { afterPull, mayUse, secretUse } from "./plan/pull-access.js";
import { type PullCredential, pullCredentials } from "./plan/pull-secrets.js";
import { recordPodEvent } from "./pod-events.js";
import type { PullRecords } from "./pull-records.js";

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

/** What a container asks for, taken apart. */
interface Wanted {
  readonly request: ImageRequest;
  /** As it is written in the pod. */
  readonly name: string;
  /** The name without tag and digest. */
  readonly repository: string;
  readonly credentials: readonly PullCredential[];
}

/** The last pull of an image for a pod failed. */
interface Failure {
  readonly entry: BackoffEntry;
  readonly endedMs: number;
  readonly cause: string;
}

const PARALLEL_PULLS_MAX = 4;

/**
 * Gets images onto the node as their pull policy says, with a limit on pulls at a time, and for
 * pods that may have them. A pod whose pull fails backs off by itself: another one may have the
 * credentials that it lacks.
 */
export class ImagePuller {
  private readonly context: NodeContext;
  private readonly records: PullRecords;
  private readonly failures = new Map<string, Failure>();
  private pulling = 0;
  private readonly queue: (() => void)[] = [];

  constructor(context: NodeContext, records: PullRecords) {
    this.context = context;
    this.records = records;
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
    const wanted = this.wanted(request, {
      name,
      repository: `${parsed.registry}/${parsed.repository}`,
    });
    const policy =
      container.imagePullPolicy ?? (parsed.tag === "latest" ? "Always" : "IfNotPresent");
    if (present !== null && policy !== "Always" && (await this.mayUse(wanted, present))) {
      const message = `Container image "${name}" already present on machine and can be accessed by the pod`;
      this.event(request, "Normal", { reason: "Pulled", message });
      return { ok: true, image: present };
    }
    if (policy === "Never") {
      const message = `Container image "${name}" is not present with pull policy of Never`;
      this.event(request, "Warning", { reason: "ErrImageNeverPull", message });
      this.event(request, "Warning", { reason: "Failed", message: "Error: ErrImageNeverPull" });
      return { ok: false, reason: "ErrImageNeverPull", message, retryMs: 10_000 };
    }
    return this.pullUnlessBackingOff(wanted);
  }

  private wanted(request: ImageRequest, named: Pick<Wanted, "name" | "repository">): Wanted {
    const { metadata, spec } = request.pod;
    const secrets = (spec.imagePullSecrets ?? []).flatMap(
      ({ name = "" }) => this.context.objects.secret(metadata.namespace ?? "", name) ?? [],
    );
    return { request, ...named, credentials: pullCredentials(named.name, secrets) };
  }

  /** A record that cannot be read lets nobody use the image unasked. */
  private async mayUse(wanted: Wanted, image: RuntimeImage): Promise<boolean> {
    const { name, repository, credentials } = wanted;
    try {
      const record = await this.records.read(image.id);
      const isPulled = record !== null && repository in record.repositories;
      if (!isPulled && (await this.records.wasInterrupted(name))) return false;
      const full = fullImageName(name) ?? name;
      const isNamed = image.repoTags.includes(full) || image.repoDigests.includes(full);
      return mayUse(
        record,
        { repository, isNamed },
        credentials.map((credential) => secretUse(credential, sha256)),
      );
    } catch (error) {
      this.context.logger.warn("who may use an image is not known; pulling it", { name, error });
      return false;
    }
  }

  private async pullUnlessBackingOff(wanted: Wanted): Promise<ImageResult> {
    const { request, name } = wanted;
    const nowMs = this.context.clock.nowMs();
    const last = this.failures.get(failureKey(wanted));
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
      return await this.pull(wanted, queuedMs);
    } finally {
      this.endTurn();
    }
  }

  private async pull(wanted: Wanted, queuedMs: number): Promise<ImageResult> {
    const { request, name } = wanted;
    const { clock } = this.context;
    this.event(request, "Normal", { reason: "Pulling", message: `Pulling image "${name}"` });
    const startedMs = clock.monotonicMs();
    try {
      const image = await this.pullAs(wanted);
      this.failures.delete(failureKey(wanted));
      const [took, whole] = [startedMs, queuedMs].map((fromMs) =>
        formatMilliseconds(clock.monotonicMs() - fromMs),
      );
      const message =
        `Successfully pulled image "${name}" in ${took} (${whole} including waiting). ` +
        `Image size: ${image.size} bytes.`;
      this.event(request, "Normal", { reason: "Pulled", message });
      return { ok: true, image };
    } catch (error) {
      if (request.signal.aborted) throw error;
      const cause = messageOf(error);
      this.remember(failureKey(wanted), cause);
      const message = `Failed to pull image "${name}": ${cause}`;
      this.event(request, "Warning", { reason: "Failed", message });
      this.event(request, "Warning", { reason: "Failed", message: "Error: ErrImagePull" });
      // Looked at again soon, so that the back-off becomes visible as such.
      return { ok: false, reason: "ErrImagePull", message: cause, retryMs: 2000 };
    }
  }

  /** With each of the credentials in turn; without any only where there are none. */
  private async pullAs({ request, name, repository, credentials }: Wanted): Promise<RuntimeImage> {
    const { runtime } = this.context;
    const { sandboxConfig, signal } = request;
    const failures: string[] = [];
    await this.records.begin(name);
    for (const credential of credentials.length === 0 ? [null] : credentials) {
      try {
        const auth = credential?.auth ?? null;
        const id = await runtime.pullImage({ image: name, auth, sandboxConfig }, signal);
        const image = await runtime.imageStatus(id, signal);
        if (image === null) throw new Error("the image is gone right after it was pulled");
        const record = await this.records.read(image.id).catch(() => null);
        const use = credential === null ? null : secretUse(credential, sha256);
        await this.records.end(name, afterPull(record, { imageId: image.id, repository }, use));
        return image;
      } catch (error) {
        if (signal.aborted) throw error;
        failures.push(messageOf(error));
      }
    }
    await this.records.end(name, null);
    throw new Error(failures.join("; "));
  }

  /** Forgets those that are over, as there is one for each pod and image. */
  private remember(key: string, cause: string): void {
    const nowMs = this.context.clock.nowMs();
    const entry = nextBackoff(this.failures.get(key)?.entry, PULL_BACKOFF, nowMs);
    for (const [old, { endedMs }] of this.failures)
      if (nowMs - endedMs > PULL_BACKOFF.resetAfterMs) this.failures.delete(old);
    this.failures.set(key, { entry, endedMs: nowMs, cause });
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

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function failureKey({ request, name }: Wanted): string {
  return `${request.pod.metadata.uid} ${name}`;
}
