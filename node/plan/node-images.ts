import type { ContainerImage } from "../../api/schema/types/core-v1.gen.js";
import type { RuntimeImage } from "../cri/cri-types.js";

/** As many as the kubelet reports (nodeStatusMaxImages), and names of each. */
const IMAGES_MAX = 50;
const NAMES_MAX = 5;

/**
 * What a Node says of the images it has, the largest first: schedulers prefer nodes that need not
 * pull (ImageLocality).
 */
export function nodeImages(images: readonly RuntimeImage[]): readonly ContainerImage[] {
  return images
    .map(({ repoDigests, repoTags, size }) => {
      return { names: [...repoDigests, ...repoTags].slice(0, NAMES_MAX), sizeBytes: Number(size) };
    })
    .filter(({ names }) => names.length > 0)
    .sort((a, b) => b.sizeBytes - a.sizeBytes || (String(a.names) < String(b.names) ? -1 : 1))
    .slice(0, IMAGES_MAX);
}
