import type { PersistentVolumeClaim } from "../../api/schema/types/core-v1.gen.js";
import type { StorageClass } from "../../api/schema/types/storage-v1.gen.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import { isDefaultClass } from "../registry/volume/storage-class-strategy.js";
import type { WatchCache } from "../storage/watch-cache.js";
import type { AdmissionAttributes, AdmissionPlugin } from "./admission.js";

const STORAGE_CLASSES = { group: "storage.k8s.io", resource: "storageclasses" };
/** Named a class before there was a field for it. */
const OLD_CLASS = "volume.beta.kubernetes.io/storage-class";

/** Gives a claim that names no StorageClass the default one; "" is a name and means none. */
export class DefaultStorageClass implements AdmissionPlugin {
  readonly name = "DefaultStorageClass";
  private readonly cache: WatchCache;

  constructor(deps: { cache: WatchCache }) {
    this.cache = deps.cache;
  }

  mutate(
    object: KubernetesObject,
    { kind, operation, subresource }: AdmissionAttributes,
  ): KubernetesObject {
    if (kind.kind !== "PersistentVolumeClaim" || subresource !== "" || operation !== "CREATE")
      return object;
    const claim = object as PersistentVolumeClaim;
    const namesOne =
      claim.spec.storageClassName !== undefined ||
      claim.metadata.annotations?.[OLD_CLASS] !== undefined;
    const found = namesOne ? null : this.defaultClass();
    if (found === null) return object;
    const spec = { ...claim.spec, storageClassName: found.metadata.name };
    return { ...claim, spec } as PersistentVolumeClaim;
  }

  /** Of several the newest, and of those the first by name. */
  private defaultClass(): StorageClass | null {
    let best: StorageClass | null = null;
    const classes = this.cache.of(STORAGE_CLASSES).list({ namespace: "", indexed: null });
    for (const { value } of classes) {
      const candidate = JSON.parse(value.toString()) as StorageClass;
      if (!isDefaultClass(candidate)) continue;
      // They come in the order of their names; times are whole seconds in one form.
      const isNewer =
        best === null ||
        (candidate.metadata.creationTimestamp ?? "") > (best.metadata.creationTimestamp ?? "");
      if (isNewer) best = candidate;
    }
    return best;
  }
}
