// Generated from ../groups by `npm run generate`. Do not edit.
import type { JsonObject, JsonValue } from "../wire-types.js";

/** Tells that a group of the API is served, and in which versions. */
export interface APIGroup {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion?: string;
  /** Names the kind of the object, such as Deployment. */
  readonly kind?: string;
  /** Names the group, such as apps; the core group has the empty name. */
  readonly name: string;
  /** Names the version that a client should use unless it has a reason for another. */
  readonly preferredVersion?: GroupVersionForDiscovery;
  /** Tells from which client networks to use which address of the server; empty means any. */
  readonly serverAddressByClientCIDRs?: readonly ServerAddressByClientCIDR[];
  /** Lists the versions in which the group is served. */
  readonly versions: readonly GroupVersionForDiscovery[];
}

/** Lists the groups of the API that are served, except the core group. */
export interface APIGroupList {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion?: string;
  /** Holds one entry for each group. */
  readonly groups: readonly APIGroup[];
  /** Names the kind of the object, such as Deployment. */
  readonly kind?: string;
}

/** Tells what a client can do with one resource, or with one subresource, of a group version. */
export interface APIResource {
  /** Lists the collections that the resource belongs to, such as all. */
  readonly categories?: readonly string[];
  /** Names the group of the kind when it is not the group of the list. */
  readonly group?: string;
  /** Names the kind of the objects that are sent and received. */
  readonly kind: string;
  /** Holds the plural used in paths, such as pods, or pods/log for a subresource. */
  readonly name: string;
  /** Is true when the objects live in namespaces, false when they belong to the whole cluster. */
  readonly namespaced: boolean;
  /** Lists abbreviations that kubectl accepts in place of the name, such as po. */
  readonly shortNames?: readonly string[];
  /** Holds the singular of the name, such as pod. */
  readonly singularName: string;
  /** Identifies the version in which objects are stored; it may only be compared for equality. */
  readonly storageVersionHash?: string;
  /** Lists what can be done: create, get, list, watch, update, patch, delete, deletecollection. */
  readonly verbs: readonly string[];
  /** Names the version of the kind when it is not the version of the list. */
  readonly version?: string;
}

/** Lists the resources of one group version. */
export interface APIResourceList {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion?: string;
  /** Names the group and version, such as apps/v1, or v1 for the core group. */
  readonly groupVersion: string;
  /** Names the kind of the object, such as Deployment. */
  readonly kind?: string;
  /** Holds one entry for each resource and subresource. */
  readonly resources: readonly APIResource[];
}

/** Lists the versions in which the core group is served. */
export interface APIVersions {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion?: string;
  /** Names the kind of the object, such as Deployment. */
  readonly kind?: string;
  /** Tells from which client networks to use which address of the server. */
  readonly serverAddressByClientCIDRs: readonly ServerAddressByClientCIDR[];
  /** Holds the versions, such as v1. */
  readonly versions: readonly string[];
}

/** States one aspect of an object's state: whether it holds, since when and why. */
export interface Condition {
  /** Tells when the status last became what it is. */
  readonly lastTransitionTime: string;
  /** Gives the cause of the last change as a text for people; it may be empty. */
  readonly message: string;
  /** Holds the metadata.generation that was looked at; a smaller one than the object's means outdated. */
  readonly observedGeneration?: number;
  /** Gives the cause of the last change as one CamelCase word for programs. */
  readonly reason: string;
  /** Says whether it holds: True, False or Unknown. */
  readonly status: string;
  /** Names the aspect, such as Available; an object has at most one condition of a type. */
  readonly type: string;
}

/** Holds the query parameters of a create request. */
export interface CreateOptions {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion?: string;
  /** Asks to go through every step but storing; the only allowed value is All, and none means to store. */
  readonly dryRun?: readonly string[];
  /** Names who writes, for managedFields, in at most 128 printable characters; it is derived from the user agent if absent. */
  readonly fieldManager?: string;
  /** Says what unknown and duplicate fields lead to: Ignore, Warn (the default) or Strict, which refuses them. */
  readonly fieldValidation?: string;
  /** Names the kind of the object, such as Deployment. */
  readonly kind?: string;
}

/** Says how an object is to be deleted; it can be the body of a delete request. */
export interface DeleteOptions {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion?: string;
  /** Asks to go through every step but deleting; the only allowed value is All, and none means to delete. */
  readonly dryRun?: readonly string[];
  /** Gives the object this many seconds to end by itself; 0 deletes at once, absent takes the kind's default. */
  readonly gracePeriodSeconds?: number;
  /** Deletes an object although what is stored of it cannot be read, skipping finalizers; false by default. */
  readonly ignoreStoreReadErrorWithClusterBreakingPotential?: boolean;
  /** Names the kind of the object, such as Deployment. */
  readonly kind?: string;
  /** Is the old form of propagationPolicy: true means Orphan. Only one of the two may be set. */
  readonly orphanDependents?: boolean;
  /** Lets the deletion happen only if these still hold of the object; otherwise it is refused with a conflict. */
  readonly preconditions?: Preconditions;
  /** Says what becomes of dependents: Orphan keeps them, Background deletes them after the owner, Foreground before. */
  readonly propagationPolicy?: string;
}

