import t from "tap";
import { EVERYTHING, selectorFromMap } from "../../api/machinery/selectors.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import {
  type MatchCriteria,
  type MatchRule,
  type RequestTarget,
  isAdmissionConfiguration,
  matchRules,
  matchSelectors,
} from "./request-match.js";

const PODS = { group: "", version: "v1", resource: "pods" };
const AUTOSCALERS = { group: "autoscaling", version: "v2", resource: "horizontalpodautoscalers" };
const OLD_AUTOSCALERS = { ...AUTOSCALERS, version: "v1" };
const NAMESPACES = { group: "", version: "v1", resource: "namespaces" };

const target = (changes: Partial<RequestTarget> = {}): RequestTarget => ({
  operation: "CREATE",
  resource: PODS,
  subresource: "",
  namespace: "default",
  name: "web",
  equivalents: [],
  ...changes,
});
const rule = (changes: Partial<MatchRule> = {}): MatchRule => ({
  operations: ["CREATE"],
  apiGroups: [""],
  apiVersions: ["v1"],
  resources: ["pods"],
  ...changes,
});
const criteria = (changes: Partial<MatchCriteria> = {}): MatchCriteria => ({
  rules: [rule()],
  excludeRules: [],
  matchPolicy: "Equivalent",
  namespaceSelector: EVERYTHING,
  objectSelector: EVERYTHING,
  ...changes,
});
const anything = { apiGroups: ["*"], apiVersions: ["*"], operations: ["*"] };

const CASES: readonly [
  what: string,
  rule: Partial<MatchRule>,
  target: Partial<RequestTarget>,
  matches: boolean,
][] = [
  ["the resource itself", {}, {}, true],
  ["another operation", {}, { operation: "DELETE" }, false],
  ["every operation", { operations: ["*"] }, { operation: "CONNECT" }, true],
  ["another group", { apiGroups: ["apps"] }, {}, false],
  ["another version", { apiVersions: ["v2"] }, {}, false],
  ["a subresource that was not asked for", {}, { subresource: "status" }, false],
  ["a subresource that was", { resources: ["pods/status"] }, { subresource: "status" }, true],
  ["any subresource", { resources: ["pods/*"] }, { subresource: "status" }, true],
  ["any subresource includes none", { resources: ["pods/*"] }, {}, true],
  ["all resources", { resources: ["*"] }, {}, true],
  ["all resources have no subresources", { resources: ["*"] }, { subresource: "status" }, false],
  ["one subresource of all", { resources: ["*/status"] }, { subresource: "status" }, true],
  ["one subresource of all, not another", { resources: ["*/scale"] }, { subresource: "x" }, false],
  ["everything", { ...anything, resources: ["*/*"] }, { subresource: "exec" }, true],
  ["scope Namespaced", { scope: "Namespaced" }, {}, true],
  ["scope Cluster", { scope: "Cluster" }, {}, false],
  ["scope *", { scope: "*" }, {}, true],
  [
    "a Namespace is in no namespace",
    { resources: ["namespaces"], scope: "Namespaced" },
    { resource: NAMESPACES, namespace: "web" },
    false,
  ],
  [
    "a Namespace is of the cluster",
    { resources: ["namespaces"], scope: "Cluster" },
    { resource: NAMESPACES, namespace: "web" },
    true,
  ],
  ["a name that is listed", { resourceNames: ["db", "web"] }, {}, true],
  ["a name that is not", { resourceNames: ["db"] }, {}, false],
  ["no operations", { operations: [] }, {}, false],
];

t.test("rules", (t) => {
  for (const [what, ruled, asked, matches] of CASES) {
    const found = matchRules(criteria({ rules: [rule(ruled)] }), target(asked));
    t.equal(found !== null, matches, what);
  }
  t.same(matchRules(criteria({ rules: [] }), target()), null, "no rules match nothing");
  t.same(matchRules(criteria({ rules: null }), target()), PODS, "without rules: everything");
  const excluded = criteria({ rules: null, excludeRules: [rule()] });
  t.equal(matchRules(excluded, target()), null, "excluded");
  t.same(matchRules(excluded, target({ operation: "DELETE" })), PODS, "not excluded");
  t.end();
});

t.test("equivalent versions", (t) => {
  const asked = target({ resource: AUTOSCALERS, equivalents: [OLD_AUTOSCALERS] });
  const old = rule({ apiGroups: ["autoscaling"], resources: ["horizontalpodautoscalers"] });
  t.same(matchRules(criteria({ rules: [old] }), asked), OLD_AUTOSCALERS);
  t.equal(matchRules(criteria({ rules: [old], matchPolicy: "Exact" }), asked), null);
  const both = [old, { ...old, apiVersions: ["v2"] }];
  t.same(matchRules(criteria({ rules: both }), asked), AUTOSCALERS, "its own version first");
  t.end();
});

const labelled = (labels: Record<string, string>): KubernetesObject =>
  ({ apiVersion: "v1", kind: "Pod", metadata: { name: "x", labels } }) as KubernetesObject;
const WANTED = selectorFromMap({ hook: "yes" });

t.test("labels of namespaces", (t) => {
  const of = (
    labels: Record<string, string> | null,
    asked: Partial<RequestTarget> = {},
    object = labelled({}),
  ): boolean =>
    matchSelectors({ namespaceSelector: WANTED, objectSelector: EVERYTHING }, target(asked), {
      object,
      oldObject: null,
      namespaceLabels: labels,
    });
  t.equal(of({ hook: "yes" }), true);
  t.equal(of({ hook: "no" }), false);
  t.equal(of({}), false);
  t.equal(of(null), true, "an unknown namespace spares nobody");
  t.equal(of({}, { namespace: "" }), true, "what is in no namespace is always wanted");
  const own = { resource: NAMESPACES, namespace: "" };
  t.equal(of({}, own, labelled({ hook: "yes" })), true, "a new Namespace has its own labels");
  t.equal(of({ hook: "yes" }, own, labelled({})), false);
  t.equal(of({ hook: "yes" }, { ...own, operation: "DELETE" }), true, "one that goes: as it is");
  t.equal(of({}, { ...own, operation: "DELETE" }), false);
  t.end();
});

t.test("labels of objects", (t) => {
  const of = (object: KubernetesObject | null, oldObject: KubernetesObject | null): boolean =>
    matchSelectors({ namespaceSelector: EVERYTHING, objectSelector: WANTED }, target(), {
      object,
      oldObject,
      namespaceLabels: {},
    });
  const [yes, no] = [labelled({ hook: "yes" }), labelled({})];
  t.equal(of(yes, null), true);
  t.equal(of(no, null), false);
  t.equal(of(no, yes), true, "the old object counts as well");
  t.equal(of(null, yes), true);
  t.equal(of({ kind: "PodExecOptions" } as KubernetesObject, null), false, "no metadata");
  t.end();
});

t.test("what rules are never asked about", (t) => {
  const group = "admissionregistration.k8s.io";
  const of = (resource: string, inGroup = group): boolean =>
    isAdmissionConfiguration({ group: inGroup, version: "v1", resource });
  t.equal(of("validatingwebhookconfigurations"), true);
  t.equal(of("mutatingadmissionpolicybindings"), true);
  t.equal(of("validatingwebhookconfigurations", "example.com"), false);
  t.equal(of("pods", ""), false);
  t.end();
});
