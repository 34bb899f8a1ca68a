import { DESIRED_REPLICAS, MAX_REPLICAS, numberIn } from "./annotations.js";
import {
  type Bounds,
  type Draft,
  totalAvailable,
  totalPresent,
  totalReplicas,
} from "./rollout-state.js";

/** New sizes by ReplicaSet name; what is not named keeps its size. */
export type Sizes = ReadonlyMap<string, number>;

const NOTHING: Sizes = new Map();

/**
 * How large the new ReplicaSet may be now: together with the old ones not above desired + surge.
 */
export function newReplicaSetSize(
  bounds: Bounds,
  drafts: readonly Draft[],
  current: number,
): number {
  const room = bounds.desired + bounds.surge - totalPresent(drafts);
  if (room <= 0) return current;
  return current + Math.max(0, Math.min(room, bounds.desired - current));
}

/** A step of the new ReplicaSet towards the desired size. */
export function stepNew(bounds: Bounds, newDraft: Draft, old: readonly Draft[]): Sizes {
  const { name, replicas } = newDraft;
  if (replicas === bounds.desired) return NOTHING;
  if (replicas > bounds.desired) return new Map([[name, bounds.desired]]);
  const size = newReplicaSetSize(bounds, [...old, newDraft], replicas);
  return size === replicas ? NOTHING : new Map([[name, size]]);
}

/**
 * A step of the old ReplicaSets towards zero: first pods that do no good, then as many as keep
 * desired − unavailable pods available.
 */
export function stepOld(bounds: Bounds, newDraft: Draft, old: readonly Draft[]): Sizes {
  if (totalReplicas(old) === 0) return NOTHING;
  const minAvailable = bounds.desired - bounds.unavailable;
  const newUnavailable = newDraft.replicas - newDraft.availableReplicas;
  const all = [...old, newDraft];
  const removable = totalReplicas(all) - minAvailable - newUnavailable;
  if (removable <= 0) return NOTHING;
  const sizes = new Map<string, number>();
  removeUnhealthy(old, removable, sizes);
  removeHealthy(old, totalAvailable(all) - minAvailable, sizes);
  return sizes;
}

function removeUnhealthy(
  old: readonly Draft[],
  removable: number,
  sizes: Map<string, number>,
): void {
  let left = removable;
  for (const { name, replicas, availableReplicas } of old) {
    if (left <= 0) return;
    const count = Math.min(left, replicas - availableReplicas);
    if (count <= 0) continue;
    sizes.set(name, replicas - count);
    left -= count;
  }
}

function removeHealthy(old: readonly Draft[], removable: number, sizes: Map<string, number>): void {
  let left = removable;
  for (const { name, replicas } of old) {
    if (left <= 0) return;
    const now = sizes.get(name) ?? replicas;
    const count = Math.min(left, now);
    if (count === 0) continue;
    sizes.set(name, now - count);
    left -= count;
  }
}

/** All to zero, as Recreate wants the old ones. */
export function allToZero(drafts: readonly Draft[]): Sizes {
  return new Map(drafts.filter((d) => d.replicas > 0).map((d) => [d.name, 0]));
}

/**
 * What a change of spec.replicas means while it is not one ReplicaSet alone that has pods: each
 * gets its share of what is added or taken, so that a roll-out under way keeps its risk.
 */
export function scaleAll(
  bounds: Bounds,
  drafts: { readonly newDraft: Draft | null; readonly old: readonly Draft[] },
  { rolling, statusReplicas }: { rolling: boolean; statusReplicas: number },
): Sizes {
  const { newDraft, old } = drafts;
  const all = newDraft === null ? old : [...old, newDraft];
  const active = all.filter((draft) => draft.replicas > 0);
  const only = active.length > 1 ? undefined : (active[0] ?? newDraft ?? latest(old));
  if (active.length <= 1) {
    if (only === undefined || only.replicas === bounds.desired) return NOTHING;
    return new Map([[only.name, bounds.desired]]);
  }
  if (newDraft !== null && isSaturated(newDraft, bounds.desired)) return allToZero(old);
  return rolling ? proportional(bounds, active, statusReplicas) : NOTHING;
}

function latest(drafts: readonly Draft[]): Draft | undefined {
  return drafts.at(-1); // Sorted, the oldest first.
}

function isSaturated(draft: Draft, desired: number): boolean {
  return (
    draft.replicas === desired &&
    numberIn(draft.annotations, DESIRED_REPLICAS) === desired &&
    draft.availableReplicas === desired
  );
}

/** `active`: oldest first. */
function proportional(bounds: Bounds, active: readonly Draft[], statusReplicas: number): Sizes {
  const allowed = bounds.desired > 0 ? bounds.desired + bounds.surge : 0;
  const toAdd = allowed - totalReplicas(active);
  // The largest first; of equal ones the newer when growing, the older when shrinking.
  const order = active.map((draft, age) => ({ draft, age }));
  order.sort((a, b) => b.draft.replicas - a.draft.replicas || Math.sign(toAdd) * (b.age - a.age));
  const sizes = new Map<string, number>();
  let added = 0;
  for (const { draft } of order) {
    const share = toAdd === 0 ? 0 : shareOf(draft, { bounds, left: toAdd - added, statusReplicas });
    sizes.set(draft.name, draft.replicas + share);
    added += share;
  }
  const first = order[0]?.draft;
  // What rounding left over goes to the largest.
  if (first !== undefined && toAdd !== 0)
    sizes.set(first.name, Math.max(0, (sizes.get(first.name) ?? 0) + toAdd - added));
  return sizes;
}

function shareOf(
  draft: Draft,
  { bounds, left, statusReplicas }: { bounds: Bounds; left: number; statusReplicas: number },
): number {
  if (draft.replicas === 0 || left === 0) return 0;
  if (bounds.desired === 0) return Math.max(-draft.replicas, left);
  const before = numberIn(draft.annotations, MAX_REPLICAS) || statusReplicas;
  if (before === 0) return 0;
  const scaled = Math.round((draft.replicas * (bounds.desired + bounds.surge)) / before);
  const share = scaled - draft.replicas;
  return left > 0 ? Math.min(share, left) : Math.max(share, left);
}
