import { BOUND_BY_CONTROLLER, SELECTED_NODE } from "../../api/schema/storage/storage-names.js";
import type {
  PersistentVolume,
  PersistentVolumeClaim,
} from "../../api/schema/types/core-v1.gen.js";

/** The volume kept for the claim; the binder does the rest. */
export function keptFor(
  volume: PersistentVolume,
  { apiVersion, kind, metadata }: PersistentVolumeClaim,
): PersistentVolume {
  const { name, namespace = "", uid, resourceVersion } = metadata;
  const claimRef = { apiVersion, kind, name, namespace, uid, resourceVersion };
  const isChosenHere = volume.spec.claimRef === undefined;
  const annotations = {
    ...volume.metadata.annotations,
    ...(isChosenHere ? { [BOUND_BY_CONTROLLER]: "yes" } : {}),
  };
  return {
    ...volume,
    metadata: { ...volume.metadata, annotations },
    spec: { ...volume.spec, claimRef },
  };
}

/** The claim that says for which node its volume is to be made. */
export function selectedFor(claim: PersistentVolumeClaim, nodeName: string): PersistentVolumeClaim {
  const annotations = { ...claim.metadata.annotations, [SELECTED_NODE]: nodeName };
  return { ...claim, metadata: { ...claim.metadata, annotations } };
}
