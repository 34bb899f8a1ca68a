import t from "tap";
import type { DaemonSet } from "../../api/schema/types/apps-v1.gen.js";
import type { Node, Pod, Taint } from "../../api/schema/types/core-v1.gen.js";
import { ago, meta, NOW_MS, pod } from "../common/test-objects.js";
import { POD_REVISION } from "../common/revisions.js";
import { FailureBackoff } from "./failure-backoff.js";
import { eligibility, newDaemonPod, nodeOf } from "./placement.js";
import { type DaemonSetPlan, planDaemonSet } from "./plan.js";

function daemons(
  spec: Partial<DaemonSet["spec"]> = {},
  template: Partial<Pod["spec"]> = {},
): DaemonSet {
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: meta("d", { generation: 1 }),
    spec: {
      selector: { matchLabels: { app: "web" } },
      template: {
        metadata: { labels: { app: "web" } },
        spec: { containers: [{ name: "c", image: "i" }], ...template },
      },
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
      ...spec,
    },
  };
}
const node = (name: string, taints: readonly Taint[] = [], labels = {}): Node => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: meta(name, { labels }),
  spec: { taints },
});
const on = (
  name: string,
  at: string,
  facts: Parameters<typeof pod>[1] & { old?: true; down?: true } = {},
): Pod => {
  const labels = { app: "web", [POD_REVISION]: facts.old === true ? "old" : "new" };
  const ready = facts.down === true ? {} : { readyFor: 100 };
  return pod(name, { ...ready, ...facts, node: at, meta: { labels, ...facts.meta } });
};
const NODES = ["a", "b", "c", "d"].map((name) => node(name));
function plan(of: DaemonSet, pods: readonly Pod[], nodes: readonly Node[] = NODES): DaemonSetPlan {
  const world = { set: of, pods, nodes, hash: "new", collisionCount: 0, nowMs: NOW_MS };
  return planDaemonSet(world);
}
const changes = (...of: Parameters<typeof plan>): string[] => {
  const { create, remove, ended } = plan(...of);
  const gone = [...remove, ...ended].map(({ metadata }) => `-${metadata.name}`);
  return [...create.map((name) => `+${name}`), ...gone];
};
const all = (facts: Parameters<typeof on>[2] = {}): Pod[] =>
  NODES.map(({ metadata: { name } }) => on(name.toUpperCase(), name, facts));
const pace = (rollingUpdate: object) => ({
  updateStrategy: { type: "RollingUpdate", rollingUpdate },
});
const going = { deletionTimestamp: ago(1) };
const taint = (key: string, effect: string): Taint => ({ key, effect });

// Each with the sentence of the documentation that it takes as its case.
const cases: readonly [sentence: string, of: DaemonSet, pods: readonly Pod[], string[]][] = [
  ["all Nodes run a copy of a Pod", daemons(), [], ["+a", "+b", "+c", "+d"]],
  ["as nodes are added, Pods are added", daemons(), all().slice(1), ["+a"]],
  ["an unchanged world gives an empty plan", daemons(), all(), []],
  [
    "two on a node: the older stays",
    daemons(),
    [...all(), on("x", "b", { meta: { creationTimestamp: ago(5) } })],
    ["-x"],
  ],
  [
    "a pod that ended is made anew",
    daemons(),
    [...all().slice(1), on("A", "a", { phase: "Failed" })],
    ["-A"],
  ],
  [
    "one that is going holds its place",
    daemons(),
    [...all().slice(1), on("A", "a", { meta: going })],
    [],
  ],
  [
    "nodeSelector: Pods on nodes which match it",
    daemons({}, { nodeSelector: { disk: "ssd" } }),
    [],
    [],
  ],
  ["nodeName of the template", daemons({}, { nodeName: "c" }), [], ["+c"]],
  ["RollingUpdate: one at a time by default", daemons(), all({ old: true }), ["-A"]],
  [
    "maxUnavailable: so many at a time",
    daemons(pace({ maxSurge: 0, maxUnavailable: 2 })),
    all({ old: true }),
    ["-A", "-B"],
  ],
  [
    "maxUnavailable in percent, rounded up",
    daemons(pace({ maxSurge: 0, maxUnavailable: "30%" })),
    all({ old: true }),
    ["-A", "-B"],
  ],
  [
    "a new pod that is not available yet counts",
    daemons(),
    [on("A", "a", { down: true }), ...all({ old: true }).slice(1)],
    [],
  ],
  [
    "old pods that are down are replaced first, and at no cost",
    daemons(),
    [...all({ old: true }).slice(0, 3), on("D", "d", { old: true, down: true })],
    ["-D", "-A"],
  ],
  [
    "OnDelete: new Pods only when you manually delete old ones",
    daemons({ updateStrategy: { type: "OnDelete" } }),
    all({ old: true }),
    [],
  ],
  [
    "maxSurge: an updated pod beside the old one",
    daemons(pace({ maxSurge: 1, maxUnavailable: 0 })),
    all({ old: true }),
    ["+a"],
  ],
  [
    "the old pod is deleted once the new one is available",
    daemons(pace({ maxSurge: 1, maxUnavailable: 0 })),
    [...all({ old: true }), on("A2", "a")],
    ["+b", "-A"],
  ],
  [
    "and not before",
    daemons(pace({ maxSurge: 1, maxUnavailable: 0 })),
    [...all({ old: true }), on("A2", "a", { down: true })],
    [],
  ],
  [
    "minReadySeconds: available only then",
    daemons({ minReadySeconds: 200 }),
    [on("A", "a"), ...all({ old: true, readyFor: 900 }).slice(1)],
    [],
  ],
];

