import { keyOf } from "../../api/client/object-key.js";
import { NAMESPACES } from "../../api/client/resource-types.js";
import type { Namespace } from "../../api/schema/types/core-v1.gen.js";
import { type LoopFactory, newQueue, queueLoop } from "../controller.js";
import { NamespaceReconciler } from "./reconciler.js";

const NAME = "namespace";

/** The loop that empties namespaces that are being deleted. */
export const namespaceLoop: LoopFactory = (context) => {
  const namespaces = context.informers.informer(NAMESPACES);
  const queue = newQueue(context, NAME);
  const enqueue = (namespace: Namespace): void => {
    if (namespace.metadata.deletionTimestamp !== undefined) queue.add(keyOf(namespace));
  };
  namespaces.addHandler({ added: enqueue, updated: enqueue });
  const { client, clock } = context;
  const reconciler = new NamespaceReconciler({ client, clock, namespaces: namespaces.lister });
  return queueLoop(context, { name: NAME, queue, reconciler });
};
