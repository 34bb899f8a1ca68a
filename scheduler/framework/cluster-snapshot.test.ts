import t from "tap";
import { SeededRandom } from "../../base/random.js";
import type { Node, Pod } from "../../api/schema/types/core-v1.gen.js";
import { testNode, testPod, testSnapshot } from "../test-objects.js";
import type { ClusterSnapshot } from "./cluster-snapshot.js";
import { podInfoOf } from "./pod-info.js";

/** What can be seen of a snapshot, in a form that compares. */
function picture(snapshot: ClusterSnapshot): unknown {
  const nodes = snapshot.nodes.map((info) => ({
    name: info.name,
    pods: [...info.pods.keys()].sort(),
    requested: { ...info.requested, scalars: [...info.requested.scalars].map(String).sort() },
    usage: info.usage,
    ports: info.usedHostPorts.map(({ port }) => String(port)).sort(),
    affinity: [...info.podsWithAffinity.keys()].sort(),
    images: [...info.imageBytes.keys()].map((image) => [image, snapshot.imageSpread(image)]),
    noted: snapshot.nodesWithAffinity.has(info as never),
  }));
  return nodes.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function randomPod(random: SeededRandom, i: number): Pod {
  const name = `p${i}`;
  const requests = { cpu: `${random.below(5)}`, memory: `${random.below(9)}Mi`, "x.io/g": "1" };
  const pod = testPod(name, { requests, labels: { app: "a" } });
  const [container] = pod.spec.containers;
  const ports = random.oneIn(3) ? [{ containerPort: 1, hostPort: 1 + random.below(3) }] : [];
  const anti = {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: "zone", labelSelector: { matchLabels: { app: "a" } } },
      ],
    },
  };
  return {
    ...pod,
    status: { phase: random.oneIn(6) ? "Succeeded" : "Running" },
    spec: {
      ...pod.spec,
      nodeName: `n${random.below(4)}`,
      containers: [{ ...(container ?? { name: "c" }), ports }],
      ...(random.oneIn(3) ? { affinity: anti } : {}),
    },
  };
}

t.test("change by change gives the same as all at once", (t) => {
  for (let seed = 1; seed <= 40; seed += 1) {
    const random = new SeededRandom(seed);
    const snapshot = testSnapshot([]);
    const nodes = new Map<string, Node>();
    const pods = new Map<string, Pod>();
    for (let step = 0; step < 120; step += 1) {
      const name = `n${random.below(4)}`;
      const pod = randomPod(random, random.below(20));
      switch (random.below(5)) {
        case 0: {
          const images = [{ names: [`img${random.below(3)}`], sizeBytes: 5 }];
          const node = testNode(name, { images, allocatable: { cpu: `${random.below(9)}` } });
          nodes.set(name, node);
          snapshot.setNode(node);
          break;
        }
        case 1:
          if (random.oneIn(3)) {
            nodes.delete(name);
            snapshot.removeNode(name);
          }
          break;
        case 2:
          pods.delete(pod.metadata.uid);
          snapshot.removePod(pod.metadata.uid);
          break;
        default:
          pods.set(pod.metadata.uid, pod);
          snapshot.setPod(pod);
      }
    }
    const fresh = testSnapshot([...nodes.values()], [...pods.values()]);
    t.same(picture(snapshot), picture(fresh), `seed ${seed}`);
  }
  t.end();
});

t.test("assume, confirm, forget", (t) => {
  const snapshot = testSnapshot([testNode("n1")]);
  const pod = testPod("p", { requests: { cpu: "1" } });
  const info = podInfoOf(pod);
  snapshot.assume(info, "n1");
  t.ok(snapshot.isAssumed(info.uid));
  t.equal(snapshot.node("n1")?.requested.milliCpu, 1000, "counts at once");
  snapshot.forget(info);
  t.equal(snapshot.node("n1")?.requested.milliCpu, 0, "forgotten");
  snapshot.assume(info, "n1");
  snapshot.setPod({ ...pod, spec: { ...pod.spec, nodeName: "n1" } });
  t.notOk(snapshot.isAssumed(info.uid), "confirmed");
  snapshot.forget(info);
  t.equal(snapshot.node("n1")?.requested.milliCpu, 1000, "what is confirmed is not forgotten");
  t.throws(() => snapshot.assume(info, "n1"), /assumed twice/);
  t.end();
});

t.test("zones take turns", (t) => {
  const zone = "topology.kubernetes.io/zone";
  const nodes = ["a1", "a2", "a3", "b1", "c1"].map((name) =>
    testNode(name, { labels: { [zone]: name.slice(0, 1) } }),
  );
  t.same(
    testSnapshot(nodes).nodes.map(({ name }) => name),
    ["a1", "b1", "c1", "a2", "a3"],
  );
  t.end();
});
