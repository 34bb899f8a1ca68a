// Generated from ../groups by `npm run generate`. Do not edit.
import type { StoredMeta } from "../wire-types.js";
import type { Condition, LabelSelector } from "./meta-v1.gen.js";

/** Says what is laid over an object, as server-side apply does it. */
export interface ApplyConfiguration {
  /** Makes the configuration, such as Object{spec: Object.spec{replicas: 3}}. */
  readonly expression?: string;
}

/** Is a note for the audit log. */
export interface AuditAnnotation {
  /** Names the note within its policy. */
  readonly key: string;
  /** Makes the text of the note, or null for none. */
  readonly valueExpression: string;
}

/** Tells what looks wrong with an expression. */
export interface ExpressionWarning {
  /** Is where the expression stands, such as spec.validations[0].expression. */
  readonly fieldRef: string;
  /** Says what looks wrong, for people. */
  readonly warning: string;
}

/** Says how an object is changed, as a JSON patch. */
export interface JSONPatch {
  /** Makes the list of changes, such as [JSONPatch{op: "add", path: "/spec/a", value: 1}]. */
  readonly expression?: string;
}

/** Is a condition in CEL that a request must fulfil. */
export interface MatchCondition {
  /** Is true for requests that are wanted. */
  readonly expression: string;
  /** Names the condition in messages. */
  readonly name: string;
}

/** Chooses the writes that a policy is about. */
export interface MatchResources {
  /** Choose writes it is not about, whatever else says so. */
  readonly excludeResourceRules?: readonly NamedRuleWithOperations[];
  /** Is Exact (the versions in the rules alone) or Equivalent (other versions of the same too), the default. */
  readonly matchPolicy?: string;
  /** Chooses the namespaces whose writes it is about; all by default. */
  readonly namespaceSelector?: LabelSelector;
  /** Chooses the objects it is about, by their new or old labels; all by default. */
  readonly objectSelector?: LabelSelector;
  /** Choose the writes it is about; one that fits is enough. */
  readonly resourceRules?: readonly NamedRuleWithOperations[];
}

/** Changes objects before they are stored, by expressions in CEL. */
export interface MutatingAdmissionPolicy {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "admissionregistration.k8s.io/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "MutatingAdmissionPolicy";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Says what is changed; a binding says where. */
  readonly spec: MutatingAdmissionPolicySpec;
}

/** Puts a policy into force, perhaps for some objects only and with parameters. */
export interface MutatingAdmissionPolicyBinding {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "admissionregistration.k8s.io/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "MutatingAdmissionPolicyBinding";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Names the policy, its parameters and where it counts. */
  readonly spec: MutatingAdmissionPolicyBindingSpec;
}

/** Names a policy, its parameters and where it counts. */
export interface MutatingAdmissionPolicyBindingSpec {
  /** Narrows down the writes that the policy is about. */
  readonly matchResources?: MatchResources;
  /** Chooses the parameters of the policy. */
  readonly paramRef?: ParamRef;
  /** Names the MutatingAdmissionPolicy. */
  readonly policyName?: string;
}

