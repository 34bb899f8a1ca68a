import type { CustomResourceDefinition } from "../schema/types/apiextensions-v1.gen.js";
import type {
  ControllerRevision,
  DaemonSet,
  Deployment,
  ReplicaSet,
  StatefulSet,
} from "../schema/types/apps-v1.gen.js";
import type { HorizontalPodAutoscaler } from "../schema/types/autoscaling-v2.gen.js";
import type { CronJob, Job } from "../schema/types/batch-v1.gen.js";
import type { CertificateSigningRequest } from "../schema/types/certificates-v1.gen.js";
import type { ClusterTrustBundle } from "../schema/types/certificates-v1beta1.gen.js";
import type { Lease } from "../schema/types/coordination-v1.gen.js";
import type {
  ConfigMap,
  Endpoints,
  Event,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  ReplicationController,
  ResourceQuota,
  Secret,
  Service,
  ServiceAccount,
} from "../schema/types/core-v1.gen.js";
import type { EndpointSlice } from "../schema/types/discovery-v1.gen.js";
import type { NodeMetrics, PodMetrics } from "../schema/types/metrics-v1beta1.gen.js";
import type { RuntimeClass } from "../schema/types/node-v1.gen.js";
import type { ClusterRole } from "../schema/types/rbac-v1.gen.js";
import type { PriorityClass } from "../schema/types/scheduling-v1.gen.js";
import type { PodDisruptionBudget } from "../schema/types/policy-v1.gen.js";
import type { StorageClass } from "../schema/types/storage-v1.gen.js";
import type { KubernetesObject } from "../schema/wire-types.js";
import type { ResourceType } from "./client-types.js";

function core<T extends KubernetesObject>(
  kind: T["kind"],
  plural: string,
  namespaced = true,
): ResourceType<T> {
  return { group: "", version: "v1", kind, plural, namespaced };
}

