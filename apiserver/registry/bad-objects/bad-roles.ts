import type { JsonObject } from "../../../api/schema/wire-types.js";
import { bad, type BadObject, missing, TEXT, unknown, wrong } from "./bad-object.js";

const RBAC = "rbac.authorization.k8s.io";
const rbac = (kind: string, rest: JsonObject): JsonObject => ({
  apiVersion: `${RBAC}/v1`,
  kind,
  metadata: { name: "bad" },
  ...rest,
});
const role = (rule: JsonObject): JsonObject => rbac("Role", { rules: [rule] });
const clusterRole = (rule: JsonObject): JsonObject => rbac("ClusterRole", { rules: [rule] });
const viewer = { apiGroup: RBAC, kind: "ClusterRole", name: "view" };
const binding = (subject: JsonObject): JsonObject =>
  rbac("RoleBinding", { roleRef: viewer, subjects: [subject] });

/** Roles and bindings that are wrong. */
export const BAD_ROLES: readonly BadObject[] = [
  bad(
    "rule without verbs",
    role({ verbs: [], apiGroups: [""], resources: ["pods"] }),
    missing("rules[0].verbs", "verbs must contain at least one value"),
  ),
  bad(
    "rule without group and resource",
    role({ verbs: ["get"] }),
    missing("rules[0].apiGroups", "resource rules must supply at least one api group"),
    missing("rules[0].resources", "resource rules must supply at least one resource"),
  ),
  bad(
    "path in a namespaced rule",
    role({ verbs: ["get"], nonResourceURLs: ["/a"] }),
    wrong("rules[0].nonResourceURLs", ["/a"], "namespaced rules cannot apply to non-resource URLs"),
  ),
  bad(
    "rule about paths and resources",
    clusterRole({ verbs: ["get"], nonResourceURLs: ["/a"], resources: ["pods"] }),
    wrong(
      "rules[0].nonResourceURLs",
      ["/a"],
      "rules cannot apply to both regular resources and non-resource URLs",
    ),
  ),
  bad(
    "aggregation of nothing",
    rbac("ClusterRole", { aggregationRule: {} }),
    missing(
      "aggregationRule.clusterRoleSelectors",
      "at least one clusterRoleSelector required if aggregationRule is non-nil",
    ),
  ),
  bad(
    "cluster-wide rule without verbs",
    clusterRole({ verbs: [], apiGroups: [""], resources: ["pods"] }),
    missing("rules[0].verbs", "verbs must contain at least one value"),
  ),
  bad(
    "cluster-wide rule about nothing",
    clusterRole({ verbs: ["get"], apiGroups: [""] }),
    missing("rules[0].resources", "resource rules must supply at least one resource"),
  ),
  bad(
    "aggregation by a key with a blank",
    rbac("ClusterRole", {
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { "a b": "c" } }] },
    }),
    wrong("aggregationRule.clusterRoleSelectors[0].matchLabels", "a b", TEXT.qualified),
  ),
  bad(
    "binding to no role",
    rbac("RoleBinding", { roleRef: { apiGroup: RBAC, kind: "Rolle", name: "" } }),
    unknown("roleRef.kind", "Rolle", "Role", "ClusterRole"),
    missing("roleRef.name"),
  ),
  bad(
    "cluster-wide binding to a Role",
    rbac("ClusterRoleBinding", { roleRef: { ...viewer, kind: "Role" } }),
    unknown("roleRef.kind", "Role", "ClusterRole"),
  ),
  bad(
    "cluster-wide binding of an account without a namespace",
    rbac("ClusterRoleBinding", {
      roleRef: viewer,
      subjects: [{ kind: "ServiceAccount", name: "a" }],
    }),
    missing("subjects[0].namespace"),
  ),
  bad(
    "binding to another group's role",
    rbac("RoleBinding", { roleRef: { apiGroup: "apps", kind: "Role", name: "r" } }),
    unknown("roleRef.apiGroup", "apps", RBAC),
  ),
  bad(
    "subject of an unknown kind",
    binding({ kind: "Robot", name: "a" }),
    unknown("subjects[0].kind", "Robot", "ServiceAccount", "User", "Group"),
  ),
  bad(
    "user without a name",
    binding({ kind: "User", apiGroup: RBAC, name: "" }),
    missing("subjects[0].name"),
  ),
  bad(
    "group of another API group",
    binding({ kind: "Group", apiGroup: "apps", name: "g" }),
    unknown("subjects[0].apiGroup", "apps", RBAC),
  ),
];
