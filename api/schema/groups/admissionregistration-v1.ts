/** admissionregistration.k8s.io/v1: see ../notation.ts for how to read this. */
export const admissionregistrationV1 = `
group admissionregistration/v1 admissionregistration.k8s.io/v1

kind MutatingWebhookConfiguration mutatingwebhookconfigurations cluster categories=api-extensions

kind MutatingAdmissionPolicy mutatingadmissionpolicies cluster categories=api-extensions

kind MutatingAdmissionPolicyBinding mutatingadmissionpolicybindings cluster categories=api-extensions

kind ValidatingAdmissionPolicy validatingadmissionpolicies cluster categories=api-extensions
  sub status ValidatingAdmissionPolicy get patch update

kind ValidatingAdmissionPolicyBinding validatingadmissionpolicybindings cluster categories=api-extensions

kind ValidatingWebhookConfiguration validatingwebhookconfigurations cluster categories=api-extensions

type MatchCondition # Is a condition in CEL that a request must fulfil.
  1 name! string # Names the condition in messages.
  2 expression! string # Is true for requests that are wanted.

type MutatingWebhook # Is a server that is asked before writes, and may change what is written.
  1 name! string # Names it; a domain with three parts at least.
  2 clientConfig! WebhookClientConfig # Says how it is reached.
  3 rules []RuleWithOperations list=atomic # Choose the writes it is asked about; one that fits is enough.
  4 failurePolicy? string default="Fail" # Says what becomes of the write when it cannot be asked: Fail (the default) or Ignore.
  5 namespaceSelector? meta/v1.LabelSelector default={} # Chooses the namespaces whose writes it is asked about; all by default.
  6 sideEffects!? string # Says what else it does when it is asked: None, or NoneOnDryRun.
  7 timeoutSeconds? int32 default=10 # Is how long it is waited for, 1 to 30 seconds; 10 by default.
  8 admissionReviewVersions! []string list=atomic # Lists the versions of AdmissionReview it understands, the best first.
  9 matchPolicy? string default="Equivalent" # Is Exact (the versions in the rules alone) or Equivalent (other versions of the same too), the default.
  10 reinvocationPolicy? string default="Never" # Is Never (the default) or IfNeeded: asked once more when others changed the object after it.
  11 objectSelector? meta/v1.LabelSelector default={} # Chooses the objects it is asked about, by their new or old labels; all by default.
  12 matchConditions []MatchCondition list=map(name) patch=merge(name) # Must all hold for it to be asked.

type MutatingWebhookConfiguration # Lists servers that are asked before writes, and may change what is written.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 webhooks []MutatingWebhook list=map(name) patch=merge(name) # Are asked one after another.

type RuleWithOperations # Chooses writes by what is done to which resources.
  1 operations []string list=atomic # Are CREATE, UPDATE, DELETE, CONNECT, or * for each.
  2.1 apiGroups []string list=atomic # Are API groups; * is each.
  2.2 apiVersions []string list=atomic # Are versions; * is each.
  2.3 resources []string list=atomic # Are plurals, with subresources behind a slash; * stands for each.
  2.4 scope? string default="*" # Is Cluster, Namespaced, or * (the default) for both.

type ServiceReference # Names a Service that is asked.
  1 namespace! string # Is where the Service is.
  2 name! string # Is its name.
  3 path? string # Is the path that is asked for.
  4 port? int32 default=443 # Is its port, 443 by default.

type ValidatingWebhook # Is a server that is asked before writes, and may refuse them.
  1 name! string # Names it; a domain with three parts at least.
  2 clientConfig! WebhookClientConfig # Says how it is reached.
  3 rules []RuleWithOperations list=atomic # Choose the writes it is asked about; one that fits is enough.
  4 failurePolicy? string default="Fail" # Says what becomes of the write when it cannot be asked: Fail (the default) or Ignore.
  5 namespaceSelector? meta/v1.LabelSelector default={} # Chooses the namespaces whose writes it is asked about; all by default.
  6 sideEffects!? string # Says what else it does when it is asked: None, or NoneOnDryRun.
  7 timeoutSeconds? int32 default=10 # Is how long it is waited for, 1 to 30 seconds; 10 by default.
  8 admissionReviewVersions! []string list=atomic # Lists the versions of AdmissionReview it understands, the best first.
  9 matchPolicy? string default="Equivalent" # Is Exact (the versions in the rules alone) or Equivalent (other versions of the same too), the default.
  10 objectSelector? meta/v1.LabelSelector default={} # Chooses the objects it is asked about, by their new or old labels; all by default.
  11 matchConditions []MatchCondition list=map(name) patch=merge(name) # Must all hold for it to be asked.

type ValidatingWebhookConfiguration # Lists servers that are asked before writes, and may refuse them.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 webhooks []ValidatingWebhook list=map(name) patch=merge(name) # Are asked at the same time.

type WebhookClientConfig # Says how a server is reached: by a url or by a service.
  1 service? ServiceReference # Names a Service of the cluster.
  2 caBundle bytes # Holds the certificates that sign the server's, as PEM; those of the system when absent.
  3 url? string # Is its address, such as https://host:port/path.

type ApplyConfiguration # Says what is laid over an object, as server-side apply does it.
  1 expression string # Makes the configuration, such as Object{spec: Object.spec{replicas: 3}}.

type AuditAnnotation # Is a note for the audit log.
  1 key! string # Names the note within its policy.
  2 valueExpression! string # Makes the text of the note, or null for none.

type ExpressionWarning # Tells what looks wrong with an expression.
  2 fieldRef! string # Is where the expression stands, such as spec.validations[0].expression.
  3 warning! string # Says what looks wrong, for people.

type JSONPatch # Says how an object is changed, as a JSON patch.
  1 expression string # Makes the list of changes, such as [JSONPatch{op: "add", path: "/spec/a", value: 1}].

type MatchResources map=atomic # Chooses the writes that a policy is about.
  1 namespaceSelector? meta/v1.LabelSelector default={} # Chooses the namespaces whose writes it is about; all by default.
  2 objectSelector? meta/v1.LabelSelector default={} # Chooses the objects it is about, by their new or old labels; all by default.
  3 resourceRules []NamedRuleWithOperations list=atomic # Choose the writes it is about; one that fits is enough.
  4 excludeResourceRules []NamedRuleWithOperations list=atomic # Choose writes it is not about, whatever else says so.
  7 matchPolicy? string default="Equivalent" # Is Exact (the versions in the rules alone) or Equivalent (other versions of the same too), the default.

type MutatingAdmissionPolicy # Changes objects before they are stored, by expressions in CEL.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec MutatingAdmissionPolicySpec # Says what is changed; a binding says where.

type MutatingAdmissionPolicyBinding # Puts a policy into force, perhaps for some objects only and with parameters.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec MutatingAdmissionPolicyBindingSpec # Names the policy, its parameters and where it counts.

type MutatingAdmissionPolicyBindingSpec # Names a policy, its parameters and where it counts.
  1 policyName string # Names the MutatingAdmissionPolicy.
  2 paramRef? ParamRef # Chooses the parameters of the policy.
  3 matchResources? MatchResources # Narrows down the writes that the policy is about.

type MutatingAdmissionPolicySpec # Says what is changed in which objects.
  1 paramKind? ParamKind # Is the kind of the parameters; none when absent.
  2 matchConstraints? MatchResources # Chooses the writes that the policy is about.
  3 variables []Variable list=atomic # Name expressions that others may use as variables.NAME.
  4 mutations []Mutation list=atomic # Are the changes, one after another.
  5 failurePolicy? string default="Fail" # Says what becomes of the write when an expression fails: Fail (the default) or Ignore.
  6 matchConditions []MatchCondition list=map(name) patch=merge(name) # Must all hold for the policy to count.
  7 reinvocationPolicy string # Is Never, or IfNeeded: once more when others changed the object after it.

type Mutation # Is one change of an object.
  2 patchType! string # Is ApplyConfiguration or JSONPatch.
  3 applyConfiguration? ApplyConfiguration # Says what is laid over the object.
  4 jsonPatch? JSONPatch # Says how the object is changed.

type NamedRuleWithOperations map=atomic # Chooses writes by what is done to which resources, perhaps of some names only.
  1 resourceNames []string list=atomic # Are the names of the objects; any when empty.
  2.1 operations []string list=atomic # Are CREATE, UPDATE, DELETE, CONNECT, or * for each.
  2.2.1 apiGroups []string list=atomic # Are API groups; * is each.
  2.2.2 apiVersions []string list=atomic # Are versions; * is each.
  2.2.3 resources []string list=atomic # Are plurals, with subresources behind a slash; * stands for each.
  2.2.4 scope? string default="*" # Is Cluster, Namespaced, or * (the default) for both.

type ParamKind map=atomic # Is the kind of a policy's parameters.
  1 apiVersion string # Is group and version, such as rules.example.com/v1.
  2 kind string # Names the kind, such as ReplicaLimit.

type ParamRef map=atomic # Chooses the parameters of a policy.
  1 name string # Names the object; not together with selector.
  2 namespace string # Is where the parameters are; that of the request when absent.
  3 selector meta/v1.LabelSelector # Chooses objects by labels, each of which counts; not together with name.
  4 parameterNotFoundAction? string # Says what happens when there are none: Allow or Deny.

type TypeChecking # Tells what looks wrong with the types in a policy.
  1 expressionWarnings []ExpressionWarning list=atomic # Lists expressions that look wrong.

type ValidatingAdmissionPolicy # Accepts or refuses writes, by expressions in CEL.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec ValidatingAdmissionPolicySpec # Says what is wanted; a binding says where.
  3 status ValidatingAdmissionPolicyStatus # Tells what looks wrong with the policy.

type ValidatingAdmissionPolicyBinding # Puts a policy into force, perhaps for some objects only and with parameters.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec! ValidatingAdmissionPolicyBindingSpec # Names the policy, its parameters and where it counts.

type ValidatingAdmissionPolicyBindingSpec # Names a policy, its parameters and where it counts.
  1 policyName! string # Names the ValidatingAdmissionPolicy.
  2 paramRef? ParamRef # Chooses the parameters of the policy.
  3 matchResources? MatchResources # Narrows down the writes that the policy is about.
  4 validationActions! []string list=set # Say what happens when the policy says no: Deny, Warn or Audit.

type ValidatingAdmissionPolicySpec # Says which writes are wanted.
  1 paramKind? ParamKind # Is the kind of the parameters; none when absent.
  2 matchConstraints? MatchResources # Chooses the writes that the policy is about.
  3 validations []Validation list=atomic # Must all be true for a write.
  4 failurePolicy? string default="Fail" # Says what becomes of the write when an expression fails: Fail (the default) or Ignore.
  5 auditAnnotations []AuditAnnotation list=atomic # Are notes for the audit log.
  6 matchConditions []MatchCondition list=map(name) patch=merge(name) # Must all hold for the policy to count.
  7 variables []Variable list=map(name) patch=merge(name) # Name expressions that others may use as variables.NAME.

type ValidatingAdmissionPolicyStatus # Tells what looks wrong with a policy.
  1 observedGeneration int64 # Is the generation of the policy that this is about.
  2 typeChecking? TypeChecking # Tells what looks wrong with its types.
  3 conditions []meta/v1.Condition list=map(type) # Lists statements about the policy.

type Validation # Is one thing that a policy wants.
  1 expression! string # Is true for writes that are wanted.
  2 message string # Is the text for a write that is refused.
  3 reason? string # Is the machine-readable cause: Unauthorized, Forbidden, Invalid (the default) or RequestEntityTooLarge.
  4 messageExpression string # Is an expression that makes this text.

type Variable map=atomic # Is an expression with a name.
  1 name! string # Names it; others say variables.NAME.
  2 expression! string # Makes its value, when somebody asks.
`;
