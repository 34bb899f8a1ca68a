/** authorization.k8s.io/v1: see ../notation.ts for how to read this. */
export const authorizationV1 = `
group authorization/v1 authorization.k8s.io/v1

kind LocalSubjectAccessReview localsubjectaccessreviews namespaced
  verbs create
kind SelfSubjectAccessReview selfsubjectaccessreviews cluster
  verbs create
kind SelfSubjectRulesReview selfsubjectrulesreviews cluster
  verbs create
kind SubjectAccessReview subjectaccessreviews cluster
  verbs create

type FieldSelectorAttributes # Narrows an access to objects with certain fields; only one of its fields may be set.
  1 rawSelector string # Holds the field selector as a query parameter would, such as spec.nodeName=n1.
  2 requirements []meta/v1.FieldSelectorRequirement list=atomic # Holds the selector in parts, all of which must match; parts that are not understood widen the question.

type LabelSelectorAttributes # Narrows an access to objects with certain labels; only one of its fields may be set.
  1 rawSelector string # Holds the label selector as a query parameter would, such as app=web.
  2 requirements []meta/v1.LabelSelectorRequirement list=atomic # Holds the selector in parts, all of which must match; parts that are not understood widen the question.

type LocalSubjectAccessReview # Asks whether somebody may do one thing in one namespace; nothing is stored.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec! SubjectAccessReviewSpec # Names the user, and describes an access in the review's own namespace.
  3 status SubjectAccessReviewStatus # Holds the answer; the server fills it in.

type NonResourceAttributes # Describes an access to a path that is no object, such as /healthz.
  1 path string # Is the path of the request.
  2 verb string # Is the HTTP method in lower case, such as get.

type ResourceAttributes # Describes an access to objects of the API.
  1 namespace string # Names the namespace; empty means all namespaces, or a kind of the whole cluster.
  2 verb string # Names what is to be done, such as get, list, create or delete; * means everything.
  3 group string # Names the API group; empty is the core group and * means every group.
  4 version string # Names the version of the group; * means every version.
  5 resource string # Names the resource by its plural, such as pods; * means every resource.
  6 subresource string # Names the subresource, such as log; empty means the object itself.
  7 name string # Names the object; empty means all of them.
  8 fieldSelector FieldSelectorAttributes # Narrows the question to objects with these fields, for list, watch and deletecollection.
  9 labelSelector LabelSelectorAttributes # Narrows the question to objects with these labels, for list, watch and deletecollection.

type SelfSubjectAccessReview # Asks whether the caller may do one thing; nothing is stored.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec! SelfSubjectAccessReviewSpec # Describes the access in question: exactly one of its fields is set.
  3 status SubjectAccessReviewStatus # Holds the answer; the server fills it in.

type SelfSubjectAccessReviewSpec # Describes the access in question; exactly one of its fields is set.
  1 resourceAttributes ResourceAttributes # Describes an access to objects of the API.
  2 nonResourceAttributes NonResourceAttributes # Describes an access to another path.

type SubjectAccessReview # Asks whether somebody may do one thing; nothing is stored.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec! SubjectAccessReviewSpec # Names the user and describes the access in question.
  3 status SubjectAccessReviewStatus # Holds the answer; the server fills it in.

type SubjectAccessReviewSpec # Names a user and describes an access, with exactly one of the attributes.
  1 resourceAttributes ResourceAttributes # Describes an access to objects of the API.
  2 nonResourceAttributes NonResourceAttributes # Describes an access to another path.
  3 user string # Names the user; with it empty, only the groups are looked at.
  4 groups []string list=atomic # Lists the groups that the user is taken to be in.
  5 extra map[[]string] # Holds further facts about the user, as authentication gives them.
  6 uid string # Tells the user from another of the same name.

type SubjectAccessReviewStatus # Answers whether an access is allowed.
  1 allowed! bool # Is true when the access is allowed.
  2 reason string # Says why it is or is not, for people; it may be empty.
  3 evaluationError string # Says what kept some rules from being looked at; the answer stands all the same.
  4 denied bool # Is true when a rule forbids the access outright, so that no other could allow it; false by default.

type NonResourceRule # Allows some methods on some paths that are no objects.
  1 verbs! []string list=atomic # Lists the allowed methods in lower case, such as get; * means every one.
  2 nonResourceURLs []string list=atomic # Lists the paths, such as /healthz; a * alone or as the last step stands for any.

type ResourceRule # Allows some verbs on some resources.
  1 verbs! []string list=atomic # Lists the allowed verbs, such as get or watch; * means every one.
  2 apiGroups []string list=atomic # Lists the API groups that the rule is about; * means every one.
  3 resources []string list=atomic # Lists the resources, or subresources as in pods/log; * means every one.
  4 resourceNames []string list=atomic # Lists the only objects that the rule is about; empty means all.

type SelfSubjectRulesReview # Asks what the caller may do in a namespace; nothing is stored.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec! SelfSubjectRulesReviewSpec # Says which namespace the question is about.
  3 status SubjectRulesReviewStatus # Holds the answer; the server fills it in.

type SelfSubjectRulesReviewSpec # Says what is asked about.
  1 namespace string # Names the namespace; it is required.

type SubjectRulesReviewStatus # Lists what the caller may do; a client may show it but not rely on it.
  1 resourceRules! []ResourceRule list=atomic # Lists what is allowed with objects, in no order.
  2 nonResourceRules! []NonResourceRule list=atomic # Lists what is allowed with other paths, in no order.
  3 incomplete! bool # Is true when there are rules that this list cannot show.
  4 evaluationError string # Says what kept some rules from being listed; empty when nothing did.
`;
