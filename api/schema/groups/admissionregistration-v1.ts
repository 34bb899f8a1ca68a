/** admissionregistration.k8s.io/v1: see ../notation.ts for how to read this. */
export const admissionregistrationV1 = `
group admissionregistration/v1 admissionregistration.k8s.io/v1

kind MutatingWebhookConfiguration mutatingwebhookconfigurations cluster categories=api-extensions

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
`;
