import { keyOf, type ObjectKey } from "../../api/client/object-key.js";
import { PERSISTENT_VOLUME_CLAIMS, PODS } from "../../api/client/resource-types.js";
import type { PersistentVolumeClaim, Pod } from "../../api/schema/types/core-v1.gen.js";
import { BY_CLAIM, byClaim } from "../common/claim-pods.js";
import { type LoopFactory, newQueue, queueLoop } from "../controller.js";
import { planClaimProtection } from "./plan.js";
import { ClaimProtectionReconciler } from "./reconciler.js";

const NAME = "pvcprotection";

/** The loop that lets a deleted claim go once no pod uses it. */
export const claimProtectionLoop: LoopFactory = (context) => {
  const { informers, client } = context;
  const claims = informers.informer(PERSISTENT_VOLUME_CLAIMS);
  const pods = informers.informer(PODS);
  pods.addIndex(BY_CLAIM, byClaim);
  const queue = newQueue(context, NAME);
  const look = (claim: PersistentVolumeClaim): void => {
    if (planClaimProtection(claim, false) !== "keep") queue.add(keyOf(claim));
  };
  const lookAtClaims = (pod: Pod): void => {
    for (const key of byClaim(pod)) queue.add(key as ObjectKey);
  };
  claims.addHandler({ added: look, updated: look });
  pods.addHandler({ deleted: lookAtClaims });
  const reconciler = new ClaimProtectionReconciler({
    client,
    claims: claims.lister,
    pods: pods.lister,
  });
  return queueLoop(context, { name: NAME, queue, reconciler });
};
