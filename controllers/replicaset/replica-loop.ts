import {
  BY_CONTROLLER_UID,
  BY_NAMESPACE,
  byControllerUid,
  byNamespace,
  type Lister,
} from "../../api/client/indexer.js";
import type { ApiClient, ResourceType } from "../../api/client/client-types.js";
import { keyOf, objectKey, type ObjectKey } from "../../api/client/object-key.js";
import { PODS } from "../../api/client/resource-types.js";
import { selectorOrNothing } from "../../api/machinery/selectors.js";
import type { ReplicaSet, ReplicaSetStatus } from "../../api/schema/types/apps-v1.gen.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import { controllerOf, refersTo } from "../common/controller-ref.js";
import { Expectations } from "../common/expectations.js";
import { sameJson } from "../common/same-json.js";
import { type LoopFactory, newQueue, queueLoop } from "../controller.js";
import { type ReplicaFamily, ReplicaSetReconciler } from "./reconciler.js";

/** A kind that keeps a number of pods, and how it is read and written as a ReplicaSet. */
export interface ReplicaKind<T extends KubernetesObject> {
  /** Names the loop and its queue. */
  readonly name: string;
  /** Names the source of its events. */
  readonly component: string;
  readonly type: ResourceType<T>;
  /** The object as a ReplicaSet, with its own apiVersion and kind. */
  readonly read: (object: T) => ReplicaSet;
  readonly withStatus: (object: T, status: ReplicaSetStatus) => T;
  readonly countsTerminating: boolean;
  /** Itself and all that the same owner controls. */
  readonly siblings: (object: T, all: Lister<T>) => readonly T[];
}

/** The loop that keeps as many pods of each object of the kind as its spec says. */
export function replicaLoop<T extends KubernetesObject>(kind: ReplicaKind<T>): LoopFactory {
  return (context) => {
    const { name, type, read } = kind;
    const owners = context.informers.informer(type);
    const pods = context.informers.informer(PODS);
    owners.addIndex(BY_NAMESPACE, byNamespace);
    owners.addIndex(BY_CONTROLLER_UID, byControllerUid);
    pods.addIndex(BY_CONTROLLER_UID, byControllerUid);
    const queue = newQueue(context, name);
    const expectations = new Expectations(context.clock);

    owners.addHandler({
      added: (owner) => queue.add(keyOf(owner)),
      updated: (owner) => queue.add(keyOf(owner)),
      deleted: (owner) => {
        expectations.forget(keyOf(owner));
        queue.add(keyOf(owner));
      },
    });

    const ownerKey = (pod: Pod): ObjectKey | null => {
      const owner = controllerOf(pod);
      if (owner === undefined || !refersTo(owner, type)) return null;
      const key = objectKey(pod.metadata.namespace, owner.name);
      return owners.lister.get(key)?.metadata.uid === owner.uid ? key : null;
    };
    const enqueueAdopters = (pod: Pod): void => {
      const { namespace = "", labels } = pod.metadata;
      const matches = (owner: T): boolean =>
        selectorOrNothing(read(owner).spec.selector).matches(labels);
      for (const owner of owners.lister.byIndex(BY_NAMESPACE, namespace))
        if (matches(owner)) queue.add(keyOf(owner));
    };
    const deletionSeen = (pod: Pod): void => {
      const key = ownerKey(pod);
      if (key === null) return;
      expectations.deletionSeen(key, pod.metadata.uid);
      queue.add(key);
    };
    pods.addHandler({
      added: (pod) => {
        // After a restart a pod may first be seen while it is already being deleted.
        if (pod.metadata.deletionTimestamp !== undefined) return deletionSeen(pod);
        const key = ownerKey(pod);
        if (key !== null) {
          expectations.creationSeen(key);
          queue.add(key);
        } else if (controllerOf(pod) === undefined) enqueueAdopters(pod);
      },
      updated: (pod, old) => {
        const before = ownerKey(old);
        const after = ownerKey(pod);
        if (before !== null && before !== after) queue.add(before);
        if (pod.metadata.deletionTimestamp !== undefined) return deletionSeen(pod);
        if (after !== null) return queue.add(after);
        const orphaned = controllerOf(old) !== undefined;
        const relabelled = !sameJson(pod.metadata.labels, old.metadata.labels);
        if (controllerOf(pod) === undefined && (orphaned || relabelled)) enqueueAdopters(pod);
      },
      deleted: deletionSeen,
    });

    const reconciler = new ReplicaSetReconciler({
      client: context.client,
      family: familyOf(kind, owners.lister, context.client),
      pods: pods.lister,
      expectations,
      recorder: context.events.recorder({ component: kind.component }),
      clock: context.clock,
    });
    return queueLoop(context, { name, queue, reconciler });
  };
}

function familyOf<T extends KubernetesObject>(
  { type, read, withStatus, siblings, countsTerminating }: ReplicaKind<T>,
  owners: Lister<T>,
  client: ApiClient,
): ReplicaFamily {
  const original = (replicaSet: ReplicaSet): T | undefined => owners.get(keyOf(replicaSet));
  return {
    type,
    countsTerminating,
    get: (key) => {
      const found = owners.get(key);
      return found === undefined ? undefined : read(found);
    },
    siblings: (replicaSet) => {
      const found = original(replicaSet);
      return found === undefined ? [] : siblings(found, owners).map(read);
    },
    writeStatus: async (replicaSet, status, signal) => {
      const found = original(replicaSet);
      if (found === undefined) return;
      // The version is that of what the status was worked out from.
      const { resourceVersion } = replicaSet.metadata;
      const base = { ...found, metadata: { ...found.metadata, resourceVersion } };
      const options = { subresource: "status", signal } as const;
      await client.resource(type).update(withStatus(base, status), options);
    },
  };
}
