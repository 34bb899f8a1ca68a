import { BY_LABEL, BY_NODE, byLabel, byNode } from "../../api/client/indexer.js";
import { ENDPOINT_SLICES, NODES, PODS, SERVICES } from "../../api/client/resource-types.js";
import type { Node } from "../../api/schema/types/core-v1.gen.js";
import { servicesOf } from "../common/service-index.js";
import { enqueueServices } from "../common/service-loop.js";
import { WriteTracker } from "../common/write-tracker.js";
import { type LoopFactory, newQueue, queueLoop } from "../controller.js";
import { MANAGER } from "./plan.js";
import { EndpointSliceReconciler } from "./reconciler.js";
import { enqueueOwners } from "./write-slices.js";

const NAME = "endpoint_slice";
const ZONE = "topology.kubernetes.io/zone";

/** The loop that keeps EndpointSlices in step with services and pods. */
export const endpointSliceLoop: LoopFactory = (context) => {
  const services = context.informers.informer(SERVICES);
  const pods = context.informers.informer(PODS);
  const slices = context.informers.informer(ENDPOINT_SLICES);
  const nodes = context.informers.informer(NODES);
  slices.addIndex(BY_LABEL, byLabel);
  pods.addIndex(BY_NODE, byNode);
  const queue = newQueue(context, NAME);
  const tracker = new WriteTracker(context.clock);
  enqueueServices(queue, services, pods);

  enqueueOwners(slices, { manager: MANAGER, queue, tracker });
  const enqueueByNode = (node: Node): void => {
    for (const pod of pods.lister.byIndex(BY_NODE, node.metadata.name))
      for (const key of servicesOf(services.lister, pod)) queue.add(key);
  };
  // A node's zone is all that an endpoint says of it.
  nodes.addHandler({
    added: (node) => {
      if (node.metadata.labels?.[ZONE] !== undefined) enqueueByNode(node);
    },
    updated: (node, old) => {
      if (node.metadata.labels?.[ZONE] !== old.metadata.labels?.[ZONE]) enqueueByNode(node);
    },
  });

  const reconciler = new EndpointSliceReconciler({
    client: context.client,
    services: services.lister,
    pods: pods.lister,
    slices: slices.lister,
    nodes: nodes.lister,
    tracker,
    recorder: context.events.recorder({ component: "endpoint-slice-controller" }),
  });
  return queueLoop(context, { name: NAME, queue, reconciler });
};
