import type { InformerHandler } from "../../api/client/informer.js";
import { BY_NAMESPACE, type Lister } from "../../api/client/indexer.js";
import { keyOf, objectKey, type ObjectKey } from "../../api/client/object-key.js";
import type { ResourceType } from "../../api/client/client-types.js";
import { selectorOrNothing } from "../../api/machinery/selectors.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import type { LabelSelector } from "../../api/schema/types/meta-v1.gen.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import { controllerOf, refersTo } from "./controller-ref.js";
import { sameJson } from "./same-json.js";
import type { WriteTracker } from "./write-tracker.js";

type Selecting = KubernetesObject & { readonly spec: { readonly selector?: LabelSelector } };

/**
 * Handlers that bring a pod's owner of one kind into its queue, or, when nobody controls the pod,
 * those of its namespace that could adopt it. `owners` is indexed BY_NAMESPACE.
 */
export function podOwnerHandlers<T extends Selecting>(of: {
  readonly type: ResourceType<T>;
  readonly owners: Lister<T>;
  readonly tracker: WriteTracker;
  readonly enqueue: (key: ObjectKey) => void;
}): InformerHandler<Pod> {
  const { type, owners, tracker, enqueue } = of;
  const ownerKey = (pod: Pod): ObjectKey | null => {
    const owner = controllerOf(pod);
    if (owner === undefined || !refersTo(owner, type)) return null;
    const key = objectKey(pod.metadata.namespace, owner.name);
    return owners.get(key)?.metadata.uid === owner.uid ? key : null;
  };
  const enqueueOwner = (pod: Pod): void => {
    const key = ownerKey(pod);
    if (key !== null) enqueue(key);
  };
  const enqueueAdopters = ({ metadata: { namespace = "", labels } }: Pod): void => {
    for (const owner of owners.byIndex(BY_NAMESPACE, namespace))
      if (selectorOrNothing(owner.spec.selector).matches(labels)) enqueue(keyOf(owner));
  };
  return {
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
    deleted: (pod) => {
      const key = ownerKey(pod);
      if (key === null) return;
      tracker.gone(key, pod);
      enqueue(key);
    },
  };
}
