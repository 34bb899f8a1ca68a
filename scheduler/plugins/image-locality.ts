import type { Container } from "../../api/schema/types/core-v1.gen.js";
import { type CycleState, StateKey } from "../framework/cycle-state.js";
import {
  MAX_NODE_SCORE,
  type PreScorePlugin,
  SKIP,
  type ScoreContext,
  type ScorePlugin,
  type Status,
  SUCCESS,
} from "../framework/interfaces.js";
import type { NodeInfo } from "../framework/node-info.js";
import type { PodInfo } from "../framework/pod-info.js";

const MEGABYTE = 1024 * 1024;
/** What is smaller is pulled at once; what is larger counts no more. Per container. */
const BYTES_MIN = 23 * MEGABYTE;
const BYTES_MAX = 1000 * MEGABYTE;

interface Wanted {
  readonly images: readonly { readonly name: string; readonly spread: number }[];
  readonly containers: number;
}
const wanted = new StateKey<Wanted>("ImageLocality/wanted");

/**
 * Prefers nodes that have the pod's images already; an image that few nodes have counts less, or
 * all pods went there.
 */
export class ImageLocality implements PreScorePlugin, ScorePlugin {
  readonly name = "ImageLocality";

  preScore(state: CycleState, { pod }: PodInfo, { view }: ScoreContext): Status {
    const containers: readonly Container[] = [
      ...(pod.spec.initContainers ?? []),
      ...pod.spec.containers,
    ];
    const images = containers
      .map(({ image = "" }) => normalizedName(image))
      .map((name) => ({ name, spread: view.imageSpread(name) / Math.max(1, view.nodes.length) }))
      .filter(({ spread }) => spread > 0);
    if (images.length === 0) return SKIP;
    state.write(wanted, { images, containers: containers.length });
    return SUCCESS;
  }

  score(state: CycleState, _pod: PodInfo, node: NodeInfo): number {
    const { images, containers } = state.read(wanted);
    let sum = 0;
    for (const { name, spread } of images)
      sum += Math.floor((node.imageBytes.get(name) ?? 0) * spread);
    const most = BYTES_MAX * containers;
    const clamped = Math.max(BYTES_MIN, Math.min(most, sum));
    return Math.floor((MAX_NODE_SCORE * (clamped - BYTES_MIN)) / (most - BYTES_MIN));
  }
}

/** Nodes report names with a tag. */
function normalizedName(image: string): string {
  return image.lastIndexOf(":") <= image.lastIndexOf("/") ? `${image}:latest` : image;
}
