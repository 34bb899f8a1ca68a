/** rbac.authorization.k8s.io/v1: see ../notation.ts for how to read this. */
export const rbacV1 = `
group rbac/v1 rbac.authorization.k8s.io/v1

kind ClusterRoleBinding clusterrolebindings cluster
kind ClusterRole clusterroles cluster
kind RoleBinding rolebindings namespaced
kind Role roles namespaced

type AggregationRule # Says from which other ClusterRoles a ClusterRole takes its rules.
  1 clusterRoleSelectors []meta/v1.LabelSelector list=atomic # A role that one of these selects is taken.

type ClusterRole # Rules that a binding can refer to, in one namespace or in the whole cluster.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta # Standard metadata of objects.
  2 rules []PolicyRule list=atomic # What the role allows.
  3 aggregationRule AggregationRule # Set: the rules are those of the roles it selects.

type ClusterRoleBinding # Gives the rights of a ClusterRole to subjects, in the whole cluster.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta # Standard metadata of objects.
  2 subjects []Subject list=atomic # Who gets the rights.
  3 roleRef! RoleRef # The ClusterRole; it cannot be changed later.

type PolicyRule # Allows verbs on resources or on paths of the server.
  1 verbs! []string list=atomic # Such as get or create; * stands for all.
  2 apiGroups []string list=atomic # "" is the core group, * stands for all.
  3 resources []string list=atomic # Such as pods or pods/log; * stands for all.
  4 resourceNames []string list=atomic # The objects that the rule is about; empty means all.
  5 nonResourceURLs []string list=atomic # Paths such as /healthz; * at the end stands for the rest.

type Role # Rules that a RoleBinding of the same namespace can refer to.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta # Standard metadata of objects.
  2 rules []PolicyRule list=atomic # What the role allows.

type RoleBinding # Gives the rights of a Role or ClusterRole to subjects, in one namespace.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta # Standard metadata of objects.
  2 subjects []Subject list=atomic # Who gets the rights.
  3 roleRef! RoleRef # A Role of the namespace or a ClusterRole; it cannot be changed later.

type RoleRef map=atomic # Names a role.
  1 apiGroup string # Of the role: rbac.authorization.k8s.io.
  2 kind! string # Role or ClusterRole.
  3 name! string # Of the role.

type Subject map=atomic # Somebody who gets rights.
  1 kind! string # User, Group or ServiceAccount.
  2 apiGroup string # "" for a ServiceAccount, rbac.authorization.k8s.io for User and Group.
  3 name! string # Of the subject.
  4 namespace string # Of a ServiceAccount.
`;
