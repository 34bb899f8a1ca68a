/** autoscaling/v1: see ../notation.ts for how to read this. */
export const autoscalingV1 = `
group autoscaling/v1 autoscaling/v1

kind HorizontalPodAutoscaler horizontalpodautoscalers namespaced short=hpa categories=all storage=autoscaling/v2.HorizontalPodAutoscaler
  sub status HorizontalPodAutoscaler get patch update

type CrossVersionObjectReference map=atomic # Refers to an object by kind and name.
  1 kind! string # Is the object's kind.
  2 name! string # Is the object's name.
  3 apiVersion string # Is the version of the API that the kind is taken from.

type HorizontalPodAutoscaler # Keeps the number of Pods of a workload in line with its load.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec! HorizontalPodAutoscalerSpec # Says what is scaled, between which bounds and by what.
  3 status HorizontalPodAutoscalerStatus default={} # Reports the metrics and the decision last made.

type HorizontalPodAutoscalerSpec # Describes what is scaled and by how much.
  1 scaleTargetRef! CrossVersionObjectReference # Refers to the object whose scale subresource is written.
  2 minReplicas? int32 default=1 # Is the least number of Pods; 1 by default.
  3 maxReplicas! int32 # Is the greatest number of Pods, not below minReplicas.
  4 targetCPUUtilizationPercentage? int32 # Is the average use of the requested CPU to aim for, in percent.

type HorizontalPodAutoscalerStatus # Reports what an autoscaler has seen and done last.
  1 observedGeneration? int64 # Holds the metadata.generation that this status takes into account.
  2 lastScaleTime Time # Tells when the number of Pods was last changed.
  3 currentReplicas! int32 # Is the number of Pods now.
  4 desiredReplicas! int32 # Is the number of Pods last decided on.
  5 currentCPUUtilizationPercentage? int32 # Is the average use of the requested CPU now, in percent.

type Scale # Shows how many Pods an object of another kind runs, and changes how many it is to run.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec ScaleSpec # Says how many Pods are wanted.
  3 status ScaleStatus # Reports how many Pods there are.

type ScaleSpec # Says how many Pods are wanted.
  1 replicas int32 # Is the number of Pods that are wanted; 0 by default.

type ScaleStatus # Reports how many Pods there are.
  1 replicas! int32 # Counts the Pods that exist.
  2 selector string # Chooses those Pods, as the text of a label selector such as app=web; empty when there is none.
`;
