/** storagemigration.k8s.io/v1beta1: see ../notation.ts for how to read this. */
export const storagemigrationV1beta1 = `
group storagemigration/v1beta1 storagemigration.k8s.io/v1beta1

kind StorageVersionMigration storageversionmigrations cluster
  sub status StorageVersionMigration get patch update

type StorageVersionMigration # Asks that the objects of a resource are written anew, in the form in which they are stored now.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec StorageVersionMigrationSpec # Says which resource.
  3 status StorageVersionMigrationStatus default={} # Says how far that is.

type StorageVersionMigrationSpec # Says which objects are to be written anew.
  1 resource! meta/v1.GroupResource # Is the resource; it never changes.

type StorageVersionMigrationStatus # Says how far a migration is.
  1 conditions []meta/v1.Condition list=map(type) patch=merge(type) # Lists Running, Succeeded and Failed.
  2 resourceVersion string # Is up to which resourceVersion objects are written anew.
`;
