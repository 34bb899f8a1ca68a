// Generated from ../groups by `npm run generate`. Do not edit.
import type { IntOrString, JsonValue, StoredMeta } from "../wire-types.js";
import type { PersistentVolumeClaim, PodTemplateSpec } from "./core-v1.gen.js";
import type { LabelSelector } from "./meta-v1.gen.js";

/** Holds one state of a controller's object, to go back to. */
export interface ControllerRevision {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "apps/v1";
  /** Is the state; it never changes. */
  readonly data?: JsonValue;
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "ControllerRevision";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Is the number of the state; the highest is the newest. */
  readonly revision: number;
}

/** Runs one Pod on every node that fits. */
export interface DaemonSet {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "apps/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "DaemonSet";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Describes the Pods and how they are replaced. */
  readonly spec: DaemonSetSpec;
  /** Reports on how many nodes they run; its controller writes it. */
  readonly status?: DaemonSetStatus;
}

/** States one aspect of a DaemonSet's state. */
export interface DaemonSetCondition {
  /** Tells when the status last became what it is. */
  readonly lastTransitionTime?: string;
  /** Gives the cause of the last change as a text for people. */
  readonly message?: string;
  /** Gives the cause of the last change as one CamelCase word. */
  readonly reason?: string;
  /** Says whether it holds: True, False or Unknown. */
  readonly status: string;
  /** Names the aspect. */
  readonly type: string;
}

/** Describes what a DaemonSet is to achieve. */
export interface DaemonSetSpec {
  /** Lets a Pod count as available once it has been ready for this many seconds; 0 by default. */
  readonly minReadySeconds?: number;
  /** Limits how many earlier templates are kept to roll back to; 10 by default. */
  readonly revisionHistoryLimit?: number;
  /** Chooses the Pods that belong to the DaemonSet; it must match the template's labels and never changes. */
  readonly selector: LabelSelector;
  /** Is the pattern for the Pods; they run on every node that it fits. Its restartPolicy can only be Always. */
  readonly template: PodTemplateSpec;
  /** Says how Pods are replaced when the template changes. */
  readonly updateStrategy?: DaemonSetUpdateStrategy;
}

/** Reports on how many nodes the Pods run. */
export interface DaemonSetStatus {
  /** Counts how often a name for a new ControllerRevision was taken. Absent means never. */
  readonly collisionCount?: number;
  /** States how the DaemonSet stands, one entry a type. */
  readonly conditions?: readonly DaemonSetCondition[];
  /** Counts the nodes that should run a Pod and do. */
  readonly currentNumberScheduled: number;
  /** Counts the nodes that should run a Pod. */
  readonly desiredNumberScheduled: number;
  /** Counts the nodes whose Pod has been ready for minReadySeconds. */
  readonly numberAvailable?: number;
  /** Counts the nodes that should not run a Pod and do. */
  readonly numberMisscheduled: number;
  /** Counts the nodes whose Pod is ready. */
  readonly numberReady: number;
  /** Counts the nodes that should have such a Pod and have not. */
  readonly numberUnavailable?: number;
  /** Holds the metadata.generation that this status takes into account. */
  readonly observedGeneration?: number;
  /** Counts the nodes whose Pod has the current template. */
  readonly updatedNumberScheduled?: number;
}

/** Says how the Pods of a DaemonSet are replaced. */
export interface DaemonSetUpdateStrategy {
  /** Sets the pace of a RollingUpdate. */
  readonly rollingUpdate?: RollingUpdateDaemonSet;
  /** Is RollingUpdate (the default), or OnDelete, which waits until somebody deletes them. */
  readonly type?: string;
}

/** Keeps a number of alike Pods running and replaces them step by step when their template changes. */
export interface Deployment {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "apps/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "Deployment";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Describes the Pods that are wanted and how to move to a new template. */
  readonly spec: DeploymentSpec;
  /** Reports how far the Deployment has got; its controller writes it. */
  readonly status?: DeploymentStatus;
}

/** States one aspect of a Deployment's progress. */
export interface DeploymentCondition {
  /** Tells when the status last became what it is. */
  readonly lastTransitionTime?: string;
  /** Tells when anything in the condition last changed. */
  readonly lastUpdateTime?: string;
  /** Gives the cause of the last change as a text for people. */
  readonly message?: string;
  /** Gives the cause of the last change as one CamelCase word. */
  readonly reason?: string;
  /** Says whether it holds: True, False or Unknown. */
  readonly status: string;
  /** Names the aspect: Available, Progressing or ReplicaFailure. */
  readonly type: string;
}

