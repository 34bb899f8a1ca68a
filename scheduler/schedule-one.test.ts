import t from "tap";
import { SeededRandom } from "../base/random.js";
import { explain } from "./diagnosis.js";
import { Framework } from "./framework/framework.js";
import { podInfoOf } from "./framework/pod-info.js";
import { defaultPlugins } from "./plugins/default-plugins.js";
import { feasibleNodesWanted, PodPlacer } from "./schedule-one.js";
import { testNode, testPod, testSnapshot } from "./test-objects.js";

function newPlacer(seed = 1): PodPlacer {
  return new PodPlacer(new Framework(defaultPlugins()), new SeededRandom(seed));
}

t.test("how many feasible nodes are enough", (t) => {
  for (const [nodes, wanted] of [
    [0, 0],
    [1, 1],
    [99, 99],
    [100, 100],
    [200, 100],
    [1000, 420],
    [5000, 500],
    [20_000, 1000],
  ] as const)
    t.equal(feasibleNodesWanted(nodes), wanted, `${nodes} nodes`);
  t.end();
});

t.test("a refusal counts its reasons over all nodes", (t) => {
  const nodes = [
    testNode("a", { allocatable: { cpu: "1" } }),
    testNode("b", { allocatable: { cpu: "1", memory: "1Gi" } }),
    testNode("c", { spec: { taints: [{ key: "k", effect: "NoSchedule" }] } }),
  ];
  const pod = podInfoOf(testPod("p", { requests: { cpu: "2", memory: "2Gi" } }));
  const result = newPlacer().place(pod, testSnapshot(nodes));
  t.equal(
    result.type === "unschedulable" && explain(result.diagnosis),
    "0/3 nodes are available: 1 Insufficient memory, 1 node(s) had untolerated taint(s), " +
      "2 Insufficient cpu. preemption: 0/3 nodes are available: " +
      "3 Preemption is not helpful for scheduling.",
  );
  const none = newPlacer().place(pod, testSnapshot([]));
  t.equal(
    none.type === "unschedulable" && explain(none.diagnosis),
    "no nodes available to schedule pods",
  );
  t.end();
});

t.test("a pod that names its node by affinity is refused for it alone", (t) => {
  const pod = testPod("p", {
    requests: { cpu: "9" },
    spec: {
      containers: [{ name: "c", resources: { requests: { cpu: "9" } } }],
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [
              { matchFields: [{ key: "metadata.name", operator: "In", values: ["a"] }] },
            ],
          },
        },
      },
    },
  });
  const nodes = ["a", "b", "c"].map((name) => testNode(name));
  const result = newPlacer().place(podInfoOf(pod), testSnapshot(nodes));
  t.match(
    result.type === "unschedulable" && explain(result.diagnosis),
    /^0\/3 nodes are available: 1 Insufficient cpu, 2 node\(s\) didn't satisfy plugin\(s\) \[NodeAffinity\]\./,
  );
  t.end();
});

t.test("every node has its turn, and no node is filled beyond its room", (t) => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const random = new SeededRandom(seed);
    const count = 1 + random.below(300);
    const nodes = Array.from({ length: count }, (_, i) =>
      testNode(`n${i}`, { allocatable: { cpu: `${1 + random.below(4)}`, pods: "3" } }),
    );
    const snapshot = testSnapshot(nodes);
    const placer = newPlacer(seed);
    let refused = 0;
    for (let i = 0; i < 3 * count + 20; i += 1) {
      const cpu = `${200 * (1 + random.below(10))}m`;
      const pod = podInfoOf(testPod(`p${i}`, { requests: { cpu } }));
      const result = placer.place(pod, snapshot);
      if (result.type === "scheduled") snapshot.assume(pod, result.nodeName);
      else {
        refused += 1;
        const free = snapshot.nodes.some(
          (node) =>
            node.pods.size < 3 &&
            node.requested.milliCpu + pod.requests.milliCpu <= node.allocatable.milliCpu,
        );
        t.notOk(free, `seed ${seed}: refused only when there is no room anywhere`);
      }
    }
    t.ok(refused > 0, `seed ${seed}: full in the end`);
    for (const node of snapshot.nodes)
      t.ok(
        node.pods.size <= 3 && node.requested.milliCpu <= node.allocatable.milliCpu,
        `seed ${seed}: ${node.name} is not overfull`,
      );
  }
  t.end();
});
