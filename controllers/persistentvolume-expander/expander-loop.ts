import { keyOf, type ObjectKey, objectKey } from "../../api/client/object-key.js";
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES } from "../../api/client/resource-types.js";
import { sameJson } from "../common/same-json.js";
import { type LoopFactory, newQueue, queueLoop, type Result } from "../controller.js";
import { planExpansion } from "./plan.js";

const NAME = "volume_expand";

/** The loop that gives claims what they ask for later. */
export const persistentVolumeExpanderLoop: LoopFactory = (context) => {
  const { informers, client } = context;
  const claims = informers.informer(PERSISTENT_VOLUME_CLAIMS);
  const volumes = informers.informer(PERSISTENT_VOLUMES);
  const queue = newQueue(context, NAME);
  claims.addHandler({
    added: (claim) => queue.add(keyOf(claim)),
    updated: (claim, before) => {
      const phase = claim.status?.phase;
      const isNews = phase !== before.status?.phase || !sameJson(claim.spec, before.spec);
      if (isNews) queue.add(keyOf(claim));
    },
  });
  volumes.addHandler({
    // A new leader may hear of the claim first.
    added: ({ spec: { claimRef } }) => {
      if (claimRef !== undefined) queue.add(objectKey(claimRef.namespace, claimRef.name ?? ""));
    },
  });
  const recorder = context.events.recorder({ component: "volume_expand" });
  const reconcile = async (key: ObjectKey, signal: AbortSignal): Promise<Result> => {
    const claim = claims.lister.get(key);
    if (claim === undefined) return {};
    const volume = volumes.lister.get(objectKey(undefined, claim.spec.volumeName ?? ""));
    const plan = planExpansion(claim, volume);
    if (plan.action === "leave") {
      const message = "waiting for an external controller to expand this PVC";
      recorder.event(claim, "Normal", { reason: "ExternalExpanding", message });
    }
    if (plan.action !== "expand") return {};
    if (plan.volume !== null)
      await client.resource(PERSISTENT_VOLUMES).update(plan.volume, { signal });
    const next = { ...claim, status: plan.status };
    const options = { subresource: "status", signal } as const;
    await client.resource(PERSISTENT_VOLUME_CLAIMS).update(next, options);
    const message = `ExpandVolume succeeded for volume ${key}`;
    recorder.event(claim, "Normal", { reason: "VolumeResizeSuccessful", message });
    return {};
  };
  return queueLoop(context, { name: NAME, queue, reconciler: { reconcile } });
};
