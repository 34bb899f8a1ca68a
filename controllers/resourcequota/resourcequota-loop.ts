import { BY_NAMESPACE, byNamespace } from "../../api/client/indexer.js";
import { keyOf } from "../../api/client/object-key.js";
import {
  CONFIG_MAPS,
  CRON_JOBS,
  DAEMON_SETS,
  DEPLOYMENTS,
  JOBS,
  PERSISTENT_VOLUME_CLAIMS,
  PODS,
  REPLICA_SETS,
  REPLICATION_CONTROLLERS,
  RESOURCE_QUOTAS,
  SECRETS,
  SERVICES,
  STATEFUL_SETS,
} from "../../api/client/resource-types.js";
import type { PersistentVolumeClaim, ResourceQuota } from "../../api/schema/types/core-v1.gen.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import { isPodTerminal } from "../common/pod-state.js";
import { sameJson } from "../common/same-json.js";
import { type LoopFactory, newQueue, queueLoop } from "../controller.js";
import { ResourceQuotaReconciler } from "./reconciler.js";

const NAME = "resourcequota_primary";
/** A quota is worked out from all it counts: one look does for what goes within this time. */
const BATCH_MS = 100;
/** Counted by their number alone; that more of them come is charged where they are made. */
const COUNTED = [
  CONFIG_MAPS,
  SECRETS,
  REPLICATION_CONTROLLERS,
  DEPLOYMENTS,
  REPLICA_SETS,
  STATEFUL_SETS,
  DAEMON_SETS,
  JOBS,
  CRON_JOBS,
];

/** The loop that gives back to quotas what is no longer used, and fills in their status. */
export const resourceQuotaLoop: LoopFactory = (context) => {
  const { informers } = context;
  const quotas = informers.informer(RESOURCE_QUOTAS);
  quotas.addIndex(BY_NAMESPACE, byNamespace);
  const queue = newQueue(context, NAME);
  const { client, clock } = context;
  const watched = [PODS, SERVICES, PERSISTENT_VOLUME_CLAIMS, ...COUNTED];
  const deps = { client, quotas: quotas.lister, watched, clock };
  const reconciler = new ResourceQuotaReconciler(deps);
  const enqueue = ({ metadata: { namespace = "" } }: KubernetesObject): void => {
    for (const quota of quotas.lister.byIndex(BY_NAMESPACE, namespace)) {
      reconciler.changed(keyOf(quota));
      queue.addAfter(keyOf(quota), BATCH_MS);
    }
  };
  const lookAt = (quota: ResourceQuota): void => {
    reconciler.changed(keyOf(quota));
    queue.add(keyOf(quota));
  };
  quotas.addHandler({
    added: lookAt,
    updated: (quota, old) => {
      if (!sameJson(quota.spec, old.spec) || !sameJson(quota.spec.hard, quota.status?.hard))
        lookAt(quota);
    },
    deleted: enqueue,
  });
  informers.informer(PODS).addHandler({
    updated: (pod, old) => {
      const ended = isPodTerminal(pod) && !isPodTerminal(old);
      const resized = !sameJson(pod.spec.containers, old.spec.containers);
      const bounded = pod.spec.activeDeadlineSeconds !== old.spec.activeDeadlineSeconds;
      if (ended || resized || bounded) enqueue(pod);
    },
    deleted: enqueue,
  });
  informers.informer(SERVICES).addHandler({
    updated: (service, old) => {
      if (!sameJson(service.spec, old.spec)) enqueue(service);
    },
    deleted: enqueue,
  });
  informers.informer(PERSISTENT_VOLUME_CLAIMS).addHandler({
    updated: (claim, old) => {
      if (!sameJson(claim.spec, old.spec) || !sameJson(charged(claim), charged(old)))
        enqueue(claim);
    },
    deleted: enqueue,
  });
  for (const type of COUNTED) informers.metadataInformer(type).addHandler({ deleted: enqueue });
  return queueLoop(context, { name: NAME, queue, reconciler });
};

/** What of a claim's status decides what is charged, and to which quota. */
function charged({ status = {} }: PersistentVolumeClaim): readonly unknown[] {
  const { allocatedResources, currentVolumeAttributesClassName, modifyVolumeStatus } = status;
  const target = modifyVolumeStatus?.targetVolumeAttributesClassName;
  return [allocatedResources?.["storage"], currentVolumeAttributesClassName, target];
}
