import {
  BY_CONTROLLER_UID,
  BY_NAMESPACE,
  byControllerUid,
  byNamespace,
} from "../../api/client/indexer.js";
import { keyOf, objectKey } from "../../api/client/object-key.js";
import { JOBS, PODS } from "../../api/client/resource-types.js";
import { selectorOrNothing } from "../../api/machinery/selectors.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import { controllerOf, refersTo } from "../common/controller-ref.js";
import { sameJson } from "../common/same-json.js";
import { WriteTracker } from "../common/write-tracker.js";
import { type LoopFactory, newQueue, queueLoop } from "../controller.js";
import { isTracked } from "./job-pods.js";
import { type JobKey, JobReconciler } from "./reconciler.js";

const NAME = "job";
/** Pods of a Job come and go together: one look does for those of this time. */
const BATCH_MS = 50;

/** The loop that runs Jobs to their end. */
export const jobLoop: LoopFactory = (context) => {
  const jobs = context.informers.informer(JOBS);
  const pods = context.informers.informer(PODS);
  jobs.addIndex(BY_NAMESPACE, byNamespace);
  pods.addIndex(BY_CONTROLLER_UID, byControllerUid);
  const queue = newQueue<JobKey>(context, NAME);
  const tracker = new WriteTracker(context.clock);

  jobs.addHandler({
    added: (job) => queue.add(keyOf(job)),
    updated: (job) => queue.add(keyOf(job)),
    deleted: (job) => {
      queue.add(keyOf(job));
      for (const pod of pods.lister.byIndex(BY_CONTROLLER_UID, job.metadata.uid))
        if (isTracked(pod)) queue.add(`orphan:${keyOf(pod)}`);
    },
  });

  const enqueueOwner = (pod: Pod): void => {
    const owner = controllerOf(pod);
    if (owner === undefined || !refersTo(owner, JOBS)) return;
    const key = objectKey(pod.metadata.namespace, owner.name);
    if (jobs.lister.get(key)?.metadata.uid === owner.uid) queue.addAfter(key, BATCH_MS);
    else if (isTracked(pod)) queue.add(`orphan:${keyOf(pod)}`);
  };
  const enqueueAdopters = (pod: Pod): void => {
    const { namespace = "", labels } = pod.metadata;
    if (isTracked(pod)) queue.addAfter(`orphan:${keyOf(pod)}`, BATCH_MS);
    for (const job of jobs.lister.byIndex(BY_NAMESPACE, namespace))
      if (selectorOrNothing(job.spec.selector).matches(labels)) queue.add(keyOf(job));
  };
  pods.addHandler({
    added: (pod) => {
      if (controllerOf(pod) === undefined) enqueueAdopters(pod);
      else enqueueOwner(pod);
    },
    updated: (pod, old) => {
      if (controllerOf(old)?.uid !== controllerOf(pod)?.uid) enqueueOwner(old);
      if (controllerOf(pod) !== undefined) return enqueueOwner(pod);
      const orphaned = controllerOf(old) !== undefined;
      const relabelled = !sameJson(pod.metadata.labels, old.metadata.labels);
      if (orphaned || relabelled) enqueueAdopters(pod);
    },
    deleted: enqueueOwner,
  });

  const reconciler = new JobReconciler({
    client: context.client,
    jobs: jobs.lister,
    pods: pods.lister,
    tracker,
    recorder: context.events.recorder({ component: "job-controller" }),
    clock: context.clock,
  });
  return queueLoop(context, { name: NAME, queue, reconciler });
};