/** CustomResourceDefinitions; they have no namespace. */
export const CUSTOM_RESOURCE_DEFINITIONS: ResourceType<CustomResourceDefinition> = {
  group: "apiextensions.k8s.io",
  version: "v1",
  kind: "CustomResourceDefinition",
  plural: "customresourcedefinitions",
  namespaced: false,
};
/** Pods. */
export const PODS = core<Pod>("Pod", "pods");
/** Nodes; they have no namespace. */
export const NODES = core<Node>("Node", "nodes", false);
/** Namespaces; they have no namespace. */
export const NAMESPACES = core<Namespace>("Namespace", "namespaces", false);
/** Services. */
export const SERVICES = core<Service>("Service", "services");
/** Endpoints, the predecessor of EndpointSlices. */
export const ENDPOINTS = core<Endpoints>("Endpoints", "endpoints");
/** ConfigMaps. */
export const CONFIG_MAPS = core<ConfigMap>("ConfigMap", "configmaps");
/** PersistentVolumeClaims. */
export const PERSISTENT_VOLUME_CLAIMS = core<PersistentVolumeClaim>(
  "PersistentVolumeClaim",
  "persistentvolumeclaims",
);
/** PersistentVolumes; they have no namespace. */
export const PERSISTENT_VOLUMES = core<PersistentVolume>(
  "PersistentVolume",
  "persistentvolumes",
  false,
);
/** StorageClasses; they have no namespace. */
export const STORAGE_CLASSES: ResourceType<StorageClass> = {
  group: "storage.k8s.io",
  version: "v1",
  kind: "StorageClass",
  plural: "storageclasses",
  namespaced: false,
};
/** RuntimeClasses; they have no namespace. */
export const RUNTIME_CLASSES: ResourceType<RuntimeClass> = {
  group: "node.k8s.io",
  version: "v1",
  kind: "RuntimeClass",
  plural: "runtimeclasses",
  namespaced: false,
};
/** ClusterTrustBundles; they have no namespace. */
export const CLUSTER_TRUST_BUNDLES: ResourceType<ClusterTrustBundle> = {
  group: "certificates.k8s.io",
  version: "v1beta1",
  kind: "ClusterTrustBundle",
  plural: "clustertrustbundles",
  namespaced: false,
};
/** ResourceQuotas. */
export const RESOURCE_QUOTAS = core<ResourceQuota>("ResourceQuota", "resourcequotas");
/** Secrets. */
export const SECRETS = core<Secret>("Secret", "secrets");
/** ServiceAccounts. */
export const SERVICE_ACCOUNTS = core<ServiceAccount>("ServiceAccount", "serviceaccounts");
/** Events of core/v1. */
export const EVENTS = core<Event>("Event", "events");
/** Deployments. */
export const DEPLOYMENTS: ResourceType<Deployment> = {
  group: "apps",
  version: "v1",
  kind: "Deployment",
  plural: "deployments",
  namespaced: true,
};
/** ReplicaSets. */
export const REPLICA_SETS: ResourceType<ReplicaSet> = {
  group: "apps",
  version: "v1",
  kind: "ReplicaSet",
  plural: "replicasets",
  namespaced: true,
};
/** StatefulSets. */
export const STATEFUL_SETS: ResourceType<StatefulSet> = {
  group: "apps",
  version: "v1",
  kind: "StatefulSet",
  plural: "statefulsets",
  namespaced: true,
};
/** DaemonSets. */
export const DAEMON_SETS: ResourceType<DaemonSet> = {
  group: "apps",
  version: "v1",
  kind: "DaemonSet",
  plural: "daemonsets",
  namespaced: true,
};
/** ControllerRevisions. */
export const CONTROLLER_REVISIONS: ResourceType<ControllerRevision> = {
  group: "apps",
  version: "v1",
  kind: "ControllerRevision",
  plural: "controllerrevisions",
  namespaced: true,
};
/** Jobs. */
export const JOBS: ResourceType<Job> = {
  group: "batch",
  version: "v1",
  kind: "Job",
  plural: "jobs",
  namespaced: true,
};
/** CronJobs. */
export const CRON_JOBS: ResourceType<CronJob> = {
  group: "batch",
  version: "v1",
  kind: "CronJob",
  plural: "cronjobs",
  namespaced: true,
};
/** ReplicationControllers. */
export const REPLICATION_CONTROLLERS = core<ReplicationController>(
  "ReplicationController",
  "replicationcontrollers",
);
/** PodDisruptionBudgets. */
export const POD_DISRUPTION_BUDGETS: ResourceType<PodDisruptionBudget> = {
  group: "policy",
  version: "v1",
  kind: "PodDisruptionBudget",
  plural: "poddisruptionbudgets",
  namespaced: true,
};
/** EndpointSlices. */
export const ENDPOINT_SLICES: ResourceType<EndpointSlice> = {
  group: "discovery.k8s.io",
  version: "v1",
  kind: "EndpointSlice",
  plural: "endpointslices",
  namespaced: true,
};
/** PriorityClasses; they have no namespace. */
export const PRIORITY_CLASSES: ResourceType<PriorityClass> = {
  group: "scheduling.k8s.io",
  version: "v1",
  kind: "PriorityClass",
  plural: "priorityclasses",
  namespaced: false,
};
/** Leases. */
export const LEASES: ResourceType<Lease> = {
  group: "coordination.k8s.io",
  version: "v1",
  kind: "Lease",
  plural: "leases",
  namespaced: true,
};
/** CertificateSigningRequests; they have no namespace. */
export const CERTIFICATE_SIGNING_REQUESTS: ResourceType<CertificateSigningRequest> = {
  group: "certificates.k8s.io",
  version: "v1",
  kind: "CertificateSigningRequest",
  plural: "certificatesigningrequests",
  namespaced: false,
};
/** ClusterRoles. */
export const CLUSTER_ROLES: ResourceType<ClusterRole> = {
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "ClusterRole",
  plural: "clusterroles",
  namespaced: false,
};

/** HorizontalPodAutoscalers. */
export const HORIZONTAL_POD_AUTOSCALERS: ResourceType<HorizontalPodAutoscaler> = {
  group: "autoscaling",
  version: "v2",
  kind: "HorizontalPodAutoscaler",
  plural: "horizontalpodautoscalers",
  namespaced: true,
};
/** What nodes use; it can be read and listed, not watched. */
export const NODE_METRICS: ResourceType<NodeMetrics> = {
  group: "metrics.k8s.io",
  version: "v1beta1",
  kind: "NodeMetrics",
  plural: "nodes",
  namespaced: false,
};
/** What pods use; it can be read and listed, not watched. */
export const POD_METRICS: ResourceType<PodMetrics> = {
  group: "metrics.k8s.io",
  version: "v1beta1",
  kind: "PodMetrics",
  plural: "pods",
  namespaced: true,
};

/** The apiVersion of a resource's objects: `v1`, `apps/v1`. */
export function apiVersionOf(type: { readonly group: string; readonly version: string }): string {
  return type.group === "" ? type.version : `${type.group}/${type.version}`;
}
