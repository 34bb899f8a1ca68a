import type {
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  ResourceQuota,
  Service,
} from "../../api/schema/types/core-v1.gen.js";
import {
  amount,
  conditionSamples,
  kindMetrics,
  oneOf,
  resourceSamples,
  type Sample,
  seconds,
} from "./family.js";

const ROLE_LABEL = "node-role.kubernetes.io/";

const NODE_METRICS = kindMetrics<Node>({
  resource: { group: "", resource: "nodes" },
  names: ({ metadata }) => ({ node: metadata.name }),
  families: [
    {
      name: "kube_node_info",
      help: "Information about a cluster node.",
      of: ({ spec, status }) => {
        const info = status?.nodeInfo;
        const internal = status?.addresses?.find(({ type }) => type === "InternalIP");
        return [
          [
            {
              kernel_version: info?.kernelVersion ?? "",
              os_image: info?.osImage ?? "",
              container_runtime_version: info?.containerRuntimeVersion ?? "",
              kubelet_version: info?.kubeletVersion ?? "",
              kubeproxy_version: "deprecated",
              provider_id: spec?.providerID ?? "",
              pod_cidr: spec?.podCIDR ?? "",
              system_uuid: info?.systemUUID ?? "",
              internal_ip: internal?.address ?? "",
            },
            1,
          ],
        ];
      },
    },
    {
      name: "kube_node_created",
      help: "Unix creation timestamp",
      of: ({ metadata }) => seconds(metadata.creationTimestamp),
    },
    {
      name: "kube_node_role",
      help: "The role of a cluster node.",
      of: ({ metadata }) =>
        Object.keys(metadata.labels ?? {})
          .filter((label) => label.startsWith(ROLE_LABEL))
          .map((label): Sample => [{ role: label.slice(ROLE_LABEL.length) }, 1]),
    },
    {
      name: "kube_node_spec_unschedulable",
      help: "Whether a node can schedule new pods.",
      of: ({ spec }) => (spec?.unschedulable === true ? 1 : 0),
    },
    {
      name: "kube_node_spec_taint",
      help: "The taint of a cluster node.",
      of: ({ spec }) =>
        (spec?.taints ?? []).map(
          ({ key, value = "", effect }): Sample => [{ key, value, effect }, 1],
        ),
    },
    {
      name: "kube_node_status_condition",
      help: "The condition of a cluster node.",
      of: ({ status }) => conditionSamples(status?.conditions),
    },
    {
      name: "kube_node_status_capacity",
      help: "The total amount of resources available for a node.",
      of: ({ status }) => resourceSamples(status?.capacity),
    },
    {
      name: "kube_node_status_allocatable",
      help: "The amount of resources allocatable for pods (after reserving some for system daemons).",
      of: ({ status }) => resourceSamples(status?.allocatable),
    },
  ],
});

const NAMESPACE_METRICS = kindMetrics<Namespace>({
  resource: { group: "", resource: "namespaces" },
  names: ({ metadata }) => ({ namespace: metadata.name }),
  families: [
    {
      name: "kube_namespace_created",
      help: "Unix creation timestamp",
      of: ({ metadata }) => seconds(metadata.creationTimestamp),
    },
    {
      name: "kube_namespace_status_phase",
      help: "kubernetes namespace status phase.",
      of: ({ status }) => oneOf("phase", ["Active", "Terminating"], status?.phase),
    },
  ],
});

const SERVICE_METRICS = kindMetrics<Service>({
  resource: { group: "", resource: "services" },
  names: ({ metadata: { namespace, name, uid } }) => ({ namespace, service: name, uid }),
  families: [
    {
      name: "kube_service_info",
      help: "Information about service.",
      of: ({ spec }) => [
        [
          {
            cluster_ip: spec.clusterIP ?? "",
            external_name: spec.externalName ?? "",
            load_balancer_ip: spec.loadBalancerIP ?? "",
          },
          1,
        ],
      ],
    },
    {
      name: "kube_service_created",
      help: "Unix creation timestamp",
      of: ({ metadata }) => seconds(metadata.creationTimestamp),
    },
    {
      name: "kube_service_spec_type",
      help: "Type about service.",
      of: ({ spec }) => [[{ type: spec.type ?? "ClusterIP" }, 1]],
    },
  ],
});

const CLAIM_METRICS = kindMetrics<PersistentVolumeClaim>({
  resource: { group: "", resource: "persistentvolumeclaims" },
  names: ({ metadata: { namespace, name } }) => ({ namespace, persistentvolumeclaim: name }),
  families: [
    {
      name: "kube_persistentvolumeclaim_info",
      help: "Information about persistent volume claim.",
      of: ({ spec }) => [
        [
          {
            storageclass: spec.storageClassName ?? "",
            volumename: spec.volumeName ?? "",
            volumemode: spec.volumeMode ?? "",
          },
          1,
        ],
      ],
    },
    {
      name: "kube_persistentvolumeclaim_status_phase",
      help: "The phase the persistent volume claim is currently in.",
      of: ({ status }) => oneOf("phase", ["Lost", "Bound", "Pending"], status?.phase),
    },
    {
      name: "kube_persistentvolumeclaim_resource_requests_storage_bytes",
      help: "The capacity of storage requested by the persistent volume claim.",
      of: ({ spec }) => amount(spec.resources?.requests?.["storage"]),
    },
    {
      name: "kube_persistentvolumeclaim_access_mode",
      help: "The access mode(s) specified by the persistent volume claim.",
      of: ({ spec }) => (spec.accessModes ?? []).map((mode): Sample => [{ access_mode: mode }, 1]),
    },
  ],
});

const VOLUME_METRICS = kindMetrics<PersistentVolume>({
  resource: { group: "", resource: "persistentvolumes" },
  names: ({ metadata }) => ({ persistentvolume: metadata.name }),
  families: [
    {
      name: "kube_persistentvolume_info",
      help: "Information about persistentvolume.",
      of: ({ spec }) => [[{ storageclass: spec.storageClassName ?? "" }, 1]],
    },
    {
      name: "kube_persistentvolume_status_phase",
      help: "The phase indicates if a volume is available, bound to a claim, or released by a claim.",
      of: ({ status }) =>
        oneOf("phase", ["Pending", "Available", "Bound", "Released", "Failed"], status?.phase),
    },
    {
      name: "kube_persistentvolume_capacity_bytes",
      help: "Persistentvolume capacity in bytes.",
      of: ({ spec }) => amount(spec.capacity?.["storage"]),
    },
    {
      name: "kube_persistentvolume_claim_ref",
      help: "Information about the Persistent Volume Claim Reference.",
      of: ({ spec: { claimRef } }) =>
        claimRef === undefined
          ? undefined
          : [[{ claim_namespace: claimRef.namespace ?? "", name: claimRef.name ?? "" }, 1]],
    },
  ],
});

const QUOTA_METRICS = kindMetrics<ResourceQuota>({
  resource: { group: "", resource: "resourcequotas" },
  names: ({ metadata: { namespace, name } }) => ({ namespace, resourcequota: name }),
  families: [
    {
      name: "kube_resourcequota",
      help: "Information about resource quota.",
      of: ({ status }) =>
        (["hard", "used"] as const).flatMap((type) =>
          Object.entries(status?.[type] ?? {}).map(
            ([resource, quantity]): Sample => [{ resource, type }, amount(quantity) ?? 0],
          ),
        ),
    },
  ],
});

export const CLUSTER_METRICS = [
  NAMESPACE_METRICS,
  NODE_METRICS,
  SERVICE_METRICS,
  CLAIM_METRICS,
  VOLUME_METRICS,
  QUOTA_METRICS,
];