/** Says what is changed in which objects. */
export interface MutatingAdmissionPolicySpec {
  /** Says what becomes of the write when an expression fails: Fail (the default) or Ignore. */
  readonly failurePolicy?: string;
  /** Must all hold for the policy to count. */
  readonly matchConditions?: readonly MatchCondition[];
  /** Chooses the writes that the policy is about. */
  readonly matchConstraints?: MatchResources;
  /** Are the changes, one after another. */
  readonly mutations?: readonly Mutation[];
  /** Is the kind of the parameters; none when absent. */
  readonly paramKind?: ParamKind;
  /** Is Never, or IfNeeded: once more when others changed the object after it. */
  readonly reinvocationPolicy?: string;
  /** Name expressions that others may use as variables.NAME. */
  readonly variables?: readonly Variable[];
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

/** Is one change of an object. */
export interface Mutation {
  /** Says what is laid over the object. */
  readonly applyConfiguration?: ApplyConfiguration;
  /** Says how the object is changed. */
  readonly jsonPatch?: JSONPatch;
  /** Is ApplyConfiguration or JSONPatch. */
  readonly patchType: string;
}

/** Chooses writes by what is done to which resources, perhaps of some names only. */
export interface NamedRuleWithOperations {
  /** Are API groups; * is each. */
  readonly apiGroups?: readonly string[];
  /** Are versions; * is each. */
  readonly apiVersions?: readonly string[];
  /** Are CREATE, UPDATE, DELETE, CONNECT, or * for each. */
  readonly operations?: readonly string[];
  /** Are the names of the objects; any when empty. */
  readonly resourceNames?: readonly string[];
  /** Are plurals, with subresources behind a slash; * stands for each. */
  readonly resources?: readonly string[];
  /** Is Cluster, Namespaced, or * (the default) for both. */
  readonly scope?: string;
}

/** Is the kind of a policy's parameters. */
export interface ParamKind {
  /** Is group and version, such as rules.example.com/v1. */
  readonly apiVersion?: string;
  /** Names the kind, such as ReplicaLimit. */
  readonly kind?: string;
}

/** Chooses the parameters of a policy. */
export interface ParamRef {
  /** Names the object; not together with selector. */
  readonly name?: string;
  /** Is where the parameters are; that of the request when absent. */
  readonly namespace?: string;
  /** Says what happens when there are none: Allow or Deny. */
  readonly parameterNotFoundAction?: string;
  /** Chooses objects by labels, each of which counts; not together with name. */
  readonly selector?: LabelSelector;
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

/** Tells what looks wrong with the types in a policy. */
export interface TypeChecking {
  /** Lists expressions that look wrong. */
  readonly expressionWarnings?: readonly ExpressionWarning[];
}

/** Accepts or refuses writes, by expressions in CEL. */
export interface ValidatingAdmissionPolicy {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "admissionregistration.k8s.io/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "ValidatingAdmissionPolicy";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Says what is wanted; a binding says where. */
  readonly spec: ValidatingAdmissionPolicySpec;
  /** Tells what looks wrong with the policy. */
  readonly status?: ValidatingAdmissionPolicyStatus;
}

/** Puts a policy into force, perhaps for some objects only and with parameters. */
export interface ValidatingAdmissionPolicyBinding {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "admissionregistration.k8s.io/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "ValidatingAdmissionPolicyBinding";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Names the policy, its parameters and where it counts. */
  readonly spec: ValidatingAdmissionPolicyBindingSpec;
}

/** Names a policy, its parameters and where it counts. */
export interface ValidatingAdmissionPolicyBindingSpec {
  /** Narrows down the writes that the policy is about. */
  readonly matchResources?: MatchResources;
  /** Chooses the parameters of the policy. */
  readonly paramRef?: ParamRef;
  /** Names the ValidatingAdmissionPolicy. */
  readonly policyName: string;
  /** Say what happens when the policy says no: Deny, Warn or Audit. */
  readonly validationActions: readonly string[];
}

/** Says which writes are wanted. */
export interface ValidatingAdmissionPolicySpec {
  /** Are notes for the audit log. */
  readonly auditAnnotations?: readonly AuditAnnotation[];
  /** Says what becomes of the write when an expression fails: Fail (the default) or Ignore. */
  readonly failurePolicy?: string;
  /** Must all hold for the policy to count. */
  readonly matchConditions?: readonly MatchCondition[];
  /** Chooses the writes that the policy is about. */
  readonly matchConstraints?: MatchResources;
  /** Is the kind of the parameters; none when absent. */
  readonly paramKind?: ParamKind;
  /** Must all be true for a write. */
  readonly validations?: readonly Validation[];
  /** Name expressions that others may use as variables.NAME. */
  readonly variables?: readonly Variable[];
}

/** Tells what looks wrong with a policy. */
export interface ValidatingAdmissionPolicyStatus {
  /** Lists statements about the policy. */
  readonly conditions?: readonly Condition[];
  /** Is the generation of the policy that this is about. */
  readonly observedGeneration?: number;
  /** Tells what looks wrong with its types. */
  readonly typeChecking?: TypeChecking;
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

/** Is one thing that a policy wants. */
export interface Validation {
  /** Is true for writes that are wanted. */
  readonly expression: string;
  /** Is the text for a write that is refused. */
  readonly message?: string;
  /** Is an expression that makes this text. */
  readonly messageExpression?: string;
  /** Is the machine-readable cause: Unauthorized, Forbidden, Invalid (the default) or RequestEntityTooLarge. */
  readonly reason?: string;
}

/** Is an expression with a name. */
export interface Variable {
  /** Makes its value, when somebody asks. */
  readonly expression: string;
  /** Names it; others say variables.NAME. */
  readonly name: string;
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
