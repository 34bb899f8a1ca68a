import type { ContainerRow, RuntimeImage } from "../cri/cri-types.js";

/** When images are removed, and down to where. */
export interface ImagePolicy {
  /** Of the disk, 0 … 100: from here on images are removed; 100: never. */
  readonly highPercent: number;
  /** Until so much is used. */
  readonly lowPercent: number;
  /** One that came later than this stays: it may be about to be used. */
  readonly minAgeMs: number;
}

/** The kubelet's defaults. */
export const IMAGE_POLICY: ImagePolicy = { highPercent: 85, lowPercent: 80, minAgeMs: 120_000 };

/** An image of the node and what the agent has seen of it; times in milliseconds since 1970. */
export interface KnownImage {
  readonly id: string;
  readonly sizeBytes: number;
  readonly firstSeenMs: number;
  /** 0: never while the agent looked. */
  readonly lastUsedMs: number;
  /** A container needs it, or the runtime does. */
  readonly inUse: boolean;
}

/**
 * What is known of the images after a look at them. `kept` are names of images that nobody has to
 * use for them to stay.
 */
export function trackImages(
  before: ReadonlyMap<string, KnownImage>,
  seen: {
    readonly images: readonly RuntimeImage[];
    readonly containers: readonly Pick<ContainerRow, "image" | "imageRef">[];
    readonly kept: readonly string[];
    readonly nowMs: number;
  },
): ReadonlyMap<string, KnownImage> {
  const { images, containers, kept, nowMs } = seen;
  const named = new Set(kept);
  for (const { image, imageRef } of containers) {
    named.add(imageRef);
    if (image !== null) named.add(image.image);
  }
  const now = new Map<string, KnownImage>();
  for (const { id, repoTags, repoDigests, size, pinned } of images) {
    const inUse = pinned || [id, ...repoTags, ...repoDigests].some((name) => named.has(name));
    const known = before.get(id);
    now.set(id, {
      id,
      sizeBytes: size,
      firstSeenMs: known?.firstSeenMs ?? nowMs,
      lastUsedMs: inUse ? nowMs : (known?.lastUsedMs ?? 0),
      inUse,
    });
  }
  return now;
}

/**
 * How many bytes images have to give back: none below the high mark, else what there is too much of
 * above the low one.
 */
export function bytesToFree(
  disk: { readonly capacityBytes: number; readonly availableBytes: number },
  { highPercent, lowPercent }: ImagePolicy,
): number {
  const { capacityBytes, availableBytes } = disk;
  if (capacityBytes <= 0 || highPercent >= 100) return 0;
  const usedPercent = 100 - Math.floor((availableBytes * 100) / capacityBytes);
  if (usedPercent < highPercent) return 0;
  return Math.max(0, (capacityBytes * (100 - lowPercent)) / 100 - availableBytes);
}

/**
 * The images that may go, in the order in which they are to go: least recently used first, and of
 * those the oldest.
 */
export function removableImages(
  images: Iterable<KnownImage>,
  { minAgeMs, nowMs }: { readonly minAgeMs: number; readonly nowMs: number },
): readonly KnownImage[] {
  return [...images]
    .filter(({ inUse, firstSeenMs }) => !inUse && nowMs - firstSeenMs >= minAgeMs)
    .sort((a, b) => a.lastUsedMs - b.lastUsedMs || a.firstSeenMs - b.firstSeenMs);
}
