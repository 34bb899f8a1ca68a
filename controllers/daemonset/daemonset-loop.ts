import {
  BY_CONTROLLER_UID,
  BY_NAMESPACE,
  byControllerUid,
  byNamespace,
} from "../../api/client/indexer.js";
import { keyOf } from "../../api/client/object-key.js";
import { CONTROLLER_REVISIONS, DAEMON_SETS, NODES, PODS } from "../../api/client/resource-types.js";
import type { Node } from "../../api/schema/types/core-v1.gen.js";
import { podOwnerHandlers } from "../common/pod-owner-handlers.js";
import { sameJson } from "../common/same-json.js";
import { WriteTracker } from "../common/write-tracker.js";
import { type LoopFactory, newQueue, queueLoop } from "../controller.js";
import { eligibility } from "./placement.js";
import { DaemonSetReconciler } from "./reconciler.js";

const NAME = "daemonset";
/** A look goes over all nodes: one does for the pods and nodes that change within this time. */
const BATCH_MS = 50;

/** The loop that keeps a pod of each DaemonSet on every node that it fits. */
export const daemonSetLoop: LoopFactory = (context) => {
  const sets = context.informers.informer(DAEMON_SETS);
  const pods = context.informers.informer(PODS);
  const nodes = context.informers.informer(NODES);
  const revisions = context.informers.informer(CONTROLLER_REVISIONS);
  sets.addIndex(BY_NAMESPACE, byNamespace);
  pods.addIndex(BY_CONTROLLER_UID, byControllerUid);
  revisions.addIndex(BY_CONTROLLER_UID, byControllerUid);
  const queue = newQueue(context, NAME);
  const tracker = new WriteTracker(context.clock);

  sets.addHandler({
    added: (set) => queue.add(keyOf(set)),
    updated: (set) => queue.add(keyOf(set)),
    deleted: (set) => queue.add(keyOf(set)),
  });
  const enqueue = (key: ReturnType<typeof keyOf>): void => queue.addAfter(key, BATCH_MS);
  pods.addHandler(podOwnerHandlers({ type: DAEMON_SETS, owners: sets.lister, tracker, enqueue }));
  const enqueueAll = (node: Node): void => {
    for (const set of sets.lister.values()) if (eligibility(set, node).keeps) enqueue(keyOf(set));
  };
  nodes.addHandler({
    added: enqueueAll,
    updated: (node, old) => {
      const labels = sameJson(node.metadata.labels, old.metadata.labels);
      if (labels && sameJson(node.spec?.taints, old.spec?.taints)) return;
      for (const set of sets.lister.values())
        if (!sameJson(eligibility(set, node), eligibility(set, old))) enqueue(keyOf(set));
    },
    deleted: enqueueAll,
  });

  const reconciler = new DaemonSetReconciler({
    client: context.client,
    sets: sets.lister,
    pods: pods.lister,
    nodes: nodes.lister,
    revisions: revisions.lister,
    tracker,
    recorder: context.events.recorder({ component: "daemonset-controller" }),
    clock: context.clock,
  });
  return queueLoop(context, { name: NAME, queue, reconciler });
};