/** Describes what a Deployment is to achieve. */
export interface DeploymentSpec {
  /** Lets a Pod count as available once it has been ready for this many seconds; 0 by default. */
  readonly minReadySeconds?: number;
  /** Stops changes of the template from being rolled out while it is true; false by default. */
  readonly paused?: boolean;
  /** Reports the rollout as failed when it has not advanced for this many seconds; 600 by default. */
  readonly progressDeadlineSeconds?: number;
  /** Says how many Pods are wanted; 1 by default, and 0 is allowed. */
  readonly replicas?: number;
  /** Limits how many ReplicaSets of earlier templates are kept to roll back to; 10 by default. */
  readonly revisionHistoryLimit?: number;
  /** Chooses the Pods that belong to the Deployment; it must match the template's labels and never changes. */
  readonly selector: LabelSelector;
  /** Says how old Pods are replaced by new ones. */
  readonly strategy?: DeploymentStrategy;
  /** Is the pattern for the Pods; a change of it starts a rollout. Its restartPolicy can only be Always. */
  readonly template: PodTemplateSpec;
}

/** Reports what a Deployment's controller has seen and done last. */
export interface DeploymentStatus {
  /** Counts those of them that have been ready for minReadySeconds. */
  readonly availableReplicas?: number;
  /** Counts how often a name for a new ReplicaSet was taken; it goes into the next name. Absent means never. */
  readonly collisionCount?: number;
  /** States how the rollout stands, one entry a type. */
  readonly conditions?: readonly DeploymentCondition[];
  /** Holds the metadata.generation that this status takes into account. */
  readonly observedGeneration?: number;
  /** Counts those of them that are ready. */
  readonly readyReplicas?: number;
  /** Counts the Pods of all templates that have not ended and are not being deleted. */
  readonly replicas?: number;
  /** Counts the Pods that are being deleted but are not gone yet; absent when unknown. */
  readonly terminatingReplicas?: number;
  /** Counts the Pods that are still missing until all wanted ones are available. */
  readonly unavailableReplicas?: number;
  /** Counts those of them that have the current template. */
  readonly updatedReplicas?: number;
}

/** Says how the Pods of a Deployment are replaced. */
export interface DeploymentStrategy {
  /** Sets the pace of a RollingUpdate; it must be absent with Recreate. */
  readonly rollingUpdate?: RollingUpdateDeployment;
  /** Is RollingUpdate (the default), which replaces Pods gradually, or Recreate, which first ends all old ones. */
  readonly type?: string;
}

/** Keeps a number of Pods of one template running; usually a Deployment owns it. */
export interface ReplicaSet {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "apps/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "ReplicaSet";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Describes how many Pods are wanted and of what kind. */
  readonly spec: ReplicaSetSpec;
  /** Reports how many Pods there are; its controller writes it. */
  readonly status?: ReplicaSetStatus;
}

/** States one aspect of a ReplicaSet's state. */
export interface ReplicaSetCondition {
  /** Tells when the status last became what it is. */
  readonly lastTransitionTime?: string;
  /** Gives the cause of the last change as a text for people. */
  readonly message?: string;
  /** Gives the cause of the last change as one CamelCase word. */
  readonly reason?: string;
  /** Says whether it holds: True, False or Unknown. */
  readonly status: string;
  /** Names the aspect; ReplicaFailure is the only one, set when Pods cannot be created or deleted. */
  readonly type: string;
}

/** Describes what a ReplicaSet is to achieve. */
export interface ReplicaSetSpec {
  /** Lets a Pod count as available once it has been ready for this many seconds; 0 by default. */
  readonly minReadySeconds?: number;
  /** Says how many Pods are wanted; 1 by default, and 0 is allowed. */
  readonly replicas?: number;
  /** Chooses the Pods that count; it must match the template's labels and never changes. */
  readonly selector: LabelSelector;
  /** Is the pattern for Pods that are created from now on; a change leaves existing ones as they are. */
  readonly template?: PodTemplateSpec;
}

/** Reports what a ReplicaSet's controller has seen last. */
export interface ReplicaSetStatus {
  /** Counts those of them that have been ready for minReadySeconds. */
  readonly availableReplicas?: number;
  /** States what is wrong, if anything, one entry a type. */
  readonly conditions?: readonly ReplicaSetCondition[];
  /** Counts those of them that carry every label of the template. */
  readonly fullyLabeledReplicas?: number;
  /** Holds the metadata.generation that this status takes into account. */
  readonly observedGeneration?: number;
  /** Counts those of them that are ready. */
  readonly readyReplicas?: number;
  /** Counts the Pods that have not ended and are not being deleted. */
  readonly replicas: number;
  /** Counts the Pods that are being deleted but are not gone yet; absent when unknown. */
  readonly terminatingReplicas?: number;
}

/** Sets the pace at which a DaemonSet replaces Pods. */
export interface RollingUpdateDaemonSet {
  /** Is how many nodes may have an old and a new Pod, as a number or in percent; 0 by default. */
  readonly maxSurge?: IntOrString;
  /** Is how many nodes may be without a Pod, as a number or in percent; 1 by default. */
  readonly maxUnavailable?: IntOrString;
}

