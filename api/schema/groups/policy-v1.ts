/** policy/v1: see ../notation.ts for how to read this. */
export const policyV1 = `
group policy/v1 policy/v1

kind PodDisruptionBudget poddisruptionbudgets namespaced short=pdb
  sub status PodDisruptionBudget get patch update

type Eviction # Asks to delete a Pod as long as its PodDisruptionBudgets allow it; nothing is stored.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 deleteOptions meta/v1.DeleteOptions # Says how the Pod is to be deleted; absent takes the Pod's own grace period.

type PodDisruptionBudget # Limits how many Pods may be evicted at a time.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec PodDisruptionBudgetSpec # Chooses the Pods and says how many must stay.
  3 status PodDisruptionBudgetStatus default={} # Reports how many may be evicted now; its controller writes it.

type PodDisruptionBudgetSpec # Describes how many of which Pods must stay.
  1 minAvailable? IntOrString # Is how many Pods must stay healthy, as a number or in percent; not together with maxUnavailable.
  2 selector meta/v1.LabelSelector patch=replace # Chooses the Pods; an empty one chooses all of the namespace, an absent one none.
  3 maxUnavailable? IntOrString # Is how many Pods may be missing, as a number or in percent; not together with minAvailable.
  4 unhealthyPodEvictionPolicy? string # Says when Pods that are not ready may go: AlwaysAllow, or IfHealthyBudget (the default).

type PodDisruptionBudgetStatus # Reports how many Pods may be evicted.
  1 observedGeneration int64 # Holds the metadata.generation that this status takes into account.
  2 disruptedPods map[Time] # Holds Pods that may go but are not gone yet, each with the time of its eviction.
  3 disruptionsAllowed int32 default=0 # Is how many Pods may be evicted now.
  4 currentHealthy int32 default=0 # Counts the Pods that are healthy.
  5 desiredHealthy int32 default=0 # Is how many Pods must stay healthy.
  6 expectedPods int32 default=0 # Counts the Pods that the budget is about.
  7 conditions []meta/v1.Condition list=map(type) patch=merge(type) # States how the budget stands, one entry a type.
`;
