/** apiregistration.k8s.io/v1: see ../notation.ts for how to read this. */
export const apiregistrationV1 = `
group apiregistration/v1 apiregistration.k8s.io/v1

kind APIService apiservices cluster categories=api-extensions
  sub status APIService get patch update

type APIService # Says who serves one version of one API group.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec APIServiceSpec # Names the group, the version and the server.
  3 status APIServiceStatus default={} # Reports whether it can be reached.

type APIServiceCondition # States one aspect of an APIService.
  1 type! string # Names the aspect, such as Available.
  2 status! string # Is True, False or Unknown.
  3 lastTransitionTime Time # Is when the status changed last.
  4 reason string # Is why, in one word.
  5 message string # Is why, in a sentence.

type APIServiceSpec # Names the group, the version and the server.
  1 service? ServiceReference # Is the Service of the server; absent, the API server itself serves the version.
  2 group string # Is the API group.
  3 version string # Is the version.
  4 insecureSkipTLSVerify bool # Says that the server's certificate is not looked at.
  5 caBundle bytes list=atomic # Holds the certificates that sign the server's, as PEM; those of the system when absent.
  7 groupPriorityMinimum! int32 # Is how much clients prefer the group, 1 to 20000.
  8 versionPriority! int32 # Is how much they prefer the version within it, 1 to 1000.

type APIServiceStatus # Reports how an APIService stands.
  1 conditions []APIServiceCondition list=map(type) patch=merge(type) # States its aspects.

type ServiceReference # Names a Service.
  1 namespace string # Is its namespace.
  2 name string # Is its name.
  3 port? int32 default=443 # Is its port, 443 by default.
`;
