import { BY_CONTROLLER_UID, byControllerUid } from "../../api/client/indexer.js";
import { keyOf, objectKey } from "../../api/client/object-key.js";
import { CRON_JOBS, JOBS } from "../../api/client/resource-types.js";
import type { Job } from "../../api/schema/types/batch-v1.gen.js";
import { controllerOf, refersTo } from "../common/controller-ref.js";
import { WriteTracker } from "../common/write-tracker.js";
import { type LoopFactory, newQueue, queueLoop } from "../controller.js";
import { CronJobReconciler } from "./reconciler.js";

const NAME = "cronjob";

/** The loop that starts Jobs when they are due. */
export const cronJobLoop: LoopFactory = (context) => {
  const cronJobs = context.informers.informer(CRON_JOBS);
  const jobs = context.informers.informer(JOBS);
  jobs.addIndex(BY_CONTROLLER_UID, byControllerUid);
  const queue = newQueue(context, NAME);
  const tracker = new WriteTracker(context.clock);

  cronJobs.addHandler({
    added: (cronJob) => queue.add(keyOf(cronJob)),
    updated: (cronJob) => queue.add(keyOf(cronJob)),
    deleted: (cronJob) => queue.add(keyOf(cronJob)),
  });
  const enqueueOwner = (job: Job): void => {
    const owner = controllerOf(job);
    if (owner === undefined || !refersTo(owner, CRON_JOBS)) return;
    const key = objectKey(job.metadata.namespace, owner.name);
    if (cronJobs.lister.get(key)?.metadata.uid === owner.uid) queue.add(key);
  };
  jobs.addHandler({
    added: enqueueOwner,
    updated: (job, old) => {
      if (controllerOf(old)?.uid !== controllerOf(job)?.uid) enqueueOwner(old);
      enqueueOwner(job);
    },
    deleted: (job) => {
      const owner = controllerOf(job);
      if (owner !== undefined) tracker.gone(objectKey(job.metadata.namespace, owner.name), job);
      enqueueOwner(job);
    },
  });

  const reconciler = new CronJobReconciler({
    client: context.client,
    cronJobs: cronJobs.lister,
    jobs: jobs.lister,
    tracker,
    recorder: context.events.recorder({ component: "cronjob-controller" }),
    clock: context.clock,
  });
  return queueLoop(context, { name: NAME, queue, reconciler });
};
