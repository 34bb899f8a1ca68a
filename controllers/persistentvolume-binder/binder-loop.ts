import { keyOf, objectKey } from "../../api/client/object-key.js";
import {
  PERSISTENT_VOLUME_CLAIMS,
  PERSISTENT_VOLUMES,
  PODS,
  STORAGE_CLASSES,
} from "../../api/client/resource-types.js";
import { classNameOf } from "../../api/schema/storage/storage-class.js";
import { BIND_COMPLETED } from "../../api/schema/storage/storage-names.js";
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
} from "../../api/schema/types/core-v1.gen.js";
import type { StorageClass } from "../../api/schema/types/storage-v1.gen.js";
import { BY_CLAIM, byClaim } from "../common/claim-pods.js";
import { sameJson } from "../common/same-json.js";
import { type LoopFactory, newQueue, queueLoop } from "../controller.js";
import { type BinderKey, BinderReconciler } from "./reconciler.js";

const NAME = "persistentvolume-binder";
/** Claims that look for a volume, by the class they are of. */
const BY_WANTED_CLASS = "wantedClass";
const byWantedClass = (claim: PersistentVolumeClaim): readonly string[] =>
  claim.metadata.annotations?.[BIND_COMPLETED] === undefined ? [classNameOf(claim)] : [];
/** Volumes by the claim that they are bound to or kept for. */
const BY_CLAIM_REF = "claimRef";
const byClaimRef = ({ spec: { claimRef } }: PersistentVolume): readonly string[] =>
  claimRef === undefined ? [] : [objectKey(claimRef.namespace, claimRef.name ?? "")];

/** The loop that binds claims and volumes to each other. */
export const persistentVolumeBinderLoop: LoopFactory = (context) => {
  const { informers, client } = context;
  const claims = informers.informer(PERSISTENT_VOLUME_CLAIMS);
  const volumes = informers.informer(PERSISTENT_VOLUMES);
  const classes = informers.informer(STORAGE_CLASSES);
  const pods = informers.informer(PODS);
  claims.addIndex(BY_WANTED_CLASS, byWantedClass);
  volumes.addIndex(BY_CLAIM_REF, byClaimRef);
  pods.addIndex(BY_CLAIM, byClaim);
  const queue = newQueue<BinderKey>(context, NAME);

  const addVolume = (name: string): void => queue.add(`volume ${objectKey(undefined, name)}`);
  const lookAtClaim = (claim: PersistentVolumeClaim): void => {
    queue.add(`claim ${keyOf(claim)}`);
    const { volumeName = "" } = claim.spec;
    if (volumeName !== "") addVolume(volumeName);
    for (const volume of volumes.lister.byIndex(BY_CLAIM_REF, keyOf(claim)))
      addVolume(volume.metadata.name);
  };
  const wake = (className: string): void => {
    for (const claim of claims.lister.byIndex(BY_WANTED_CLASS, className))
      queue.add(`claim ${keyOf(claim)}`);
  };
  const lookAtVolume = (volume: PersistentVolume): void => {
    addVolume(volume.metadata.name);
    const { claimRef } = volume.spec;
    if (claimRef !== undefined)
      return queue.add(`claim ${objectKey(claimRef.namespace, claimRef.name ?? "")}`);
    if (volume.status?.phase !== "Available") return;
    wake(classNameOf(volume));
    // A claim may name a volume of any class.
    for (const claim of claims.lister.values())
      if (claim.spec.volumeName === volume.metadata.name) queue.add(`claim ${keyOf(claim)}`);
  };
  const lookAtClass = (storageClass: StorageClass): void => {
    wake(storageClass.metadata.name);
    wake("");
  };
  const lookAtPod = (pod: Pod): void => {
    for (const key of byClaim(pod)) {
      const claim = claims.lister.get(key as ReturnType<typeof keyOf>);
      // It says for which pod it waits.
      if (claim !== undefined && byWantedClass(claim).length > 0)
        queue.add(`claim ${keyOf(claim)}`);
    }
  };
  claims.addHandler({ added: lookAtClaim, updated: lookAtClaim, deleted: lookAtClaim });
  volumes.addHandler({ added: lookAtVolume, updated: lookAtVolume, deleted: lookAtVolume });
  classes.addHandler({
    added: lookAtClass,
    updated: (now, before) => {
      if (!sameJson(now.metadata.annotations, before.metadata.annotations)) lookAtClass(now);
    },
  });
  pods.addHandler({ added: lookAtPod });
  const recorder = context.events.recorder({ component: "persistentvolume-controller" });
  const reconciler = new BinderReconciler({
    client,
    recorder,
    claims: claims.lister,
    volumes: volumes.lister,
    classes: classes.lister,
    pods: pods.lister,
  });
  return queueLoop(context, { name: NAME, queue, reconciler });
};
