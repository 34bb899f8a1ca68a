import { CLAIM_PROTECTION } from "../../api/schema/storage/storage-names.js";
import type { PersistentVolumeClaim, Pod } from "../../api/schema/types/core-v1.gen.js";

/** What to do with the finalizer that keeps a claim while pods use it. */
export function planClaimProtection(
  { metadata }: PersistentVolumeClaim,
  isUsed: boolean,
): "add" | "remove" | "keep" {
  const has = (metadata.finalizers ?? []).includes(CLAIM_PROTECTION);
  if (metadata.deletionTimestamp === undefined) return has ? "keep" : "add";
  return has && !isUsed ? "remove" : "keep";
}

/**
 * True for a pod that counts as a user of the claims it mounts: every one that has a node, also
 * when it has ended. Where none has been found yet, none will be: a claim that is being deleted
 * keeps a pod from being scheduled.
 */
export function isUser({ spec }: Pod): boolean {
  return (spec.nodeName ?? "") !== "";
}
