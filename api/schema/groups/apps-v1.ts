/** apps/v1: see ../notation.ts for how to read this. */
export const appsV1 = `
group apps/v1 apps/v1

kind Deployment deployments namespaced short=deploy categories=all
  sub scale autoscaling/v1.Scale get patch update
  sub status Deployment get patch update
kind ReplicaSet replicasets namespaced short=rs categories=all
  sub scale autoscaling/v1.Scale get patch update
  sub status ReplicaSet get patch update
kind StatefulSet statefulsets namespaced short=sts categories=all
  sub scale autoscaling/v1.Scale get patch update
  sub status StatefulSet get patch update
kind DaemonSet daemonsets namespaced short=ds categories=all
  sub status DaemonSet get patch update
kind ControllerRevision controllerrevisions namespaced

type ControllerRevision # Holds one state of a controller's object, to go back to.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 data RawExtension # Is the state; it never changes.
  3 revision! int64 # Is the number of the state; the highest is the newest.

type DaemonSet # Runs one Pod on every node that fits.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec DaemonSetSpec # Describes the Pods and how they are replaced.
  3 status DaemonSetStatus default={} # Reports on how many nodes they run; its controller writes it.

type DaemonSetCondition # States one aspect of a DaemonSet's state.
  1 type! string # Names the aspect.
  2 status! string # Says whether it holds: True, False or Unknown.
  3 lastTransitionTime Time # Tells when the status last became what it is.
  4 reason string # Gives the cause of the last change as one CamelCase word.
  5 message string # Gives the cause of the last change as a text for people.

type DaemonSetSpec # Describes what a DaemonSet is to achieve.
  1 selector!? meta/v1.LabelSelector # Chooses the Pods that belong to the DaemonSet; it must match the template's labels and never changes.
  2 template! core/v1.PodTemplateSpec default={} # Is the pattern for the Pods; they run on every node that it fits. Its restartPolicy can only be Always.
  3 updateStrategy DaemonSetUpdateStrategy default={"type":"RollingUpdate"} # Says how Pods are replaced when the template changes.
  4 minReadySeconds int32 # Lets a Pod count as available once it has been ready for this many seconds; 0 by default.
  6 revisionHistoryLimit? int32 default=10 # Limits how many earlier templates are kept to roll back to; 10 by default.

type DaemonSetStatus # Reports on how many nodes the Pods run.
  1 currentNumberScheduled! int32 # Counts the nodes that should run a Pod and do.
  2 numberMisscheduled! int32 # Counts the nodes that should not run a Pod and do.
  3 desiredNumberScheduled! int32 # Counts the nodes that should run a Pod.
  4 numberReady! int32 # Counts the nodes whose Pod is ready.
  5 observedGeneration int64 # Holds the metadata.generation that this status takes into account.
  6 updatedNumberScheduled int32 # Counts the nodes whose Pod has the current template.
  7 numberAvailable int32 # Counts the nodes whose Pod has been ready for minReadySeconds.
  8 numberUnavailable int32 # Counts the nodes that should have such a Pod and have not.
  9 collisionCount? int32 # Counts how often a name for a new ControllerRevision was taken. Absent means never.
  10 conditions []DaemonSetCondition list=map(type) patch=merge(type) # States how the DaemonSet stands, one entry a type.

type DaemonSetUpdateStrategy # Says how the Pods of a DaemonSet are replaced.
  1 type string default="RollingUpdate" # Is RollingUpdate (the default), or OnDelete, which waits until somebody deletes them.
  2 rollingUpdate RollingUpdateDaemonSet # Sets the pace of a RollingUpdate.

type Deployment # Keeps a number of alike Pods running and replaces them step by step when their template changes.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec DeploymentSpec # Describes the Pods that are wanted and how to move to a new template.
  3 status DeploymentStatus default={} # Reports how far the Deployment has got; its controller writes it.

type DeploymentCondition # States one aspect of a Deployment's progress.
  1 type! string # Names the aspect: Available, Progressing or ReplicaFailure.
  2 status! string # Says whether it holds: True, False or Unknown.
  4 reason string # Gives the cause of the last change as one CamelCase word.
  5 message string # Gives the cause of the last change as a text for people.
  6 lastUpdateTime Time # Tells when anything in the condition last changed.
  7 lastTransitionTime Time # Tells when the status last became what it is.

type DeploymentSpec # Describes what a Deployment is to achieve.
  1 replicas? int32 default=1 # Says how many Pods are wanted; 1 by default, and 0 is allowed.
  2 selector!? meta/v1.LabelSelector # Chooses the Pods that belong to the Deployment; it must match the template's labels and never changes.
  3 template! core/v1.PodTemplateSpec default={} # Is the pattern for the Pods; a change of it starts a rollout. Its restartPolicy can only be Always.
  4 strategy DeploymentStrategy patch=retainKeys default={"type":"RollingUpdate"} # Says how old Pods are replaced by new ones.
  5 minReadySeconds int32 # Lets a Pod count as available once it has been ready for this many seconds; 0 by default.
  6 revisionHistoryLimit? int32 default=10 # Limits how many ReplicaSets of earlier templates are kept to roll back to; 10 by default.
  7 paused bool # Stops changes of the template from being rolled out while it is true; false by default.
  9 progressDeadlineSeconds? int32 default=600 # Reports the rollout as failed when it has not advanced for this many seconds; 600 by default.

type DeploymentStatus # Reports what a Deployment's controller has seen and done last.
  1 observedGeneration int64 # Holds the metadata.generation that this status takes into account.
  2 replicas int32 # Counts the Pods of all templates that have not ended and are not being deleted.
  3 updatedReplicas int32 # Counts those of them that have the current template.
  4 availableReplicas int32 # Counts those of them that have been ready for minReadySeconds.
  5 unavailableReplicas int32 # Counts the Pods that are still missing until all wanted ones are available.
  6 conditions []DeploymentCondition list=map(type) patch=merge(type) # States how the rollout stands, one entry a type.
  7 readyReplicas int32 # Counts those of them that are ready.
  8 collisionCount? int32 # Counts how often a name for a new ReplicaSet was taken; it goes into the next name. Absent means never.
  9 terminatingReplicas? int32 # Counts the Pods that are being deleted but are not gone yet; absent when unknown.

type DeploymentStrategy # Says how the Pods of a Deployment are replaced.
  1 type string default="RollingUpdate" # Is RollingUpdate (the default), which replaces Pods gradually, or Recreate, which first ends all old ones.
  2 rollingUpdate RollingUpdateDeployment # Sets the pace of a RollingUpdate; it must be absent with Recreate.

type ReplicaSet # Keeps a number of Pods of one template running; usually a Deployment owns it.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec ReplicaSetSpec # Describes how many Pods are wanted and of what kind.
  3 status ReplicaSetStatus default={"replicas":0} # Reports how many Pods there are; its controller writes it.

type ReplicaSetCondition # States one aspect of a ReplicaSet's state.
  1 type! string # Names the aspect; ReplicaFailure is the only one, set when Pods cannot be created or deleted.
  2 status! string # Says whether it holds: True, False or Unknown.
  3 lastTransitionTime Time # Tells when the status last became what it is.
  4 reason string # Gives the cause of the last change as one CamelCase word.
  5 message string # Gives the cause of the last change as a text for people.

type ReplicaSetSpec # Describes what a ReplicaSet is to achieve.
  1 replicas? int32 default=1 # Says how many Pods are wanted; 1 by default, and 0 is allowed.
  2 selector!? meta/v1.LabelSelector # Chooses the Pods that count; it must match the template's labels and never changes.
  3 template core/v1.PodTemplateSpec default={} # Is the pattern for Pods that are created from now on; a change leaves existing ones as they are.
  4 minReadySeconds int32 # Lets a Pod count as available once it has been ready for this many seconds; 0 by default.

type ReplicaSetStatus # Reports what a ReplicaSet's controller has seen last.
  1 replicas! int32 # Counts the Pods that have not ended and are not being deleted.
  2 fullyLabeledReplicas int32 # Counts those of them that carry every label of the template.
  3 observedGeneration int64 # Holds the metadata.generation that this status takes into account.
  4 readyReplicas int32 # Counts those of them that are ready.
  5 availableReplicas int32 # Counts those of them that have been ready for minReadySeconds.
  6 conditions []ReplicaSetCondition list=map(type) patch=merge(type) # States what is wrong, if anything, one entry a type.
  7 terminatingReplicas? int32 # Counts the Pods that are being deleted but are not gone yet; absent when unknown.

type RollingUpdateDaemonSet # Sets the pace at which a DaemonSet replaces Pods.
  1 maxUnavailable? IntOrString default=1 # Is how many nodes may be without a Pod, as a number or in percent; 1 by default.
  2 maxSurge? IntOrString default=0 # Is how many nodes may have an old and a new Pod, as a number or in percent; 0 by default.

type RollingUpdateDeployment # Bounds how far a rolling update may stray from the wanted number of Pods.
  1 maxUnavailable? IntOrString default="25%" # Is how many Pods, or what percentage rounded down, may be missing meanwhile; 25% by default.
  2 maxSurge? IntOrString default="25%" # Is how many Pods, or what percentage rounded up, may exist in excess meanwhile; 25% by default.

type RollingUpdateStatefulSetStrategy # Sets the pace at which a StatefulSet replaces Pods.
  1 partition? int32 # Leaves the Pods with lower ordinals as they are; 0 by default.
  2 maxUnavailable? IntOrString # Is how many Pods may be missing, as a number or in percent; 1 when absent.

type StatefulSet # Runs Pods that keep their names and volumes.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec StatefulSetSpec # Describes the Pods and their volumes.
  3 status StatefulSetStatus default={} # Reports how many Pods there are; its controller writes it.

type StatefulSetCondition # States one aspect of a StatefulSet's state.
  1 type! string # Names the aspect.
  2 status! string # Says whether it holds: True, False or Unknown.
  3 lastTransitionTime Time # Tells when the status last became what it is.
  4 reason string # Gives the cause of the last change as one CamelCase word.
  5 message string # Gives the cause of the last change as a text for people.

type StatefulSetOrdinals # Says how Pods are numbered.
  1 start int32 # Is the first number; 0 by default.

type StatefulSetPersistentVolumeClaimRetentionPolicy # Says what becomes of claims when their Pod is gone for good.
  1 whenDeleted string default="Retain" # Says it for the end of the StatefulSet: Retain (the default) or Delete.
  2 whenScaled string default="Retain" # Says it for scaling down: Retain (the default) or Delete.

type StatefulSetSpec # Describes what a StatefulSet is to achieve.
  1 replicas? int32 default=1 # Says how many Pods are wanted; 1 by default.
  2 selector!? meta/v1.LabelSelector # Chooses the Pods that belong to the StatefulSet; it must match the template's labels and never changes.
  3 template! core/v1.PodTemplateSpec default={} # Is the pattern for the Pods, which are called after the StatefulSet and a number.
  4 volumeClaimTemplates []core/v1.PersistentVolumeClaim list=atomic # Are the patterns for the claims that each Pod gets.
  5 serviceName string # Names the headless Service that gives the Pods their DNS names.
  6 podManagementPolicy string default="OrderedReady" # Says whether Pods come and go one by one (OrderedReady, the default) or all at once (Parallel).
  7 updateStrategy StatefulSetUpdateStrategy default={} # Says how Pods are replaced when the template changes.
  8 revisionHistoryLimit? int32 default=10 # Limits how many earlier templates are kept to roll back to; 10 by default.
  9 minReadySeconds int32 # Lets a Pod count as available once it has been ready for this many seconds; 0 by default.
  10 persistentVolumeClaimRetentionPolicy StatefulSetPersistentVolumeClaimRetentionPolicy default={} # Says what becomes of claims that no Pod needs any more.
  11 ordinals StatefulSetOrdinals # Says how the Pods are numbered.

type StatefulSetStatus # Reports how many Pods a StatefulSet has.
  1 observedGeneration int64 # Holds the metadata.generation that this status takes into account.
  2 replicas! int32 # Counts the Pods.
  3 readyReplicas int32 # Counts those that are ready.
  4 currentReplicas int32 # Counts those of the revision currentRevision.
  5 updatedReplicas int32 # Counts those of the revision updateRevision.
  6 currentRevision string # Names the revision that Pods had before the update.
  7 updateRevision string # Names the revision that Pods get.
  9 collisionCount? int32 # Counts how often a name for a new ControllerRevision was taken. Absent means never.
  10 conditions []StatefulSetCondition list=map(type) patch=merge(type) # States how the StatefulSet stands, one entry a type.
  11 availableReplicas int32 default=0 # Counts those that have been ready for minReadySeconds.

type StatefulSetUpdateStrategy # Says how the Pods of a StatefulSet are replaced.
  1 type string # Is RollingUpdate (the default), or OnDelete, which waits until somebody deletes them.
  2 rollingUpdate RollingUpdateStatefulSetStrategy # Sets the pace of a RollingUpdate.
`;
