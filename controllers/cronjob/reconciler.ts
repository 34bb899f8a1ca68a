import { isAlreadyExists, isNamespaceTerminating, isNotFound } from "../../api/client/api-error.js";
import type { ApiClient } from "../../api/client/client-types.js";
import { type EventRecorder, referenceTo } from "../../api/client/event-recorder.js";
import { BY_CONTROLLER_UID, type Lister } from "../../api/client/indexer.js";
import { keyOf, type ObjectKey } from "../../api/client/object-key.js";
import { CRON_JOBS, JOBS } from "../../api/client/resource-types.js";
import { formatTime } from "../../api/machinery/time.js";
import type { CronJob, CronJobStatus, Job } from "../../api/schema/types/batch-v1.gen.js";
import type { ObjectReference } from "../../api/schema/types/core-v1.gen.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import type { Clock } from "../../base/clock.js";
import { messageOf } from "../../base/errors.js";
import { controllerOf } from "../common/controller-ref.js";
import { RECHECK_MS, type WriteTracker } from "../common/write-tracker.js";
import type { Reconciler, Result } from "../controller.js";
import { type CronJobPlan, type DueJob, planCronJob } from "./plan.js";

/** What the reconciler works with. */
export interface CronJobDeps {
  readonly client: ApiClient;
  readonly cronJobs: Lister<CronJob>;
  /** Indexed BY_CONTROLLER_UID. */
  readonly jobs: Lister<Job>;
  readonly tracker: WriteTracker;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
}

const JOB = "job ";

/** Starts a Job each time one is due, and clears away those that have ended. */
export class CronJobReconciler implements Reconciler {
  private readonly deps: CronJobDeps;

  constructor(deps: CronJobDeps) {
    this.deps = deps;
  }

  async reconcile(key: ObjectKey, signal: AbortSignal): Promise<Result> {
    const { clock, cronJobs, jobs, tracker } = this.deps;
    const cronJob = cronJobs.get(key);
    if (cronJob === undefined) {
      tracker.forget(key);
      return {};
    }
    if (tracker.isStale(key, (written) => this.cached(written)))
      return { requeueAfterMs: RECHECK_MS };
    const own = jobs.byIndex(BY_CONTROLLER_UID, cronJob.metadata.uid);
    const missing = await this.missingOf(cronJob, own, signal);
    const plan = planCronJob({ cronJob, jobs: own, missing, nowMs: clock.nowMs() });
    await this.carryOut(key, { cronJob, plan, signal });
    return plan.requeueAfterMs === null ? {} : { requeueAfterMs: plan.requeueAfterMs };
  }

  private cached(written: string): KubernetesObject | undefined {
    const { cronJobs, jobs } = this.deps;
    return written.startsWith(JOB)
      ? jobs.get(written.slice(JOB.length) as ObjectKey)
      : cronJobs.get(written as ObjectKey);
  }

  /** Active Jobs that are gone; asked of the server, because the cache may be late. */
  private async missingOf(
    { metadata: { namespace = "" }, status }: CronJob,
    jobs: readonly Job[],
    signal: AbortSignal,
  ): Promise<ReadonlySet<string>> {
    const known = new Set(jobs.map(({ metadata }) => metadata.uid));
    const missing = new Set<string>();
    for (const { name = "", uid = "" } of status?.active ?? []) {
      if (known.has(uid)) continue;
      const live = await this.liveJob(name, namespace, signal);
      if (live?.metadata.uid !== uid) missing.add(uid);
    }
    return missing;
  }

  private async liveJob(name: string, namespace: string, signal: AbortSignal): Promise<Job | null> {
    try {
      return await this.deps.client.resource(JOBS).get(name, { namespace, signal });
    } catch (error) {
      if (isNotFound(error)) return null;
      throw error;
    }
  }

  /** What an ended Job tells is written down before the Job is cleared away. */
  private async carryOut(
    key: ObjectKey,
    { cronJob, plan, signal }: { cronJob: CronJob; plan: CronJobPlan; signal: AbortSignal },
  ): Promise<void> {
    const { client, recorder, tracker } = this.deps;
    for (const { type, reason, message } of plan.events)
      recorder.event(cronJob, type, { reason, message });
    const started =
      plan.start === null
        ? null
        : await this.start(key, { cronJob, plan, due: plan.start, signal });
    if (started !== null || plan.statusChanged) {
      const options = { subresource: "status", signal } as const;
      const next = { ...cronJob, status: started ?? plan.status };
      const updated = await client.resource(CRON_JOBS).update(next, options);
      tracker.changed(key, key, updated);
    }
    for (const job of plan.cleanup) await this.remove(cronJob, referenceTo(job), signal);
  }

  /** The status with the new Job in it; null: it was not started. */
  private async start(
    key: ObjectKey,
    work: { cronJob: CronJob; plan: CronJobPlan; due: DueJob; signal: AbortSignal },
  ): Promise<CronJobStatus | null> {
    const { cronJob, plan, due, signal } = work;
    const { recorder, tracker } = this.deps;
    for (const job of due.replaces) await this.remove(cronJob, job, signal);
    const replaced = new Set(due.replaces.map(({ uid }) => uid));
    const active = (plan.status.active ?? []).filter(({ uid }) => !replaced.has(uid));
    const lastScheduleTime = formatTime(due.scheduledMs);
    try {
      const job = await this.create(cronJob, due, signal);
      if (job === null) return { ...plan.status, active, lastScheduleTime };
      tracker.wrote(key, `${JOB}${keyOf(job)}`, job);
      return { ...plan.status, active: [...active, referenceTo(job)], lastScheduleTime };
    } catch (error) {
      if (isNamespaceTerminating(error)) return null;
      const message = `Error creating job: ${messageOf(error)}`;
      if (!signal.aborted) recorder.event(cronJob, "Warning", { reason: "FailedCreate", message });
      throw error;
    }
  }

  /** The Job that runs now; null: it was started before and has ended. */
  private async create(
    cronJob: CronJob,
    { job }: DueJob,
    signal: AbortSignal,
  ): Promise<Job | null> {
    const { client, recorder } = this.deps;
    const { namespace = "", uid } = cronJob.metadata;
    try {
      const created = await client.resource(JOBS).create(job, { signal });
      const message = `Created job ${created.metadata.name}`;
      recorder.event(cronJob, "Normal", { reason: "SuccessfulCreate", message });
      return created;
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const found = await this.liveJob(job.metadata.name ?? "", namespace, signal);
      // Started before, and that was not written down: the process died, or another one led.
      if (found === null || controllerOf(found)?.uid !== uid) throw error;
      const ended = found.status?.conditions?.some(
        ({ type, status }) => status === "True" && (type === "Complete" || type === "Failed"),
      );
      return ended === true ? null : found;
    }
  }

  private async remove(
    cronJob: CronJob,
    { name = "", uid = "" }: ObjectReference,
    signal: AbortSignal,
  ): Promise<void> {
    const { client, recorder } = this.deps;
    const { namespace = "" } = cronJob.metadata;
    const which = { namespace, uid, propagationPolicy: "Background", signal } as const;
    try {
      await client.resource(JOBS).delete(name, which);
      const message = `Deleted job ${name}`;
      recorder.event(cronJob, "Normal", { reason: "SuccessfulDelete", message });
    } catch (error) {
      if (isNotFound(error)) return;
      const message = `Deleted job: ${messageOf(error)}`;
      if (!signal.aborted) recorder.event(cronJob, "Warning", { reason: "FailedDelete", message });
      throw error;
    }
  }
}