/** Is one test that a field must pass. */
export interface FieldSelectorRequirement {
  /** Holds the path of the field, such as metadata.name. */
  readonly key: string;
  /** Says how to compare: In, NotIn, Exists or DoesNotExist. */
  readonly operator: string;
  /** Holds what to compare with: at least one value for In and NotIn, none for the others. */
  readonly values?: readonly string[];
}

/** Names a resource with its group, and no version. */
export interface GroupResource {
  /** Is the API group; empty means the core group. */
  readonly group: string;
  /** Is the resource, such as pods. */
  readonly resource: string;
}

/** Names a version of a group in two spellings. */
export interface GroupVersionForDiscovery {
  /** Holds group and version together, such as apps/v1. */
  readonly groupVersion: string;
  /** Holds the version alone, such as v1. */
  readonly version: string;
}

/** Chooses objects by their labels: all its parts must match. An empty selector matches all, an absent one none. */
export interface LabelSelector {
  /** Lists further tests of labels, each of which must pass. */
  readonly matchExpressions?: readonly LabelSelectorRequirement[];
  /** Lists labels that must be there with exactly this value. */
  readonly matchLabels?: { readonly [key: string]: string };
}

/** Is one test that the labels of an object must pass. */
export interface LabelSelectorRequirement {
  /** Names the label that is tested. */
  readonly key: string;
  /** Says how to compare: In, NotIn, Exists or DoesNotExist. */
  readonly operator: string;
  /** Holds what to compare with: at least one value for In and NotIn, none for Exists and DoesNotExist. */
  readonly values?: readonly string[];
}

/** Tells about a list as a whole, or about the answer it is part of. */
export interface ListMeta {
  /** Is a token to get the next part of the list with; empty means that this is the last part. */
  readonly continue?: string;
  /** Tells how many objects follow this part; absent when unknown, as with selectors, or when none follow. */
  readonly remainingItemCount?: number;
  /** Holds the version of the store that the list shows; a watch can start from it. */
  readonly resourceVersion?: string;
  /** Is no longer filled in. */
  readonly selfLink?: string;
  /** Tells which shard of the objects the list shows; absent means all of them. */
  readonly shardInfo?: ShardInfo;
}

/** Records which fields one writer has set, in one way of writing. */
export interface ManagedFieldsEntry {
  /** Names the version in which the fields are spelled. */
  readonly apiVersion?: string;
  /** Names the format of fieldsV1; FieldsV1 is the only one. */
  readonly fieldsType?: string;
  /** Holds the fields as a tree of names. */
  readonly fieldsV1?: JsonObject;
  /** Names the writer. */
  readonly manager?: string;
  /** Says how it wrote: Apply (server-side apply) or Update (anything else). */
  readonly operation?: string;
  /** Names the subresource that was written through; empty means the object itself. */
  readonly subresource?: string;
  /** Tells when the writer last changed this set of fields or one of their values. */
  readonly time?: string;
}

/** Names and labels an object, and records its versions, its owners and the stages of its life. */
export interface ObjectMeta {
  /** Holds keys and values that nothing selects by: notes of tools and people, at most 256 KiB in all. */
  readonly annotations?: { readonly [key: string]: string };
  /** CreationTimestamp is a timestamp of when the object was created; the server sets it. */
  readonly creationTimestamp?: string;
  /** Gives the seconds the object has to end by itself; set only with deletionTimestamp, can only shrink. */
  readonly deletionGracePeriodSeconds?: number;
  /** Tells by when the object should be gone. Once set, it is being deleted and cannot be saved; absent otherwise. */
  readonly deletionTimestamp?: string;
  /** Lists what must still be done before deletion; the object stays until the list is empty. */
  readonly finalizers?: readonly string[];
  /** Starts a name that the server completes with a random ending when name is absent. */
  readonly generateName?: string;
  /** Counts the changes of what is wanted (the spec), not of what is observed; the server sets it. */
  readonly generation?: number;
  /** Holds short keys and values by which selectors choose objects. */
  readonly labels?: { readonly [key: string]: string };
  /** Records who set which fields, for server-side apply; the server keeps it. */
  readonly managedFields?: readonly ManagedFieldsEntry[];
  /** Names the object, once per kind and namespace at a time; it never changes. */
  readonly name?: string;
  /** Names the namespace the object lives in; empty for kinds of the whole cluster. It never changes. */
  readonly namespace?: string;
  /** Lists the owners of the object; when all of them are gone, it is deleted too. */
  readonly ownerReferences?: readonly OwnerReference[];
  /** Changes with every write of the object; sent with an update, it makes an outdated update fail. */
  readonly resourceVersion?: string;
  /** Is no longer filled in. */
  readonly selfLink?: string;
  /** Identifies the object through all time, even from a later one of the same name; the server sets it. */
  readonly uid?: string;
}

