/** flowcontrol.apiserver.k8s.io/v1: see ../notation.ts for how to read this. */
export const flowcontrolV1 = `
group flowcontrol/v1 flowcontrol.apiserver.k8s.io/v1

kind FlowSchema flowschemas cluster
  sub status FlowSchema get patch update

kind PriorityLevelConfiguration prioritylevelconfigurations cluster
  sub status PriorityLevelConfiguration get patch update

type ExemptPriorityLevelConfiguration # Says what a level that is never limited lends to others.
  1 nominalConcurrencyShares? int32 default=0 # Is its share of the server's seats; 0 by default.
  2 lendablePercent? int32 default=0 # Is how much of its share others may borrow, in percent; 0 by default.

type FlowDistinguisherMethod # Says how requests of one schema are told apart.
  1 type! string # Is ByUser or ByNamespace.

type FlowSchema # Assigns requests to a priority level.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec FlowSchemaSpec # Says which requests, and to which level.
  3 status FlowSchemaStatus default={} # Reports whether the level exists.

type FlowSchemaCondition # States one aspect of a schema.
  1 type string # Names the aspect.
  2 status string # Is True, False or Unknown.
  3 lastTransitionTime Time # Is when the status changed last.
  4 reason string # Is why, in one word.
  5 message string # Is why, in a sentence.

type FlowSchemaSpec # Says which requests go to which level.
  1 priorityLevelConfiguration! PriorityLevelConfigurationReference # Names the level.
  2 matchingPrecedence int32 default=1000 # Is the place among all schemas, 1 to 10000: the lowest that matches wins.
  3 distinguisherMethod? FlowDistinguisherMethod # Says how flows are told apart; absent, all requests are one flow.
  4 rules []PolicyRulesWithSubjects list=atomic # Match requests; one that fits is enough.

type FlowSchemaStatus # Reports how a schema stands.
  1 conditions []FlowSchemaCondition list=map(type) patch=merge(type) # States its aspects.

type GroupSubject # Is a group of users.
  1 name! string # Is its name; * is each.

type LimitResponse union=type:queuing # Says what becomes of requests that find no seat.
  1 type! string # Is Queue or Reject.
  2 queuing? QueuingConfiguration # Says how they wait, where they do.

type LimitedPriorityLevelConfiguration # Says how a level is limited.
  1 nominalConcurrencyShares? int32 default=30 # Is its share of the server's seats; 30 by default.
  2 limitResponse LimitResponse default={} # Says what becomes of requests that find no seat.
  3 lendablePercent? int32 default=0 # Is how much of its share others may borrow, in percent; 0 by default.
  4 borrowingLimitPercent? int32 # Is how much it may borrow itself, in percent of its share; absent, as much as there is.

type NonResourcePolicyRule # Matches requests for paths that are no objects.
  1 verbs! []string list=set # Are verbs in lower case; * is each.
  6 nonResourceURLs! []string list=set # Are paths; one may end in /*, and * is each.

type PolicyRulesWithSubjects # Matches requests by who sends them and what for.
  1 subjects! []Subject list=atomic # Are who sends them; one that fits is enough.
  2 resourceRules []ResourcePolicyRule list=atomic # Match requests for objects.
  3 nonResourceRules []NonResourcePolicyRule list=atomic # Match requests for other paths.

type PriorityLevelConfiguration # Is a share of what the server can do at a time.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec PriorityLevelConfigurationSpec # Says how large it is, and who waits.
  3 status PriorityLevelConfigurationStatus default={} # Reports how it stands.

type PriorityLevelConfigurationCondition # States one aspect of a level.
  1 type string # Names the aspect.
  2 status string # Is True, False or Unknown.
  3 lastTransitionTime Time # Is when the status changed last.
  4 reason string # Is why, in one word.
  5 message string # Is why, in a sentence.

type PriorityLevelConfigurationReference # Names a priority level.
  1 name! string # Is the level's name.

type PriorityLevelConfigurationSpec union=type:exempt|limited # Says how large a level is.
  1 type! string # Is Limited or Exempt.
  2 limited? LimitedPriorityLevelConfiguration # Says how it is limited.
  3 exempt? ExemptPriorityLevelConfiguration # Says what it lends though it is not limited.

type PriorityLevelConfigurationStatus # Reports how a level stands.
  1 conditions []PriorityLevelConfigurationCondition list=map(type) patch=merge(type) # States its aspects.

type QueuingConfiguration # Says how requests wait.
  1 queues int32 default=64 # Is the number of queues.
  2 handSize int32 default=8 # Is among how many queues a flow chooses.
  3 queueLengthLimit int32 default=50 # Is how many requests wait in one queue at most.

type ResourcePolicyRule # Matches requests for objects.
  1 verbs! []string list=set # Are verbs in lower case; * is each.
  2 apiGroups! []string list=set # Are API groups; * is each.
  3 resources! []string list=set # Are plurals, with subresources behind a slash; * is each.
  4 clusterScope bool # Says whether requests without a namespace match.
  5 namespaces []string list=set # Are namespaces; * is each.

type ServiceAccountSubject # Is a service account.
  1 namespace! string # Is its namespace.
  2 name! string # Is its name; * is each.

type Subject union=kind:group|serviceAccount|user # Is somebody who sends requests.
  1 kind! string # Is User, Group or ServiceAccount.
  2 user? UserSubject # Is a user.
  3 group? GroupSubject # Is a group.
  4 serviceAccount? ServiceAccountSubject # Is a service account.

type UserSubject # Is a user.
  1 name! string # Is the name; * is each.
`;
