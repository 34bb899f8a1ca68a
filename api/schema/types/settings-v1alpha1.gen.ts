// Generated from ../groups by `npm run generate`. Do not edit.
import type { StoredMeta } from "../wire-types.js";
import type { EnvFromSource, EnvVar, Volume, VolumeMount } from "./core-v1.gen.js";
import type { LabelSelector } from "./meta-v1.gen.js";

/** Adds variables and volumes to the Pods that it selects, when they are created. */
export interface PodPreset {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "settings.k8s.io/v1alpha1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "PodPreset";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Says which Pods, and what they get. */
  readonly spec: PodPresetSpec;
}

/** Says what is added to which Pods. */
export interface PodPresetSpec {
  /** Lists variables that every container gets. */
  readonly env?: readonly EnvVar[];
  /** Lists sources of variables that every container gets. */
  readonly envFrom?: readonly EnvFromSource[];
  /** Selects the Pods by their labels; an empty one selects all of the namespace. */
  readonly selector?: LabelSelector;
  /** Lists where every container mounts them. */
  readonly volumeMounts?: readonly VolumeMount[];
  /** Lists volumes that the Pod gets. */
  readonly volumes?: readonly Volume[];
}
