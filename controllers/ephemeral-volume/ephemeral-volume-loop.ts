import { isAlreadyExists, isNamespaceTerminating } from "../../api/client/api-error.js";
import { keyOf, type ObjectKey, objectKey } from "../../api/client/object-key.js";
import { PERSISTENT_VOLUME_CLAIMS, PODS } from "../../api/client/resource-types.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import { BY_CLAIM, byClaim } from "../common/claim-pods.js";
import { type LoopFactory, newQueue, queueLoop, type Result } from "../controller.js";
import { planEphemeral } from "./plan.js";

const NAME = "ephemeral_volume";

/** The loop that makes a claim for every ephemeral volume of a pod. */
export const ephemeralVolumeLoop: LoopFactory = (context) => {
  const { informers, client } = context;
  const pods = informers.informer(PODS);
  const claims = informers.informer(PERSISTENT_VOLUME_CLAIMS);
  pods.addIndex(BY_CLAIM, byClaim);
  const queue = newQueue(context, NAME);
  const look = (pod: Pod): void => {
    if ((pod.spec.volumes ?? []).some(({ ephemeral }) => ephemeral !== undefined))
      queue.add(keyOf(pod));
  };
  pods.addHandler({ added: look });
  claims.addHandler({
    deleted: (claim) => {
      for (const pod of pods.lister.byIndex(BY_CLAIM, keyOf(claim))) look(pod);
    },
  });
  const recorder = context.events.recorder({ component: "ephemeral_volume" });
  const reconcile = async (key: ObjectKey, signal: AbortSignal): Promise<Result> => {
    const pod = pods.lister.get(key);
    if (pod === undefined) return {};
    const { namespace } = pod.metadata;
    const claimOf = (name: string) => claims.lister.get(objectKey(namespace, name));
    const { create, conflicts } = planEphemeral(pod, claimOf);
    for (const message of conflicts)
      recorder.event(pod, "Warning", { reason: "FailedBinding", message });
    for (const claim of create) {
      try {
        await client.resource(PERSISTENT_VOLUME_CLAIMS).create(claim, { signal });
      } catch (error) {
        if (isNamespaceTerminating(error)) return {};
        // The cache is late; whose it is, the next look says.
        if (!isAlreadyExists(error)) throw error;
        return { requeueAfterMs: RETRY_MS };
      }
    }
    return {};
  };
  return queueLoop(context, { name: NAME, queue, reconciler: { reconcile } });
};

const RETRY_MS = 1_000;
