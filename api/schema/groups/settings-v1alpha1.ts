/** settings.k8s.io/v1alpha1: see ../notation.ts for how to read this. */
export const settingsV1alpha1 = `
group settings/v1alpha1 settings.k8s.io/v1alpha1

kind PodPreset podpresets namespaced

type PodPreset # Adds variables and volumes to the Pods that it selects, when they are created.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec PodPresetSpec # Says which Pods, and what they get.

type PodPresetSpec # Says what is added to which Pods.
  1 selector meta/v1.LabelSelector default={} # Selects the Pods by their labels; an empty one selects all of the namespace.
  2 env []core/v1.EnvVar # Lists variables that every container gets.
  3 envFrom []core/v1.EnvFromSource # Lists sources of variables that every container gets.
  4 volumes []core/v1.Volume # Lists volumes that the Pod gets.
  5 volumeMounts []core/v1.VolumeMount # Lists where every container mounts them.
`;
