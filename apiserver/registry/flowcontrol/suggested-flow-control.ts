import type {
  FlowSchema,
  PolicyRulesWithSubjects,
  PriorityLevelConfiguration,
  ResourcePolicyRule,
  Subject,
} from "../../../api/schema/types/flowcontrol-v1.gen.js";

/** What every cluster begins with (Kubernetes: "API Priority and Fairness, defaults"). */

/** The level and the schema that are never limited. */
export const EXEMPT = "exempt";
const CATCH_ALL = "catch-all";
const API_VERSION = "flowcontrol.apiserver.k8s.io/v1";
const CONTROLLERS = "system:kube-controller-manager";
const SCHEDULER = "system:kube-scheduler";
const EVERYBODY = ["system:unauthenticated", "system:authenticated"];

type Method = "ByUser" | "ByNamespace" | null;
/** Without what the server adds. */
type Draft<T> = Omit<T, "metadata" | "status"> & { readonly metadata: { readonly name: string } };

/** They cannot be changed. */
export const MANDATORY_PRIORITY_LEVELS: readonly Draft<PriorityLevelConfiguration>[] = [
  {
    apiVersion: API_VERSION,
    kind: "PriorityLevelConfiguration",
    metadata: { name: EXEMPT },
    spec: { type: "Exempt", exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
  },
  {
    apiVersion: API_VERSION,
    kind: "PriorityLevelConfiguration",
    metadata: { name: CATCH_ALL },
    spec: {
      type: "Limited",
      limited: {
        nominalConcurrencyShares: 5,
        lendablePercent: 0,
        limitResponse: { type: "Reject" },
      },
    },
  },
];

const ALL_OBJECTS: ResourcePolicyRule = {
  verbs: ["*"],
  apiGroups: ["*"],
  resources: ["*"],
  clusterScope: true,
  namespaces: ["*"],
};
const ALL_PATHS = { verbs: ["*"], nonResourceURLs: ["*"] };
const LEASES = objects(["get", "create", "update"], "coordination.k8s.io", ["leases"]);

/** They cannot be changed either. */
export const MANDATORY_FLOW_SCHEMAS: readonly Draft<FlowSchema>[] = [
  schema([EXEMPT, EXEMPT, 1, null], everything(groups("system:masters"))),
  schema([CATCH_ALL, CATCH_ALL, 10_000, "ByUser"], everything(groups(...EVERYBODY))),
];

/** They are made when they are missing, and may be changed. */
export const SUGGESTED_PRIORITY_LEVELS: readonly Draft<PriorityLevelConfiguration>[] = [
  level("system", { shares: 30, lendable: 33, queues: 64, hand: 6 }),
  level("node-high", { shares: 40, lendable: 25, queues: 64, hand: 6 }),
  level("leader-election", { shares: 10, lendable: 0, queues: 16, hand: 4 }),
  level("workload-high", { shares: 40, lendable: 50, queues: 128, hand: 6 }),
  level("workload-low", { shares: 100, lendable: 90, queues: 128, hand: 6 }),
  level("global-default", { shares: 20, lendable: 50, queues: 128, hand: 6 }),
];

/** They are made when they are missing, and may be changed. */
export const SUGGESTED_FLOW_SCHEMAS: readonly Draft<FlowSchema>[] = [
  schema(["probes", EXEMPT, 2, null], {
    subjects: groups(...EVERYBODY),
    nonResourceRules: [{ verbs: ["get"], nonResourceURLs: ["/healthz", "/readyz", "/livez"] }],
  }),
  schema(["system-leader-election", "leader-election", 100, "ByUser"], {
    subjects: [...users(CONTROLLERS, SCHEDULER), account("*")],
    resourceRules: [LEASES],
  }),
  schema(["endpoint-controller", "workload-high", 150, "ByUser"], {
    subjects: [
      ...users(CONTROLLERS),
      account("endpoint-controller"),
      account("endpointslicemirroring-controller"),
    ],
    resourceRules: [objects(["get", "create", "update"], "", ["endpoints"])],
  }),
  schema(["workload-leader-election", "leader-election", 200, "ByUser"], {
    subjects: [account("*")],
    resourceRules: [objects(["get", "create", "update"], "", ["endpoints", "configmaps"]), LEASES],
  }),
  schema(["system-node-high", "node-high", 400, "ByUser"], {
    subjects: groups("system:nodes"),
    resourceRules: [
      { ...objects(["*"], "", ["nodes", "nodes/status"]), clusterScope: true },
      objects(["*"], "coordination.k8s.io", ["leases"]),
    ],
  }),
  schema(["system-nodes", "system", 500, "ByUser"], everything(groups("system:nodes"))),
  schema(
    ["kube-controller-manager", "workload-high", 800, "ByNamespace"],
    everything(users(CONTROLLERS)),
  ),
  schema(["kube-scheduler", "workload-high", 800, "ByNamespace"], everything(users(SCHEDULER))),
  schema(
    ["kube-system-service-accounts", "workload-high", 900, "ByNamespace"],
    everything([account("*")]),
  ),
  schema(
    ["service-accounts", "workload-low", 9_000, "ByUser"],
    everything(groups("system:serviceaccounts")),
  ),
  schema(["global-default", "global-default", 9_900, "ByUser"], everything(groups(...EVERYBODY))),
];

function level(
  name: string,
  of: {
    readonly shares: number;
    readonly lendable: number;
    readonly queues: number;
    readonly hand: number;
  },
): Draft<PriorityLevelConfiguration> {
  const queuing = { queues: of.queues, handSize: of.hand, queueLengthLimit: 50 };
  return {
    apiVersion: API_VERSION,
    kind: "PriorityLevelConfiguration",
    metadata: { name },
    spec: {
      type: "Limited",
      limited: {
        nominalConcurrencyShares: of.shares,
        lendablePercent: of.lendable,
        limitResponse: { type: "Queue", queuing },
      },
    },
  };
}

function schema(
  [name, levelName, matchingPrecedence, method]: readonly [string, string, number, Method],
  rule: PolicyRulesWithSubjects,
): Draft<FlowSchema> {
  return {
    apiVersion: API_VERSION,
    kind: "FlowSchema",
    metadata: { name },
    spec: {
      matchingPrecedence,
      priorityLevelConfiguration: { name: levelName },
      ...(method === null ? {} : { distinguisherMethod: { type: method } }),
      rules: [rule],
    },
  };
}

function everything(subjects: readonly Subject[]): PolicyRulesWithSubjects {
  return { subjects, resourceRules: [ALL_OBJECTS], nonResourceRules: [ALL_PATHS] };
}

function objects(
  verbs: readonly string[],
  group: string,
  resources: readonly string[],
): ResourcePolicyRule {
  return { verbs, apiGroups: [group], resources, namespaces: ["*"] };
}

function groups(...names: readonly string[]): Subject[] {
  return names.map((name) => ({ kind: "Group", group: { name } }));
}

function users(...names: readonly string[]): Subject[] {
  return names.map((name) => ({ kind: "User", user: { name } }));
}

function account(name: string): Subject {
  return { kind: "ServiceAccount", serviceAccount: { namespace: "kube-system", name } };
}
