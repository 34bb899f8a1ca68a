// Generated from ../groups by `npm run generate`. Do not edit.
import type { StoredMeta } from "../wire-types.js";
import type { Condition, GroupResource } from "./meta-v1.gen.js";

/** Asks that the objects of a resource are written anew, in the form in which they are stored now. */
export interface StorageVersionMigration {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "storagemigration.k8s.io/v1beta1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "StorageVersionMigration";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Says which resource. */
  readonly spec: StorageVersionMigrationSpec;
  /** Says how far that is. */
  readonly status?: StorageVersionMigrationStatus;
}

/** Says which objects are to be written anew. */
export interface StorageVersionMigrationSpec {
  /** Is the resource; it never changes. */
  readonly resource: GroupResource;
}

/** Says how far a migration is. */
export interface StorageVersionMigrationStatus {
  /** Lists Running, Succeeded and Failed. */
  readonly conditions?: readonly Condition[];
  /** Is up to which resourceVersion objects are written anew. */
  readonly resourceVersion?: string;
}
