import { BY_LABEL, byLabel } from "../../api/client/indexer.js";
import type { Informer } from "../../api/client/informer.js";
import { keyOf, type ObjectKey } from "../../api/client/object-key.js";
import type { Pod, Service } from "../../api/schema/types/core-v1.gen.js";
import type { WorkQueue } from "../../api/client/workqueue.js";
import { BY_SELECTOR, bySelector, endpointsMayDiffer, servicesOf } from "./service-index.js";

/**
 * Puts a service into the queue when it changes, or when a pod that it selects (or selected) does.
 */
export function enqueueServices(
  queue: WorkQueue<ObjectKey>,
  services: Informer<Service>,
  pods: Informer<Pod>,
): void {
  services.addIndex(BY_SELECTOR, bySelector);
  pods.addIndex(BY_LABEL, byLabel);
  services.addHandler({
    added: (service) => queue.add(keyOf(service)),
    updated: (service) => queue.add(keyOf(service)),
    deleted: (service) => queue.add(keyOf(service)),
  });
  const enqueue = (pod: Pod): void => {
    for (const key of servicesOf(services.lister, pod)) queue.add(key);
  };
  pods.addHandler({
    added: enqueue,
    updated: (pod, old) => {
      if (!endpointsMayDiffer(pod, old)) return;
      enqueue(pod);
      if (pod.metadata.labels !== old.metadata.labels) enqueue(old);
    },
    deleted: enqueue,
  });
}
