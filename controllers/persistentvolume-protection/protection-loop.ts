import { keyOf, type ObjectKey } from "../../api/client/object-key.js";
import { PERSISTENT_VOLUMES } from "../../api/client/resource-types.js";
import { VOLUME_PROTECTION } from "../../api/schema/storage/storage-names.js";
import { changeFinalizer } from "../common/finalizers.js";
import { type LoopFactory, newQueue, queueLoop, type Result } from "../controller.js";
import { planVolumeProtection } from "./plan.js";

const NAME = "pvprotection";

/** The loop that lets a deleted volume go once no claim is bound to it. */
export const persistentVolumeProtectionLoop: LoopFactory = (context) => {
  const volumes = context.informers.informer(PERSISTENT_VOLUMES);
  const queue = newQueue(context, NAME);
  const look = (volume: Parameters<typeof planVolumeProtection>[0]): void => {
    if (planVolumeProtection(volume) !== "keep") queue.add(keyOf(volume));
  };
  volumes.addHandler({ added: look, updated: look });
  const reconcile = async (key: ObjectKey, signal: AbortSignal): Promise<Result> => {
    const volume = volumes.lister.get(key);
    const what = volume === undefined ? "keep" : planVolumeProtection(volume);
    if (volume === undefined || what === "keep") return {};
    const change = { what, finalizer: VOLUME_PROTECTION, signal };
    await changeFinalizer(context.client.resource(PERSISTENT_VOLUMES), volume, change);
    return {};
  };
  return queueLoop(context, { name: NAME, queue, reconciler: { reconcile } });
};
