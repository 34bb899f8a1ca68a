// Generated from ../groups by `npm run generate`. Do not edit.
import type { StoredMeta } from "../wire-types.js";
import type { LabelSelector } from "./meta-v1.gen.js";

/** Is a condition in CEL that a request must fulfil. */
export interface MatchCondition {
  /** Is true for requests that are wanted. */
  readonly expression: string;
  /** Names the condition in messages. */
  readonly name: string;
}

/** Is a server that is asked before writes, and may change what is written. */
export interface MutatingWebhook {
  /** Lists the versions of AdmissionReview it understands, the best first. */
  readonly admissionReviewVersions: readonly string[];
  /** Says how it is reached. */
  readonly clientConfig: WebhookClientConfig;
  /** Says what becomes of the write when it cannot be asked: Fail (the default) or Ignore. */
  readonly failurePolicy?: string;
  /** Must all hold for it to be asked. */
  readonly matchConditions?: readonly MatchCondition[];
  /** Is Exact (the versions in the rules alone) or Equivalent (other versions of the same too), the default. */
  readonly matchPolicy?: string;
  /** Names it; a domain with three parts at least. */
  readonly name: string;
  /** Chooses the namespaces whose writes it is asked about; all by default. */
  readonly namespaceSelector?: LabelSelector;
  /** Chooses the objects it is asked about, by their new or old labels; all by default. */
  readonly objectSelector?: LabelSelector;
  /** Is Never (the default) or IfNeeded: asked once more when others changed the object after it. */
  readonly reinvocationPolicy?: string;
  /** Choose the writes it is asked about; one that fits is enough. */
  readonly rules?: readonly RuleWithOperations[];
  /** Says what else it does when it is asked: None, or NoneOnDryRun. */
  readonly sideEffects: string;
  /** Is how long it is waited for, 1 to 30 seconds; 10 by default. */
  readonly timeoutSeconds?: number;
}

/** Lists servers that are asked before writes, and may change what is written. */
export interface MutatingWebhookConfiguration {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "admissionregistration.k8s.io/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "MutatingWebhookConfiguration";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Are asked one after another. */
  readonly webhooks?: readonly MutatingWebhook[];
}

/** Chooses writes by what is done to which resources. */
export interface RuleWithOperations {
  /** Are API groups; * is each. */
  readonly apiGroups?: readonly string[];
  /** Are versions; * is each. */
  readonly apiVersions?: readonly string[];
  /** Are CREATE, UPDATE, DELETE, CONNECT, or * for each. */
  readonly operations?: readonly string[];
  /** Are plurals, with subresources behind a slash; * stands for each. */
  readonly resources?: readonly string[];
  /** Is Cluster, Namespaced, or * (the default) for both. */
  readonly scope?: string;
}

/** Names a Service that is asked. */
export interface ServiceReference {
  /** Is its name. */
  readonly name: string;
  /** Is where the Service is. */
  readonly namespace: string;
  /** Is the path that is asked for. */
  readonly path?: string;
  /** Is its port, 443 by default. */
  readonly port?: number;
}

/** Is a server that is asked before writes, and may refuse them. */
export interface ValidatingWebhook {
  /** Lists the versions of AdmissionReview it understands, the best first. */
  readonly admissionReviewVersions: readonly string[];
  /** Says how it is reached. */
  readonly clientConfig: WebhookClientConfig;
  /** Says what becomes of the write when it cannot be asked: Fail (the default) or Ignore. */
  readonly failurePolicy?: string;
  /** Must all hold for it to be asked. */
  readonly matchConditions?: readonly MatchCondition[];
  /** Is Exact (the versions in the rules alone) or Equivalent (other versions of the same too), the default. */
  readonly matchPolicy?: string;
  /** Names it; a domain with three parts at least. */
  readonly name: string;
  /** Chooses the namespaces whose writes it is asked about; all by default. */
  readonly namespaceSelector?: LabelSelector;
  /** Chooses the objects it is asked about, by their new or old labels; all by default. */
  readonly objectSelector?: LabelSelector;
  /** Choose the writes it is asked about; one that fits is enough. */
  readonly rules?: readonly RuleWithOperations[];
  /** Says what else it does when it is asked: None, or NoneOnDryRun. */
  readonly sideEffects: string;
  /** Is how long it is waited for, 1 to 30 seconds; 10 by default. */
  readonly timeoutSeconds?: number;
}

/** Lists servers that are asked before writes, and may refuse them. */
export interface ValidatingWebhookConfiguration {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "admissionregistration.k8s.io/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "ValidatingWebhookConfiguration";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Are asked at the same time. */
  readonly webhooks?: readonly ValidatingWebhook[];
}

/** Says how a server is reached: by a url or by a service. */
export interface WebhookClientConfig {
  /** Holds the certificates that sign the server's, as PEM; those of the system when absent. */
  readonly caBundle?: string;
  /** Names a Service of the cluster. */
  readonly service?: ServiceReference;
  /** Is its address, such as https://host:port/path. */
  readonly url?: string;
}
