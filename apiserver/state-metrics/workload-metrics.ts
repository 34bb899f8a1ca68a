import type {
  DaemonSet,
  Deployment,
  ReplicaSet,
  StatefulSet,
} from "../../api/schema/types/apps-v1.gen.js";
import type { ObjectMeta } from "../../api/schema/types/meta-v1.gen.js";
import {
  conditionSamples,
  type Family,
  kindMetrics,
  named,
  number,
  ownerSamples,
  seconds,
} from "./family.js";

interface WithMeta {
  readonly metadata: Partial<ObjectMeta>;
  readonly status?: { readonly observedGeneration?: number };
}

/** Families that every workload has. */
function common<T extends WithMeta>(prefix: string): Family<T>[] {
  return [
    number(`${prefix}_created`, "Unix creation timestamp", ({ metadata }) =>
      seconds(metadata.creationTimestamp),
    ),
    number(
      `${prefix}_metadata_generation`,
      "Sequence number representing a specific generation of the desired state.",
      ({ metadata }) => metadata.generation,
    ),
  ];
}

function observed<T extends WithMeta>(prefix: string): Family<T> {
  return number(
    `${prefix}_status_observed_generation`,
    "The generation observed by the controller.",
    ({ status }) => status?.observedGeneration ?? 0,
  );
}

const DEPLOYMENT_METRICS = kindMetrics<Deployment>({
  resource: { group: "apps", resource: "deployments" },
  names: named("deployment"),
  families: [
    ...common<Deployment>("kube_deployment"),
    observed("kube_deployment"),
    number(
      "kube_deployment_spec_replicas",
      "Number of desired pods for a deployment.",
      (one) => one.spec.replicas ?? 1,
    ),
    number("kube_deployment_spec_paused", "Whether the deployment is paused.", ({ spec }) =>
      spec.paused === true ? 1 : 0,
    ),
    number(
      "kube_deployment_status_replicas",
      "The number of replicas per deployment.",
      ({ status }) => status?.replicas ?? 0,
    ),
    number(
      "kube_deployment_status_replicas_ready",
      "The number of ready replicas per deployment.",
      ({ status }) => status?.readyReplicas ?? 0,
    ),
    number(
      "kube_deployment_status_replicas_available",
      "The number of available replicas per deployment.",
      ({ status }) => status?.availableReplicas ?? 0,
    ),
    number(
      "kube_deployment_status_replicas_unavailable",
      "The number of unavailable replicas per deployment.",
      ({ status }) => status?.unavailableReplicas ?? 0,
    ),
    number(
      "kube_deployment_status_replicas_updated",
      "The number of updated replicas per deployment.",
      ({ status }) => status?.updatedReplicas ?? 0,
    ),
    {
      name: "kube_deployment_status_condition",
      help: "The current status conditions of a deployment.",
      of: ({ status }) => conditionSamples(status?.conditions, ({ reason = "" }) => ({ reason })),
    },
  ],
});

const REPLICA_SET_METRICS = kindMetrics<ReplicaSet>({
  resource: { group: "apps", resource: "replicasets" },
  names: named("replicaset"),
  families: [
    ...common<ReplicaSet>("kube_replicaset"),
    observed("kube_replicaset"),
    number(
      "kube_replicaset_spec_replicas",
      "Number of desired pods for a ReplicaSet.",
      ({ spec }) => spec?.replicas ?? 1,
    ),
    number(
      "kube_replicaset_status_replicas",
      "The number of replicas per ReplicaSet.",
      ({ status }) => status?.replicas ?? 0,
    ),
    number(
      "kube_replicaset_status_ready_replicas",
      "The number of ready replicas per ReplicaSet.",
      ({ status }) => status?.readyReplicas ?? 0,
    ),
    {
      name: "kube_replicaset_owner",
      help: "Information about the ReplicaSet's owner.",
      of: ({ metadata }) => ownerSamples(metadata),
    },
  ],
});

