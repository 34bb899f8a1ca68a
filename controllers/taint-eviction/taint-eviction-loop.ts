import { BY_NODE, byNode } from "../../api/client/indexer.js";
import { keyOf, objectKey } from "../../api/client/object-key.js";
import { NODES, PODS } from "../../api/client/resource-types.js";
import type { Node, Pod } from "../../api/schema/types/core-v1.gen.js";
import { sameJson } from "../common/same-json.js";
import { type LoopFactory, newQueue, queueLoop } from "../controller.js";
import { noExecuteTaints } from "./plan.js";
import { TaintEvictionReconciler } from "./reconciler.js";

const NAME = "noexec_taint_pod";

/**
 * The loop that ends pods on nodes with NoExecute taints: at once, or when the time is over for
 * which they tolerate them. A change of a node costs its own pods, and only where such a taint
 * comes, goes or changes.
 */
export const taintEvictionLoop: LoopFactory = (context) => {
  const pods = context.informers.informer(PODS);
  const nodes = context.informers.informer(NODES);
  pods.addIndex(BY_NODE, byNode);
  const queue = newQueue(context, NAME);
  const seenMs = new Map<string, number>();
  const taintsOf = (node: Node | undefined) => noExecuteTaints(node?.spec.taints);
  const enqueuePods = ({ metadata: { name } }: Node): void => {
    for (const pod of pods.lister.byIndex(BY_NODE, name)) queue.add(keyOf(pod));
  };
  const look = (node: Node, before?: Node): void => {
    if (sameJson(taintsOf(node), taintsOf(before))) return;
    seenMs.set(node.metadata.name, context.clock.nowMs());
    enqueuePods(node);
  };
  nodes.addHandler({
    added: (node) => look(node),
    updated: (node, before) => look(node, before),
    deleted: (node) => {
      seenMs.delete(node.metadata.name);
      enqueuePods(node);
    },
  });
  const lookAtPod = (pod: Pod): void => {
    const { nodeName = "" } = pod.spec;
    const node = nodeName === "" ? undefined : nodes.lister.get(objectKey(undefined, nodeName));
    if (taintsOf(node).length > 0) queue.add(keyOf(pod));
  };
  pods.addHandler({
    added: lookAtPod,
    updated: (pod, before) => {
      const moved = pod.spec.nodeName !== before.spec.nodeName;
      if (moved || !sameJson(pod.spec.tolerations, before.spec.tolerations)) lookAtPod(pod);
    },
    deleted: (pod) => queue.add(keyOf(pod)),
  });
  const reconciler = new TaintEvictionReconciler(context, {
    pods: pods.lister,
    nodes: nodes.lister,
    seenMs: (name) => seenMs.get(name) ?? context.clock.nowMs(),
  });
  return queueLoop(context, { name: NAME, queue, reconciler });
};
