// Generated from ../groups by `npm run generate`. Do not edit.
import type { StoredMeta } from "../wire-types.js";

/** Refers to an object by kind and name. */
export interface CrossVersionObjectReference {
  /** Is the version of the API that the kind is taken from. */
  readonly apiVersion?: string;
  /** Is the object's kind. */
  readonly kind: string;
  /** Is the object's name. */
  readonly name: string;
}

/** Keeps the number of Pods of a workload in line with its load. */
export interface HorizontalPodAutoscaler {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "autoscaling/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "HorizontalPodAutoscaler";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Says what is scaled, between which bounds and by what. */
  readonly spec: HorizontalPodAutoscalerSpec;
  /** Reports the metrics and the decision last made. */
  readonly status?: HorizontalPodAutoscalerStatus;
}

/** Describes what is scaled and by how much. */
export interface HorizontalPodAutoscalerSpec {
  /** Is the greatest number of Pods, not below minReplicas. */
  readonly maxReplicas: number;
  /** Is the least number of Pods; 1 by default. */
  readonly minReplicas?: number;
  /** Refers to the object whose scale subresource is written. */
  readonly scaleTargetRef: CrossVersionObjectReference;
  /** Is the average use of the requested CPU to aim for, in percent. */
  readonly targetCPUUtilizationPercentage?: number;
}

/** Reports what an autoscaler has seen and done last. */
export interface HorizontalPodAutoscalerStatus {
  /** Is the average use of the requested CPU now, in percent. */
  readonly currentCPUUtilizationPercentage?: number;
  /** Is the number of Pods now. */
  readonly currentReplicas: number;
  /** Is the number of Pods last decided on. */
  readonly desiredReplicas: number;
  /** Tells when the number of Pods was last changed. */
  readonly lastScaleTime?: string;
  /** Holds the metadata.generation that this status takes into account. */
  readonly observedGeneration?: number;
}

/** Shows how many Pods an object of another kind runs, and changes how many it is to run. */
export interface Scale {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "autoscaling/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "Scale";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Says how many Pods are wanted. */
  readonly spec: ScaleSpec;
  /** Reports how many Pods there are. */
  readonly status?: ScaleStatus;
}

/** Says how many Pods are wanted. */
export interface ScaleSpec {
  /** Is the number of Pods that are wanted; 0 by default. */
  readonly replicas?: number;
}

/** Reports how many Pods there are. */
export interface ScaleStatus {
  /** Counts the Pods that exist. */
  readonly replicas: number;
  /** Chooses those Pods, as the text of a label selector such as app=web; empty when there is none. */
  readonly selector?: string;
}
