/** scheduling.k8s.io/v1: see ../notation.ts for how to read this. */
export const schedulingV1 = `
group scheduling/v1 scheduling.k8s.io/v1

kind PriorityClass priorityclasses cluster short=pc

type PriorityClass # Gives Pods that name it a priority.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 value int32 default=0 # Is the priority; the higher, the more important. Users' classes end at 1000000000.
  3 globalDefault bool # Gives the class to Pods that name none; at most one class may say so.
  4 description string # Says to people what the class is for.
  5 preemptionPolicy? string default="PreemptLowerPriority" # Says whether its Pods may push others aside: PreemptLowerPriority (the default) or Never.
`;
