import { BY_NAMESPACE, byNamespace } from "../../api/client/indexer.js";
import { keyOf } from "../../api/client/object-key.js";
import { HORIZONTAL_POD_AUTOSCALERS, PODS } from "../../api/client/resource-types.js";
import { sameJson } from "../common/same-json.js";
import { type LoopFactory, newQueue, queueLoop } from "../controller.js";
import { AutoscalerReconciler } from "./reconciler.js";

const NAME = "horizontalpodautoscaler";

/** The loop that scales workloads by what their pods use. */
export const horizontalPodAutoscalerLoop: LoopFactory = (context) => {
  const { informers } = context;
  const autoscalers = informers.informer(HORIZONTAL_POD_AUTOSCALERS);
  const pods = informers.informer(PODS);
  pods.addIndex(BY_NAMESPACE, byNamespace);
  const queue = newQueue(context, NAME);
  autoscalers.addHandler({
    added: (autoscaler) => queue.add(keyOf(autoscaler)),
    updated: (autoscaler, old) => {
      // Its own status is no reason to look again: each look may change that.
      if (!sameJson(autoscaler.spec, old.spec)) queue.add(keyOf(autoscaler));
    },
    deleted: (autoscaler) => queue.add(keyOf(autoscaler)),
  });
  const reconciler = new AutoscalerReconciler({
    client: context.client,
    autoscalers: autoscalers.lister,
    pods: pods.lister,
    recorder: context.events.recorder({ component: "horizontal-pod-autoscaler" }),
    clock: context.clock,
  });
  return queueLoop(context, { name: NAME, queue, reconciler });
};
