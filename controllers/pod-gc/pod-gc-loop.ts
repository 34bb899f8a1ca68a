import { BY_NODE, byNode } from "../../api/client/indexer.js";
import { keyOf, objectKey } from "../../api/client/object-key.js";
import { NODES, PODS } from "../../api/client/resource-types.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import { isPodTerminal } from "../common/pod-state.js";
import { type LoopFactory, newQueue, queueLoop } from "../controller.js";
import { isUnscheduledAndGoing } from "./plan.js";
import { BY_TERMINATED, type PodGcKey, PodGcReconciler, TERMINATED } from "./reconciler.js";

const NAME = "orphaned_pods_nodes";
/** Kubernetes' default for --terminated-pod-gc-threshold. */
const TERMINATED_MAX = 12_500;
/** A node that is made anew within this time finds its pods still there. */
const QUARANTINE_MS = 40_000;

const byTerminated = (pod: Pod): readonly string[] => (isPodTerminal(pod) ? [TERMINATED] : []);

/**
 * The loop that removes terminated pods beyond a number, pods of nodes that are gone, and pods
 * deleted before they ran.
 */
export const podGcLoop: LoopFactory = (context) => {
  const pods = context.informers.informer(PODS);
  const nodes = context.informers.informer(NODES);
  pods.addIndex(BY_NODE, byNode);
  pods.addIndex(BY_TERMINATED, byTerminated);
  const queue = newQueue<PodGcKey>(context, NAME);
  const look = (pod: Pod): void => {
    const { nodeName = "" } = pod.spec;
    if (isUnscheduledAndGoing(pod)) queue.add(`pod:${keyOf(pod)}`);
    if (isPodTerminal(pod) && pods.lister.countByIndex(BY_TERMINATED, TERMINATED) > TERMINATED_MAX)
      queue.add("terminated");
    if (nodeName !== "" && nodes.lister.get(objectKey(undefined, nodeName)) === undefined)
      queue.addAfter(`node:${nodeName}`, QUARANTINE_MS);
  };
  pods.addHandler({ added: look, updated: look });
  nodes.addHandler({
    deleted: ({ metadata }) => {
      if (pods.lister.countByIndex(BY_NODE, metadata.name) > 0)
        queue.addAfter(`node:${metadata.name}`, QUARANTINE_MS);
    },
  });
  const reconciler = new PodGcReconciler({
    client: context.client,
    pods: pods.lister,
    nodes: nodes.lister,
    clock: context.clock,
    terminatedMax: TERMINATED_MAX,
  });
  return queueLoop(context, { name: NAME, queue, reconciler });
};
