import t from "tap";
import type { Container, Node, Pod, PodSpec } from "../../api/schema/types/core-v1.gen.js";
import { planPreemption } from "./preemption.js";
import { planAdmission } from "./admission.js";

const metadata = { name: "x", uid: "u", resourceVersion: "1", creationTimestamp: "" };
const allocatable = { cpu: "2", memory: "1Gi", "ephemeral-storage": "10Gi", pods: "3" };
const node = (more: Partial<Node["spec"]> = {}, resources: object = {}): Node => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { ...metadata, name: "node-1", labels: { disk: "ssd", "kubernetes.io/os": "linux" } },
  spec: more,
  status: { allocatable: { ...allocatable, ...resources } },
});
const pod = (requests: object = {}, spec: Partial<PodSpec> = {}, annotations = {}): Pod => {
  const container = { name: "c", image: "i", resources: { requests } } as Container;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...metadata, annotations },
    spec: { containers: [container], nodeName: "node-1", ...spec },
  };
};
const onPort = (hostPort: number, hostIP?: string): Partial<PodSpec> => {
  const port = { containerPort: 80, hostPort, ...(hostIP === undefined ? {} : { hostIP }) };
  return { containers: [{ name: "c", image: "i", ports: [port] } as Container] };
};
const affinity = (values: string[]): Partial<PodSpec> => {
  const matchExpressions = [{ key: "disk", operator: "In", values }];
  const required = { nodeSelectorTerms: [{ matchExpressions }] };
  return {
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } },
  };
};
const lacking = (name: string, requested: number, used: number, capacity: number) => ({
  reason: `OutOf${name}`,
  message: `Node didn't have enough resource: ${name}, requested: ${requested}, used: ${used}, capacity: ${capacity}`,
});
const AFFINITY = "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector";
const PORTS =
  "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports";
const TAINTS = "Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate";
const NO_EXECUTE = { taints: [{ key: "broken", effect: "NoExecute" }] };

type Case = readonly [string, Pod, Node, readonly Pod[], ReturnType<typeof planAdmission>];
const CASES: readonly Case[] = [
  ["what fits exactly", pod({ cpu: "2", memory: "1Gi" }), node(), [], null],
  [
    "one CPU too many",
    pod({ cpu: "1500m" }),
    node(),
    [pod({ cpu: "1" })],
    lacking("cpu", 1500, 1000, 2000),
  ],
  ["no room in memory", pod({ memory: "2Gi" }), node(), [], lacking("memory", 2 ** 31, 0, 2 ** 30)],
  [
    "no room on disk",
    pod({ "ephemeral-storage": "20Gi" }),
    node(),
    [],
    lacking("ephemeral-storage", 20 * 2 ** 30, 0, 10 * 2 ** 30),
  ],
  ["as many pods as it takes", pod(), node(), [pod(), pod()], null],
  ["one pod too many", pod({ cpu: "9" }), node(), [pod(), pod(), pod()], lacking("pods", 1, 3, 3)],
  ["nothing asked of a node that is over-full", pod(), node(), [pod({ cpu: "9" })], null],
  [
    "an extended resource that is used up",
    pod({ "a.org/card": "2" }),
    node({}, { "a.org/card": "2" }),
    [pod({ "a.org/card": "1" })],
    lacking("a.org/card", 2, 1, 2),
  ],
  [
    "an extended resource that the node knows nothing of",
    pod({ "a.org/card": "2" }),
    node(),
    [],
    null,
  ],
  ["a label it has", pod({}, { nodeSelector: { disk: "ssd" } }), node(), [], null],
  [
    "a label it does not have",
    pod({}, { nodeSelector: { disk: "hdd" } }),
    node(),
    [],
    { reason: "NodeAffinity", message: AFFINITY },
  ],
  ["an affinity that it meets", pod({}, affinity(["ssd"])), node(), [], null],
  [
    "an affinity that it does not meet",
    pod({}, affinity(["hdd"])),
    node(),
    [],
    { reason: "NodeAffinity", message: AFFINITY },
  ],
  ["a free port", pod({}, onPort(80)), node(), [pod({}, onPort(81))], null],
  [
    "a taken port",
    pod({}, onPort(80)),
    node(),
    [pod({}, onPort(80))],
    { reason: "NodePorts", message: PORTS },
  ],
  [
    "a port on another address",
    pod({}, onPort(80, "10.0.0.1")),
    node(),
    [pod({}, onPort(80, "10.0.0.2"))],
    null,
  ],
  [
    "a taint against running",
    pod(),
    node(NO_EXECUTE),
    [],
    { reason: "TaintToleration", message: TAINTS },
  ],
  [
    "one that it tolerates",
    pod({}, { tolerations: [{ operator: "Exists" }] }),
    node(NO_EXECUTE),
    [],
    null,
  ],
  [
    "a static pod",
    pod({}, {}, { "kubernetes.io/config.source": "file" }),
    node(NO_EXECUTE),
    [],
    null,
  ],
  [
    "a taint against scheduling binds the scheduler only",
    pod(),
    node({ taints: [{ key: "busy", effect: "NoSchedule" }] }),
    [],
    null,
  ],
  [
    "a pod for Windows",
    pod({}, { os: { name: "windows" } }),
    node(),
    [],
    {
      reason: "PodOSNotSupported",
      message: "Failed to admit pod as the OS field doesn't match node OS",
    },
  ],
  [
    "only the groups that it names, and the node cannot tell",
    pod({}, { securityContext: { supplementalGroupsPolicy: "Strict" } }),
    node(),
    [],
    {
      reason: "SupplementalGroupsPolicyNotSupported",
      message: "SupplementalGroupsPolicy=Strict is not supported in this node",
    },
  ],
];

void t.test("who makes way for a critical pod", (t) => {
  const named = (name: string, it: Pod): Pod => ({ ...it, metadata: { ...metadata, name } });
  const free = named("free", pod());
  const small = named("small", pod({ cpu: "500m" }));
  const large = named("large", pod({ cpu: "1" }));
  const system = named("system", pod({ cpu: "500m" }, { priority: 2_000_000_000 }));
  const wish = (cpu: string, priority: number): readonly string[] => {
    const others = [free, small, large, system];
    const wanted = pod({ cpu }, { priority });
    const room = { others, candidates: others };
    const victims = planPreemption(wanted, node({}, { pods: "9" }), room);
    return victims.map((it) => it.metadata.name);
  };
  t.same(wish("500m", 2_000_000_000), ["small"], "no more than it takes");
  t.same(wish("1", 2_000_000_000), ["large"]);
  t.same(wish("1500m", 2_000_000_000), ["small", "large"]);
  t.same(wish("2", 2_000_000_000), [], "not for a pod of the same rank");
  t.same(wish("2", 2_000_001_000), ["small", "large", "system"]);
  t.same(wish("500m", 1000), [], "not for a pod that is not critical");
  t.end();
});

void t.test("which pods a node takes", (t) => {
  for (const [what, wanted, there, others, expected] of CASES)
    t.strictSame(planAdmission(wanted, there, others), expected, what);
  t.end();
});
