import {
  BY_CONTROLLER_UID,
  BY_NAMESPACE,
  byControllerUid,
  byNamespace,
} from "../../api/client/indexer.js";
import { keyOf } from "../../api/client/object-key.js";
import {
  CONTROLLER_REVISIONS,
  PERSISTENT_VOLUME_CLAIMS,
  PODS,
  STATEFUL_SETS,
} from "../../api/client/resource-types.js";
import { podOwnerHandlers } from "../common/pod-owner-handlers.js";
import { WriteTracker } from "../common/write-tracker.js";
import { type LoopFactory, newQueue, queueLoop } from "../controller.js";
import { hasClaim } from "./identity.js";
import { StatefulSetReconciler } from "./reconciler.js";

const NAME = "statefulset";

/** The loop that runs the pods of StatefulSets, in order and under their own names. */
export const statefulSetLoop: LoopFactory = (context) => {
  const sets = context.informers.informer(STATEFUL_SETS);
  const pods = context.informers.informer(PODS);
  const claims = context.informers.informer(PERSISTENT_VOLUME_CLAIMS);
  const revisions = context.informers.informer(CONTROLLER_REVISIONS);
  sets.addIndex(BY_NAMESPACE, byNamespace);
  pods.addIndex(BY_CONTROLLER_UID, byControllerUid);
  revisions.addIndex(BY_CONTROLLER_UID, byControllerUid);
  const queue = newQueue(context, NAME);
  const tracker = new WriteTracker(context.clock);

  sets.addHandler({
    added: (set) => queue.add(keyOf(set)),
    updated: (set) => queue.add(keyOf(set)),
    deleted: (set) => queue.add(keyOf(set)),
  });
  const enqueue = queue.add.bind(queue);
  pods.addHandler(podOwnerHandlers({ type: STATEFUL_SETS, owners: sets.lister, tracker, enqueue }));

  // A set waits for a claim that goes away, and gives a pod that waits for one a new claim.
  claims.addHandler({
    deleted: ({ metadata: { namespace = "", name } }) => {
      for (const set of sets.lister.byIndex(BY_NAMESPACE, namespace))
        if (hasClaim(set, name)) queue.add(keyOf(set));
    },
  });

  const reconciler = new StatefulSetReconciler({
    client: context.client,
    sets: sets.lister,
    pods: pods.lister,
    claims: claims.lister,
    revisions: revisions.lister,
    tracker,
    recorder: context.events.recorder({ component: "statefulset-controller" }),
    clock: context.clock,
  });
  return queueLoop(context, { name: NAME, queue, reconciler });
};
