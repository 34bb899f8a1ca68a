import {
  BY_CONTROLLER_UID,
  BY_NAMESPACE,
  byControllerUid,
  byNamespace,
} from "../../api/client/indexer.js";
import { keyOf, objectKey, type ObjectKey } from "../../api/client/object-key.js";
import { DEPLOYMENTS, PODS, REPLICA_SETS } from "../../api/client/resource-types.js";
import { selectorOrNothing } from "../../api/machinery/selectors.js";
import type { ReplicaSet } from "../../api/schema/types/apps-v1.gen.js";
import type { OwnerReference } from "../../api/schema/types/meta-v1.gen.js";
import { controllerOf, refersTo } from "../common/controller-ref.js";
import { sameJson } from "../common/same-json.js";
import { type LoopFactory, newQueue, queueLoop } from "../controller.js";
import { DeploymentReconciler } from "./reconciler.js";

const NAME = "deployment";

/** The loop that rolls Deployments out. */
export const deploymentLoop: LoopFactory = (context) => {
  const deployments = context.informers.informer(DEPLOYMENTS);
  const replicaSets = context.informers.informer(REPLICA_SETS);
  const pods = context.informers.informer(PODS);
  deployments.addIndex(BY_NAMESPACE, byNamespace);
  replicaSets.addIndex(BY_CONTROLLER_UID, byControllerUid);
  pods.addIndex(BY_CONTROLLER_UID, byControllerUid);
  const queue = newQueue(context, NAME);

  deployments.addHandler({
    added: (deployment) => queue.add(keyOf(deployment)),
    updated: (deployment) => queue.add(keyOf(deployment)),
  });

  const ownerKey = (namespace: string | undefined, owner?: OwnerReference): ObjectKey | null => {
    if (owner === undefined || !refersTo(owner, DEPLOYMENTS)) return null;
    const key = objectKey(namespace, owner.name);
    return deployments.lister.get(key)?.metadata.uid === owner.uid ? key : null;
  };
  const enqueueOwner = (replicaSet: ReplicaSet): void => {
    const key = ownerKey(replicaSet.metadata.namespace, controllerOf(replicaSet));
    if (key !== null) queue.add(key);
  };
  const enqueueAdopters = ({ metadata: { namespace = "", labels } }: ReplicaSet): void => {
    for (const deployment of deployments.lister.byIndex(BY_NAMESPACE, namespace)) {
      if (selectorOrNothing(deployment.spec.selector).matches(labels)) queue.add(keyOf(deployment));
    }
  };
  replicaSets.addHandler({
    added: (replicaSet) => {
      if (controllerOf(replicaSet) === undefined) enqueueAdopters(replicaSet);
      else enqueueOwner(replicaSet);
    },
    updated: (replicaSet, old) => {
      const wasOrphan = controllerOf(old) === undefined;
      if (controllerOf(old)?.uid !== controllerOf(replicaSet)?.uid) enqueueOwner(old);
      if (controllerOf(replicaSet) !== undefined) return enqueueOwner(replicaSet);
      const relabelled = !sameJson(replicaSet.metadata.labels, old.metadata.labels);
      if (!wasOrphan || relabelled) enqueueAdopters(replicaSet);
    },
    deleted: enqueueOwner,
  });
  // Recreate waits for the last old pod to be gone, or to end.
  pods.addHandler({
    deleted: (pod) => {
      const owner = controllerOf(pod);
      if (owner === undefined || !refersTo(owner, REPLICA_SETS)) return;
      const replicaSet = replicaSets.lister.get(objectKey(pod.metadata.namespace, owner.name));
      if (replicaSet === undefined || replicaSet.metadata.uid !== owner.uid) return;
      const key = ownerKey(replicaSet.metadata.namespace, controllerOf(replicaSet));
      if (key === null) return;
      if (deployments.lister.get(key)?.spec.strategy?.type === "Recreate") queue.add(key);
    },
  });

  const reconciler = new DeploymentReconciler({
    client: context.client,
    deployments: deployments.lister,
    replicaSets: replicaSets.lister,
    pods: pods.lister,
    recorder: context.events.recorder({ component: "deployment-controller" }),
    clock: context.clock,
  });
  return queueLoop(context, { name: NAME, queue, reconciler });
};
