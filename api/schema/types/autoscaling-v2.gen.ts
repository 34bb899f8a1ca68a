// Generated from ../groups by `npm run generate`. Do not edit.
import type { Quantity, StoredMeta } from "../wire-types.js";
import type { LabelSelector } from "./meta-v1.gen.js";

/** Scales by what one container of the Pods uses of a resource. */
export interface ContainerResourceMetricSource {
  /** Names the container. */
  readonly container: string;
  /** Names the resource, such as cpu. */
  readonly name: string;
  /** Says what to aim for. */
  readonly target: MetricTarget;
}

/** Reports what one container of the Pods uses of a resource. */
export interface ContainerResourceMetricStatus {
  /** Names the container. */
  readonly container: string;
  /** Holds the values now. */
  readonly current: MetricValueStatus;
  /** Names the resource, such as cpu. */
  readonly name: string;
}

/** Refers to an object by kind and name. */
export interface CrossVersionObjectReference {
  /** Is the version of the API that the kind is taken from. */
  readonly apiVersion?: string;
  /** Is the object's kind. */
  readonly kind: string;
  /** Is the object's name. */
  readonly name: string;
}

/** Scales by a metric that belongs to no object of the cluster. */
export interface ExternalMetricSource {
  /** Identifies the metric. */
  readonly metric: MetricIdentifier;
  /** Says what to aim for. */
  readonly target: MetricTarget;
}

/** Reports a metric that belongs to no object of the cluster. */
export interface ExternalMetricStatus {
  /** Holds the values now. */
  readonly current: MetricValueStatus;
  /** Identifies the metric. */
  readonly metric: MetricIdentifier;
}

/** Limits a change within a period. */
export interface HPAScalingPolicy {
  /** Is the length of the period in seconds, at most 1800. */
  readonly periodSeconds: number;
  /** Says what value counts: Pods, or a Percent of them. */
  readonly type: string;
  /** Is the greatest change; above zero. */
  readonly value: number;
}

/** Says how fast to scale in one direction. */
export interface HPAScalingRules {
  /** Limits the pace; there must be at least one. */
  readonly policies?: readonly HPAScalingPolicy[];
  /** Says which policy counts when there are several: Max (the default), Min, or Disabled for none. */
  readonly selectPolicy?: string;
  /** Looks back this many seconds for the most cautious decision; at most 3600. */
  readonly stabilizationWindowSeconds?: number;
  /** Is the deviation from the target that is let pass. */
  readonly tolerance?: Quantity;
}

/** Keeps the number of Pods of a workload in line with its load. */
export interface HorizontalPodAutoscaler {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "autoscaling/v2";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "HorizontalPodAutoscaler";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Says what is scaled, between which bounds and by what. */
  readonly spec: HorizontalPodAutoscalerSpec;
  /** Reports the metrics and the decision last made. */
  readonly status?: HorizontalPodAutoscalerStatus;
}

/** Says how fast to scale in each direction. */
export interface HorizontalPodAutoscalerBehavior {
  /** Sets the pace downwards. */
  readonly scaleDown?: HPAScalingRules;
  /** Sets the pace upwards. */
  readonly scaleUp?: HPAScalingRules;
}

/** States one aspect of a autoscaler's state. */
export interface HorizontalPodAutoscalerCondition {
  /** Tells when the status last became what it is. */
  readonly lastTransitionTime?: string;
  /** Gives the cause of the last change as a text for people. */
  readonly message?: string;
  /** Gives the cause of the last change as one CamelCase word. */
  readonly reason?: string;
  /** Says whether it holds: True, False or Unknown. */
  readonly status: string;
  /** Names the aspect. */
  readonly type: string;
}

/** Describes what is scaled and by which metrics. */
export interface HorizontalPodAutoscalerSpec {
  /** Sets the pace of scaling. */
  readonly behavior?: HorizontalPodAutoscalerBehavior;
  /** Is the greatest number of Pods, not below minReplicas. */
  readonly maxReplicas: number;
  /** Lists what to scale by; the metric that wants most Pods decides. By default 80 % of the requested CPU. */
  readonly metrics?: readonly MetricSpec[];
  /** Is the least number of Pods; 1 by default. */
  readonly minReplicas?: number;
  /** Refers to the object whose scale subresource is written. */
  readonly scaleTargetRef: CrossVersionObjectReference;
}

