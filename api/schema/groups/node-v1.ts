/** node.k8s.io/v1: see ../notation.ts for how to read this. */
export const nodeV1 = `
group node/v1 node.k8s.io/v1

kind RuntimeClass runtimeclasses cluster

type Overhead # Says what running a Pod costs beside its containers.
  1 podFixed map[Quantity] # Holds the amounts that every Pod of the class costs beside what its containers ask for.

type RuntimeClass # Names a way of running Pods, such as in a virtual machine.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 handler! string # Names the handler that the node's runtime is told, as a DNS label; it never changes.
  3 overhead Overhead # Says what running a Pod of the class costs beside its containers.
  4 scheduling Scheduling # Says which nodes can run Pods of the class; absent means that all can.

type Scheduling # Says which nodes can run Pods of a class.
  1 nodeSelector map[string] map=atomic # Lists labels that those nodes have; Pods of the class get them, and may not contradict them.
  2 tolerations []core/v1.Toleration list=atomic # Lists taints of those nodes; Pods of the class get them beside their own.
`;
