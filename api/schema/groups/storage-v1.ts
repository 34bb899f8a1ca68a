/** storage.k8s.io/v1: see ../notation.ts for how to read this. */
export const storageV1 = `
group storage/v1 storage.k8s.io/v1

kind StorageClass storageclasses cluster short=sc

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
`;
