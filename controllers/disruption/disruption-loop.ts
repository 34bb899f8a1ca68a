import { BY_LABEL, BY_NAMESPACE, byLabel, byNamespace } from "../../api/client/indexer.js";
import { keyOf } from "../../api/client/object-key.js";
import {
  DEPLOYMENTS,
  POD_DISRUPTION_BUDGETS,
  PODS,
  REPLICA_SETS,
  REPLICATION_CONTROLLERS,
  STATEFUL_SETS,
} from "../../api/client/resource-types.js";
import { selectorOrNothing } from "../../api/machinery/selectors.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import { isPodReady } from "../common/pod-state.js";
import { sameJson } from "../common/same-json.js";
import { type LoopFactory, newQueue, queueLoop } from "../controller.js";
import { DisruptionReconciler } from "./reconciler.js";

const NAME = "disruption";

/** The loop that works out how many pods of each PodDisruptionBudget may be evicted. */
export const disruptionLoop: LoopFactory = (context) => {
  const { informers } = context;
  const budgets = informers.informer(POD_DISRUPTION_BUDGETS);
  const pods = informers.informer(PODS);
  budgets.addIndex(BY_NAMESPACE, byNamespace);
  pods.addIndex(BY_NAMESPACE, byNamespace);
  pods.addIndex(BY_LABEL, byLabel);
  const queue = newQueue(context, NAME);
  budgets.addHandler({
    added: (budget) => queue.add(keyOf(budget)),
    updated: (budget) => queue.add(keyOf(budget)),
  });
  const enqueue = ({ metadata }: Pod): void => {
    for (const budget of budgets.lister.byIndex(BY_NAMESPACE, metadata.namespace ?? ""))
      if (selectorOrNothing(budget.spec.selector).matches(metadata.labels))
        queue.add(keyOf(budget));
  };
  pods.addHandler({
    added: enqueue,
    updated: (pod, old) => {
      if (!mayMatter(pod, old)) return;
      enqueue(pod);
      if (!sameJson(pod.metadata.labels, old.metadata.labels)) enqueue(old);
    },
    deleted: enqueue,
  });
  const reconciler = new DisruptionReconciler({
    client: context.client,
    budgets: budgets.lister,
    pods: pods.lister,
    replicaSets: informers.informer(REPLICA_SETS).lister,
    deployments: informers.informer(DEPLOYMENTS).lister,
    statefulSets: informers.informer(STATEFUL_SETS).lister,
    replicationControllers: informers.informer(REPLICATION_CONTROLLERS).lister,
    recorder: context.events.recorder({ component: "controllermanager" }),
    clock: context.clock,
  });
  return queueLoop(context, { name: NAME, queue, reconciler });
};

function mayMatter(pod: Pod, old: Pod): boolean {
  return (
    isPodReady(pod) !== isPodReady(old) ||
    pod.metadata.deletionTimestamp !== old.metadata.deletionTimestamp ||
    !sameJson(pod.metadata.labels, old.metadata.labels) ||
    !sameJson(pod.metadata.ownerReferences, old.metadata.ownerReferences)
  );
}
