/**
 * How many pods a second are decided. Run by hand: `node build/scheduler/measure-placement.js
 * [nodes] [pods]`.
 */
import { SeededRandom } from "../base/random.js";
import { Framework } from "./framework/framework.js";
import { podInfoOf } from "./framework/pod-info.js";
import { defaultPlugins } from "./plugins/default-plugins.js";
import { PodPlacer } from "./schedule-one.js";
import { testNode, testPod, testSnapshot } from "./test-objects.js";

const nodeCount = Number(process.argv[2] ?? 5000);
const podCount = Number(process.argv[3] ?? 20_000);
const zone = "topology.kubernetes.io/zone";
const nodes = Array.from({ length: nodeCount }, (_, i) =>
  testNode(`node-${i}`, { labels: { [zone]: `zone-${i % 3}` } }),
);
const snapshot = testSnapshot(nodes);
const placer = new PodPlacer(new Framework(defaultPlugins()), new SeededRandom(1));
const requests = { cpu: "100m", memory: "128Mi" };
const pods = Array.from({ length: podCount }, (_, i) => testPod(`pod-${i}`, { requests }));
let placed = 0;
let worstMs = 0;
const start = performance.now();
for (const pod of pods) {
  const before = performance.now();
  const info = podInfoOf(pod);
  const result = placer.place(info, snapshot);
  if (result.type === "scheduled") {
    snapshot.assume(info, result.nodeName);
    placed += 1;
  }
  worstMs = Math.max(worstMs, performance.now() - before);
}
const seconds = (performance.now() - start) / 1000;
const perSecond = Math.round(podCount / seconds);
console.log(
  `${nodeCount} nodes: ${podCount} decisions (${placed} placed) in ${seconds.toFixed(2)} s, ` +
    `${perSecond}/s, longest ${worstMs.toFixed(1)} ms`,
);
