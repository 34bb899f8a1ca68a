import { NODE_RULES } from "../auth/node-authorizer.js";
import { type DefaultClusterRole, on, RBAC_GROUP, READ } from "./default-roles.js";

/** Events in both groups, as every component records them. */
const EVENTS = {
  apiGroups: ["", "events.k8s.io"],
  resources: ["events"],
  verbs: ["create", "patch", "update"],
};
const APPS = "apps";
const BATCH = "batch";
const CERTIFICATES = "certificates.k8s.io";
const COORDINATION = "coordination.k8s.io";
const STORAGE = "storage.k8s.io";

/** What each of our loops may do; together they are the rights of the controller manager. */
const LOOPS: Readonly<Record<string, DefaultClusterRole["rules"]>> = {
  // Works on every kind there is, those included that are added while the cluster runs.
  "generic-garbage-collector": [
    { apiGroups: ["*"], resources: ["*"], verbs: [...READ, "patch", "update", "delete"] },
  ],
  "namespace-controller": [
    { apiGroups: ["*"], resources: ["*"], verbs: ["get", "list", "delete", "deletecollection"] },
    on("", [...READ, "delete"], "namespaces"),
    on("", ["update"], "namespaces/finalize", "namespaces/status"),
  ],
  "certificate-controller": [
    on(CERTIFICATES, ["delete", ...READ], "certificatesigningrequests"),
    on(
      CERTIFICATES,
      ["update"],
      "certificatesigningrequests/approval",
      "certificatesigningrequests/status",
    ),
    on("authorization.k8s.io", ["create"], "subjectaccessreviews"),
    {
      ...on(CERTIFICATES, ["approve"], "signers"),
      resourceNames: ["kubernetes.io/kube-apiserver-client-kubelet"],
    },
    {
      ...on(CERTIFICATES, ["sign"], "signers"),
      resourceNames: [
        "kubernetes.io/kube-apiserver-client",
        "kubernetes.io/kube-apiserver-client-kubelet",
        "kubernetes.io/kubelet-serving",
      ],
    },
  ],
  "clusterrole-aggregation-controller": [
    on(RBAC_GROUP, ["escalate", ...READ, "patch", "update"], "clusterroles"),
  ],
  "cronjob-controller": [
    on(BATCH, [...READ, "update"], "cronjobs"),
    on(BATCH, ["create", "delete", ...READ, "patch", "update"], "jobs"),
    on(BATCH, ["update"], "cronjobs/status", "cronjobs/finalizers"),
    on("", ["delete", "list"], "pods"),
  ],
  // Deletes objects of kinds that are added while the cluster runs.
  "custom-resource-finalizer": [
    { apiGroups: ["*"], resources: ["*"], verbs: ["list", "delete"] },
    on("apiextensions.k8s.io", [...READ, "patch"], "customresourcedefinitions"),
    on("apiextensions.k8s.io", ["patch"], "customresourcedefinitions/status"),
  ],
  "daemon-set-controller": [
    on(APPS, READ, "daemonsets"),
    on(APPS, ["update"], "daemonsets/status", "daemonsets/finalizers"),
    on("", READ, "nodes"),
    on("", ["create", "delete", "list", "patch", "watch"], "pods"),
    on(APPS, ["create", "delete", ...READ, "patch", "update"], "controllerrevisions"),
  ],
  "deployment-controller": [
    on(APPS, [...READ, "update"], "deployments"),
    on(APPS, ["update"], "deployments/status", "deployments/finalizers"),
    on(APPS, ["create", "delete", ...READ, "patch", "update"], "replicasets"),
    on("", [...READ, "update"], "pods"),
  ],
  "disruption-controller": [
    on(APPS, READ, "deployments", "replicasets", "statefulsets"),
    on("", READ, "replicationcontrollers", "pods"),
    on("policy", READ, "poddisruptionbudgets"),
    on("policy", ["update"], "poddisruptionbudgets/status"),
    { apiGroups: ["*"], resources: ["*/scale"], verbs: ["get"] },
  ],
  "endpoint-controller": [
    on("", READ, "pods", "services"),
    on("", ["create", "delete", ...READ, "update"], "endpoints"),
  ],
  "endpointslice-controller": [
    on("", READ, "nodes", "pods", "services"),
    on("discovery.k8s.io", ["create", "delete", ...READ, "update"], "endpointslices"),
  ],
  "ephemeral-volume-controller": [
    on("", READ, "pods"),
    on("", ["update"], "pods/finalizers"),
    on("", ["create", ...READ], "persistentvolumeclaims"),
  ],
  "expand-controller": [
    on("", [...READ, "update"], "persistentvolumes"),
    on("", READ, "persistentvolumeclaims"),
    on("", ["update"], "persistentvolumeclaims/status"),
  ],
  "horizontal-pod-autoscaler": [
    on("autoscaling", READ, "horizontalpodautoscalers"),
    on("autoscaling", ["update"], "horizontalpodautoscalers/status"),
    { apiGroups: ["*"], resources: ["*/scale"], verbs: ["get", "update"] },
    on("", ["list"], "pods"),
    { apiGroups: ["metrics.k8s.io"], resources: ["pods"], verbs: ["list"] },
  ],
  "job-controller": [
    on(BATCH, [...READ, "patch", "update"], "jobs"),
    on(BATCH, ["update"], "jobs/status", "jobs/finalizers"),
    on("", ["create", "delete", "list", "patch", "watch"], "pods"),
  ],
  "local-path-provisioner": [
    on("", ["create", "delete", ...READ, "update"], "persistentvolumes"),
    on("", [...READ, "update"], "persistentvolumeclaims"),
    on("", READ, "nodes"),
    // The agent of a node takes its folders away.
    on("", ["delete"], "nodes/proxy"),
    on(STORAGE, READ, "storageclasses"),
  ],
  "node-controller": [
    on("", ["delete", ...READ, "patch", "update"], "nodes"),
    on("", ["patch", "update"], "nodes/status"),
    on("", ["patch", "update"], "pods/status"),
    on("", ["delete", ...READ], "pods"),
    // Each node's Lease, made once.
    on(COORDINATION, ["create", "get"], "leases"),
    { nonResourceURLs: ["/raftsman/v1/liveness"], verbs: ["get"] },
  ],
  "persistent-volume-binder": [
    on("", [...READ, "update"], "persistentvolumes", "persistentvolumeclaims"),
    on("", ["update"], "persistentvolumes/status", "persistentvolumeclaims/status"),
    on("", ["list", "watch"], "pods"),
    on(STORAGE, READ, "storageclasses"),
  ],
  "pod-garbage-collector": [
    on("", ["delete", ...READ], "pods"),
    on("", ["get", "list", "watch"], "nodes"),
    on("", ["patch"], "pods/status"),
  ],
  "pv-protection-controller": [on("", [...READ, "update"], "persistentvolumes")],
  "pvc-protection-controller": [
    on("", [...READ, "update"], "persistentvolumeclaims"),
    on("", READ, "pods"),
  ],
  "replicaset-controller": [
    on(APPS, [...READ, "update"], "replicasets"),
    on(APPS, ["update"], "replicasets/status", "replicasets/finalizers"),
    on("", ["create", "delete", ...READ, "patch"], "pods"),
  ],
  "replication-controller": [
    on("", [...READ, "update"], "replicationcontrollers"),
    on("", ["update"], "replicationcontrollers/status", "replicationcontrollers/finalizers"),
    on("", ["create", "delete", ...READ, "patch"], "pods"),
  ],
  "resourcequota-controller": [
    { apiGroups: ["*"], resources: ["*"], verbs: ["list", "watch"] },
    on("", ["get"], "resourcequotas"),
    on("", ["update"], "resourcequotas/status"),
  ],
  "root-ca-cert-publisher": [on("", ["create", ...READ, "update"], "configmaps")],
  "service-account-controller": [on("", ["create", ...READ], "serviceaccounts")],
  "statefulset-controller": [
    on("", READ, "pods"),
    on(APPS, READ, "statefulsets"),
    on(APPS, ["update"], "statefulsets/status", "statefulsets/finalizers"),
    on("", ["create", "delete", "get", "patch", "update"], "pods"),
    on(APPS, ["create", "delete", ...READ, "patch", "update"], "controllerrevisions"),
    on("", ["create", "delete", ...READ, "update"], "persistentvolumeclaims"),
  ],
  "taint-eviction-controller": [
    on("", ["delete", ...READ], "pods"),
    on("", ["patch"], "pods/status"),
    on("", READ, "nodes"),
  ],
  "ttl-after-finished-controller": [on(BATCH, ["delete", ...READ], "jobs")],
};

