import type { EventRecorder } from "../api/client/event-recorder.js";
import { waitMs } from "../api/client/waiting.js";
import type { Clock } from "../base/clock.js";
import { messageOf } from "../base/errors.js";
import type { Logger } from "../base/logger.js";
import type { Runtime } from "./cri/runtime.js";
import type { FileSystemStats } from "./metrics/node-sample.js";
import {
  bytesToFree,
  type ImagePolicy,
  type KnownImage,
  removableImages,
  trackImages,
} from "./plan/image-garbage.js";
import { recordNodeEvent } from "./pod-events.js";
import type { PullRecords } from "./pull-records.js";

interface ImageCollectorDeps {
  readonly nodeName: string;
  /** Images that stay though no container names them. */
  readonly kept: readonly string[];
  /** Forget what is not on the node any more. */
  readonly records: PullRecords;
  readonly readDisk: (path: string) => Promise<FileSystemStats>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly recorder: EventRecorder;
}

/** The kubelet's interval. */
const LOOK_MS = 300_000;

/** Removes images that nobody uses when the disk they are on gets full. */
export class ImageCollector {
  private readonly runtime: Runtime;
  private readonly policy: ImagePolicy;
  private readonly deps: ImageCollectorDeps;
  private images: ReadonlyMap<string, KnownImage> = new Map();
  private failed = false;

  constructor(runtime: Runtime, policy: ImagePolicy, deps: ImageCollectorDeps) {
    this.runtime = runtime;
    this.policy = policy;
    this.deps = deps;
  }

  /** Looks at once, so that ages count from here, and every 5 min until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.collect(signal);
        this.failed = false;
      } catch (error) {
        if (signal.aborted) return;
        const message = messageOf(error);
        this.deps.logger.error("image garbage collection failed", { error: message });
        // Once may be a moment's shortage: images that have just come are not old enough.
        if (this.failed) this.tell("ImageGCFailed", message);
        this.failed = true;
      }
      await waitMs(this.deps.clock, LOOK_MS, signal);
    }
  }

  /** One look. Throws when more had to go than could, or the runtime does not answer. */
  async collect(signal: AbortSignal): Promise<void> {
    await this.look(signal);
    const folder = await this.runtime.imageFolder(signal);
    if (folder === null) return;
    const disk = await this.deps.readDisk(folder);
    const wantedBytes = Math.floor(bytesToFree(disk, this.policy));
    if (wantedBytes === 0) return;
    this.deps.logger.info("disk of images is over the high mark", { folder, wantedBytes });
    const freedBytes = await this.free(wantedBytes, signal);
    if (freedBytes >= wantedBytes) return;
    const message =
      `Failed to garbage collect required amount of images. Attempted to free ${wantedBytes} ` +
      `bytes, but only found ${freedBytes} bytes eligible to free.`;
    this.tell("FreeDiskSpaceFailed", message);
    throw new Error(message);
  }

  /** Removes everything that may go. Throws CriError. */
  async removeUnused(signal: AbortSignal): Promise<void> {
    await this.look(signal);
    await this.free(Infinity, signal);
  }

  private async look(signal: AbortSignal): Promise<void> {
    const [images, containers] = await Promise.all([
      this.runtime.listImages(signal),
      this.runtime.listContainers({}, signal),
    ]);
    const { kept, clock } = this.deps;
    await this.deps.records.keepOnly(images.map(({ id }) => id));
    this.images = trackImages(this.images, { images, containers, kept, nowMs: clock.nowMs() });
  }

  /** Returns how much has been freed; an image that cannot be removed is passed over. */
  private async free(wantedBytes: number, signal: AbortSignal): Promise<number> {
    const { clock, logger } = this.deps;
    const { minAgeMs } = this.policy;
    let freedBytes = 0;
    for (const { id, sizeBytes } of removableImages(this.images.values(), {
      minAgeMs,
      nowMs: clock.nowMs(),
    })) {
      if (freedBytes >= wantedBytes) break;
      try {
        await this.runtime.removeImage(id, signal);
        freedBytes += sizeBytes;
        logger.info("image removed", { id, sizeBytes });
      } catch (error) {
        if (signal.aborted) throw error;
        logger.warn("image not removed", { id, error });
      }
    }
    return freedBytes;
  }

  private tell(reason: string, message: string): void {
    const { recorder, nodeName } = this.deps;
    recordNodeEvent(recorder, nodeName, { type: "Warning", reason, message });
  }
}