void t.test("which pods are made and removed", (t) => {
  for (const [sentence, of, pods, expected] of cases)
    t.strictSame(changes(of, pods), expected, sentence);
  t.end();
});

void t.test("as nodes are removed, their unbound pods are", (t) => {
  const target = newDaemonPod(daemons(), "gone", "new").spec;
  const lost = { ...pod("lost"), spec: { ...target } };
  t.strictSame(changes(daemons(), [...all(), lost]), ["-lost"]);
  t.strictSame(changes(daemons(), [...all(), on("bound", "gone")]), [], "the collector's business");
  t.end();
});

const taints: readonly [sentence: string, taint: Taint, runs: boolean, keeps: boolean][] = [
  ["not-ready nodes run daemons", taint("node.kubernetes.io/not-ready", "NoExecute"), true, true],
  ["unschedulable nodes too", taint("node.kubernetes.io/unschedulable", "NoSchedule"), true, true],
  ["another NoSchedule keeps new ones away", taint("x", "NoSchedule"), false, true],
  ["another NoExecute ends those that run", taint("x", "NoExecute"), false, false],
  ["PreferNoSchedule is no more than a wish", taint("x", "PreferNoSchedule"), true, true],
  [
    "network-unavailable only with hostNetwork",
    taint("node.kubernetes.io/network-unavailable", "NoSchedule"),
    false,
    true,
  ],
];

void t.test("taints and the tolerations that are added", (t) => {
  for (const [sentence, mark, runs, keeps] of taints)
    t.strictSame(eligibility(daemons(), node("a", [mark])), { runs, keeps }, sentence);
  const host = daemons({}, { hostNetwork: true });
  const mark = taint("node.kubernetes.io/network-unavailable", "NoSchedule");
  t.ok(eligibility(host, node("a", [mark])).runs);
  const [first, second] = [
    node("a", [taint("x", "NoExecute")]),
    node("b", [taint("x", "NoSchedule")]),
  ];
  t.strictSame(changes(daemons(), [on("A", "a"), on("B", "b")], [first, second]), ["-A"]);
  t.match(plan(daemons(), [on("B", "b")], [second]).status, { numberMisscheduled: 1 });
  t.end();
});

void t.test("a pod is meant for its node alone", (t) => {
  const required = {
    nodeSelectorTerms: [{ matchExpressions: [{ key: "disk", operator: "Exists" }] }],
  };
  const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: required };
  const set = daemons({}, { affinity: { nodeAffinity } });
  t.ok(eligibility(set, node("a", [], { disk: "ssd" })).runs);
  t.notOk(eligibility(set, node("a")).runs);
  const made = newDaemonPod(set, "a", "new");
  t.equal(nodeOf({ ...pod("x"), spec: made.spec }), "a");
  t.strictSame(made.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution, {
    nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: ["a"] }] }],
  });
  t.equal(made.metadata.labels?.[POD_REVISION], "new");
  t.end();
});

void t.test("the status counts nodes", (t) => {
  const pods = [on("A", "a"), on("B", "b", { old: true }), on("C", "c", { down: true })];
  const { status } = plan(daemons(), pods);
  t.strictSame(status, {
    desiredNumberScheduled: 4,
    currentNumberScheduled: 3,
    numberMisscheduled: 0,
    numberReady: 2,
    numberAvailable: 2,
    numberUnavailable: 2,
    updatedNumberScheduled: 2,
    observedGeneration: 1,
  });
  const again = plan({ ...daemons(), ...(status === null ? {} : { status }) }, pods);
  t.equal(again.status, null, "an unchanged world");
  t.end();
});

void t.test("pods that end again and again are made anew ever more slowly", (t) => {
  const backoff = new FailureBackoff();
  t.equal(backoff.remainingMs("d a", 0), 0);
  t.equal(backoff.remainingMs("d a", 400), 600);
  t.equal(backoff.remainingMs("d a", 1000), 0);
  t.equal(backoff.remainingMs("d a", 2000), 1000, "two seconds the second time");
  t.equal(backoff.remainingMs("d b", 2000), 0, "each node by itself");
  t.equal(backoff.remainingMs("d a", 10_000_000), 0);
  backoff.forget("d ");
  t.equal(backoff.remainingMs("d a", 10_000_001), 0);
  t.end();
});
