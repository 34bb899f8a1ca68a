import { isConflict, isNamespaceTerminating, isNotFound } from "../../api/client/api-error.js";
import type { ApiClient } from "../../api/client/client-types.js";
import type { EventRecorder } from "../../api/client/event-recorder.js";
import { BY_CONTROLLER_UID, type Lister, orphansOf } from "../../api/client/indexer.js";
import { keyOf, type ObjectKey } from "../../api/client/object-key.js";
import { JOBS, PODS } from "../../api/client/resource-types.js";
import { selectorOrNothing } from "../../api/machinery/selectors.js";
import type { Job } from "../../api/schema/types/batch-v1.gen.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import type { Clock } from "../../base/clock.js";
import { messageOf } from "../../base/errors.js";
import { carryOutClaim, controllerOf, NO_LONGER, planClaim } from "../common/controller-ref.js";
import { inParallel, slowStart } from "../common/slow-start.js";
import { RECHECK_MS, type WriteTracker } from "../common/write-tracker.js";
import type { Reconciler, Result } from "../controller.js";
import { isFinished } from "./ending.js";
import { isTracked, JOB_TRACKING_FINALIZER } from "./job-pods.js";
import { newJobPod } from "./new-pod.js";
import { type JobPlan, planJob } from "./plan.js";

/** A Job, or a pod whose Job is gone. */
export type JobKey = ObjectKey | `orphan:${ObjectKey}`;

/** What the reconciler works with. */
export interface JobDeps {
  readonly client: ApiClient;
  readonly jobs: Lister<Job>;
  /** Indexed BY_CONTROLLER_UID. */
  readonly pods: Lister<Pod>;
  readonly tracker: WriteTracker;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
}

const WIDTH = 32;
/** The only value of spec.managedBy that is ours. */
const OWN_NAME = "kubernetes.io/job-controller";
const ORPHAN = "orphan:";
const JOB = "job ";

/** Runs a Job's pods and counts what becomes of them, each pod once. */
export class JobReconciler implements Reconciler<JobKey> {
  private readonly deps: JobDeps;

  constructor(deps: JobDeps) {
    this.deps = deps;
  }

  async reconcile(key: JobKey, signal: AbortSignal): Promise<Result> {
    const { clock, jobs, tracker } = this.deps;
    if (isOrphanKey(key)) return this.releaseOrphan(key.slice(ORPHAN.length) as ObjectKey, signal);
    const job = jobs.get(key);
    if (job === undefined) {
      tracker.forget(key);
      return {};
    }
    if ((job.spec.managedBy ?? OWN_NAME) !== OWN_NAME) return {};
    // What was written and is not seen yet would be made, or counted, twice.
    if (tracker.isStale(key, (written) => this.cached(written)))
      return { requeueAfterMs: RECHECK_MS };
    const pods = isFinished(job) ? this.podsOf(job) : await this.claim(key, job, signal);
    const plan = planJob({ job, pods, nowMs: clock.nowMs() });
    await this.carryOut(key, { job, plan, signal });
    return plan.requeueAfterMs === null ? {} : { requeueAfterMs: plan.requeueAfterMs };
  }

  private cached(written: string): KubernetesObject | undefined {
    const { jobs, pods } = this.deps;
    return written.startsWith(JOB)
      ? jobs.get(written.slice(JOB.length) as ObjectKey)
      : pods.get(written as ObjectKey);
  }

  private podsOf({ metadata }: Job): readonly Pod[] {
    return this.deps.pods.byIndex(BY_CONTROLLER_UID, metadata.uid);
  }

  private async claim(key: JobKey, job: Job, signal: AbortSignal): Promise<readonly Pod[]> {
    const { client, pods, tracker } = this.deps;
    const own = this.podsOf(job);
    const orphans = pods.byIndex(BY_CONTROLLER_UID, orphansOf(job.metadata.namespace));
    const selector = selectorOrNothing(job.spec.selector);
    const plan = planClaim(job, selector, [...own, ...orphans]);
    const finalizer = JOB_TRACKING_FINALIZER;
    const claim = { owner: job, ownerType: JOBS, type: PODS, finalizer };
    const claimed = await carryOutClaim(client, claim, { plan, signal });
    for (const pod of claimed.slice(plan.owned.length)) tracker.changed(key, keyOf(pod), pod);
    return claimed;
  }

