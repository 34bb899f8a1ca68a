import { zoneOffsetMs } from "../../api/machinery/time-zone.js";
import { compareTimes, formatTime } from "../../api/machinery/time.js";
import type { CronJob, CronJobStatus, Job } from "../../api/schema/types/batch-v1.gen.js";
import type { ObjectReference } from "../../api/schema/types/core-v1.gen.js";
import type { NewObject } from "../../api/schema/wire-types.js";
import { controllerRef } from "../common/controller-ref.js";
import { sameJson } from "../common/same-json.js";
import { dueTimes, timetableOf } from "./schedule.js";

/** What a plan is made from. */
export interface CronJobWorld {
  readonly cronJob: CronJob;
  /** The Jobs it controls. */
  readonly jobs: readonly Job[];
  /** Uids of Jobs in status.active that the server does not have. */
  readonly missing: ReadonlySet<string>;
  readonly nowMs: number;
}

/** Something to say about the CronJob. */
export interface CronJobEvent {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

/** A Job that is due. */
export interface DueJob {
  readonly job: NewObject<Job>;
  readonly scheduledMs: number;
  /** Running Jobs that it takes the place of. */
  readonly replaces: readonly ObjectReference[];
}

/** What is to be done. */
export interface CronJobPlan {
  /** What the status becomes if nothing is started; the same when nothing has changed. */
  readonly status: CronJobStatus;
  readonly statusChanged: boolean;
  readonly start: DueJob | null;
  /** Finished Jobs beyond the history limits. */
  readonly cleanup: readonly Job[];
  readonly events: readonly CronJobEvent[];
  readonly requeueAfterMs: number | null;
}

/** Annotation of a Job: when it was due, in the CronJob's time zone. */
const SCHEDULED_TIMESTAMP = "batch.kubernetes.io/cronjob-scheduled-timestamp";
/** A timer may fire a little early. */
const AFTER_DUE_MS = 100;

/** Pure: the same arguments give the same plan. */
export function planCronJob(world: CronJobWorld): CronJobPlan {
  const { cronJob, jobs, nowMs } = world;
  const review = reviewJobs(world);
  const going = cronJob.metadata.deletionTimestamp !== undefined;
  const base = {
    status: review.status,
    statusChanged: !sameJson(withActive(review.status), withActive(cronJob.status ?? {})),
    cleanup: going ? [] : planCleanup(cronJob, jobs),
  };
  const events = [...review.events];
  const idle = { ...base, start: null, events, requeueAfterMs: null };
  if (going) return idle;
  const timetable = timetableOf(cronJob);
  if (!timetable.ok) {
    events.push({ type: "Warning", reason: timetable.reason, message: timetable.message });
    return idle;
  }
  if (cronJob.spec.suspend === true) return idle;
  const { latestMs, tooMany, nextMs } = dueTimes(cronJob, timetable, nowMs);
  const requeueAfterMs = nextMs === null ? null : nextMs - nowMs + AFTER_DUE_MS;
  if (tooMany) {
    const message =
      "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew";
    events.push({ type: "Warning", reason: "TooManyMissedTimes", message });
  }
  if (latestMs === null) return { ...idle, requeueAfterMs };
  const start = dueJob(world, { latestMs, active: review.status.active ?? [], events });
  return { ...base, start, events, requeueAfterMs };
}

function withActive(status: CronJobStatus): CronJobStatus {
  return { ...status, active: status.active ?? [] };
}

/** Takes what has ended, and what is gone, off the list of active Jobs. */
function reviewJobs({ cronJob, jobs, missing }: CronJobWorld): {
  status: CronJobStatus;
  events: readonly CronJobEvent[];
} {
  const { status = {} } = cronJob;
  const events: CronJobEvent[] = [];
  const byUid = new Map(jobs.map((job) => [job.metadata.uid, job]));
  const listed = new Set((status.active ?? []).map(({ uid }) => uid));
  const active = (status.active ?? []).filter(({ uid = "", name = "" }) => {
    const job = byUid.get(uid);
    const end = job === undefined ? null : endOf(job);
    if (end !== null) {
      const message = `Saw completed job: ${name}, condition: ${end}`;
      events.push({ type: "Normal", reason: "SawCompletedJob", message });
    } else if (missing.has(uid)) {
      const message = `Active job went missing: ${name}`;
      events.push({ type: "Normal", reason: "MissingJob", message });
    } else return true;
    return false;
  });
  let lastSuccessfulTime = status.lastSuccessfulTime;
  for (const job of jobs) {
    const end = endOf(job);
    if (end === null && !listed.has(job.metadata.uid)) {
      const message = `Saw a job that the controller did not create or forgot: ${job.metadata.name}`;
      events.push({ type: "Warning", reason: "UnexpectedJob", message });
    }
    const { completionTime } = job.status ?? {};
    if (end !== "Complete" || completionTime === undefined) continue;
    if ((compareTimes(completionTime, lastSuccessfulTime ?? "") ?? 1) > 0)
      lastSuccessfulTime = completionTime;
  }
  const times = lastSuccessfulTime === undefined ? {} : { lastSuccessfulTime };
  return { status: { ...status, active, ...times }, events };
}

/** The condition with which a Job has ended; null: it has not. */
function endOf({ status }: Job): string | null {
  const end = (status?.conditions ?? []).find(
    (each) => (each.type === "Complete" || each.type === "Failed") && each.status === "True",
  );
  return end?.type ?? null;
}

function dueJob(
  { cronJob, nowMs }: CronJobWorld,
  due: { latestMs: number; active: readonly ObjectReference[]; events: CronJobEvent[] },
): DueJob | null {
  const { latestMs, active, events } = due;
  const { startingDeadlineSeconds: deadline, concurrencyPolicy } = cronJob.spec;
  if (deadline !== undefined && latestMs + deadline * 1000 < nowMs) {
    const message = `Missed scheduled time to start a job: ${rfc1123(latestMs)}`;
    events.push({ type: "Warning", reason: "MissSchedule", message });
    return null;
  }
  const job = newJob(cronJob, latestMs);
  const wasStarted = active.some(({ name }) => name === job.metadata.name);
  if (wasStarted || cronJob.status?.lastScheduleTime === formatTime(latestMs)) return null;
  if (concurrencyPolicy === "Forbid" && active.length > 0) {
    const message =
      "Not starting job because prior execution is running and concurrency policy is Forbid";
    events.push({ type: "Normal", reason: "JobAlreadyActive", message });
    return null;
  }
  return { job, scheduledMs: latestMs, replaces: concurrencyPolicy === "Replace" ? active : [] };
}

function newJob(cronJob: CronJob, scheduledMs: number): NewObject<Job> {
  const { namespace, name } = cronJob.metadata;
  const { jobTemplate, timeZone = "UTC" } = cronJob.spec;
  const { labels, annotations } = jobTemplate.metadata ?? {};
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: `${name}-${Math.floor(scheduledMs / 60_000)}`,
      ...(namespace === undefined ? {} : { namespace }),
      ...(labels === undefined ? {} : { labels }),
      annotations: { ...annotations, [SCHEDULED_TIMESTAMP]: localTime(scheduledMs, timeZone) },
      ownerReferences: [controllerRef(cronJob)],
    },
    spec: jobTemplate.spec ?? { template: {} },
  };
}

