import t from "tap";
import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  RoleBinding,
  Subject,
} from "../../api/schema/types/rbac-v1.gen.js";
import type { Identity } from "../server/http-types.js";
import { RbacPolicy } from "./rbac.js";
import { asked } from "./test-attributes.js";

const GROUP = "rbac.authorization.k8s.io";
const API = "rbac.authorization.k8s.io/v1";
const meta = (name: string, namespace?: string, labels: Record<string, string> = {}) => ({
  name,
  ...(namespace === undefined ? {} : { namespace }),
  uid: name,
  resourceVersion: "1",
  creationTimestamp: "2026-01-01T00:00:00Z",
  labels,
});
const on = (resources: string, ...verbs: string[]): PolicyRule => ({
  apiGroups: [""],
  resources: [resources],
  verbs,
});
const clusterRole = (
  name: string,
  rules: readonly PolicyRule[],
  rest: Partial<ClusterRole> & { labels?: Record<string, string> } = {},
): ClusterRole => {
  const { labels, ...more } = rest;
  return {
    apiVersion: API,
    kind: "ClusterRole",
    metadata: meta(name, undefined, labels),
    rules,
    ...more,
  };
};
const bindingTo = (kind: "Role" | "ClusterRole", role: string, ...subjects: Subject[]) =>
  ({
    apiVersion: API,
    roleRef: { apiGroup: GROUP, kind, name: role },
    subjects,
  }) as const;
const user = (name: string): Subject => ({ kind: "User", apiGroup: GROUP, name });
const group = (name: string): Subject => ({ kind: "Group", apiGroup: GROUP, name });
const account = (name: string, namespace?: string): Subject => ({
  kind: "ServiceAccount",
  name,
  ...(namespace === undefined ? {} : { namespace }),
});
const who = (name: string, ...groups: string[]): Identity => ({ name, uid: "", groups, extra: {} });

function bind(
  policy: RbacPolicy,
  name: string,
  namespace: string,
  binding: ReturnType<typeof bindingTo>,
): void {
  const object =
    namespace === ""
      ? ({ ...binding, kind: "ClusterRoleBinding", metadata: meta(name) } as ClusterRoleBinding)
      : ({ ...binding, kind: "RoleBinding", metadata: meta(name, namespace) } as RoleBinding);
  policy.setBinding(namespace, name, object);
}

function samplePolicy(): RbacPolicy {
  const policy = new RbacPolicy();
  const role = { apiVersion: API, kind: "Role", metadata: meta("r", "a") } as const;
  policy.setRole("a", "r", { ...role, rules: [on("secrets", "get")] });
  policy.setClusterRole("pods", clusterRole("pods", [on("pods", "get", "list")]));
  const metrics = [{ nonResourceURLs: ["/metrics"], verbs: ["get"] }];
  policy.setClusterRole("metrics", clusterRole("metrics", metrics));
  bind(policy, "u", "", bindingTo("ClusterRole", "pods", user("ann"), group("ops")));
  bind(policy, "m", "", bindingTo("ClusterRole", "metrics", account("prom", "mon")));
  bind(policy, "r", "a", bindingTo("Role", "r", user("ann"), account("bot")));
  bind(policy, "c", "b", bindingTo("ClusterRole", "pods", account("bot", "a"), group("dev")));
  bind(policy, "n", "b", bindingTo("ClusterRole", "metrics", group("dev")));
  bind(policy, "g", "a", bindingTo("Role", "gone", user("joe")));
  return policy;
}

const BOT = who("system:serviceaccount:a:bot", "system:serviceaccounts:a");
/** Who asks, and what they may (+) and may not (-). */
const CASES: readonly (readonly [Identity, readonly string[]])[] = [
  [
    who("ann"),
    ["+get pods a p", "+list pods", "-delete pods a p", "+get secrets a s", "-get secrets b s"],
  ],
  [who("bob", "ops"), ["+get pods x p", "-get secrets a s"]],
  [who("bob", "dev"), ["+get pods b p", "-get pods a p", "-list pods", "-get /metrics"]],
  [who("system:serviceaccount:mon:prom"), ["+get /metrics", "-get /healthz"]],
  [BOT, ["+get secrets a s", "+get pods b p", "-get pods a p", "-get secrets b s"]],
  [who("bot"), ["-get secrets a s", "-get pods b p"]],
  [who("ops"), ["-get pods a p"]],
];

