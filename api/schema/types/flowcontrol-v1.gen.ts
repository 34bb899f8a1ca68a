// Generated from ../groups by `npm run generate`. Do not edit.
import type { StoredMeta } from "../wire-types.js";

/** Says what a level that is never limited lends to others. */
export interface ExemptPriorityLevelConfiguration {
  /** Is how much of its share others may borrow, in percent; 0 by default. */
  readonly lendablePercent?: number;
  /** Is its share of the server's seats; 0 by default. */
  readonly nominalConcurrencyShares?: number;
}

/** Says how requests of one schema are told apart. */
export interface FlowDistinguisherMethod {
  /** Is ByUser or ByNamespace. */
  readonly type: string;
}

/** Assigns requests to a priority level. */
export interface FlowSchema {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "flowcontrol.apiserver.k8s.io/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "FlowSchema";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Says which requests, and to which level. */
  readonly spec: FlowSchemaSpec;
  /** Reports whether the level exists. */
  readonly status?: FlowSchemaStatus;
}

/** States one aspect of a schema. */
export interface FlowSchemaCondition {
  /** Is when the status changed last. */
  readonly lastTransitionTime?: string;
  /** Is why, in a sentence. */
  readonly message?: string;
  /** Is why, in one word. */
  readonly reason?: string;
  /** Is True, False or Unknown. */
  readonly status?: string;
  /** Names the aspect. */
  readonly type?: string;
}

/** Says which requests go to which level. */
export interface FlowSchemaSpec {
  /** Says how flows are told apart; absent, all requests are one flow. */
  readonly distinguisherMethod?: FlowDistinguisherMethod;
  /** Is the place among all schemas, 1 to 10000: the lowest that matches wins. */
  readonly matchingPrecedence?: number;
  /** Names the level. */
  readonly priorityLevelConfiguration: PriorityLevelConfigurationReference;
  /** Match requests; one that fits is enough. */
  readonly rules?: readonly PolicyRulesWithSubjects[];
}

/** Reports how a schema stands. */
export interface FlowSchemaStatus {
  /** States its aspects. */
  readonly conditions?: readonly FlowSchemaCondition[];
}

/** Is a group of users. */
export interface GroupSubject {
  /** Is its name; * is each. */
  readonly name: string;
}

/** Says what becomes of requests that find no seat. */
export interface LimitResponse {
  /** Says how they wait, where they do. */
  readonly queuing?: QueuingConfiguration;
  /** Is Queue or Reject. */
  readonly type: string;
}

/** Says how a level is limited. */
export interface LimitedPriorityLevelConfiguration {
  /** Is how much it may borrow itself, in percent of its share; absent, as much as there is. */
  readonly borrowingLimitPercent?: number;
  /** Is how much of its share others may borrow, in percent; 0 by default. */
  readonly lendablePercent?: number;
  /** Says what becomes of requests that find no seat. */
  readonly limitResponse?: LimitResponse;
  /** Is its share of the server's seats; 30 by default. */
  readonly nominalConcurrencyShares?: number;
}

/** Matches requests for paths that are no objects. */
export interface NonResourcePolicyRule {
  /** Are paths; one may end in /*, and * is each. */
  readonly nonResourceURLs: readonly string[];
  /** Are verbs in lower case; * is each. */
  readonly verbs: readonly string[];
}

/** Matches requests by who sends them and what for. */
export interface PolicyRulesWithSubjects {
  /** Match requests for other paths. */
  readonly nonResourceRules?: readonly NonResourcePolicyRule[];
  /** Match requests for objects. */
  readonly resourceRules?: readonly ResourcePolicyRule[];
  /** Are who sends them; one that fits is enough. */
  readonly subjects: readonly Subject[];
}

/** Is a share of what the server can do at a time. */
export interface PriorityLevelConfiguration {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "flowcontrol.apiserver.k8s.io/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "PriorityLevelConfiguration";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Says how large it is, and who waits. */
  readonly spec: PriorityLevelConfigurationSpec;
  /** Reports how it stands. */
  readonly status?: PriorityLevelConfigurationStatus;
}

/** States one aspect of a level. */
export interface PriorityLevelConfigurationCondition {
  /** Is when the status changed last. */
  readonly lastTransitionTime?: string;
  /** Is why, in a sentence. */
  readonly message?: string;
  /** Is why, in one word. */
  readonly reason?: string;
  /** Is True, False or Unknown. */
  readonly status?: string;
  /** Names the aspect. */
  readonly type?: string;
}

/** Names a priority level. */
export interface PriorityLevelConfigurationReference {
  /** Is the level's name. */
  readonly name: string;
}

/** Says how large a level is. */
export interface PriorityLevelConfigurationSpec {
  /** Says what it lends though it is not limited. */
  readonly exempt?: ExemptPriorityLevelConfiguration;
  /** Says how it is limited. */
  readonly limited?: LimitedPriorityLevelConfiguration;
  /** Is Limited or Exempt. */
  readonly type: string;
}

/** Reports how a level stands. */
export interface PriorityLevelConfigurationStatus {
  /** States its aspects. */
  readonly conditions?: readonly PriorityLevelConfigurationCondition[];
}

/** Says how requests wait. */
export interface QueuingConfiguration {
  /** Is among how many queues a flow chooses. */
  readonly handSize?: number;
  /** Is how many requests wait in one queue at most. */
  readonly queueLengthLimit?: number;
  /** Is the number of queues. */
  readonly queues?: number;
}

/** Matches requests for objects. */
export interface ResourcePolicyRule {
  /** Are API groups; * is each. */
  readonly apiGroups: readonly string[];
  /** Says whether requests without a namespace match. */
  readonly clusterScope?: boolean;
  /** Are namespaces; * is each. */
  readonly namespaces?: readonly string[];
  /** Are plurals, with subresources behind a slash; * is each. */
  readonly resources: readonly string[];
  /** Are verbs in lower case; * is each. */
  readonly verbs: readonly string[];
}

/** Is a service account. */
export interface ServiceAccountSubject {
  /** Is its name; * is each. */
  readonly name: string;
  /** Is its namespace. */
  readonly namespace: string;
}

/** Is somebody who sends requests. */
export interface Subject {
  /** Is a group. */
  readonly group?: GroupSubject;
  /** Is User, Group or ServiceAccount. */
  readonly kind: string;
  /** Is a service account. */
  readonly serviceAccount?: ServiceAccountSubject;
  /** Is a user. */
  readonly user?: UserSubject;
}

/** Is a user. */
export interface UserSubject {
  /** Is the name; * is each. */
  readonly name: string;
}
