import type { Job } from "../../api/schema/types/batch-v1.gen.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import { cheapestFirst } from "../common/pod-ranking.js";
import { isPodActive, isPodTerminal } from "../common/pod-state.js";
import { backoffMs, indexBackoffMs } from "./backoff.js";
import { IndexSet } from "./index-set.js";
import {
  failuresBefore,
  failuresWith,
  hasLimitPerIndex,
  indexOf,
  isFailed,
  isTracked,
  replacesFailedOnly,
} from "./job-pods.js";

/** A pod that is missing. */
export interface WantedPod {
  /** Null: the Job is not Indexed. */
  readonly index: number | null;
  /** Failures of its index so far; null: they are not accounted for by index. */
  readonly failures: { readonly counted: number; readonly ignored: number } | null;
}

/** What brings the pods of a Job that goes on in line with its spec. */
export interface PodChanges {
  readonly create: readonly WantedPod[];
  readonly remove: readonly Pod[];
  /** When pods may be made that have to wait after a failure; null: none waits. */
  readonly retryInMs: number | null;
}

/** What the changes are planned from. */
export interface ManageFacts {
  readonly job: Job;
  readonly pods: readonly Pod[];
  readonly succeeded: number;
  readonly succeededIndexes: IndexSet | null;
  readonly failedIndexes: IndexSet | null;
  readonly nowMs: number;
}

/** Not more than this many pods are made or removed at once. */
const CHANGES_MAX = 500;

/** Which pods to make and which to remove. Both at once never happens: removing comes first. */
export function planPods(facts: ManageFacts): PodChanges {
  const { job, pods, succeeded, nowMs } = facts;
  const { spec } = job;
  const active = pods.filter(isPodActive);
  const nothing = { create: [], remove: [], retryInMs: null };
  if (spec.suspend === true) return { ...nothing, remove: active.slice(0, CHANGES_MAX) };
  const { parallelism = 1, completions } = spec;
  let wanted = succeeded > 0 ? active.length : parallelism;
  if (completions !== undefined)
    wanted = Math.max(0, Math.min(parallelism, completions - succeeded));
  const remove = surplus(facts, active, Math.max(0, active.length - wanted));
  if (remove.length > 0) return { ...nothing, remove: remove.slice(0, CHANGES_MAX) };
  const waitFor = replacesFailedOnly(job) ? pods.filter(isGoing).length : 0;
  const missing = Math.min(CHANGES_MAX, wanted - active.length - waitFor);
  if (missing <= 0) return nothing;
  if (hasLimitPerIndex(job)) return planByIndex(facts, active, missing);
  const waitMs = backoffMs(job, pods, nowMs);
  if (waitMs > 0) return { ...nothing, retryInMs: waitMs };
  const indexes =
    facts.succeededIndexes === null
      ? Array.from({ length: missing }, () => null)
      : pendingIndexes(facts, active, missing);
  return { ...nothing, create: indexes.map((index) => ({ index, failures: null })) };
}

/**
 * Failed pods that stay uncounted until another pod of their index is there: the count of the
 * failures of an index lives in its newest pod.
 */
export function keepersByIndex(facts: ManageFacts): ReadonlyMap<number, Pod> {
  const { job, pods, succeededIndexes, failedIndexes } = facts;
  const keepers = new Map<number, Pod>();
  if (!hasLimitPerIndex(job)) return keepers;
  const active = new Set(pods.filter(isPodActive).map((pod) => indexOf(pod, job)));
  for (const pod of pods) {
    const index = indexOf(pod, job);
    if (index === null || !isTracked(pod) || !isFailed(pod, job) || active.has(index)) continue;
    if (succeededIndexes?.has(index) === true || failedIndexes?.has(index) === true) continue;
    const known = keepers.get(index);
    if (known === undefined || allFailures(known) <= allFailures(pod)) keepers.set(index, pod);
  }
  return keepers;
}

function allFailures(pod: Pod): number {
  const { counted, ignored } = failuresBefore(pod);
  return counted + ignored;
}

function planByIndex(facts: ManageFacts, active: readonly Pod[], missing: number): PodChanges {
  const { job, nowMs } = facts;
  const keepers = keepersByIndex(facts);
  const create: WantedPod[] = [];
  let retryInMs: number | null = null;
  for (const index of pendingIndexes(facts, active, missing)) {
    const failed = keepers.get(index);
    const waitMs = failed === undefined ? 0 : indexBackoffMs(failed, nowMs);
    if (waitMs > 0) {
      retryInMs = Math.min(waitMs, retryInMs ?? waitMs);
      continue;
    }
    const failures = failed === undefined ? { counted: 0, ignored: 0 } : failuresWith(failed, job);
    create.push({ index, failures });
  }
  return { create, remove: [], retryInMs };
}

function pendingIndexes(facts: ManageFacts, active: readonly Pod[], count: number): number[] {
  const { job, pods, succeededIndexes, failedIndexes } = facts;
  const taken = replacesFailedOnly(job) ? [...active, ...pods.filter(isGoing)] : active;
  const indexes = taken.flatMap((pod) => indexOf(pod, job) ?? []);
  const ended = succeededIndexes?.union(failedIndexes ?? IndexSet.of([])) ?? IndexSet.of([]);
  return ended.with(indexes).missing(count, job.spec.completions ?? 0);
}

/** At least `atLeast` pods that are too many, doubles and those without an index first. */
function surplus(facts: ManageFacts, active: readonly Pod[], atLeast: number): Pod[] {
  const { job, nowMs, succeededIndexes } = facts;
  const ranked = cheapestFirst(active, { related: [], nowMs });
  if (succeededIndexes === null) return ranked.slice(0, atLeast);
  const seen = new Set<number>();
  const doubles = new Set<Pod>();
  for (const pod of [...ranked].reverse()) {
    const index = indexOf(pod, job);
    if (index === null || seen.has(index)) doubles.add(pod);
    else seen.add(index);
  }
  const others = ranked.filter((pod) => !doubles.has(pod));
  return [...doubles, ...others.slice(0, Math.max(0, atLeast - doubles.size))];
}

/** It is being deleted and has not ended yet. */
export function isGoing(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined && !isPodTerminal(pod);
}