/** RFC 3339 with the zone's offset. */
function localTime(timeMs: number, timeZone: string): string {
  const offsetMs = zoneOffsetMs(timeMs, timeZone);
  if (offsetMs === 0) return formatTime(timeMs);
  const minutes = Math.abs(offsetMs) / 60_000;
  const two = (value: number): string => String(Math.floor(value)).padStart(2, "0");
  const offset = `${offsetMs < 0 ? "-" : "+"}${two(minutes / 60)}:${two(minutes % 60)}`;
  return formatTime(timeMs + offsetMs).replace("Z", offset);
}

/** As in `Fri, 02 Jan 2026 03:04:05 +0000`. */
function rfc1123(timeMs: number): string {
  return new Date(timeMs).toUTCString().replace("GMT", "+0000");
}

function planCleanup({ spec }: CronJob, jobs: readonly Job[]): Job[] {
  const beyond = (end: string, limit: number | undefined): Job[] => {
    if (limit === undefined) return [];
    const ended = jobs.filter((job) => endOf(job) === end && isStaying(job)).sort(earlierFirst);
    return ended.slice(0, Math.max(0, ended.length - limit));
  };
  return [
    ...beyond("Complete", spec.successfulJobsHistoryLimit),
    ...beyond("Failed", spec.failedJobsHistoryLimit),
  ];
}

function isStaying({ metadata }: Job): boolean {
  return metadata.deletionTimestamp === undefined;
}

function earlierFirst(a: Job, b: Job): number {
  const [first, second] = [a.status?.startTime ?? "~", b.status?.startTime ?? "~"];
  if (first !== second) return first < second ? -1 : 1;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}
