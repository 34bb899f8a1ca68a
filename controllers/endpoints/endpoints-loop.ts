import { keyOf } from "../../api/client/object-key.js";
import { ENDPOINTS, PODS, SERVICES } from "../../api/client/resource-types.js";
import type { Endpoints } from "../../api/schema/types/core-v1.gen.js";
import { enqueueServices } from "../common/service-loop.js";
import { type LoopFactory, newQueue, queueLoop } from "../controller.js";
import { EndpointsReconciler } from "./reconciler.js";

const NAME = "endpoint";

/** The loop that keeps Endpoints in step with services and pods. */
export const endpointsLoop: LoopFactory = (context) => {
  const services = context.informers.informer(SERVICES);
  const pods = context.informers.informer(PODS);
  const endpoints = context.informers.informer(ENDPOINTS);
  const queue = newQueue(context, NAME);
  enqueueServices(queue, services, pods);
  const enqueue = (object: Endpoints): void => {
    // Endpoints without a service, such as the API server's own, are nobody's business but their
    // writer's.
    if (services.lister.get(keyOf(object)) !== undefined) queue.add(keyOf(object));
  };
  endpoints.addHandler({ added: enqueue, updated: enqueue, deleted: enqueue });
  const reconciler = new EndpointsReconciler({
    client: context.client,
    services: services.lister,
    pods: pods.lister,
    endpoints: endpoints.lister,
    recorder: context.events.recorder({ component: "endpoint-controller" }),
  });
  return queueLoop(context, { name: NAME, queue, reconciler });
};
