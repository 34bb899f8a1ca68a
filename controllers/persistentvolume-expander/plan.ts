import { compareQuantities, parseQuantity, ZERO_QUANTITY } from "../../api/machinery/quantity.js";
import { LOCAL_PATH_PROVISIONER, PROVISIONED_BY } from "../../api/schema/storage/storage-names.js";
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeClaimStatus,
} from "../../api/schema/types/core-v1.gen.js";

/** What to do about a bound claim that asks for more than it has. */
export type ExpansionPlan =
  | { readonly action: "none" }
  /** Somebody else's volume: whoever made it makes it larger. */
  | { readonly action: "leave" }
  | {
      readonly action: "expand";
      /** Null: it is large enough by now. */
      readonly volume: PersistentVolume | null;
      readonly status: PersistentVolumeClaimStatus;
    };

/** Pure. A folder has no size of its own: to grow is to say so. */
export function planExpansion(
  claim: PersistentVolumeClaim,
  volume: PersistentVolume | undefined,
): ExpansionPlan {
  const { status, spec } = claim;
  if (status?.phase !== "Bound" || volume?.spec.claimRef?.uid !== claim.metadata.uid)
    return { action: "none" };
  const wanted = spec.resources?.requests?.["storage"] ?? "0";
  const isLess = (size: string | undefined): boolean =>
    compareQuantities(amount(size), amount(wanted)) < 0;
  if (!isLess(status.capacity?.["storage"])) return { action: "none" };
  if (volume.metadata.annotations?.[PROVISIONED_BY] !== LOCAL_PATH_PROVISIONER)
    return { action: "leave" };
  const capacity = { ...volume.spec.capacity, storage: wanted };
  const grown = isLess(volume.spec.capacity?.["storage"])
    ? { ...volume, spec: { ...volume.spec, capacity } }
    : null;
  const storage = grown === null ? (volume.spec.capacity?.["storage"] ?? wanted) : wanted;
  const next = { ...status, capacity: { ...status.capacity, storage } };
  return { action: "expand", volume: grown, status: next };
}

function amount(text: string | undefined) {
  return parseQuantity(text ?? "0") ?? ZERO_QUANTITY;
}
