import type { PartialObjectMetadata } from "../../api/client/client-types.js";
import type { InformerHandler } from "../../api/client/informer.js";
import { CUSTOM_RESOURCE_DEFINITIONS } from "../../api/client/resource-types.js";
import { SERVED_KINDS } from "../../api/schema/kinds.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import { type Loop, type LoopFactory, newQueue, queueLoop } from "../controller.js";
import { CustomObjects } from "./custom-objects.js";
import {
  FOREGROUND_FINALIZER,
  type GraphEffects,
  type GraphNode,
  ORPHAN_FINALIZER,
  OwnershipGraph,
} from "./ownership-graph.js";
import { GarbageCollectorReconciler } from "./reconciler.js";

const NAME = "garbage_collector";

/** Kinds that are never garbage: they go by themselves. */
const IGNORED: ReadonlySet<string> = new Set(["Event"]);

/**
 * The loop that deletes what has lost its owners. Ask for it after all other loops, so that it
 * shares their informers.
 */
export const garbageCollectorLoop: LoopFactory = (context) => {
  const graph = new OwnershipGraph();
  const toDelete = newQueue<string>(context, `${NAME}_attempt_to_delete`);
  const toOrphan = newQueue<string>(context, `${NAME}_attempt_to_orphan`);
  let started = false;
  const enqueue = ({ attemptToDelete, attemptToOrphan }: GraphEffects): void => {
    // Before everything is listed an owner may be missing because its list is still to come.
    if (!started) return;
    for (const uid of attemptToDelete) toDelete.add(uid);
    for (const uid of attemptToOrphan) toOrphan.add(uid);
  };
  const handler: InformerHandler<PartialObjectMetadata> = {
    added: (object) => enqueue(graph.upsert(nodeOf(object))),
    updated: (object) => enqueue(graph.upsert(nodeOf(object))),
    deleted: (object) => enqueue(graph.remove(object.metadata.uid)),
  };
  for (const { group, version, kind, plural, namespaced, verbs } of SERVED_KINDS) {
    if (IGNORED.has(kind)) continue;
    if (!["list", "watch", "delete"].every((verb) => verbs.includes(verb))) continue;
    const informer = context.informers.metadataInformer({
      group,
      version,
      kind,
      plural,
      namespaced,
    });
    informer.addHandler(handler);
  }
  const customObjects = new CustomObjects(context.client, context, handler);
  context.informers.informer(CUSTOM_RESOURCE_DEFINITIONS).addHandler({
    added: (definition) => customObjects.set(definition),
    updated: (definition) => customObjects.set(definition),
    deleted: (definition) => customObjects.remove(definition),
  });
  const reconciler = new GarbageCollectorReconciler({
    client: context.client,
    graph,
    customType: (apiVersion, kind) => customObjects.typeOf(apiVersion, kind),
    recorder: context.events.recorder({ component: "garbage-collector-controller" }),
    lookAt: (uid) => toDelete.add(uid),
  });
  const workers = 20;
  const loops: readonly Loop[] = [
    queueLoop(context, {
      name: `${NAME}_attempt_to_delete`,
      queue: toDelete,
      reconciler: { reconcile: (uid, signal) => reconciler.attemptToDelete(uid, signal) },
      workers,
    }),
    queueLoop(context, {
      name: `${NAME}_attempt_to_orphan`,
      queue: toOrphan,
      reconciler: { reconcile: (uid, signal) => reconciler.attemptToOrphan(uid, signal) },
      workers,
    }),
  ];
  return {
    name: NAME,
    run: async (signal) => {
      started = true;
      enqueue(graph.initialEffects());
      await Promise.all(loops.map((loop) => loop.run(signal)));
      await customObjects.stop();
    },
  };
};

function nodeOf({ apiVersion, kind, metadata }: KubernetesObject): GraphNode {
  const { uid, namespace = "", name, ownerReferences = [], finalizers = [] } = metadata;
  return {
    uid,
    apiVersion,
    kind,
    namespace,
    name,
    owners: ownerReferences,
    deleting: metadata.deletionTimestamp !== undefined,
    foreground: finalizers.includes(FOREGROUND_FINALIZER),
    orphan: finalizers.includes(ORPHAN_FINALIZER),
  };
}