void t.test("roles and bindings decide", (t) => {
  const policy = samplePolicy();
  for (const [identity, lines] of CASES) {
    for (const line of [...lines, ...lines]) {
      const { allowed } = policy.authorize(identity, asked(line.slice(1)));
      t.equal(allowed, line.startsWith("+"), `${identity.name} ${line}`);
    }
  }
  t.end();
});

void t.test("the reason names binding, role and subject", (t) => {
  const policy = samplePolicy();
  const reason = (identity: Identity, line: string) =>
    policy.authorize(identity, asked(line)).reason;
  t.equal(
    reason(who("bob", "ops"), "get pods x p"),
    'RBAC: allowed by ClusterRoleBinding "u" of ClusterRole "pods" to Group "ops"',
  );
  t.equal(
    reason(BOT, "get secrets a s"),
    'RBAC: allowed by RoleBinding "r/a" of Role "r" to ServiceAccount "bot/a"',
  );
  t.equal(
    reason(who("joe"), "get pods a p"),
    'RBAC: role.rbac.authorization.k8s.io "gone" not found',
  );
  t.equal(reason(who("joe"), "get pods b p"), "");
  t.end();
});

void t.test("a change counts from the next question on", (t) => {
  const policy = samplePolicy();
  const ann = who("ann");
  const may = (line: string): boolean => policy.authorize(ann, asked(line)).allowed;
  t.ok(may("get secrets a s"));
  policy.setRole("a", "r", null);
  t.notOk(may("get secrets a s"), "the role is gone");
  policy.setClusterRole("pods", clusterRole("pods", [on("pods", "delete")]));
  t.same([may("get pods a p"), may("delete pods a p")], [false, true]);
  bind(policy, "u", "", bindingTo("ClusterRole", "pods", user("eve")));
  t.notOk(may("delete pods a p"), "no longer a subject");
  policy.setBinding("", "u", null);
  t.notOk(policy.authorize(who("eve"), asked("delete pods a p")).allowed);
  policy.clear();
  t.same(policy.rulesIn(who("bob", "dev"), "b"), []);
  t.end();
});

void t.test("aggregation, also of aggregates, also in a circle", (t) => {
  const policy = new RbacPolicy();
  const collects = (label: string): Pick<ClusterRole, "aggregationRule"> => ({
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [label]: "true" } }] },
  });
  const stale = [on("nodes", "delete")];
  policy.setClusterRole(
    "admin",
    clusterRole("admin", stale, { ...collects("admin"), labels: { edit: "true" } }),
  );
  policy.setClusterRole(
    "edit",
    clusterRole("edit", [], { ...collects("edit"), labels: { admin: "true" } }),
  );
  policy.setClusterRole("x", clusterRole("x", [on("pods", "patch")], { labels: { edit: "true" } }));
  bind(policy, "b", "", bindingTo("ClusterRole", "admin", user("ann")));
  const may = (line: string): boolean => policy.authorize(who("ann"), asked(line)).allowed;
  t.ok(may("patch pods a p"), "by way of edit");
  t.notOk(may("delete nodes - n"), "its own rules are those of its parts");
  policy.setClusterRole("x", clusterRole("x", [on("pods", "patch")]));
  t.notOk(may("patch pods a p"), "no part any more");
  t.end();
});

void t.test("rules are reported for a namespace", (t) => {
  const policy = samplePolicy();
  t.same(policy.reportedRules(who("ann"), "a"), {
    resourceRules: [
      { verbs: ["get", "list"], apiGroups: [""], resources: ["pods"] },
      { verbs: ["get"], apiGroups: [""], resources: ["secrets"] },
    ],
    nonResourceRules: [],
  });
  const prom = who("system:serviceaccount:mon:prom");
  const { nonResourceRules } = policy.reportedRules(prom, "");
  t.same(nonResourceRules, [{ verbs: ["get"], nonResourceURLs: ["/metrics"] }]);
  t.end();
});
