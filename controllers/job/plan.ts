import { formatTime } from "../../api/machinery/time.js";
import type { Job, JobCondition, JobStatus } from "../../api/schema/types/batch-v1.gen.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import { isPodActive, isPodReady } from "../common/pod-state.js";
import { sameJson } from "../common/same-json.js";
import { deadlineInMs, type Ending, endingOf, isFinished, trueCondition } from "./ending.js";
import { judgeFailure } from "./failure-policy.js";
import { IndexSet } from "./index-set.js";
import { endsIndex, hasLimitPerIndex, indexOf, isFailed, isTracked } from "./job-pods.js";
import { isGoing, keepersByIndex, type PodChanges, planPods, type WantedPod } from "./manage.js";

/** What a plan is made from. */
export interface JobWorld {
  readonly job: Job;
  /** The Job's pods, in any state. */
  readonly pods: readonly Pod[];
  readonly nowMs: number;
}

/** Something to say about the Job once its status is written. */
export interface JobEvent {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

/** What is to be done, in this order. */
export interface JobPlan {
  readonly remove: readonly Pod[];
  /** False: the removed pods are counted by their finalizer, which stays until then. */
  readonly removedUncounted: boolean;
  readonly create: readonly WantedPod[];
  /** What the status becomes when that many of the wanted pods were made; null: what it is. */
  readonly statusAfter: (created: number) => JobStatus | null;
  readonly events: readonly JobEvent[];
  /** Pods whose tracking finalizer goes, once the status that counts them is written. */
  readonly release: readonly Pod[];
  readonly requeueAfterMs: number | null;
}

/** Not more than this many pods wait in the status to be counted: it has to stay small. */
const UNCOUNTED_MAX = 500;

interface Tally {
  readonly succeeded: number;
  readonly failed: number;
  /** Named in the status, and their finalizer is still there. */
  readonly waiting: { readonly succeeded: readonly string[]; readonly failed: readonly string[] };
  /** Tracked, ended, and not named in the status. */
  readonly fresh: readonly Pod[];
}

/**
 * Pure: the same arguments give the same plan. A pod is counted in three steps (KEP-2307): its uid
 * goes into the status, its finalizer goes, and the next look moves it from the list to the number.
 */
export function planJob(world: JobWorld): JobPlan {
  const { job, pods, nowMs } = world;
  if (isFinished(job)) return { ...NOTHING, release: pods.filter(isTracked) };
  const tally = tallyOf(job, pods);
  const stored = storedIndexes(job);
  const indexes = stored === null ? null : withFresh(job, tally.fresh, stored);
  const active = pods.filter(isPodActive);
  const succeeded =
    indexes?.succeeded.size ??
    tally.succeeded + tally.waiting.succeeded.length + tally.fresh.filter(hasSucceeded).length;
  const newFailed = tally.fresh.filter((pod) => isFailed(pod, job) && countsAsFailed(pod, job));
  const failed = tally.failed + tally.waiting.failed.length + newFailed.length;
  const [succeededIndexes, failedIndexes] = [indexes?.succeeded ?? null, indexes?.failed ?? null];
  const facts = { job, pods, nowMs, succeeded, failed, succeededIndexes, failedIndexes };
  const started = withStart(job, nowMs);
  const ending = endingOf({ ...facts, job: started, active: active.length });
  const changes = changesOf({ ...facts, job: started }, ending, active);
  const keepers = new Set(keepersByIndex(facts).values());
  const counted = countNow(world, { tally, ending, keepers, stored });
  const conditions = conditionsOf(started, ending, nowMs);
  const events = conditions.events;
  const gone = new Set(changes.remove);
  const left = active.filter((pod) => !gone.has(pod));
  const terminating = pods.filter(isGoing).length + gone.size;
  const base: JobStatus = {
    ...started.status,
    ...counted.status,
    ready: left.filter(isPodReady).length,
    terminating,
    ...(indexes?.failed === null || indexes === null
      ? {}
      : { failedIndexes: indexes.failed.toString() }),
    conditions: conditions.list,
  };
  const over = ending !== null && left.length + terminating === 0 && counted.waiting === 0;
  const end = over ? finished({ base, ending, spec: job.spec, nowMs }) : null;
  return {
    remove: changes.remove,
    removedUncounted: ending === null,
    create: changes.create,
    statusAfter: (created) => {
      const status = { ...(end?.status ?? base), active: left.length + created };
      return sameStatus(status, job.status) ? null : status;
    },
    events: end === null ? events : [...events, ...end.events],
    release: counted.release,
    requeueAfterMs: soonest(
      changes.retryInMs,
      ending === null ? deadlineInMs(started, nowMs) : null,
    ),
  };
}

const NOTHING: JobPlan = {
  remove: [],
  removedUncounted: false,
  create: [],
  statusAfter: () => null,
  events: [],
  release: [],
  requeueAfterMs: null,
};

function tallyOf({ status = {} }: Job, pods: readonly Pod[]): Tally {
  const tracked = new Map(pods.filter(isTracked).map((pod) => [pod.metadata.uid, pod]));
  const lists = status.uncountedTerminatedPods ?? {};
  const [succeeded, failed] = [lists.succeeded ?? [], lists.failed ?? []];
  const waits = (uid: string): boolean => tracked.has(uid);
  const waiting = { succeeded: succeeded.filter(waits), failed: failed.filter(waits) };
  const named = new Set([...succeeded, ...failed]);
  return {
    succeeded: (status.succeeded ?? 0) + succeeded.length - waiting.succeeded.length,
    failed: (status.failed ?? 0) + failed.length - waiting.failed.length,
    waiting,
    fresh: [...tracked.values()].filter(({ metadata }) => !named.has(metadata.uid)),
  };
}

interface Indexes {
  readonly succeeded: IndexSet;
  /** Null: the Job has no limit for each index. */
  readonly failed: IndexSet | null;
}

function storedIndexes(job: Job): Indexes | null {
  const { completionMode, completions = 0 } = job.spec;
  if (completionMode !== "Indexed") return null;
  const { completedIndexes = "", failedIndexes = "" } = job.status ?? {};
  const failed = hasLimitPerIndex(job) ? IndexSet.parse(failedIndexes, completions) : null;
  return { succeeded: IndexSet.parse(completedIndexes, completions), failed };
}

function withFresh(job: Job, fresh: readonly Pod[], stored: Indexes): Indexes {
  const indexesOf = (pods: readonly Pod[]): number[] => pods.flatMap((p) => indexOf(p, job) ?? []);
  const succeeded = stored.succeeded.with(indexesOf(fresh.filter(hasSucceeded)));
  const ended = fresh.filter((pod) => stored.failed !== null && endsIndex(pod, job));
  return { succeeded, failed: stored.failed?.with(indexesOf(ended)) ?? null };
}

function hasSucceeded({ status }: Pod): boolean {
  return status?.phase === "Succeeded";
}

function countsAsFailed(pod: Pod, job: Job): boolean {
  if (job.spec.completionMode === "Indexed" && indexOf(pod, job) === null) return false;
  return judgeFailure(job.spec.podFailurePolicy, pod).counts;
}

/** The Job with the time at which it started, or was resumed. */
function withStart(job: Job, nowMs: number): Job {
  const { status = {} } = job;
  const resumed = job.spec.suspend !== true && trueCondition(job, "Suspended") !== undefined;
  if (job.spec.suspend === true || (status.startTime !== undefined && !resumed)) return job;
  return { ...job, status: { ...status, startTime: formatTime(nowMs) } };
}

function changesOf(
  facts: Parameters<typeof planPods>[0],
  ending: Ending | null,
  active: readonly Pod[],
): PodChanges {
  const nothing = { create: [], remove: [], retryInMs: null };
  if (facts.job.metadata.deletionTimestamp !== undefined) return nothing;
  if (ending === null) return planPods(facts);
  // That the Job ends is written down before a pod dies for it.
  return ending.stored ? { ...nothing, remove: active } : nothing;
}

/** Which pods are counted now, and which may go because they are counted or never will be. */
function countNow(
  { job, pods }: JobWorld,
  seen: {
    tally: Tally;
    ending: Ending | null;
    keepers: ReadonlySet<Pod>;
    stored: Indexes | null;
  },
): { status: Partial<JobStatus>; release: readonly Pod[]; waiting: number } {
  const { tally, ending, keepers, stored } = seen;
  const fresh = new Set(tally.fresh);
  const all = job.metadata.deletionTimestamp !== undefined || ending !== null;
  const release: Pod[] = [];
  const completed: number[] = [];
  const succeeded = [...tally.waiting.succeeded];
  const failed = [...tally.waiting.failed];
  for (const pod of pods) {
    if (completed.length + succeeded.length + failed.length >= UNCOUNTED_MAX) break;
    if (!isTracked(pod)) continue;
    const hasFailed = isFailed(pod, job);
    if (!all && !hasSucceeded(pod) && (!hasFailed || keepers.has(pod))) continue;
    release.push(pod);
    if (!fresh.has(pod)) continue;
    if (hasSucceeded(pod)) {
      if (stored === null) succeeded.push(pod.metadata.uid);
      else completed.push(...[indexOf(pod, job)].filter((index) => index !== null));
    } else if ((hasFailed || ending?.type === "FailureTarget") && countsAsFailed(pod, job))
      failed.push(pod.metadata.uid);
  }
  const indexes = stored?.succeeded.with(completed);
  const lists = {
    ...(succeeded.length === 0 ? {} : { succeeded }),
    ...(failed.length === 0 ? {} : { failed }),
  };
  return {
    status: {
      succeeded: indexes?.size ?? tally.succeeded,
      failed: tally.failed,
      uncountedTerminatedPods: lists,
      ...(indexes === undefined ? {} : { completedIndexes: indexes.toString() }),
    },
    release,
    waiting: succeeded.length + failed.length,
  };
}

function conditionsOf(
  job: Job,
  ending: Ending | null,
  nowMs: number,
): { list: readonly JobCondition[]; events: readonly JobEvent[] } {
  const old = job.status?.conditions ?? [];
  if (ending !== null) {
    if (ending.stored) return { list: old, events: [] };
    return { list: [...old, conditionOf(ending.type, "True", { ...ending, nowMs })], events: [] };
  }
  const suspended = job.spec.suspend === true;
  const known = old.find(({ type }) => type === "Suspended");
  const status = suspended ? "True" : "False";
  if (known === undefined ? !suspended : known.status === status) return { list: old, events: [] };
  const [reason, message] = suspended
    ? ["JobSuspended", "Job suspended"]
    : ["JobResumed", "Job resumed"];
  const fresh = conditionOf("Suspended", status, { reason, message, nowMs });
  const list = [...old.filter(({ type }) => type !== "Suspended"), fresh];
  const event = { type: "Normal", reason: suspended ? "Suspended" : "Resumed", message } as const;
  return { list, events: [event] };
}

function finished({
  base,
  ending,
  spec,
  nowMs,
}: {
  readonly base: JobStatus;
  readonly ending: Ending;
  readonly spec: Job["spec"];
  readonly nowMs: number;
}): { status: JobStatus; events: readonly JobEvent[] } {
  const { reason, message } = ending;
  const conditions = base.conditions ?? [];
  const now = formatTime(nowMs);
  if (ending.type === "FailureTarget") {
    const failed = conditionOf("Failed", "True", { reason, message, nowMs });
    const events = [{ type: "Warning", reason, message } as const];
    return { status: { ...base, conditions: [...conditions, failed] }, events };
  }
  const complete = conditionOf("Complete", "True", { reason, message, nowMs });
  const completed = { type: "Normal", reason: "Completed", message: "Job completed" } as const;
  const tooMany = (base.succeeded ?? 0) > (spec.completions ?? Number.POSITIVE_INFINITY);
  const events = tooMany ? [TOO_MANY_SUCCEEDED, completed] : [completed];
  const list = [...conditions, complete];
  return { status: { ...base, conditions: list, completionTime: now }, events };
}

const TOO_MANY_SUCCEEDED: JobEvent = {
  type: "Warning",
  reason: "TooManySucceededPods",
  message: "Too many succeeded pods running after completion count reached",
};

function conditionOf(
  type: string,
  status: string,
  why: { readonly reason: string; readonly message: string; readonly nowMs: number },
): JobCondition {
  const now = formatTime(why.nowMs);
  const { reason, message } = why;
  return { type, status, reason, message, lastProbeTime: now, lastTransitionTime: now };
}

function soonest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}

/** Zeros and empty lists may be left out: they say the same. */
function sameStatus(a: JobStatus, b: JobStatus | undefined): boolean {
  const full = (status: JobStatus): JobStatus => ({
    ...status,
    active: status.active ?? 0,
    succeeded: status.succeeded ?? 0,
    failed: status.failed ?? 0,
    completedIndexes: status.completedIndexes ?? "",
    conditions: status.conditions ?? [],
  });
  return sameJson(full(a), full(b ?? {}));
}
