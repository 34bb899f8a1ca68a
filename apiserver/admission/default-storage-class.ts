import { defaultClassOf, wantsDefaultClass } from "../../api/schema/storage/storage-class.js";
import type { PersistentVolumeClaim } from "../../api/schema/types/core-v1.gen.js";
import type { StorageClass } from "../../api/schema/types/storage-v1.gen.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import type { WatchCache } from "../storage/watch-cache.js";
import type { AdmissionAttributes, AdmissionPlugin } from "./admission.js";

const STORAGE_CLASSES = { group: "storage.k8s.io", resource: "storageclasses" };

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
    if (!wantsDefaultClass(claim)) return object;
    const classes = this.cache.of(STORAGE_CLASSES).list({ namespace: "", indexed: null });
    const found = defaultClassOf(
      classes.map(({ value }) => JSON.parse(value.toString()) as StorageClass),
    );
    if (found === null) return object;
    const spec = { ...claim.spec, storageClassName: found.metadata.name };
    return { ...claim, spec } as PersistentVolumeClaim;
  }
}
