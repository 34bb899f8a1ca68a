/** meta/v1: see ../notation.ts for how to read this. */
export const metaV1 = `
group meta/v1 meta.k8s.io/v1

type APIGroup # Tells that a group of the API is served, and in which versions.
  0 apiVersion string
  0 kind string
  1 name! string # Names the group, such as apps; the core group has the empty name.
  2 versions! []GroupVersionForDiscovery list=atomic # Lists the versions in which the group is served.
  3 preferredVersion GroupVersionForDiscovery # Names the version that a client should use unless it has a reason for another.
  4 serverAddressByClientCIDRs []ServerAddressByClientCIDR list=atomic # Tells from which client networks to use which address of the server; empty means any.

type APIGroupList # Lists the groups of the API that are served, except the core group.
  0 apiVersion string
  0 kind string
  1 groups! []APIGroup list=atomic # Holds one entry for each group.

type APIResource # Tells what a client can do with one resource, or with one subresource, of a group version.
  1 name! string # Holds the plural used in paths, such as pods, or pods/log for a subresource.
  2 namespaced! bool # Is true when the objects live in namespaces, false when they belong to the whole cluster.
  3 kind! string # Names the kind of the objects that are sent and received.
  4 verbs! []string wire=wrapped # Lists what can be done: create, get, list, watch, update, patch, delete, deletecollection.
  5 shortNames []string list=atomic # Lists abbreviations that kubectl accepts in place of the name, such as po.
  6 singularName! string # Holds the singular of the name, such as pod.
  7 categories []string list=atomic # Lists the collections that the resource belongs to, such as all.
  8 group string # Names the group of the kind when it is not the group of the list.
  9 version string # Names the version of the kind when it is not the version of the list.
  10 storageVersionHash string # Identifies the version in which objects are stored; it may only be compared for equality.

type APIResourceList # Lists the resources of one group version.
  0 apiVersion string
  0 kind string
  1 groupVersion! string # Names the group and version, such as apps/v1, or v1 for the core group.
  2 resources! []APIResource list=atomic # Holds one entry for each resource and subresource.

type APIVersions # Lists the versions in which the core group is served.
  0 apiVersion string
  0 kind string
  1 versions! []string list=atomic # Holds the versions, such as v1.
  2 serverAddressByClientCIDRs! []ServerAddressByClientCIDR list=atomic # Tells from which client networks to use which address of the server.

type Condition # States one aspect of an object's state: whether it holds, since when and why.
  1 type! string # Names the aspect, such as Available; an object has at most one condition of a type.
  2 status! string # Says whether it holds: True, False or Unknown.
  3 observedGeneration int64 # Holds the metadata.generation that was looked at; a smaller one than the object's means outdated.
  4 lastTransitionTime! Time # Tells when the status last became what it is.
  5 reason! string # Gives the cause of the last change as one CamelCase word for programs.
  6 message! string # Gives the cause of the last change as a text for people; it may be empty.

type CreateOptions # Holds the query parameters of a create request.
  0 apiVersion string
  0 kind string
  1 dryRun []string list=atomic # Asks to go through every step but storing; the only allowed value is All, and none means to store.
  3 fieldManager string # Names who writes, for managedFields, in at most 128 printable characters; it is derived from the user agent if absent.
  4 fieldValidation string # Says what unknown and duplicate fields lead to: Ignore, Warn (the default) or Strict, which refuses them.

type DeleteOptions # Says how an object is to be deleted; it can be the body of a delete request.
  0 apiVersion string
  0 kind string
  1 gracePeriodSeconds? int64 # Gives the object this many seconds to end by itself; 0 deletes at once, absent takes the kind's default.
  2 preconditions Preconditions # Lets the deletion happen only if these still hold of the object; otherwise it is refused with a conflict.
  3 orphanDependents? bool # Is the old form of propagationPolicy: true means Orphan. Only one of the two may be set.
  4 propagationPolicy? string # Says what becomes of dependents: Orphan keeps them, Background deletes them after the owner, Foreground before.
  5 dryRun []string list=atomic # Asks to go through every step but deleting; the only allowed value is All, and none means to delete.
  6 ignoreStoreReadErrorWithClusterBreakingPotential? bool # Deletes an object although what is stored of it cannot be read, skipping finalizers; false by default.

type FieldSelectorRequirement # Is one test that a field must pass.
  1 key! string # Holds the path of the field, such as metadata.name.
  2 operator! string # Says how to compare: In, NotIn, Exists or DoesNotExist.
  3 values []string list=atomic # Holds what to compare with: at least one value for In and NotIn, none for the others.

type GroupResource # Names a resource with its group, and no version.
  1 group! string # Is the API group; empty means the core group.
  2 resource! string # Is the resource, such as pods.

type GroupVersionForDiscovery # Names a version of a group in two spellings.
  1 groupVersion! string # Holds group and version together, such as apps/v1.
  2 version! string # Holds the version alone, such as v1.

type LabelSelector map=atomic # Chooses objects by their labels: all its parts must match. An empty selector matches all, an absent one none.
  1 matchLabels map[string] # Lists labels that must be there with exactly this value.
  2 matchExpressions []LabelSelectorRequirement list=atomic # Lists further tests of labels, each of which must pass.

type LabelSelectorRequirement # Is one test that the labels of an object must pass.
  1 key! string # Names the label that is tested.
  2 operator! string # Says how to compare: In, NotIn, Exists or DoesNotExist.
  3 values []string list=atomic # Holds what to compare with: at least one value for In and NotIn, none for Exists and DoesNotExist.

type ListMeta # Tells about a list as a whole, or about the answer it is part of.
  1 selfLink string # Is no longer filled in.
  2 resourceVersion string # Holds the version of the store that the list shows; a watch can start from it.
  3 continue string # Is a token to get the next part of the list with; empty means that this is the last part.
  4 remainingItemCount? int64 # Tells how many objects follow this part; absent when unknown, as with selectors, or when none follow.
  5 shardInfo ShardInfo # Tells which shard of the objects the list shows; absent means all of them.

type ManagedFieldsEntry # Records which fields one writer has set, in one way of writing.
  1 manager string # Names the writer.
  2 operation string # Says how it wrote: Apply (server-side apply) or Update (anything else).
  3 apiVersion string # Names the version in which the fields are spelled.
  4 time? Time # Tells when the writer last changed this set of fields or one of their values.
  6 fieldsType string # Names the format of fieldsV1; FieldsV1 is the only one.
  7 fieldsV1 FieldsV1 # Holds the fields as a tree of names.
  8 subresource string # Names the subresource that was written through; empty means the object itself.

type ObjectMeta # Names and labels an object, and records its versions, its owners and the stages of its life.
  1 name string # Names the object, once per kind and namespace at a time; it never changes.
  2 generateName string # Starts a name that the server completes with a random ending when name is absent.
  3 namespace string # Names the namespace the object lives in; empty for kinds of the whole cluster. It never changes.
  4 selfLink string # Is no longer filled in.
  5 uid string # Identifies the object through all time, even from a later one of the same name; the server sets it.
  6 resourceVersion string # Changes with every write of the object; sent with an update, it makes an outdated update fail.
  7 generation int64 # Counts the changes of what is wanted (the spec), not of what is observed; the server sets it.
  8 creationTimestamp Time # CreationTimestamp is a timestamp of when the object was created; the server sets it.
  9 deletionTimestamp? Time # Tells by when the object should be gone. Once set, it is being deleted and cannot be saved; absent otherwise.
  10 deletionGracePeriodSeconds? int64 # Gives the seconds the object has to end by itself; set only with deletionTimestamp, can only shrink.
  11 labels map[string] # Holds short keys and values by which selectors choose objects.
  12 annotations map[string] # Holds keys and values that nothing selects by: notes of tools and people, at most 256 KiB in all.
  13 ownerReferences []OwnerReference list=map(uid) patch=merge(uid) # Lists the owners of the object; when all of them are gone, it is deleted too.
  14 finalizers []string list=set patch=merge # Lists what must still be done before deletion; the object stays until the list is empty.
  17 managedFields []ManagedFieldsEntry list=atomic # Records who set which fields, for server-side apply; the server keeps it.

type OwnerReference map=atomic # Points from an object to one that owns it, in the same namespace or in none.
  1 kind! string # Names the kind of the owner.
  3 name! string # Names the owner.
  4 uid! string # Holds the uid of the owner, so that a later object of the same name is not taken for it.
  5 apiVersion! string # Names the group and version of the owner's kind.
  6 controller? bool # Is true for the one owner that manages the object; false by default.
  7 blockOwnerDeletion? bool # Keeps the owner from going before this object when it is deleted in the foreground; false by default.

type PartialObjectMetadata # Is an object of any kind, reduced to its metadata.
  0 apiVersion string
  0 kind string
  1 metadata ObjectMeta

type PartialObjectMetadataList # Lists objects of any kind, reduced to their metadata.
  0 apiVersion string
  0 kind string
  1 metadata ListMeta
  2 items! []PartialObjectMetadata # Holds the metadata of each object.

type Patch # Is a change to an object, in the form that the request's content type names.

type PatchOptions # Holds the query parameters of a patch request.
  0 apiVersion string
  0 kind string
  1 dryRun []string list=atomic # Asks to go through every step but storing; the only allowed value is All, and none means to store.
  2 force? bool # Lets an apply take fields over from other managers in place of a conflict; false by default, apply only.
  3 fieldManager string # Names who writes, for managedFields; apply requires it, other patches derive it from the user agent.
  4 fieldValidation string # Says what unknown and duplicate fields lead to: Ignore, Warn (the default) or Strict, which refuses them.

type Preconditions # States what must hold of an object for it to be deleted.
  1 uid? string # Requires the object to have this uid; absent means any.
  2 resourceVersion? string # Requires the object to have this resourceVersion; absent means any.

type ServerAddressByClientCIDR # Tells which address of the server the clients of one network should use.
  1 clientCIDR! string # Is the network of the clients, such as 10.0.0.0/8.
  2 serverAddress! string # Is the address of the server for them: a host or IP, perhaps with a port.

type ShardInfo # Tells which shard of a collection an answer covers.
  1 selector! string # Holds the shard selector as the request gave it.

type Status # Is the answer to a request that has no object to return, above all to one that failed.
  0 apiVersion string
  0 kind string
  1 metadata ListMeta
  2 status string # Says how it went: Success or Failure.
  3 message string # Says what happened, for people.
  4 reason string # Gives the cause of a failure as one word for programs, such as NotFound; empty when there is none.
  5 details StatusDetails # Tells more about the cause; which of its fields are set depends on the reason.
  6 code int32 # Repeats the HTTP status of the answer; 0 when none was set.

type StatusCause # Is one of the causes of a failure.
  1 reason string # Gives the cause as one word for programs, such as FieldValueInvalid.
  2 message string # Describes the cause for people.
  3 field string # Holds the path of the field at fault, such as spec.ports[0].name; empty when it was none.

type StatusDetails # Tells what a failure is about.
  1 name string # Names the object the request was about; empty when it was none.
  2 group string # Names the group of that object.
  3 kind string # Names its kind, or its resource.
  4 causes []StatusCause list=atomic # Lists what led to the failure, such as each wrong field.
  5 retryAfterSeconds int32 # Asks to try again after this many seconds; 0 makes no suggestion.
  6 uid string # Holds the uid of that object, when there is exactly one.

type UpdateOptions # Holds the query parameters of an update request.
  0 apiVersion string
  0 kind string
  1 dryRun []string list=atomic # Asks to go through every step but storing; the only allowed value is All, and none means to store.
  2 fieldManager string # Names who writes, for managedFields, in at most 128 printable characters; it is derived from the user agent if absent.
  3 fieldValidation string # Says what unknown and duplicate fields lead to: Ignore, Warn (the default) or Strict, which refuses them.

type WatchEvent # Is one line of a watch: a change and the object it concerns.
  1 type! string # Says what happened: ADDED, MODIFIED, DELETED, BOOKMARK or ERROR.
  2 object! RawExtension # Holds the object after the change, before it for DELETED, only a resourceVersion for BOOKMARK, a Status for ERROR.
`;
