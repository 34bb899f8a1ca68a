import t from "tap";
import type { PolicyRule } from "../../api/schema/types/rbac-v1.gen.js";
import { compactRules, describeRule, missingRules, ruleAllows } from "./policy-rules.js";
import { asked } from "./test-attributes.js";

const rule = (groups: string, resources: string, verbs: string, names?: string): PolicyRule => ({
  apiGroups: groups.split(","),
  resources: resources.split(","),
  verbs: verbs.split(","),
  ...(names === undefined ? {} : { resourceNames: names.split(",") }),
});
const url = (urls: string, verbs = "get"): PolicyRule => ({
  nonResourceURLs: urls.split(","),
  verbs: verbs.split(","),
});

/** A rule, then what it allows (+) and what not (-). */
const CASES: readonly (readonly [PolicyRule, readonly string[]])[] = [
  [
    rule("", "pods", "get,list"),
    ["+get pods ns p", "+list pods", "-watch pods", "-get pods/log ns p"],
  ],
  [rule("", "pods", "get"), ["-get pods@apps ns p", "-get secrets ns p", "-get /pods"]],
  [rule("", "pods/log", "get"), ["+get pods/log ns p", "-get pods ns p", "-get pods/exec ns p"]],
  [rule("*", "*", "*"), ["+delete nodes - n", "+get pods/log ns p", "+x y@z", "-get /healthz"]],
  [rule("*", "*/scale", "get"), ["+get deployments/scale@apps ns d", "-get deployments@apps ns d"]],
  [rule("*", "pods/*", "get"), ["-get pods/log ns p"]],
  [
    rule("", "secrets", "get,list", "a,b"),
    ["+get secrets ns a", "+get secrets ns b", "-get secrets ns c"],
  ],
  [
    rule("", "secrets", "list,create", "a"),
    ["-list secrets ns", "+list secrets ns a", "-create secrets ns"],
  ],
  [rule("apps,batch", "jobs,deployments", "get"), ["+get jobs@batch ns j", "+get jobs@apps ns j"]],
  [url("/healthz"), ["+get /healthz", "-get /healthz/etcd", "-post /healthz", "-get healthz ns"]],
  [url("/apis/*"), ["+get /apis/apps", "+get /apis/", "-get /apis"]],
  [url("*", "*"), ["+get /", "+post /metrics", "-get pods ns p"]],
];

void t.test("a rule allows what it names and nothing else", (t) => {
  for (const [given, lines] of CASES) {
    for (const line of lines) {
      const wanted = line.startsWith("+");
      t.equal(ruleAllows(given, asked(line.slice(1))), wanted, `${describeRule(given)} ${line}`);
    }
  }
  t.end();
});

/** What is held, what is wanted, what is missing in Kubernetes' words. */
const ESCALATIONS: readonly (readonly [PolicyRule[], PolicyRule[], string[]])[] = [
  [[rule("", "pods", "get,list")], [rule("", "pods", "get")], []],
  [[rule("*", "*", "*")], [rule("apps", "deployments/scale", "patch", "a")], []],
  [
    [rule("", "pods", "get")],
    [rule("", "pods", "get,list,watch")],
    ['{APIGroups:[""], Resources:["pods"], Verbs:["list" "watch"]}'],
  ],
  [
    [rule("", "secrets", "get", "a")],
    [rule("", "secrets", "get")],
    ['{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}'],
  ],
  [
    [rule("", "secrets", "get", "a")],
    [rule("", "secrets", "get", "a,b")],
    ['{APIGroups:[""], Resources:["secrets"], ResourceNames:["b"], Verbs:["get"]}'],
  ],
  [[url("/apis/*")], [url("/apis/apps,/api")], ['{NonResourceURLs:["/api"], Verbs:["get"]}']],
  [[rule("", "pods,pods/log", "get")], [rule("", "pods/log", "get")], []],
  [[rule("", "*/log", "get")], [rule("", "pods/log", "get")], []],
  [
    [rule("", "pods", "get")],
    [rule("", "*", "get")],
    ['{APIGroups:[""], Resources:["*"], Verbs:["get"]}'],
  ],
];

void t.test("what somebody lacks of the rights they give away", (t) => {
  for (const [held, wanted, missing] of ESCALATIONS) {
    const found = compactRules(missingRules(held, wanted)).map(describeRule);
    t.same(found, missing, wanted.map(describeRule).join());
  }
  t.end();
});