/** Bounds how far a rolling update may stray from the wanted number of Pods. */
export interface RollingUpdateDeployment {
  /** Is how many Pods, or what percentage rounded up, may exist in excess meanwhile; 25% by default. */
  readonly maxSurge?: IntOrString;
  /** Is how many Pods, or what percentage rounded down, may be missing meanwhile; 25% by default. */
  readonly maxUnavailable?: IntOrString;
}

/** Sets the pace at which a StatefulSet replaces Pods. */
export interface RollingUpdateStatefulSetStrategy {
  /** Is how many Pods may be missing, as a number or in percent; 1 when absent. */
  readonly maxUnavailable?: IntOrString;
  /** Leaves the Pods with lower ordinals as they are; 0 by default. */
  readonly partition?: number;
}

/** Runs Pods that keep their names and volumes. */
export interface StatefulSet {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "apps/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "StatefulSet";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Describes the Pods and their volumes. */
  readonly spec: StatefulSetSpec;
  /** Reports how many Pods there are; its controller writes it. */
  readonly status?: StatefulSetStatus;
}

/** States one aspect of a StatefulSet's state. */
export interface StatefulSetCondition {
  /** Tells when the status last became what it is. */
  readonly lastTransitionTime?: string;
  /** Gives the cause of the last change as a text for people. */
  readonly message?: string;
  /** Gives the cause of the last change as one CamelCase word. */
  readonly reason?: string;
  /** Says whether it holds: True, False or Unknown. */
  readonly status: string;
  /** Names the aspect. */
  readonly type: string;
}

/** Says how Pods are numbered. */
export interface StatefulSetOrdinals {
  /** Is the first number; 0 by default. */
  readonly start?: number;
}

/** Says what becomes of claims when their Pod is gone for good. */
export interface StatefulSetPersistentVolumeClaimRetentionPolicy {
  /** Says it for the end of the StatefulSet: Retain (the default) or Delete. */
  readonly whenDeleted?: string;
  /** Says it for scaling down: Retain (the default) or Delete. */
  readonly whenScaled?: string;
}

/** Describes what a StatefulSet is to achieve. */
export interface StatefulSetSpec {
  /** Lets a Pod count as available once it has been ready for this many seconds; 0 by default. */
  readonly minReadySeconds?: number;
  /** Says how the Pods are numbered. */
  readonly ordinals?: StatefulSetOrdinals;
  /** Says what becomes of claims that no Pod needs any more. */
  readonly persistentVolumeClaimRetentionPolicy?: StatefulSetPersistentVolumeClaimRetentionPolicy;
  /** Says whether Pods come and go one by one (OrderedReady, the default) or all at once (Parallel). */
  readonly podManagementPolicy?: string;
  /** Says how many Pods are wanted; 1 by default. */
  readonly replicas?: number;
  /** Limits how many earlier templates are kept to roll back to; 10 by default. */
  readonly revisionHistoryLimit?: number;
  /** Chooses the Pods that belong to the StatefulSet; it must match the template's labels and never changes. */
  readonly selector: LabelSelector;
  /** Names the headless Service that gives the Pods their DNS names. */
  readonly serviceName?: string;
  /** Is the pattern for the Pods, which are called after the StatefulSet and a number. */
  readonly template: PodTemplateSpec;
  /** Says how Pods are replaced when the template changes. */
  readonly updateStrategy?: StatefulSetUpdateStrategy;
  /** Are the patterns for the claims that each Pod gets. */
  readonly volumeClaimTemplates?: readonly PersistentVolumeClaim[];
}

/** Reports how many Pods a StatefulSet has. */
export interface StatefulSetStatus {
  /** Counts those that have been ready for minReadySeconds. */
  readonly availableReplicas?: number;
  /** Counts how often a name for a new ControllerRevision was taken. Absent means never. */
  readonly collisionCount?: number;
  /** States how the StatefulSet stands, one entry a type. */
  readonly conditions?: readonly StatefulSetCondition[];
  /** Counts those of the revision currentRevision. */
  readonly currentReplicas?: number;
  /** Names the revision that Pods had before the update. */
  readonly currentRevision?: string;
  /** Holds the metadata.generation that this status takes into account. */
  readonly observedGeneration?: number;
  /** Counts those that are ready. */
  readonly readyReplicas?: number;
  /** Counts the Pods. */
  readonly replicas: number;
  /** Names the revision that Pods get. */
  readonly updateRevision?: string;
  /** Counts those of the revision updateRevision. */
  readonly updatedReplicas?: number;
}

/** Says how the Pods of a StatefulSet are replaced. */
export interface StatefulSetUpdateStrategy {
  /** Sets the pace of a RollingUpdate. */
  readonly rollingUpdate?: RollingUpdateStatefulSetStrategy;
  /** Is RollingUpdate (the default), or OnDelete, which waits until somebody deletes them. */
  readonly type?: string;
}
