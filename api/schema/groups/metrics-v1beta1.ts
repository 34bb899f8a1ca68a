/** metrics.k8s.io/v1beta1: see ../notation.ts for how to read this. */
export const metricsV1beta1 = `
group metrics/v1beta1 metrics.k8s.io/v1beta1

kind NodeMetrics nodes cluster
  verbs get list

kind PodMetrics pods namespaced
  verbs get list

type NodeMetrics # Tells what a node used lately.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 timestamp! Time # Tells when the interval ended in which the usage was measured.
  3 window! Duration # Tells how long that interval was.
  4 usage! map[Quantity] # Holds the use of each resource: cpu as the average of the interval, memory (the working set) at its end.

type PodMetrics # Tells what the containers of a pod used lately.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 timestamp! Time # Tells when the interval ended in which the usage was measured.
  3 window! Duration # Tells how long that interval was.
  4 containers! []ContainerMetrics # Lists the containers that ran in that interval.

type ContainerMetrics # Tells what one container used.
  1 name! string # Names the container as the pod's spec does.
  2 usage! map[Quantity] # Holds the use of each resource: cpu as the average of the interval, memory (the working set) at its end.
`;
