import type { Lister } from "../../api/client/indexer.js";
import { objectKey } from "../../api/client/object-key.js";
import { claimsOf, isMadeFor } from "../../api/schema/storage/pod-claims.js";
import type { PersistentVolumeClaim, Pod } from "../../api/schema/types/core-v1.gen.js";

/** Name of the index of pods by the claims that they mount. */
export const BY_CLAIM = "claim";
/** Files pods under `namespace/name` of each claim. */
export const byClaim = (pod: Pod): readonly string[] =>
  claimsOf(pod).map(({ claimName }) => objectKey(pod.metadata.namespace, claimName));

/** The pods that mount the claim; needs the index BY_CLAIM. */
export function podsOfClaim(pods: Lister<Pod>, claim: PersistentVolumeClaim): readonly Pod[] {
  const { namespace, name } = claim.metadata;
  return pods.byIndex(BY_CLAIM, objectKey(namespace, name)).filter((pod) => mounts(pod, claim));
}

/** True when a volume of the pod is this claim; one of the same name made for another is not. */
export function mounts(pod: Pod, claim: PersistentVolumeClaim): boolean {
  if (pod.metadata.namespace !== claim.metadata.namespace) return false;
  return claimsOf(pod).some(
    ({ claimName, ephemeral }) =>
      claimName === claim.metadata.name && (!ephemeral || isMadeFor(claim, pod)),
  );
}
