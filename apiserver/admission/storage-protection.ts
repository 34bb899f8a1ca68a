import { CLAIM_PROTECTION, VOLUME_PROTECTION } from "../../api/schema/storage/storage-names.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import type { AdmissionAttributes, AdmissionPlugin } from "./admission.js";

const FINALIZERS: ReadonlyMap<string, string> = new Map([
  ["PersistentVolumeClaim", CLAIM_PROTECTION],
  ["PersistentVolume", VOLUME_PROTECTION],
]);

/**
 * Gives every new claim and volume the finalizer that keeps it while it is used; control loops take
 * it off.
 */
export const storageProtection: AdmissionPlugin = {
  name: "StorageObjectInUseProtection",
  mutate(object: KubernetesObject, attributes: AdmissionAttributes): KubernetesObject {
    const { kind, operation, subresource } = attributes;
    const finalizer = kind.group === "" ? FINALIZERS.get(kind.kind) : undefined;
    if (finalizer === undefined || operation !== "CREATE" || subresource !== "") return object;
    const { finalizers = [] } = object.metadata;
    if (finalizers.includes(finalizer)) return object;
    return { ...object, metadata: { ...object.metadata, finalizers: [...finalizers, finalizer] } };
  },
};
