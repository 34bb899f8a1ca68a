import { keyOf } from "../../api/client/object-key.js";
import { JOBS } from "../../api/client/resource-types.js";
import { type LoopFactory, newQueue, queueLoop } from "../controller.js";
import { TtlAfterFinishedReconciler } from "./reconciler.js";

const NAME = "ttl_jobs_to_delete";

/** The loop that deletes finished Jobs after their ttlSecondsAfterFinished. */
export const ttlAfterFinishedLoop: LoopFactory = (context) => {
  const jobs = context.informers.informer(JOBS);
  const queue = newQueue(context, NAME);
  jobs.addHandler({
    added: (job) => queue.add(keyOf(job)),
    updated: (job) => queue.add(keyOf(job)),
  });
  const { client, clock } = context;
  const reconciler = new TtlAfterFinishedReconciler({ client, jobs: jobs.lister, clock });
  return queueLoop(context, { name: NAME, queue, reconciler });
};
