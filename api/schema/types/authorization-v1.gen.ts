// Generated from ../groups by `npm run generate`. Do not edit.
import type { StoredMeta } from "../wire-types.js";
import type { FieldSelectorRequirement, LabelSelectorRequirement } from "./meta-v1.gen.js";

/** Narrows an access to objects with certain fields; only one of its fields may be set. */
export interface FieldSelectorAttributes {
  /** Holds the field selector as a query parameter would, such as spec.nodeName=n1. */
  readonly rawSelector?: string;
  /** Holds the selector in parts, all of which must match; parts that are not understood widen the question. */
  readonly requirements?: readonly FieldSelectorRequirement[];
}

/** Narrows an access to objects with certain labels; only one of its fields may be set. */
export interface LabelSelectorAttributes {
  /** Holds the label selector as a query parameter would, such as app=web. */
  readonly rawSelector?: string;
  /** Holds the selector in parts, all of which must match; parts that are not understood widen the question. */
  readonly requirements?: readonly LabelSelectorRequirement[];
}

/** Asks whether somebody may do one thing in one namespace; nothing is stored. */
export interface LocalSubjectAccessReview {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "authorization.k8s.io/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "LocalSubjectAccessReview";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Names the user, and describes an access in the review's own namespace. */
  readonly spec: SubjectAccessReviewSpec;
  /** Holds the answer; the server fills it in. */
  readonly status?: SubjectAccessReviewStatus;
}

/** Describes an access to a path that is no object, such as /healthz. */
export interface NonResourceAttributes {
  /** Is the path of the request. */
  readonly path?: string;
  /** Is the HTTP method in lower case, such as get. */
  readonly verb?: string;
}

/** Allows some methods on some paths that are no objects. */
export interface NonResourceRule {
  /** Lists the paths, such as /healthz; a * alone or as the last step stands for any. */
  readonly nonResourceURLs?: readonly string[];
  /** Lists the allowed methods in lower case, such as get; * means every one. */
  readonly verbs: readonly string[];
}

/** Describes an access to objects of the API. */
export interface ResourceAttributes {
  /** Narrows the question to objects with these fields, for list, watch and deletecollection. */
  readonly fieldSelector?: FieldSelectorAttributes;
  /** Names the API group; empty is the core group and * means every group. */
  readonly group?: string;
  /** Narrows the question to objects with these labels, for list, watch and deletecollection. */
  readonly labelSelector?: LabelSelectorAttributes;
  /** Names the object; empty means all of them. */
  readonly name?: string;
  /** Names the namespace; empty means all namespaces, or a kind of the whole cluster. */
  readonly namespace?: string;
  /** Names the resource by its plural, such as pods; * means every resource. */
  readonly resource?: string;
  /** Names the subresource, such as log; empty means the object itself. */
  readonly subresource?: string;
  /** Names what is to be done, such as get, list, create or delete; * means everything. */
  readonly verb?: string;
  /** Names the version of the group; * means every version. */
  readonly version?: string;
}

/** Allows some verbs on some resources. */
export interface ResourceRule {
  /** Lists the API groups that the rule is about; * means every one. */
  readonly apiGroups?: readonly string[];
  /** Lists the only objects that the rule is about; empty means all. */
  readonly resourceNames?: readonly string[];
  /** Lists the resources, or subresources as in pods/log; * means every one. */
  readonly resources?: readonly string[];
  /** Lists the allowed verbs, such as get or watch; * means every one. */
  readonly verbs: readonly string[];
}

/** Asks whether the caller may do one thing; nothing is stored. */
export interface SelfSubjectAccessReview {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "authorization.k8s.io/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "SelfSubjectAccessReview";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Describes the access in question: exactly one of its fields is set. */
  readonly spec: SelfSubjectAccessReviewSpec;
  /** Holds the answer; the server fills it in. */
  readonly status?: SubjectAccessReviewStatus;
}

/** Describes the access in question; exactly one of its fields is set. */
export interface SelfSubjectAccessReviewSpec {
  /** Describes an access to another path. */
  readonly nonResourceAttributes?: NonResourceAttributes;
  /** Describes an access to objects of the API. */
  readonly resourceAttributes?: ResourceAttributes;
}

/** Asks what the caller may do in a namespace; nothing is stored. */
export interface SelfSubjectRulesReview {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "authorization.k8s.io/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "SelfSubjectRulesReview";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Says which namespace the question is about. */
  readonly spec: SelfSubjectRulesReviewSpec;
  /** Holds the answer; the server fills it in. */
  readonly status?: SubjectRulesReviewStatus;
}

/** Says what is asked about. */
export interface SelfSubjectRulesReviewSpec {
  /** Names the namespace; it is required. */
  readonly namespace?: string;
}

/** Asks whether somebody may do one thing; nothing is stored. */
export interface SubjectAccessReview {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "authorization.k8s.io/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "SubjectAccessReview";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Names the user and describes the access in question. */
  readonly spec: SubjectAccessReviewSpec;
  /** Holds the answer; the server fills it in. */
  readonly status?: SubjectAccessReviewStatus;
}

/** Names a user and describes an access, with exactly one of the attributes. */
export interface SubjectAccessReviewSpec {
  /** Holds further facts about the user, as authentication gives them. */
  readonly extra?: { readonly [key: string]: readonly string[] };
  /** Lists the groups that the user is taken to be in. */
  readonly groups?: readonly string[];
  /** Describes an access to another path. */
  readonly nonResourceAttributes?: NonResourceAttributes;
  /** Describes an access to objects of the API. */
  readonly resourceAttributes?: ResourceAttributes;
  /** Tells the user from another of the same name. */
  readonly uid?: string;
  /** Names the user; with it empty, only the groups are looked at. */
  readonly user?: string;
}

/** Answers whether an access is allowed. */
export interface SubjectAccessReviewStatus {
  /** Is true when the access is allowed. */
  readonly allowed: boolean;
  /** Is true when a rule forbids the access outright, so that no other could allow it; false by default. */
  readonly denied?: boolean;
  /** Says what kept some rules from being looked at; the answer stands all the same. */
  readonly evaluationError?: string;
  /** Says why it is or is not, for people; it may be empty. */
  readonly reason?: string;
}

/** Lists what the caller may do; a client may show it but not rely on it. */
export interface SubjectRulesReviewStatus {
  /** Says what kept some rules from being listed; empty when nothing did. */
  readonly evaluationError?: string;
  /** Is true when there are rules that this list cannot show. */
  readonly incomplete: boolean;
  /** Lists what is allowed with other paths, in no order. */
  readonly nonResourceRules: readonly NonResourceRule[];
  /** Lists what is allowed with objects, in no order. */
  readonly resourceRules: readonly ResourceRule[];
}
