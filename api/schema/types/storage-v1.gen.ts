// Generated from ../groups by `npm run generate`. Do not edit.
import type { StoredMeta } from "../wire-types.js";
import type { TopologySelectorTerm } from "./core-v1.gen.js";

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
