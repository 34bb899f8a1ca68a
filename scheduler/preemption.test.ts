import t from "tap";
import type { Node, Pod } from "../api/schema/types/core-v1.gen.js";
import type { PodDisruptionBudget } from "../api/schema/types/policy-v1.gen.js";
import { SeededRandom } from "../base/random.js";
import { explain } from "./diagnosis.js";
import { Framework } from "./framework/framework.js";
import { podInfoOf } from "./framework/pod-info.js";
import { defaultPlugins } from "./plugins/default-plugins.js";
import { PodPlacer } from "./schedule-one.js";
import { testNode, testPod, testSnapshot } from "./test-objects.js";

interface Placed {
  readonly on: string;
  readonly priority?: number;
  readonly cpu?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly startTime?: string;
  readonly spec?: Partial<Pod["spec"]>;
}

function placed(name: string, { on, priority = 0, cpu = "2", startTime, ...rest }: Placed): Pod {
  const { labels = {}, spec = {} } = rest;
  const base = testPod(name, {
    requests: { cpu },
    labels,
    spec: { nodeName: on, priority, ...spec },
  });
  return startTime === undefined ? base : { ...base, status: { startTime } };
}

const wanting = (cpu: string, spec: Partial<Pod["spec"]> = {}): Pod =>
  testPod("important", { requests: { cpu }, spec: { priority: 100, ...spec } });

function budget(app: string, disruptionsAllowed: number): PodDisruptionBudget {
  const { metadata } = testPod(`budget-of-${app}`);
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata,
    spec: { selector: { matchLabels: { app } } },
    status: { disruptionsAllowed, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 },
  };
}

function tryIt(
  pod: Pod,
  nodes: readonly Node[],
  { pods, budgets = [] }: { pods: readonly Pod[]; budgets?: readonly PodDisruptionBudget[] },
): { readonly node: string | null; readonly victims: readonly string[]; readonly text: string } {
  const placer = new PodPlacer(new Framework(defaultPlugins()), new SeededRandom(1));
  const result = placer.place(podInfoOf(pod), testSnapshot(nodes, pods, budgets));
  if (result.type === "scheduled") return { node: result.nodeName, victims: [], text: "" };
  const { preemption, diagnosis } = result;
  return {
    node: preemption?.nodeName ?? null,
    victims: (preemption?.victims ?? []).map(({ pod: { metadata } }) => metadata.name),
    text: explain(diagnosis),
  };
}

const one = [testNode("n1")]; // 4 cores
const two = [testNode("n1"), testNode("n2")];

void t.test("as few go as will do, the least important first", (t) => {
  const pods = [
    placed("a", { on: "n1", priority: 10, cpu: "1" }),
    placed("b", { on: "n1", priority: 20, cpu: "1" }),
    placed("c", { on: "n1", priority: 5, cpu: "2" }),
  ];
  t.match(tryIt(wanting("2"), one, { pods }), { node: "n1", victims: ["c"] });
  t.match(tryIt(wanting("3"), one, { pods }), { node: "n1", victims: ["a", "c"] });
  t.match(tryIt(wanting("4"), one, { pods }), { victims: ["b", "a", "c"] });
  t.equal(
    tryIt(wanting("2"), one, { pods }).text,
    "0/1 nodes are available: 1 Insufficient cpu.",
    "that somebody has to go is not said",
  );
  t.end();
});

void t.test("nobody as important goes, and nobody goes for nothing", (t) => {
  const equal = [placed("a", { on: "n1", priority: 100, cpu: "4" })];
  t.match(tryIt(wanting("2"), one, { pods: equal }), {
    node: null,
    text: /1 No preemption victims found for incoming pod\.$/,
  });
  const both = [
    placed("a", { on: "n1", priority: 100, cpu: "3" }),
    placed("b", { on: "n1", priority: 1, cpu: "1" }),
  ];
  t.match(tryIt(wanting("2"), one, { pods: both }), {
    node: null,
    text: /preemption: 0\/1 nodes are available: 1 Insufficient cpu\.$/,
  });
  const low = [placed("a", { on: "n1", cpu: "4" })];
  t.match(tryIt(wanting("2", { preemptionPolicy: "Never" }), one, { pods: low }), {
    node: null,
    text: /preemption: not eligible due to preemptionPolicy=Never\.$/,
  });
  t.match(tryIt(wanting("2", { nodeSelector: { disk: "ssd" } }), one, { pods: low }), {
    node: null,
    text: /1 Preemption is not helpful for scheduling\.$/,
  });
  t.end();
});

void t.test("what a budget protects goes last", (t) => {
  const pods = [
    placed("kept", { on: "n1", priority: 1, cpu: "2", labels: { app: "web" } }),
    placed("free", { on: "n1", priority: 50, cpu: "2" }),
  ];
  const budgets = [budget("web", 0)];
  t.match(tryIt(wanting("2"), one, { pods, budgets }), { victims: ["free"] });
  t.match(tryIt(wanting("2"), one, { pods, budgets: [budget("web", 1)] }), { victims: ["kept"] });
  t.match(tryIt(wanting("4"), one, { pods, budgets }), { victims: ["free", "kept"] });
  t.end();
});

