import type { PersistentVolumeClaim, Pod, Volume } from "../types/core-v1.gen.js";

/** A claim that a pod mounts. */
export interface PodClaim {
  readonly volume: Volume;
  readonly claimName: string;
  /** True: it is made for the pod and goes with it (KEP-1698). */
  readonly ephemeral: boolean;
}

/** The claims of a pod's volumes, in their order. */
export function claimsOf(pod: Pod): readonly PodClaim[] {
  const claims: PodClaim[] = [];
  for (const volume of pod.spec.volumes ?? []) {
    const { persistentVolumeClaim, ephemeral } = volume;
    if (persistentVolumeClaim !== undefined)
      claims.push({ volume, claimName: persistentVolumeClaim.claimName, ephemeral: false });
    else if (ephemeral !== undefined)
      claims.push({ volume, claimName: ephemeralClaimName(pod, volume), ephemeral: true });
  }
  return claims;
}

/** The name of the claim that is made for an ephemeral volume. */
export function ephemeralClaimName(pod: Pod, volume: Volume): string {
  return `${pod.metadata.name}-${volume.name}`;
}

/** True when the claim was made for this very pod. */
export function isMadeFor(claim: PersistentVolumeClaim, pod: Pod): boolean {
  return (claim.metadata.ownerReferences ?? []).some(
    ({ controller, uid }) => controller === true && uid === pod.metadata.uid,
  );
}

/** The text about a claim of that name that is somebody else's. */
export function notMadeFor(claimName: string, pod: Pod): string {
  return `PVC ${pod.metadata.namespace ?? ""}/${claimName} was not created for pod ${pod.metadata.namespace ?? ""}/${pod.metadata.name} (pod is not owner)`;
}
