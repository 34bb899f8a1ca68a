// Generated from ../groups by `npm run generate`. Do not edit.
import type { Quantity, StoredMeta } from "../wire-types.js";
import type { PersistentVolumeSpec, TopologySelectorTerm } from "./core-v1.gen.js";
import type { LabelSelector } from "./meta-v1.gen.js";

/** Says what a CSI driver wants from those who use it. */
export interface CSIDriver {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "storage.k8s.io/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "CSIDriver";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Says what the driver wants. */
  readonly spec: CSIDriverSpec;
}

/** Says what a CSI driver wants from those who use it. */
export interface CSIDriverSpec {
  /** Says whether volumes are attached to a node before they are mounted; true when absent. It never changes. */
  readonly attachRequired?: boolean;
  /** Says whether the node may change who owns the files: ReadWriteOnceWithFSType (the default), File or None. */
  readonly fsGroupPolicy?: string;
  /** Is how often the node asks anew how many volumes it can take, at least 10 seconds; absent means once. */
  readonly nodeAllocatableUpdatePeriodSeconds?: number;
  /** Asks that the driver is told of the Pod whenever a volume is mounted; false when absent. */
  readonly podInfoOnMount?: boolean;
  /** Asks the scheduler to pass over nodes on which the driver does not run. */
  readonly preventPodSchedulingIfMissing?: boolean;
  /** Asks that the driver is called again from time to time, to renew what it mounted; false when absent. */
  readonly requiresRepublish?: boolean;
  /** Says that the driver can mount with an SELinux context; false when absent. */
  readonly seLinuxMount?: boolean;
  /** Says that the tokens are handed over among the secrets rather than in the volume's context. */
  readonly serviceAccountTokenInSecrets?: boolean;
  /** Asks the scheduler to keep to the CSIStorageCapacity objects of the driver; false when absent. */
  readonly storageCapacity?: boolean;
  /** Lists tokens of the Pod's service account that the driver is given with each mount. */
  readonly tokenRequests?: readonly TokenRequest[];
  /** Lists what its volumes can be: Persistent (the default), or Ephemeral, written in a Pod. It never changes. */
  readonly volumeLifecycleModes?: readonly string[];
}

/** Lists the CSI drivers of one node; it has the node's name. */
export interface CSINode {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "storage.k8s.io/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "CSINode";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Lists the drivers. */
  readonly spec: CSINodeSpec;
}

/** Describes one CSI driver on a node. */
export interface CSINodeDriver {
  /** Says how many volumes of the driver the node can take; absent means any number. */
  readonly allocatable?: VolumeNodeResources;
  /** Is the driver's name, as it calls itself. */
  readonly name: string;
  /** Is what the driver calls the node. */
  readonly nodeID: string;
  /** Lists the labels of the node by which the driver tells places apart. */
  readonly topologyKeys?: readonly string[];
}

/** Lists the CSI drivers of a node. */
export interface CSINodeSpec {
  /** Lists the drivers; an empty list means that there are none. */
  readonly drivers: readonly CSINodeDriver[];
}

/** Says how much space a CSI driver has for one class in one part of the cluster. */
export interface CSIStorageCapacity {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "storage.k8s.io/v1";
  /** Is the free space; absent means that it is not known. */
  readonly capacity?: Quantity;
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "CSIStorageCapacity";
  /** Is the largest volume that can be made; absent means that it is not known. */
  readonly maximumVolumeSize?: Quantity;
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Chooses the nodes from which the space can be reached; absent means from none, an empty selector from all. It never changes. */
  readonly nodeTopology?: LabelSelector;
  /** Names the StorageClass that the space is for; it never changes. */
  readonly storageClassName: string;
}

/** Says how volumes are made for the claims that name it. */
export interface StorageClass {
  /** Lets claims ask for more later; false when absent. */
  readonly allowVolumeExpansion?: boolean;
  /** Lists where volumes may be made; empty means everywhere. */
  readonly allowedTopologies?: readonly TopologySelectorTerm[];
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "storage.k8s.io/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "StorageClass";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Lists options for mount that its volumes get; they are not checked. */
  readonly mountOptions?: readonly string[];
  /** Passes settings on to the provisioner, which defines them. */
  readonly parameters?: { readonly [key: string]: string };
  /** Names what makes the volumes, such as a CSI driver. */
  readonly provisioner: string;
  /** Is what its volumes get: Delete (the default) or Retain. */
  readonly reclaimPolicy?: string;
  /** Says when a volume is made: Immediate (the default), or WaitForFirstConsumer, once a Pod needs it. */
  readonly volumeBindingMode?: string;
}

/** Asks for a token of the Pod's service account. */
export interface TokenRequest {
  /** Names whom the token is meant for; empty means the API server. */
  readonly audience: string;
  /** Is how long the token is to last; absent leaves it to the server. */
  readonly expirationSeconds?: number;
}

/** Asks that a volume is attached to a node. */
export interface VolumeAttachment {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "storage.k8s.io/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "VolumeAttachment";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Says which volume is to be attached to which node; it never changes. */
  readonly spec: VolumeAttachmentSpec;
  /** Reports how far that is. */
  readonly status?: VolumeAttachmentStatus;
}

/** Says which volume is meant; exactly one of its fields is set. */
export interface VolumeAttachmentSource {
  /** Describes a volume that a Pod names without a PersistentVolume. */
  readonly inlineVolumeSpec?: PersistentVolumeSpec;
  /** Names a PersistentVolume. */
  readonly persistentVolumeName?: string;
}

/** Says which volume is to be attached to which node. */
export interface VolumeAttachmentSpec {
  /** Names the driver that is to do it. */
  readonly attacher: string;
  /** Names the node. */
  readonly nodeName: string;
  /** Says which volume is meant. */
  readonly source: VolumeAttachmentSource;
}

/** Reports how far an attachment is. */
export interface VolumeAttachmentStatus {
  /** Is what went wrong when attaching last. */
  readonly attachError?: VolumeError;
  /** Says whether the volume is attached; only the attacher sets it. */
  readonly attached: boolean;
  /** Is what the driver returned, and is handed on when the volume is mounted. */
  readonly attachmentMetadata?: { readonly [key: string]: string };
  /** Is what went wrong when detaching last. */
  readonly detachError?: VolumeError;
}

/** Is a set of properties of volumes that can be changed while they are used. */
export interface VolumeAttributesClass {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "storage.k8s.io/v1";
  /** Names the CSI driver; it never changes. */
  readonly driverName: string;
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "VolumeAttributesClass";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Are what the driver is told; they never change. */
  readonly parameters?: { readonly [key: string]: string };
}

/** Says what went wrong with a volume. */
export interface VolumeError {
  /** Is the gRPC code that the driver answered with. */
  readonly errorCode?: number;
  /** Says what happened, to people; it holds no secrets. */
  readonly message?: string;
  /** Is when it happened. */
  readonly time?: string;
}

/** Says how much a node can take of a driver's volumes. */
export interface VolumeNodeResources {
  /** Is how many volumes the node can take; absent means any number. */
  readonly count?: number;
}
