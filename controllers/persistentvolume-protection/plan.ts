import { VOLUME_PROTECTION } from "../../api/schema/storage/storage-names.js";
import type { PersistentVolume } from "../../api/schema/types/core-v1.gen.js";

/** What to do with the finalizer that keeps a volume while a claim is bound to it. */
export function planVolumeProtection({
  metadata,
  status,
}: PersistentVolume): "add" | "remove" | "keep" {
  const has = (metadata.finalizers ?? []).includes(VOLUME_PROTECTION);
  if (metadata.deletionTimestamp === undefined) return has ? "keep" : "add";
  return has && status?.phase !== "Bound" ? "remove" : "keep";
}