/** Points from an object to one that owns it, in the same namespace or in none. */
export interface OwnerReference {
  /** Names the group and version of the owner's kind. */
  readonly apiVersion: string;
  /** Keeps the owner from going before this object when it is deleted in the foreground; false by default. */
  readonly blockOwnerDeletion?: boolean;
  /** Is true for the one owner that manages the object; false by default. */
  readonly controller?: boolean;
  /** Names the kind of the owner. */
  readonly kind: string;
  /** Names the owner. */
  readonly name: string;
  /** Holds the uid of the owner, so that a later object of the same name is not taken for it. */
  readonly uid: string;
}

/** Is an object of any kind, reduced to its metadata. */
export interface PartialObjectMetadata {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion?: string;
  /** Names the kind of the object, such as Deployment. */
  readonly kind?: string;
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata?: ObjectMeta;
}

/** Is a change to an object, in the form that the request's content type names. */
export interface Patch {
}

/** Holds the query parameters of a patch request. */
export interface PatchOptions {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion?: string;
  /** Asks to go through every step but storing; the only allowed value is All, and none means to store. */
  readonly dryRun?: readonly string[];
  /** Names who writes, for managedFields; apply requires it, other patches derive it from the user agent. */
  readonly fieldManager?: string;
  /** Says what unknown and duplicate fields lead to: Ignore, Warn (the default) or Strict, which refuses them. */
  readonly fieldValidation?: string;
  /** Lets an apply take fields over from other managers in place of a conflict; false by default, apply only. */
  readonly force?: boolean;
  /** Names the kind of the object, such as Deployment. */
  readonly kind?: string;
}

/** States what must hold of an object for it to be deleted. */
export interface Preconditions {
  /** Requires the object to have this resourceVersion; absent means any. */
  readonly resourceVersion?: string;
  /** Requires the object to have this uid; absent means any. */
  readonly uid?: string;
}

/** Tells which address of the server the clients of one network should use. */
export interface ServerAddressByClientCIDR {
  /** Is the network of the clients, such as 10.0.0.0/8. */
  readonly clientCIDR: string;
  /** Is the address of the server for them: a host or IP, perhaps with a port. */
  readonly serverAddress: string;
}

/** Tells which shard of a collection an answer covers. */
export interface ShardInfo {
  /** Holds the shard selector as the request gave it. */
  readonly selector: string;
}

/** Is the answer to a request that has no object to return, above all to one that failed. */
export interface Status {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion?: string;
  /** Repeats the HTTP status of the answer; 0 when none was set. */
  readonly code?: number;
  /** Tells more about the cause; which of its fields are set depends on the reason. */
  readonly details?: StatusDetails;
  /** Names the kind of the object, such as Deployment. */
  readonly kind?: string;
  /** Says what happened, for people. */
  readonly message?: string;
  /** Tells about the list as a whole, such as how to get its next part. */
  readonly metadata?: ListMeta;
  /** Gives the cause of a failure as one word for programs, such as NotFound; empty when there is none. */
  readonly reason?: string;
  /** Says how it went: Success or Failure. */
  readonly status?: string;
}

/** Is one of the causes of a failure. */
export interface StatusCause {
  /** Holds the path of the field at fault, such as spec.ports[0].name; empty when it was none. */
  readonly field?: string;
  /** Describes the cause for people. */
  readonly message?: string;
  /** Gives the cause as one word for programs, such as FieldValueInvalid. */
  readonly reason?: string;
}

/** Tells what a failure is about. */
export interface StatusDetails {
  /** Lists what led to the failure, such as each wrong field. */
  readonly causes?: readonly StatusCause[];
  /** Names the group of that object. */
  readonly group?: string;
  /** Names its kind, or its resource. */
  readonly kind?: string;
  /** Names the object the request was about; empty when it was none. */
  readonly name?: string;
  /** Asks to try again after this many seconds; 0 makes no suggestion. */
  readonly retryAfterSeconds?: number;
  /** Holds the uid of that object, when there is exactly one. */
  readonly uid?: string;
}

/** Holds the query parameters of an update request. */
export interface UpdateOptions {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion?: string;
  /** Asks to go through every step but storing; the only allowed value is All, and none means to store. */
  readonly dryRun?: readonly string[];
  /** Names who writes, for managedFields, in at most 128 printable characters; it is derived from the user agent if absent. */
  readonly fieldManager?: string;
  /** Says what unknown and duplicate fields lead to: Ignore, Warn (the default) or Strict, which refuses them. */
  readonly fieldValidation?: string;
  /** Names the kind of the object, such as Deployment. */
  readonly kind?: string;
}

/** Is one line of a watch: a change and the object it concerns. */
export interface WatchEvent {
  /** Holds the object after the change, before it for DELETED, only a resourceVersion for BOOKMARK, a Status for ERROR. */
  readonly object: JsonValue;
  /** Says what happened: ADDED, MODIFIED, DELETED, BOOKMARK or ERROR. */
  readonly type: string;
}