/** `system:controller:NAME`, a role for each loop. */
export const LOOP_ROLES: readonly DefaultClusterRole[] = Object.entries(LOOPS).map(
  ([name, rules]) => ({ name: `system:controller:${name}`, rules: [...rules, EVENTS] }),
);

/** The roles of the cluster's own components. */
export const COMPONENT_ROLES: readonly DefaultClusterRole[] = [
  {
    name: "system:kube-controller-manager",
    rules: [
      EVENTS,
      on("", READ, "namespaces", "nodes", "pods", "services"),
      on("", [...READ, "update", "delete"], "secrets"),
      on("", READ, "serviceaccounts"),
      on("", ["create"], "serviceaccounts/token"),
      on("authentication.k8s.io", ["create"], "tokenreviews"),
      on("authorization.k8s.io", ["create"], "subjectaccessreviews"),
    ],
  },
  {
    name: "system:kube-scheduler",
    rules: [
      EVENTS,
      on("", READ, "nodes", "namespaces", "services"),
      on("", READ, "replicationcontrollers", "persistentvolumes", "persistentvolumeclaims"),
      on("", ["delete", ...READ], "pods"),
      on("", ["create"], "bindings", "pods/binding"),
      on("", ["patch", "update"], "pods/status"),
      on(APPS, READ, "replicasets", "statefulsets"),
      on("policy", READ, "poddisruptionbudgets"),
      on(
        "storage.k8s.io",
        READ,
        "csidrivers",
        "csinodes",
        "csistoragecapacities",
        "storageclasses",
      ),
    ],
  },
  // The scheduler's too: it chooses volumes along with nodes.
  {
    name: "system:volume-scheduler",
    rules: [
      on("", [...READ, "patch", "update"], "persistentvolumes", "persistentvolumeclaims"),
      on(STORAGE, READ, "storageclasses"),
    ],
  },
  // For the plugin NodeUsage, which kube-scheduler does not have.
  { name: "raftsman:node-usage", rules: [on("metrics.k8s.io", ["get", "list"], "nodes")] },
  { name: "system:node", rules: NODE_RULES },
  // Whoever joins has no credentials yet but a token, which stands in what it sends.
  {
    name: "raftsman:joiner",
    rules: [
      { nonResourceURLs: ["/raftsman/v1/ca"], verbs: ["get"] },
      { nonResourceURLs: ["/raftsman/v1/join"], verbs: ["post"] },
    ],
  },
  {
    name: "system:node-proxier",
    rules: [
      EVENTS,
      on("", ["list", "watch"], "services", "endpoints", "nodes"),
      on("discovery.k8s.io", ["list", "watch"], "endpointslices"),
    ],
  },
];
