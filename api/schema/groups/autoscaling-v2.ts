/** autoscaling/v2: see ../notation.ts for how to read this. */
export const autoscalingV2 = `
group autoscaling/v2 autoscaling/v2

kind HorizontalPodAutoscaler horizontalpodautoscalers namespaced short=hpa categories=all
  sub status HorizontalPodAutoscaler get patch update

type ContainerResourceMetricSource # Scales by what one container of the Pods uses of a resource.
  1 name! string # Names the resource, such as cpu.
  2 target! MetricTarget # Says what to aim for.
  3 container! string # Names the container.

type ContainerResourceMetricStatus # Reports what one container of the Pods uses of a resource.
  1 name! string # Names the resource, such as cpu.
  2 current! MetricValueStatus # Holds the values now.
  3 container! string # Names the container.

type CrossVersionObjectReference # Refers to an object by kind and name.
  1 kind! string # Is the object's kind.
  2 name! string # Is the object's name.
  3 apiVersion string # Is the version of the API that the kind is taken from.

type ExternalMetricSource # Scales by a metric that belongs to no object of the cluster.
  1 metric! MetricIdentifier # Identifies the metric.
  2 target! MetricTarget # Says what to aim for.

type ExternalMetricStatus # Reports a metric that belongs to no object of the cluster.
  1 metric! MetricIdentifier # Identifies the metric.
  2 current! MetricValueStatus # Holds the values now.

type HPAScalingPolicy # Limits a change within a period.
  1 type! string # Says what value counts: Pods, or a Percent of them.
  2 value! int32 # Is the greatest change; above zero.
  3 periodSeconds! int32 # Is the length of the period in seconds, at most 1800.

type HPAScalingRules # Says how fast to scale in one direction.
  1 selectPolicy? string # Says which policy counts when there are several: Max (the default), Min, or Disabled for none.
  2 policies []HPAScalingPolicy list=atomic # Limits the pace; there must be at least one.
  3 stabilizationWindowSeconds? int32 # Looks back this many seconds for the most cautious decision; at most 3600.
  4 tolerance? Quantity # Is the deviation from the target that is let pass.

type HorizontalPodAutoscaler # Keeps the number of Pods of a workload in line with its load.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec! HorizontalPodAutoscalerSpec # Says what is scaled, between which bounds and by what.
  3 status HorizontalPodAutoscalerStatus default={} # Reports the metrics and the decision last made.

type HorizontalPodAutoscalerBehavior # Says how fast to scale in each direction.
  1 scaleUp HPAScalingRules # Sets the pace upwards.
  2 scaleDown HPAScalingRules # Sets the pace downwards.

type HorizontalPodAutoscalerCondition # States one aspect of a autoscaler's state.
  1 type! string # Names the aspect.
  2 status! string # Says whether it holds: True, False or Unknown.
  3 lastTransitionTime Time # Tells when the status last became what it is.
  4 reason string # Gives the cause of the last change as one CamelCase word.
  5 message string # Gives the cause of the last change as a text for people.

type HorizontalPodAutoscalerSpec # Describes what is scaled and by which metrics.
  1 scaleTargetRef! CrossVersionObjectReference # Refers to the object whose scale subresource is written.
  2 minReplicas? int32 default=1 # Is the least number of Pods; 1 by default.
  3 maxReplicas! int32 # Is the greatest number of Pods, not below minReplicas.
  4 metrics []MetricSpec list=atomic # Lists what to scale by; the metric that wants most Pods decides. By default 80 % of the requested CPU.
  5 behavior HorizontalPodAutoscalerBehavior # Sets the pace of scaling.

type HorizontalPodAutoscalerStatus # Reports what an autoscaler has seen and done last.
  1 observedGeneration? int64 # Holds the metadata.generation that this status takes into account.
  2 lastScaleTime Time # Tells when the number of Pods was last changed.
  3 currentReplicas int32 # Is the number of Pods now.
  4 desiredReplicas! int32 # Is the number of Pods last decided on.
  5 currentMetrics []MetricStatus list=atomic # Holds the metrics now.
  6 conditions []HorizontalPodAutoscalerCondition list=map(type) patch=merge(type) # States how scaling stands, one entry a type.

type MetricIdentifier # Identifies a metric.
  1 name! string # Is the metric's name.
  2 selector meta/v1.LabelSelector # Narrows the metric down by labels.

type MetricSpec # Is one metric to scale by.
  1 type! string # Says which of the fields holds the metric: ContainerResource, External, Object, Pods or Resource.
  2 object ObjectMetricSource # Is a metric of another object.
  3 pods PodsMetricSource # Is a metric of the Pods, averaged over them.
  4 resource ResourceMetricSource # Is what the Pods use of a resource.
  5 external ExternalMetricSource # Is a metric from outside the cluster.
  7 containerResource ContainerResourceMetricSource # Is what one container of the Pods uses of a resource.

type MetricStatus # Reports one metric.
  1 type! string # Says which of the fields holds the metric: ContainerResource, External, Object, Pods or Resource.
  2 object ObjectMetricStatus # Is a metric of another object.
  3 pods PodsMetricStatus # Is a metric of the Pods, averaged over them.
  4 resource ResourceMetricStatus # Is what the Pods use of a resource.
  5 external ExternalMetricStatus # Is a metric from outside the cluster.
  7 containerResource ContainerResourceMetricStatus # Is what one container of the Pods uses of a resource.

type MetricTarget # Says which value to aim for.
  1 type! string # Says how the metric is judged: Utilization, Value or AverageValue.
  2 value? Quantity # Is the value to aim for.
  3 averageValue? Quantity # Is the value for each Pod to aim for.
  4 averageUtilization? int32 # Is the share of what the Pods request to aim for, in percent.

type MetricValueStatus # Holds the values of a metric.
  1 value? Quantity # Is the value now.
  2 averageValue? Quantity # Is the value for each Pod now.
  3 averageUtilization? int32 # Is the share of what the Pods request that they use, in percent.

type ObjectMetricSource # Scales by a metric of another object.
  1 describedObject! CrossVersionObjectReference # Refers to the object.
  2 target! MetricTarget # Says what to aim for.
  3 metric! MetricIdentifier # Identifies the metric.

type ObjectMetricStatus # Reports a metric of another object.
  1 metric! MetricIdentifier # Identifies the metric.
  2 current! MetricValueStatus # Holds the values now.
  3 describedObject! CrossVersionObjectReference # Refers to the object.

type PodsMetricSource # Scales by a metric of the Pods.
  1 metric! MetricIdentifier # Identifies the metric.
  2 target! MetricTarget # Says what to aim for; only averageValue counts.

type PodsMetricStatus # Reports a metric of the Pods.
  1 metric! MetricIdentifier # Identifies the metric.
  2 current! MetricValueStatus # Holds the values now.

type ResourceMetricSource # Scales by what the Pods use of a resource.
  1 name! string # Names the resource, such as cpu.
  2 target! MetricTarget # Says what to aim for.

type ResourceMetricStatus # Reports what the Pods use of a resource.
  1 name! string # Names the resource, such as cpu.
  2 current! MetricValueStatus # Holds the values now.
`;
