/** storage.k8s.io/v1: see ../notation.ts for how to read this. */
export const storageV1 = `
group storage/v1 storage.k8s.io/v1

kind CSIDriver csidrivers cluster
kind CSINode csinodes cluster
kind CSIStorageCapacity csistoragecapacities namespaced
kind StorageClass storageclasses cluster short=sc
kind VolumeAttachment volumeattachments cluster
  sub status VolumeAttachment get patch update
kind VolumeAttributesClass volumeattributesclasses cluster short=vac

type CSIDriver # Says what a CSI driver wants from those who use it.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec! CSIDriverSpec # Says what the driver wants.

type CSIDriverSpec # Says what a CSI driver wants from those who use it.
  1 attachRequired? bool default=true # Says whether volumes are attached to a node before they are mounted; true when absent. It never changes.
  2 podInfoOnMount? bool default=false # Asks that the driver is told of the Pod whenever a volume is mounted; false when absent.
  3 volumeLifecycleModes []string list=set default=["Persistent"] # Lists what its volumes can be: Persistent (the default), or Ephemeral, written in a Pod. It never changes.
  4 storageCapacity? bool default=false # Asks the scheduler to keep to the CSIStorageCapacity objects of the driver; false when absent.
  5 fsGroupPolicy? string default="ReadWriteOnceWithFSType" # Says whether the node may change who owns the files: ReadWriteOnceWithFSType (the default), File or None.
  6 tokenRequests []TokenRequest list=atomic # Lists tokens of the Pod's service account that the driver is given with each mount.
  7 requiresRepublish? bool default=false # Asks that the driver is called again from time to time, to renew what it mounted; false when absent.
  8 seLinuxMount? bool default=false # Says that the driver can mount with an SELinux context; false when absent.
  9 nodeAllocatableUpdatePeriodSeconds? int64 # Is how often the node asks anew how many volumes it can take, at least 10 seconds; absent means once.
  10 serviceAccountTokenInSecrets? bool # Says that the tokens are handed over among the secrets rather than in the volume's context.
  11 preventPodSchedulingIfMissing? bool # Asks the scheduler to pass over nodes on which the driver does not run.

type CSINode # Lists the CSI drivers of one node; it has the node's name.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec! CSINodeSpec # Lists the drivers.

type CSINodeDriver # Describes one CSI driver on a node.
  1 name! string # Is the driver's name, as it calls itself.
  2 nodeID! string # Is what the driver calls the node.
  3 topologyKeys []string list=atomic # Lists the labels of the node by which the driver tells places apart.
  4 allocatable VolumeNodeResources # Says how many volumes of the driver the node can take; absent means any number.

type CSINodeSpec # Lists the CSI drivers of a node.
  1 drivers! []CSINodeDriver list=map(name) patch=merge(name) # Lists the drivers; an empty list means that there are none.

type CSIStorageCapacity # Says how much space a CSI driver has for one class in one part of the cluster.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 nodeTopology meta/v1.LabelSelector # Chooses the nodes from which the space can be reached; absent means from none, an empty selector from all. It never changes.
  3 storageClassName! string # Names the StorageClass that the space is for; it never changes.
  4 capacity Quantity # Is the free space; absent means that it is not known.
  5 maximumVolumeSize Quantity # Is the largest volume that can be made; absent means that it is not known.

type StorageClass # Says how volumes are made for the claims that name it.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 provisioner! string # Names what makes the volumes, such as a CSI driver.
  3 parameters map[string] # Passes settings on to the provisioner, which defines them.
  4 reclaimPolicy? string default="Delete" # Is what its volumes get: Delete (the default) or Retain.
  5 mountOptions []string list=atomic # Lists options for mount that its volumes get; they are not checked.
  6 allowVolumeExpansion? bool # Lets claims ask for more later; false when absent.
  7 volumeBindingMode? string default="Immediate" # Says when a volume is made: Immediate (the default), or WaitForFirstConsumer, once a Pod needs it.
  8 allowedTopologies []core/v1.TopologySelectorTerm list=atomic # Lists where volumes may be made; empty means everywhere.

type TokenRequest # Asks for a token of the Pod's service account.
  1 audience! string # Names whom the token is meant for; empty means the API server.
  2 expirationSeconds? int64 # Is how long the token is to last; absent leaves it to the server.

type VolumeAttachment # Asks that a volume is attached to a node.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec! VolumeAttachmentSpec # Says which volume is to be attached to which node; it never changes.
  3 status VolumeAttachmentStatus # Reports how far that is.

type VolumeAttachmentSource # Says which volume is meant; exactly one of its fields is set.
  1 persistentVolumeName? string # Names a PersistentVolume.
  2 inlineVolumeSpec core/v1.PersistentVolumeSpec # Describes a volume that a Pod names without a PersistentVolume.

type VolumeAttachmentSpec # Says which volume is to be attached to which node.
  1 attacher! string # Names the driver that is to do it.
  2 source! VolumeAttachmentSource # Says which volume is meant.
  3 nodeName! string # Names the node.

type VolumeAttachmentStatus # Reports how far an attachment is.
  1 attached! bool # Says whether the volume is attached; only the attacher sets it.
  2 attachmentMetadata map[string] # Is what the driver returned, and is handed on when the volume is mounted.
  3 attachError VolumeError # Is what went wrong when attaching last.
  4 detachError VolumeError # Is what went wrong when detaching last.

type VolumeAttributesClass # Is a set of properties of volumes that can be changed while they are used.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 driverName! string # Names the CSI driver; it never changes.
  3 parameters map[string] # Are what the driver is told; they never change.

type VolumeError # Says what went wrong with a volume.
  1 time Time # Is when it happened.
  2 message string # Says what happened, to people; it holds no secrets.
  3 errorCode? int32 # Is the gRPC code that the driver answered with.

type VolumeNodeResources # Says how much a node can take of a driver's volumes.
  1 count? int32 # Is how many volumes the node can take; absent means any number.
`;
