// Generated from ../groups by `npm run generate`. Do not edit.
import type { StoredMeta } from "../wire-types.js";
import type { LabelSelector } from "./meta-v1.gen.js";

/** Says from which other ClusterRoles a ClusterRole takes its rules. */
export interface AggregationRule {
  /** A role that one of these selects is taken. */
  readonly clusterRoleSelectors?: readonly LabelSelector[];
}

/** Rules that a binding can refer to, in one namespace or in the whole cluster. */
export interface ClusterRole {
  /** Set: the rules are those of the roles it selects. */
  readonly aggregationRule?: AggregationRule;
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "rbac.authorization.k8s.io/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "ClusterRole";
  /** Standard metadata of objects. */
  readonly metadata: StoredMeta;
  /** What the role allows. */
  readonly rules?: readonly PolicyRule[];
}

/** Gives the rights of a ClusterRole to subjects, in the whole cluster. */
export interface ClusterRoleBinding {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "rbac.authorization.k8s.io/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "ClusterRoleBinding";
  /** Standard metadata of objects. */
  readonly metadata: StoredMeta;
  /** The ClusterRole; it cannot be changed later. */
  readonly roleRef: RoleRef;
  /** Who gets the rights. */
  readonly subjects?: readonly Subject[];
}

/** Allows verbs on resources or on paths of the server. */
export interface PolicyRule {
  /** "" is the core group, * stands for all. */
  readonly apiGroups?: readonly string[];
  /** Paths such as /healthz; * at the end stands for the rest. */
  readonly nonResourceURLs?: readonly string[];
  /** The objects that the rule is about; empty means all. */
  readonly resourceNames?: readonly string[];
  /** Such as pods or pods/log; * stands for all. */
  readonly resources?: readonly string[];
  /** Such as get or create; * stands for all. */
  readonly verbs: readonly string[];
}

/** Rules that a RoleBinding of the same namespace can refer to. */
export interface Role {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "rbac.authorization.k8s.io/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "Role";
  /** Standard metadata of objects. */
  readonly metadata: StoredMeta;
  /** What the role allows. */
  readonly rules?: readonly PolicyRule[];
}

/** Gives the rights of a Role or ClusterRole to subjects, in one namespace. */
export interface RoleBinding {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "rbac.authorization.k8s.io/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "RoleBinding";
  /** Standard metadata of objects. */
  readonly metadata: StoredMeta;
  /** A Role of the namespace or a ClusterRole; it cannot be changed later. */
  readonly roleRef: RoleRef;
  /** Who gets the rights. */
  readonly subjects?: readonly Subject[];
}

/** Names a role. */
export interface RoleRef {
  /** Of the role: rbac.authorization.k8s.io. */
  readonly apiGroup?: string;
  /** Role or ClusterRole. */
  readonly kind: string;
  /** Of the role. */
  readonly name: string;
}

/** Somebody who gets rights. */
export interface Subject {
  /** "" for a ServiceAccount, rbac.authorization.k8s.io for User and Group. */
  readonly apiGroup?: string;
  /** User, Group or ServiceAccount. */
  readonly kind: string;
  /** Of the subject. */
  readonly name: string;
  /** Of a ServiceAccount. */
  readonly namespace?: string;
}
