// Generated from ../groups by `npm run generate`. Do not edit.
import type { Quantity, StoredMeta } from "../wire-types.js";

/** Tells what one container used. */
export interface ContainerMetrics {
  /** Names the container as the pod's spec does. */
  readonly name: string;
  /** Holds the use of each resource: cpu as the average of the interval, memory (the working set) at its end. */
  readonly usage: { readonly [key: string]: Quantity };
}

/** Tells what a node used lately. */
export interface NodeMetrics {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "metrics.k8s.io/v1beta1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "NodeMetrics";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Tells when the interval ended in which the usage was measured. */
  readonly timestamp: string;
  /** Holds the use of each resource: cpu as the average of the interval, memory (the working set) at its end. */
  readonly usage: { readonly [key: string]: Quantity };
  /** Tells how long that interval was. */
  readonly window: string;
}

/** Tells what the containers of a pod used lately. */
export interface PodMetrics {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "metrics.k8s.io/v1beta1";
  /** Lists the containers that ran in that interval. */
  readonly containers: readonly ContainerMetrics[];
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "PodMetrics";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Tells when the interval ended in which the usage was measured. */
  readonly timestamp: string;
  /** Tells how long that interval was. */
  readonly window: string;
}
