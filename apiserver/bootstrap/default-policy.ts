import type { PolicyRule, Subject } from "../../api/schema/types/rbac-v1.gen.js";
import {
  CERTIFICATE_ROLES,
  NODE_BOOTSTRAPPER,
  NODE_CLIENT,
  SELF_NODE_CLIENT,
} from "./certificate-roles.js";
import { AUTHENTICATION_CONFIG } from "./authentication-config.js";
import { COMPONENT_ROLES, LOOP_ROLES } from "./component-roles.js";
import { type DefaultClusterRole, on, RBAC_GROUP, READ, USER_ROLES } from "./default-roles.js";

/** An object of RBAC that every cluster has, as it is written when it is missing. */
export interface DefaultObject {
  readonly apiVersion: "rbac.authorization.k8s.io/v1";
  readonly kind: "ClusterRole" | "ClusterRoleBinding" | "Role" | "RoleBinding";
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly rules?: readonly PolicyRule[];
  readonly aggregationRule?: {
    readonly clusterRoleSelectors: readonly {
      readonly matchLabels: Readonly<Record<string, string>>;
    }[];
  };
  readonly subjects?: readonly Subject[];
  readonly roleRef?: { readonly apiGroup: string; readonly kind: string; readonly name: string };
}

/** While this says "true", what is missing is put back at every start. */
export const AUTOUPDATE = "rbac.authorization.kubernetes.io/autoupdate";
const API_VERSION = "rbac.authorization.k8s.io/v1";
const LABELS = { "kubernetes.io/bootstrapping": "rbac-defaults" };
const ANNOTATIONS = { [AUTOUPDATE]: "true" };
const CONTROLLER_MANAGER = "system:kube-controller-manager";

/** To take, renew and give back the leadership of one loop. */
function leaderLocking(lease: string): PolicyRule {
  return {
    ...on("coordination.k8s.io", ["get", "update", "delete"], "leases", "leases/hold"),
    resourceNames: [lease],
  };
}

/** Every default role and binding. */
export const DEFAULT_POLICY: readonly DefaultObject[] = [
  ...[...USER_ROLES, ...COMPONENT_ROLES, ...CERTIFICATE_ROLES, ...LOOP_ROLES].map(clusterRole),
  ...boundTo([group("system:masters")], "cluster-admin"),
  ...boundTo([group("system:authenticated")], "system:basic-user", "system:discovery"),
  ...boundTo(
    [group("system:authenticated"), group("system:unauthenticated")],
    "system:public-info-viewer",
    "raftsman:joiner",
  ),
  ...boundTo([group("system:monitoring")], "system:monitoring"),
  ...boundTo(
    [group("system:serviceaccounts")],
    "system:service-account-issuer-discovery",
    "system:cluster-trust-bundle-discovery",
  ),
  ...boundTo(
    [user("system:kube-scheduler")],
    "system:kube-scheduler",
    "system:volume-scheduler",
    "raftsman:node-usage",
  ),
  ...boundTo([user("system:kube-proxy")], "system:node-proxier"),
  // Nodes get their rights from the node authorizer, each for itself.
  ...boundTo([], "system:node"),
  // As kubeadm binds them: a join token is good for a node's certificate, a node for its own next one.
  ...boundTo([group("system:bootstrappers")], NODE_BOOTSTRAPPER, NODE_CLIENT),
  ...boundTo([group("system:nodes")], SELF_NODE_CLIENT),
  ...boundTo([user(CONTROLLER_MANAGER)], CONTROLLER_MANAGER),
  ...boundTo([user(CONTROLLER_MANAGER)], ...LOOP_ROLES.map(({ name }) => name)),
  ...inKubeSystem("system::leader-locking-kube-controller-manager", {
    rule: leaderLocking("kube-controller-manager"),
    subjects: [user(CONTROLLER_MANAGER)],
  }),
  ...inKubeSystem("system::leader-locking-kube-scheduler", {
    rule: leaderLocking("kube-scheduler"),
    subjects: [user("system:kube-scheduler")],
  }),
  // What binds it is not named like it: charts bind the accounts of their servers to the role.
  ...inKubeSystem("extension-apiserver-authentication-reader", {
    binding: "system::extension-apiserver-authentication-reader",
    rule: { ...on("", READ, "configmaps"), resourceNames: [AUTHENTICATION_CONFIG] },
    subjects: [user(CONTROLLER_MANAGER), user("system:kube-scheduler")],
  }),
];

function clusterRole({ name, labels, rules, aggregates }: DefaultClusterRole): DefaultObject {
  const metadata = { name, labels: { ...LABELS, ...labels }, annotations: ANNOTATIONS };
  const base = { apiVersion: API_VERSION, kind: "ClusterRole", metadata } as const;
  if (aggregates === undefined) return { ...base, rules };
  const clusterRoleSelectors = [{ matchLabels: { [aggregates]: "true" } }];
  return { ...base, aggregationRule: { clusterRoleSelectors } };
}

/** One ClusterRoleBinding for each role, named like it. */
function boundTo(subjects: readonly Subject[], ...roles: readonly string[]): DefaultObject[] {
  return roles.map((name) => ({
    apiVersion: API_VERSION,
    kind: "ClusterRoleBinding",
    metadata: { name, labels: LABELS, annotations: ANNOTATIONS },
    subjects,
    roleRef: { apiGroup: RBAC_GROUP, kind: "ClusterRole", name },
  }));
}

/** A Role and its binding, which has the same name unless another is given. */
function inKubeSystem(
  name: string,
  of: {
    readonly rule: PolicyRule;
    readonly subjects: readonly Subject[];
    readonly binding?: string;
  },
): DefaultObject[] {
  const { rule, subjects, binding = name } = of;
  const metadata = { name, namespace: "kube-system", labels: LABELS, annotations: ANNOTATIONS };
  return [
    { apiVersion: API_VERSION, kind: "Role", metadata, rules: [rule] },
    {
      apiVersion: API_VERSION,
      kind: "RoleBinding",
      metadata: { ...metadata, name: binding },
      subjects,
      roleRef: { apiGroup: RBAC_GROUP, kind: "Role", name },
    },
  ];
}

function group(name: string): Subject {
  return { apiGroup: RBAC_GROUP, kind: "Group", name };
}

function user(name: string): Subject {
  return { apiGroup: RBAC_GROUP, kind: "User", name };
}