const STATEFUL_SET_METRICS = kindMetrics<StatefulSet>({
  resource: { group: "apps", resource: "statefulsets" },
  names: named("statefulset"),
  families: [
    ...common<StatefulSet>("kube_statefulset"),
    observed("kube_statefulset"),
    number(
      "kube_statefulset_replicas",
      "Number of desired pods for a StatefulSet.",
      ({ spec }) => spec.replicas ?? 1,
    ),
    number(
      "kube_statefulset_status_replicas",
      "The number of replicas per StatefulSet.",
      ({ status }) => status?.replicas ?? 0,
    ),
    number(
      "kube_statefulset_status_replicas_ready",
      "The number of ready replicas per StatefulSet.",
      ({ status }) => status?.readyReplicas ?? 0,
    ),
    number(
      "kube_statefulset_status_replicas_available",
      "The number of available replicas per StatefulSet.",
      ({ status }) => status?.availableReplicas ?? 0,
    ),
    number(
      "kube_statefulset_status_replicas_current",
      "The number of current replicas per StatefulSet.",
      ({ status }) => status?.currentReplicas ?? 0,
    ),
    number(
      "kube_statefulset_status_replicas_updated",
      "The number of updated replicas per StatefulSet.",
      ({ status }) => status?.updatedReplicas ?? 0,
    ),
    {
      name: "kube_statefulset_status_current_revision",
      help: "Indicates the version of the StatefulSet used to generate Pods in the sequence [0,currentReplicas).",
      of: ({ status }) => [[{ revision: status?.currentRevision ?? "" }, 1]],
    },
    {
      name: "kube_statefulset_status_update_revision",
      help: "Indicates the version of the StatefulSet used to generate Pods in the sequence [replicas-updatedReplicas,replicas)",
      of: ({ status }) => [[{ revision: status?.updateRevision ?? "" }, 1]],
    },
  ],
});

const DAEMON_SET_METRICS = kindMetrics<DaemonSet>({
  resource: { group: "apps", resource: "daemonsets" },
  names: named("daemonset"),
  families: [
    ...common<DaemonSet>("kube_daemonset"),
    observed("kube_daemonset"),
    number(
      "kube_daemonset_status_desired_number_scheduled",
      "The number of nodes that should be running the daemon pod.",
      ({ status }) => status?.desiredNumberScheduled ?? 0,
    ),
    number(
      "kube_daemonset_status_current_number_scheduled",
      "The number of nodes running at least one daemon pod and are supposed to.",
      ({ status }) => status?.currentNumberScheduled ?? 0,
    ),
    number(
      "kube_daemonset_status_number_available",
      "The number of nodes that should be running the daemon pod and have one or more of the daemon pod running and available",
      ({ status }) => status?.numberAvailable ?? 0,
    ),
    number(
      "kube_daemonset_status_number_unavailable",
      "The number of nodes that should be running the daemon pod and have none of the daemon pod running and available",
      ({ status }) => status?.numberUnavailable ?? 0,
    ),
    number(
      "kube_daemonset_status_number_misscheduled",
      "The number of nodes running a daemon pod but are not supposed to.",
      ({ status }) => status?.numberMisscheduled ?? 0,
    ),
    number(
      "kube_daemonset_status_number_ready",
      "The number of nodes that should be running the daemon pod and have one or more of the daemon pod running and ready.",
      ({ status }) => status?.numberReady ?? 0,
    ),
    number(
      "kube_daemonset_status_updated_number_scheduled",
      "The total number of nodes that are running updated daemon pod",
      ({ status }) => status?.updatedNumberScheduled ?? 0,
    ),
  ],
});

export const WORKLOAD_METRICS = [
  DEPLOYMENT_METRICS,
  REPLICA_SET_METRICS,
  STATEFUL_SET_METRICS,
  DAEMON_SET_METRICS,
];
