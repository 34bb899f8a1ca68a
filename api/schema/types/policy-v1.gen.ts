// Generated from ../groups by `npm run generate`. Do not edit.
import type { IntOrString, StoredMeta } from "../wire-types.js";
import type { Condition, DeleteOptions, LabelSelector } from "./meta-v1.gen.js";

/** Asks to delete a Pod as long as its PodDisruptionBudgets allow it; nothing is stored. */
export interface Eviction {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "policy/v1";
  /** Says how the Pod is to be deleted; absent takes the Pod's own grace period. */
  readonly deleteOptions?: DeleteOptions;
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "Eviction";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
}

/** Limits how many Pods may be evicted at a time. */
export interface PodDisruptionBudget {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "policy/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "PodDisruptionBudget";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Chooses the Pods and says how many must stay. */
  readonly spec: PodDisruptionBudgetSpec;
  /** Reports how many may be evicted now; its controller writes it. */
  readonly status?: PodDisruptionBudgetStatus;
}

/** Describes how many of which Pods must stay. */
export interface PodDisruptionBudgetSpec {
  /** Is how many Pods may be missing, as a number or in percent; not together with minAvailable. */
  readonly maxUnavailable?: IntOrString;
  /** Is how many Pods must stay healthy, as a number or in percent; not together with maxUnavailable. */
  readonly minAvailable?: IntOrString;
  /** Chooses the Pods; an empty one chooses all of the namespace, an absent one none. */
  readonly selector?: LabelSelector;
  /** Says when Pods that are not ready may go: AlwaysAllow, or IfHealthyBudget (the default). */
  readonly unhealthyPodEvictionPolicy?: string;
}

/** Reports how many Pods may be evicted. */
export interface PodDisruptionBudgetStatus {
  /** States how the budget stands, one entry a type. */
  readonly conditions?: readonly Condition[];
  /** Counts the Pods that are healthy. */
  readonly currentHealthy?: number;
  /** Is how many Pods must stay healthy. */
  readonly desiredHealthy?: number;
  /** Holds Pods that may go but are not gone yet, each with the time of its eviction. */
  readonly disruptedPods?: { readonly [key: string]: string };
  /** Is how many Pods may be evicted now. */
  readonly disruptionsAllowed?: number;
  /** Counts the Pods that the budget is about. */
  readonly expectedPods?: number;
  /** Holds the metadata.generation that this status takes into account. */
  readonly observedGeneration?: number;
}
