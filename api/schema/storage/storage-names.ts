/*
 * Words that the parts of the cluster that look after volumes say to each other in annotations and
 * finalizers, as Kubernetes spells them.
 */

/** On a claim: it is bound; from now on a volume that goes is a loss. */
export const BIND_COMPLETED = "pv.kubernetes.io/bind-completed";
/** On a claim or a volume: the binder chose the other one, no user did. */
export const BOUND_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller";
/** On a volume: the provisioner that made it, and that deletes it. */
export const PROVISIONED_BY = "pv.kubernetes.io/provisioned-by";
/** On a claim: the node that the scheduler chose for the first pod that uses it. */
export const SELECTED_NODE = "volume.kubernetes.io/selected-node";
/** On a claim: who is asked to make a volume for it. */
export const STORAGE_PROVISIONER = "volume.kubernetes.io/storage-provisioner";
/** The same as older provisioners look for it. */
export const OLD_STORAGE_PROVISIONER = "volume.beta.kubernetes.io/storage-provisioner";

/** Keeps a claim while a pod uses it. */
export const CLAIM_PROTECTION = "kubernetes.io/pvc-protection";
/** Keeps a volume while a claim is bound to it. */
export const VOLUME_PROTECTION = "kubernetes.io/pv-protection";

/** Of classes whose volumes nobody makes. */
export const NO_PROVISIONER = "kubernetes.io/no-provisioner";

/** The provisioner that comes with the cluster: folders on the nodes. */
export const LOCAL_PATH_PROVISIONER = "raftsman.dev/local-path";
/** On a node: the folder in which its agent keeps the volumes of that provisioner. */
export const LOCAL_VOLUMES_FOLDER = "raftsman.dev/local-volumes";
/** Keeps a volume of that provisioner until its folder is gone. */
export const LOCAL_PATH_FINALIZER = "raftsman.dev/local-path";
