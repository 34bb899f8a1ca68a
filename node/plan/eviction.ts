import {
  type EvictionConfig,
  type EvictionSignal,
  type EvictionThreshold,
  unitsOf,
} from "./eviction-thresholds.js";

/** How much of a signal was there, in bytes, inodes or process ids. */
export interface Observation {
  readonly available: number;
  readonly capacity: number;
  /** When it was read, in monotonic milliseconds. */
  readonly atMs: number;
}
export type Observations = ReadonlyMap<EvictionSignal, Observation>;

/** What the Node says of itself while it is short of something. */
export type PressureCondition = "MemoryPressure" | "DiskPressure" | "PIDPressure";

/** What pods are ranked by, as it stands in the message of an eviction. */
export type StarvedResource = "memory" | "ephemeral-storage" | "inodes" | "pids";

const CONDITIONS: Readonly<Record<EvictionSignal, PressureCondition>> = {
  "memory.available": "MemoryPressure",
  "nodefs.available": "DiskPressure",
  "nodefs.inodesFree": "DiskPressure",
  "imagefs.available": "DiskPressure",
  "imagefs.inodesFree": "DiskPressure",
  "pid.available": "PIDPressure",
};

const RESOURCES: Readonly<Record<EvictionSignal, StarvedResource>> = {
  "memory.available": "memory",
  "nodefs.available": "ephemeral-storage",
  "nodefs.inodesFree": "inodes",
  "imagefs.available": "ephemeral-storage",
  "imagefs.inodesFree": "inodes",
  "pid.available": "pids",
};

/** What has to be remembered from one look to the next. */
export interface EvictionState {
  /** Thresholds that were met, and since when without a break. */
  readonly firstMetMs: ReadonlyMap<EvictionThreshold, number>;
  /** Those that were acted on and are not resolved: met, or not enough above. */
  readonly unresolved: ReadonlySet<EvictionThreshold>;
  readonly lastSeenMs: ReadonlyMap<PressureCondition, number>;
  /** When the newest reading that was acted on was taken. */
  readonly readMs: ReadonlyMap<EvictionSignal, number>;
}

/** Nothing has been seen yet. */
export const CALM: EvictionState = {
  firstMetMs: new Map(),
  unresolved: new Set(),
  lastSeenMs: new Map(),
  readMs: new Map(),
};

/** What a look at the node leads to. */
export interface EvictionPlan {
  readonly state: EvictionState;
  readonly conditions: ReadonlySet<PressureCondition>;
  /** What to make room in; null: nothing has to be done now. */
  readonly reclaim: Starvation | null;
}

/** A threshold on account of which something has to go. */
export interface Starvation {
  readonly threshold: EvictionThreshold;
  readonly resource: StarvedResource;
  readonly observation: Observation;
}

/**
 * What follows from how much is left. Kubernetes' rules: a hard threshold is acted on at once, a
 * soft one after its grace period; one that was acted on stays until its minimum has been reclaimed
 * too; a condition stays for the transition period; memory comes before all else. One reading is
 * acted on once only.
 */
export function planEviction(
  { thresholds, transitionMs }: EvictionConfig,
  observations: Observations,
  { state, nowMs }: { readonly state: EvictionState; readonly nowMs: number },
): EvictionPlan {
  const met = thresholds.filter(
    (threshold) =>
      isMet(threshold, observations, false) ||
      (state.unresolved.has(threshold) && isMet(threshold, observations, true)),
  );
  const firstMetMs = new Map(met.map((it) => [it, state.firstMetMs.get(it) ?? nowMs]));
  const lastSeenMs = new Map(state.lastSeenMs);
  for (const { signal } of met) lastSeenMs.set(CONDITIONS[signal], nowMs);
  for (const [condition, seenMs] of lastSeenMs)
    if (nowMs - seenMs > transitionMs) lastSeenMs.delete(condition);
  const due = met.filter((it) => nowMs - (firstMetMs.get(it) ?? nowMs) >= (it.graceMs ?? 0));
  const readMs = new Map(Array.from(observations, ([signal, { atMs }]) => [signal, atMs]));
  const isNew = ({ signal }: EvictionThreshold): boolean =>
    (readMs.get(signal) ?? 0) > (state.readMs.get(signal) ?? -Infinity);
  const [first] = due.filter(isNew).sort(byUrgency);
  const observation = first === undefined ? undefined : observations.get(first.signal);
  return {
    state: { firstMetMs, unresolved: new Set(due), lastSeenMs, readMs },
    conditions: new Set(lastSeenMs.keys()),
    reclaim:
      first === undefined || observation === undefined
        ? null
        : { threshold: first, resource: RESOURCES[first.signal], observation },
  };
}

/** True when nothing of what the thresholds want is lacking any more, minimum reclaim included. */
export function isRelieved({ thresholds }: EvictionConfig, observations: Observations): boolean {
  return !thresholds.some((threshold) => isMet(threshold, observations, true));
}

function isMet(
  { signal, amount, minReclaim }: EvictionThreshold,
  observations: Observations,
  withReclaim: boolean,
): boolean {
  const observation = observations.get(signal);
  if (observation === undefined) return false;
  const { available, capacity } = observation;
  const more = withReclaim ? unitsOf(minReclaim, capacity) : 0;
  return available < unitsOf(amount, capacity) + more;
}

function byUrgency(a: EvictionThreshold, b: EvictionThreshold): number {
  const rank = ({ signal, graceMs }: EvictionThreshold): number =>
    (signal === "memory.available" ? 0 : 2) + (graceMs === null ? 0 : 1);
  return rank(a) - rank(b);
}
