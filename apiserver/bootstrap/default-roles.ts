import type { PolicyRule } from "../../api/schema/types/rbac-v1.gen.js";

/** A ClusterRole that every cluster has. */
export interface DefaultClusterRole {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly rules: readonly PolicyRule[];
  /** Set: the rules are those of the roles with this label. */
  readonly aggregates?: string;
}

const AGGREGATE = "rbac.authorization.k8s.io/aggregate-to-";
export const READ = ["get", "list", "watch"];
export const READ_WRITE = [
  "create",
  "delete",
  "deletecollection",
  "get",
  "list",
  "patch",
  "update",
  "watch",
];
const WRITE = ["create", "delete", "deletecollection", "patch", "update"];
export const RBAC_GROUP = "rbac.authorization.k8s.io";
const COORDINATION = "coordination.k8s.io";

/** A rule about resources of one group. */
export function on(group: string, verbs: readonly string[], ...resources: string[]): PolicyRule {
  return { apiGroups: [group], resources, verbs };
}

function paths(...nonResourceURLs: string[]): PolicyRule {
  return { nonResourceURLs, verbs: ["get"] };
}

const WORKLOADS = [
  "daemonsets",
  "deployments",
  "deployments/scale",
  "replicasets",
  "replicasets/scale",
  "statefulsets",
  "statefulsets/scale",
];

const VIEW: readonly PolicyRule[] = [
  on(
    "",
    READ,
    "configmaps",
    "endpoints",
    "persistentvolumeclaims",
    "persistentvolumeclaims/status",
    "pods",
    "replicationcontrollers",
    "replicationcontrollers/scale",
    "serviceaccounts",
    "services",
    "services/status",
  ),
  on(
    "",
    READ,
    "bindings",
    "events",
    "limitranges",
    "namespaces/status",
    "pods/log",
    "pods/status",
    "replicationcontrollers/status",
    "resourcequotas",
    "resourcequotas/status",
  ),
  on("", READ, "namespaces"),
  on("discovery.k8s.io", READ, "endpointslices"),
  on(
    "apps",
    READ,
    "controllerrevisions",
    ...WORKLOADS,
    "daemonsets/status",
    "deployments/status",
    "replicasets/status",
    "statefulsets/status",
  ),
  on("autoscaling", READ, "horizontalpodautoscalers", "horizontalpodautoscalers/status"),
  on("batch", READ, "cronjobs", "cronjobs/status", "jobs", "jobs/status"),
  on("policy", READ, "poddisruptionbudgets", "poddisruptionbudgets/status"),
  on("networking.k8s.io", READ, "ingresses", "ingresses/status", "networkpolicies"),
  on("resource.k8s.io", READ, "resourceclaims", "resourceclaims/status", "resourceclaimtemplates"),
  on("settings.k8s.io", READ, "podpresets"),
];

const EDIT: readonly PolicyRule[] = [
  on(
    "",
    READ,
    "pods/attach",
    "pods/exec",
    "pods/portforward",
    "pods/proxy",
    "secrets",
    "services/proxy",
  ),
  on("", ["impersonate"], "serviceaccounts"),
  on("", WRITE, "pods", "pods/attach", "pods/exec", "pods/portforward", "pods/proxy"),
  on("", ["create"], "pods/eviction"),
  on(
    "",
    WRITE,
    "configmaps",
    "events",
    "persistentvolumeclaims",
    "replicationcontrollers",
    "replicationcontrollers/scale",
    "secrets",
    "serviceaccounts",
    "services",
    "services/proxy",
  ),
  on("", ["create"], "serviceaccounts/token"),
  on("apps", WRITE, ...WORKLOADS, "deployments/rollback"),
  on("autoscaling", WRITE, "horizontalpodautoscalers"),
  on("batch", WRITE, "cronjobs", "jobs"),
  on("policy", WRITE, "poddisruptionbudgets"),
  on("networking.k8s.io", WRITE, "ingresses", "networkpolicies"),
  on("resource.k8s.io", WRITE, "resourceclaims", "resourceclaimtemplates"),
  on("settings.k8s.io", WRITE, "podpresets"),
  on(COORDINATION, READ_WRITE, "leases"),
];

const ADMIN: readonly PolicyRule[] = [
  on("authorization.k8s.io", ["create"], "localsubjectaccessreviews"),
  on(RBAC_GROUP, READ_WRITE, "rolebindings", "roles"),
];

const HEALTH = ["/healthz", "/livez", "/readyz", "/version", "/version/"];

/** The roles that people are given, and those of everybody. */
export const USER_ROLES: readonly DefaultClusterRole[] = [
  {
    name: "cluster-admin",
    rules: [
      { apiGroups: ["*"], resources: ["*"], verbs: ["*"] },
      { nonResourceURLs: ["*"], verbs: ["*"] },
    ],
  },
  { name: "admin", rules: [], aggregates: `${AGGREGATE}admin` },
  {
    name: "edit",
    labels: { [`${AGGREGATE}admin`]: "true" },
    rules: [],
    aggregates: `${AGGREGATE}edit`,
  },
  {
    name: "view",
    labels: { [`${AGGREGATE}edit`]: "true" },
    rules: [],
    aggregates: `${AGGREGATE}view`,
  },
  {
    name: "system:aggregate-to-admin",
    labels: { [`${AGGREGATE}admin`]: "true" },
    rules: ADMIN,
  },
  { name: "system:aggregate-to-edit", labels: { [`${AGGREGATE}edit`]: "true" }, rules: EDIT },
  { name: "system:aggregate-to-view", labels: { [`${AGGREGATE}view`]: "true" }, rules: VIEW },
  // The name that metrics-server gives it: what is granted to it there is granted here.
  {
    name: "system:aggregated-metrics-reader",
    labels: {
      [`${AGGREGATE}view`]: "true",
      [`${AGGREGATE}edit`]: "true",
      [`${AGGREGATE}admin`]: "true",
    },
    rules: [on("metrics.k8s.io", READ, "pods", "nodes")],
  },
  {
    name: "system:discovery",
    rules: [paths("/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*", ...HEALTH)],
  },
  { name: "system:public-info-viewer", rules: [paths(...HEALTH)] },
  {
    name: "system:basic-user",
    rules: [
      on("authorization.k8s.io", ["create"], "selfsubjectaccessreviews", "selfsubjectrulesreviews"),
      on("authentication.k8s.io", ["create"], "selfsubjectreviews"),
    ],
  },
  {
    name: "system:monitoring",
    rules: [
      paths(
        "/healthz",
        "/healthz/*",
        "/livez",
        "/livez/*",
        "/metrics",
        "/metrics/slis",
        "/readyz",
        "/readyz/*",
      ),
    ],
  },
  {
    name: "system:auth-delegator",
    rules: [
      on("authentication.k8s.io", ["create"], "tokenreviews"),
      on("authorization.k8s.io", ["create"], "subjectaccessreviews"),
    ],
  },
  {
    name: "system:cluster-trust-bundle-discovery",
    rules: [on("certificates.k8s.io", READ, "clustertrustbundles")],
  },
  {
    name: "system:service-account-issuer-discovery",
    rules: [paths("/.well-known/openid-configuration", "/openid/v1/jwks")],
  },
];