/** Reports what an autoscaler has seen and done last. */
export interface HorizontalPodAutoscalerStatus {
  /** States how scaling stands, one entry a type. */
  readonly conditions?: readonly HorizontalPodAutoscalerCondition[];
  /** Holds the metrics now. */
  readonly currentMetrics?: readonly MetricStatus[];
  /** Is the number of Pods now. */
  readonly currentReplicas?: number;
  /** Is the number of Pods last decided on. */
  readonly desiredReplicas: number;
  /** Tells when the number of Pods was last changed. */
  readonly lastScaleTime?: string;
  /** Holds the metadata.generation that this status takes into account. */
  readonly observedGeneration?: number;
}

/** Identifies a metric. */
export interface MetricIdentifier {
  /** Is the metric's name. */
  readonly name: string;
  /** Narrows the metric down by labels. */
  readonly selector?: LabelSelector;
}

/** Is one metric to scale by. */
export interface MetricSpec {
  /** Is what one container of the Pods uses of a resource. */
  readonly containerResource?: ContainerResourceMetricSource;
  /** Is a metric from outside the cluster. */
  readonly external?: ExternalMetricSource;
  /** Is a metric of another object. */
  readonly object?: ObjectMetricSource;
  /** Is a metric of the Pods, averaged over them. */
  readonly pods?: PodsMetricSource;
  /** Is what the Pods use of a resource. */
  readonly resource?: ResourceMetricSource;
  /** Says which of the fields holds the metric: ContainerResource, External, Object, Pods or Resource. */
  readonly type: string;
}

/** Reports one metric. */
export interface MetricStatus {
  /** Is what one container of the Pods uses of a resource. */
  readonly containerResource?: ContainerResourceMetricStatus;
  /** Is a metric from outside the cluster. */
  readonly external?: ExternalMetricStatus;
  /** Is a metric of another object. */
  readonly object?: ObjectMetricStatus;
  /** Is a metric of the Pods, averaged over them. */
  readonly pods?: PodsMetricStatus;
  /** Is what the Pods use of a resource. */
  readonly resource?: ResourceMetricStatus;
  /** Says which of the fields holds the metric: ContainerResource, External, Object, Pods or Resource. */
  readonly type: string;
}

/** Says which value to aim for. */
export interface MetricTarget {
  /** Is the share of what the Pods request to aim for, in percent. */
  readonly averageUtilization?: number;
  /** Is the value for each Pod to aim for. */
  readonly averageValue?: Quantity;
  /** Says how the metric is judged: Utilization, Value or AverageValue. */
  readonly type: string;
  /** Is the value to aim for. */
  readonly value?: Quantity;
}

/** Holds the values of a metric. */
export interface MetricValueStatus {
  /** Is the share of what the Pods request that they use, in percent. */
  readonly averageUtilization?: number;
  /** Is the value for each Pod now. */
  readonly averageValue?: Quantity;
  /** Is the value now. */
  readonly value?: Quantity;
}

/** Scales by a metric of another object. */
export interface ObjectMetricSource {
  /** Refers to the object. */
  readonly describedObject: CrossVersionObjectReference;
  /** Identifies the metric. */
  readonly metric: MetricIdentifier;
  /** Says what to aim for. */
  readonly target: MetricTarget;
}

/** Reports a metric of another object. */
export interface ObjectMetricStatus {
  /** Holds the values now. */
  readonly current: MetricValueStatus;
  /** Refers to the object. */
  readonly describedObject: CrossVersionObjectReference;
  /** Identifies the metric. */
  readonly metric: MetricIdentifier;
}

/** Scales by a metric of the Pods. */
export interface PodsMetricSource {
  /** Identifies the metric. */
  readonly metric: MetricIdentifier;
  /** Says what to aim for; only averageValue counts. */
  readonly target: MetricTarget;
}

/** Reports a metric of the Pods. */
export interface PodsMetricStatus {
  /** Holds the values now. */
  readonly current: MetricValueStatus;
  /** Identifies the metric. */
  readonly metric: MetricIdentifier;
}

/** Scales by what the Pods use of a resource. */
export interface ResourceMetricSource {
  /** Names the resource, such as cpu. */
  readonly name: string;
  /** Says what to aim for. */
  readonly target: MetricTarget;
}

/** Reports what the Pods use of a resource. */
export interface ResourceMetricStatus {
  /** Holds the values now. */
  readonly current: MetricValueStatus;
  /** Names the resource, such as cpu. */
  readonly name: string;
}
