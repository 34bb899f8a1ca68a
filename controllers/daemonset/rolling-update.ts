import { scaledValue } from "../../api/machinery/intstr.js";
import type { DaemonSet } from "../../api/schema/types/apps-v1.gen.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import { availableInMs } from "../common/pod-state.js";
import { POD_REVISION } from "../common/revisions.js";

/** How far a roll-out may go at once, in nodes. */
export interface Pace {
  /** Nodes that may have an old and a new pod. */
  readonly surge: number;
  /** Nodes that may be without an available pod. */
  readonly unavailable: number;
}

/** The pace of a DaemonSet that is to run on so many nodes; null: it does not roll out by itself. */
export function paceOf({ spec }: DaemonSet, desired: number): Pace | null {
  if (spec.updateStrategy?.type === "OnDelete") return null;
  const { maxSurge = 0, maxUnavailable = 1 } = spec.updateStrategy?.rollingUpdate ?? {};
  const surge = scaledValue(maxSurge, desired, "up") ?? 0;
  const unavailable = scaledValue(maxUnavailable, desired, "up") ?? 0;
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

/** What a roll-out does now. */
export interface RollOut {
  readonly create: readonly string[];
  readonly remove: readonly Pod[];
}

/** What the roll-out is worked out from. */
export interface RollOutWorld {
  readonly set: DaemonSet;
  /** Name of each node with pods of the DaemonSet, or in want of one → its pods that stay. */
  readonly byNode: ReadonlyMap<string, readonly Pod[]>;
  readonly pace: Pace;
  /** The label of the pods of the newest template. */
  readonly hash: string;
  readonly nowMs: number;
}

/** Pods of earlier templates give way: after their successor with a surge, before it without. */
export function planRollOut(world: RollOutWorld): RollOut {
  return world.pace.surge > 0 ? withSurge(world) : withoutSurge(world);
}

/** Null pods: there is none; null: there are several, which is for others to put right. */
function pairOf(
  { hash }: RollOutWorld,
  pods: readonly Pod[],
): { readonly fresh: Pod | null; readonly old: Pod | null } | null {
  const [fresh, old] = [pods.filter(isNew), pods.filter((pod) => !isNew(pod))];
  if (fresh.length > 1 || old.length > 1) return null;
  return { fresh: fresh[0] ?? null, old: old[0] ?? null };

  function isNew({ metadata }: Pod): boolean {
    return metadata.labels?.[POD_REVISION] === hash;
  }
}

function isAvailable({ set, nowMs }: RollOutWorld, pod: Pod): boolean {
  return availableInMs(pod, set.spec.minReadySeconds ?? 0, nowMs) === 0;
}

function withoutSurge(world: RollOutWorld): RollOut {
  const { byNode, pace } = world;
  let unavailable = 0;
  const broken: Pod[] = [];
  const candidates: Pod[] = [];
  for (const pods of byNode.values()) {
    const pair = pairOf(world, pods);
    const only = pair?.fresh ?? pair?.old ?? null;
    if (pair === null || only === null || (pair.fresh !== null && pair.old !== null))
      unavailable += 1;
    else if (pair.fresh !== null) unavailable += isAvailable(world, pair.fresh) ? 0 : 1;
    // An old one that is down already is replaced at no cost.
    else if (isAvailable(world, only)) candidates.push(only);
    else broken.push(only);
  }
  const room = Math.max(0, pace.unavailable - unavailable);
  return { create: [], remove: [...broken, ...candidates.slice(0, room)] };
}

function withSurge(world: RollOutWorld): RollOut {
  const { byNode, pace } = world;
  let surging = 0;
  const remove: Pod[] = [];
  const broken: string[] = [];
  const candidates: string[] = [];
  for (const [node, pods] of byNode) {
    const pair = pairOf(world, pods);
    if (pair === null) surging += 1;
    if (pair === null || pair.old === null) continue;
    if (pair.fresh === null) (isAvailable(world, pair.old) ? candidates : broken).push(node);
    else if (isAvailable(world, pair.fresh)) remove.push(pair.old);
    else surging += 1;
  }
  const room = Math.max(0, pace.surge - surging);
  return { create: [...broken, ...candidates.slice(0, room)], remove };
}
