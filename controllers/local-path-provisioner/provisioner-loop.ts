import { keyOf } from "../../api/client/object-key.js";
import {
  NODES,
  PERSISTENT_VOLUME_CLAIMS,
  PERSISTENT_VOLUMES,
  STORAGE_CLASSES,
} from "../../api/client/resource-types.js";
import {
  LOCAL_PATH_PROVISIONER,
  LOCAL_VOLUMES_FOLDER,
  SELECTED_NODE,
  STORAGE_PROVISIONER,
} from "../../api/schema/storage/storage-names.js";
import type {
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
} from "../../api/schema/types/core-v1.gen.js";
import { type LoopFactory, newQueue, queueLoop } from "../controller.js";
import { BY_HOST, byHost, planReclaim } from "./plan.js";
import { type ProvisionerKey, ProvisionerReconciler } from "./reconciler.js";

const NAME = "local-path-provisioner";

/** The loop that makes folders of nodes into volumes. */
export const localPathProvisionerLoop: LoopFactory = (context) => {
  const { informers, client } = context;
  const claims = informers.informer(PERSISTENT_VOLUME_CLAIMS);
  const volumes = informers.informer(PERSISTENT_VOLUMES);
  const classes = informers.informer(STORAGE_CLASSES);
  const nodes = informers.informer(NODES);
  nodes.addIndex(BY_HOST, byHost);
  const queue = newQueue<ProvisionerKey>(context, NAME);
  const lookAtClaim = (claim: PersistentVolumeClaim): void => {
    const { annotations = {} } = claim.metadata;
    const isAsked = annotations[STORAGE_PROVISIONER] === LOCAL_PATH_PROVISIONER;
    if (isAsked && (claim.spec.volumeName ?? "") === "") queue.add(`claim ${keyOf(claim)}`);
  };
  const lookAtVolume = (volume: PersistentVolume): void => {
    if (planReclaim(volume).length > 0) queue.add(`volume ${keyOf(volume)}`);
  };
  const lookAtNode = ({ metadata: { name } }: Node): void => {
    for (const claim of claims.lister.values())
      if (claim.metadata.annotations?.[SELECTED_NODE] === name) lookAtClaim(claim);
    // What could not be taken away while the node did not answer.
    for (const volume of volumes.lister.values()) lookAtVolume(volume);
  };
  claims.addHandler({ added: lookAtClaim, updated: lookAtClaim });
  volumes.addHandler({ added: lookAtVolume, updated: lookAtVolume });
  nodes.addHandler({
    added: lookAtNode,
    updated: (node, before) => {
      const folder = ({ metadata }: Node) => metadata.annotations?.[LOCAL_VOLUMES_FOLDER];
      if (folder(node) !== folder(before)) lookAtNode(node);
    },
    deleted: lookAtNode,
  });
  const recorder = context.events.recorder({ component: LOCAL_PATH_PROVISIONER });
  const reconciler = new ProvisionerReconciler({
    client,
    recorder,
    claims: claims.lister,
    volumes: volumes.lister,
    classes: classes.lister,
    nodes: nodes.lister,
  });
  return queueLoop(context, { name: NAME, queue, reconciler });
};