  private async carryOut(
    key: JobKey,
    { job, plan, signal }: { job: Job; plan: JobPlan; signal: AbortSignal },
  ): Promise<void> {
    const { client, recorder, tracker } = this.deps;
    await this.remove(key, { job, plan, signal });
    const { succeeded, error } = await this.create(key, { job, plan, signal });
    const status = plan.statusAfter(succeeded);
    if (status !== null) {
      const options = { subresource: "status", signal } as const;
      const updated = await client.resource(JOBS).update({ ...job, status }, options);
      tracker.changed(key, `${JOB}${keyOf(job)}`, updated);
    }
    for (const { type, reason, message } of plan.events)
      recorder.event(job, type, { reason, message });
    // Only now: what the status does not count yet must not be able to vanish.
    await inParallel(plan.release, WIDTH, async (pod) => {
      const released = await this.untrack(pod, signal);
      if (released !== null) tracker.changed(key, keyOf(pod), released);
    });
    if (error !== null && !isNamespaceTerminating(error)) throw error;
  }

  private create(
    key: JobKey,
    { job, plan, signal }: { job: Job; plan: JobPlan; signal: AbortSignal },
  ): Promise<{ readonly succeeded: number; readonly error: unknown }> {
    const { client, recorder, tracker } = this.deps;
    return slowStart(plan.create.length, async (i) => {
      const wanted = plan.create[i];
      if (wanted === undefined) return;
      try {
        const created = await client.resource(PODS).create(newJobPod(job, wanted), { signal });
        tracker.wrote(key, keyOf(created), created);
        const message = `Created pod: ${created.metadata.name}`;
        recorder.event(job, "Normal", { reason: "SuccessfulCreate", message });
      } catch (error) {
        if (!signal.aborted && !isNamespaceTerminating(error)) {
          const message = `Error creating: ${messageOf(error)}`;
          recorder.event(job, "Warning", { reason: "FailedCreate", message });
        }
        throw error;
      }
    });
  }

  private remove(
    key: JobKey,
    { job, plan, signal }: { job: Job; plan: JobPlan; signal: AbortSignal },
  ): Promise<void> {
    const { client, recorder, tracker } = this.deps;
    return inParallel(plan.remove, WIDTH, async (pod) => {
      const { name, namespace = "", uid } = pod.metadata;
      try {
        // A pod that the Job gives up is no failure of it.
        if (plan.removedUncounted && isTracked(pod)) await this.untrack(pod, signal);
        await client.resource(PODS).delete(name, { namespace, uid, signal });
        tracker.going(key, keyOf(pod), pod);
        const message = `Deleted pod: ${name}`;
        recorder.event(job, "Normal", { reason: "SuccessfulDelete", message });
      } catch (error) {
        if (isNotFound(error) || isConflict(error)) return;
        const message = `Error deleting: ${messageOf(error)}`;
        if (!signal.aborted) recorder.event(job, "Warning", { reason: "FailedDelete", message });
        throw error;
      }
    });
  }

  /** The pod without its finalizer; null: it is gone. */
  private async untrack(pod: Pod, signal: AbortSignal): Promise<Pod | null> {
    const { name, namespace = "", uid } = pod.metadata;
    const patch = { metadata: { uid, [NO_LONGER]: [JOB_TRACKING_FINALIZER] } };
    const options = { namespace, type: "strategic", signal } as const;
    try {
      return await this.deps.client.resource(PODS).patch(name, patch, options);
    } catch (error) {
      // Gone, or another pod of that name.
      if (isNotFound(error) || isConflict(error)) return null;
      throw error;
    }
  }

  /** A pod whose Job is gone has nobody to count it. */
  private async releaseOrphan(key: ObjectKey, signal: AbortSignal): Promise<Result> {
    const { client, pods } = this.deps;
    const pod = pods.get(key);
    if (pod === undefined || !isTracked(pod)) return {};
    const owner = controllerOf(pod);
    if (owner !== undefined) {
      const { namespace = "" } = pod.metadata;
      try {
        const live = await client.metadata(JOBS).get(owner.name, { namespace, signal });
        if (live.metadata.uid === owner.uid) return {};
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
    await this.untrack(pod, signal);
    return {};
  }
}

function isOrphanKey(key: JobKey): key is `orphan:${ObjectKey}` {
  return key.startsWith(ORPHAN);
}