void t.test("the node where it costs least", (t) => {
  const cases: readonly (readonly [string, readonly Pod[], string, PodDisruptionBudget?])[] = [
    [
      "fewest broken budgets",
      [
        placed("a", { on: "n1", cpu: "4", labels: { app: "web" } }),
        placed("b", { on: "n2", cpu: "4", priority: 9 }),
      ],
      "n2",
      budget("web", 0),
    ],
    [
      "lowest of the highest priorities",
      [
        placed("a", { on: "n1", cpu: "4", priority: 9 }),
        placed("b", { on: "n2", cpu: "4", priority: 8 }),
      ],
      "n2",
    ],
    [
      "smallest sum",
      [
        placed("a", { on: "n1", cpu: "2", priority: 8 }),
        placed("a2", { on: "n1", cpu: "2", priority: 8 }),
        placed("b", { on: "n2", cpu: "2", priority: 8 }),
        placed("b2", { on: "n2", cpu: "2", priority: 1 }),
      ],
      "n2",
    ],
    [
      "fewest victims",
      [
        placed("a", { on: "n1", cpu: "2", priority: -2_147_483_648 }),
        placed("a2", { on: "n1", cpu: "2", priority: -2_147_483_648 }),
        placed("b", { on: "n2", cpu: "4", priority: -2_147_483_648 }),
      ],
      "n2",
    ],
    [
      "youngest of the most important",
      [
        placed("a", { on: "n1", cpu: "4", startTime: "2026-01-01T00:00:00Z" }),
        placed("b", { on: "n2", cpu: "4", startTime: "2026-02-01T00:00:00Z" }),
      ],
      "n2",
    ],
  ];
  for (const [name, pods, node, kept] of cases) {
    const budgets = kept === undefined ? [] : [kept];
    t.equal(tryIt(wanting("4"), two, { pods, budgets }).node, node, name);
  }
  t.end();
});

void t.test("a port and the dislike of a pod that stands there can be resolved too", (t) => {
  const ports = [{ name: "c", image: "i", ports: [{ containerPort: 80, hostPort: 80 }] }];
  const taken = placed("web", { on: "n1", spec: { containers: ports } });
  t.match(tryIt(wanting("1", { containers: ports }), one, { pods: [taken] }), { victims: ["web"] });
  const term = {
    labelSelector: { matchLabels: { app: "web" } },
    topologyKey: "kubernetes.io/hostname",
  };
  const podAntiAffinity = { requiredDuringSchedulingIgnoredDuringExecution: [term] };
  const disliked = placed("web", { on: "n1", cpu: "1", labels: { app: "web" } });
  const apart = wanting("1", { affinity: { podAntiAffinity } });
  t.match(tryIt(apart, one, { pods: [disliked] }), { victims: ["web"] });
  t.end();
});

void t.test("room that is being made is kept for whom it is made", (t) => {
  const placer = new PodPlacer(new Framework(defaultPlugins()), new SeededRandom(1));
  const snapshot = testSnapshot(one);
  const important = podInfoOf(wanting("4"));
  snapshot.nominate(important, "n1");
  const place = (pod: Pod) => placer.place(podInfoOf(pod), snapshot).type;
  t.equal(place(testPod("small", { requests: { cpu: "1" } })), "unschedulable");
  const higher = testPod("higher", { requests: { cpu: "1" }, spec: { priority: 200 } });
  t.equal(place(higher), "scheduled", "who is more important need not care");
  t.equal(place(important.pod), "scheduled", "nor is it in its own way");
  snapshot.denominate(important.uid);
  t.equal(place(testPod("small", { requests: { cpu: "1" } })), "scheduled");
  t.end();
});

void t.test("who waits for a victim to end puts no one else out", (t) => {
  const conditions = [
    { type: "DisruptionTarget", status: "True", reason: "PreemptionByScheduler" },
  ];
  const { metadata, ...rest } = placed("going", { on: "n1", cpu: "2" });
  const deletionTimestamp = "2026-01-01T00:00:30Z";
  const going: Pod = {
    ...rest,
    metadata: { ...metadata, deletionTimestamp },
    status: { conditions },
  };
  const snapshot = testSnapshot(two, [
    going,
    placed("other", { on: "n1", cpu: "2" }),
    placed("third", { on: "n2", cpu: "4" }),
  ]);
  const important = podInfoOf(wanting("2"));
  snapshot.nominate(important, "n1");
  const placer = new PodPlacer(new Framework(defaultPlugins()), new SeededRandom(1));
  t.match(placer.place(important, snapshot), {
    type: "unschedulable",
    preemption: null,
    diagnosis: {
      postFilterText: "preemption: not eligible due to a terminating pod on the nominated node.",
    },
  });
  t.end();
});
