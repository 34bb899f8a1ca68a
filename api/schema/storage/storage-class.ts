import type { PersistentVolume, PersistentVolumeClaim } from "../types/core-v1.gen.js";
import type { StorageClass } from "../types/storage-v1.gen.js";

const IS_DEFAULT = [
  "storageclass.kubernetes.io/is-default-class",
  "storageclass.beta.kubernetes.io/is-default-class",
];
/** Named a class before there was a field for it. */
const OLD_CLASS = "volume.beta.kubernetes.io/storage-class";

/** True for a class that claims get that name none. */
export function isDefaultClass({ metadata }: StorageClass): boolean {
  return IS_DEFAULT.some((key) => metadata.annotations?.[key] === "true");
}

/** Of several default classes the newest, and of those the first by name; null: there is none. */
export function defaultClassOf(classes: Iterable<StorageClass>): StorageClass | null {
  let best: StorageClass | null = null;
  for (const candidate of classes)
    if (isDefaultClass(candidate) && (best === null || precedes(candidate, best))) best = candidate;
  return best;
}

/** Times are whole seconds in one form: their texts compare as they do. */
function precedes(a: StorageClass, b: StorageClass): boolean {
  const [aTime, bTime] = [a.metadata.creationTimestamp ?? "", b.metadata.creationTimestamp ?? ""];
  return aTime === bTime ? a.metadata.name < b.metadata.name : aTime > bTime;
}

/** The class that a claim or a volume is of; "" for none. */
export function classNameOf({ metadata, spec }: PersistentVolume | PersistentVolumeClaim): string {
  return metadata.annotations?.[OLD_CLASS] ?? spec.storageClassName ?? "";
}

/** True for a claim that leaves the choice of a class to the cluster; "" is a choice: none. */
export function wantsDefaultClass({ metadata, spec }: PersistentVolumeClaim): boolean {
  return spec.storageClassName === undefined && metadata.annotations?.[OLD_CLASS] === undefined;
}

/** True when volumes of the class are made and bound once a pod needs them. */
export function waitsForConsumer(storageClass: StorageClass | undefined): boolean {
  return storageClass?.volumeBindingMode === "WaitForFirstConsumer";
}
