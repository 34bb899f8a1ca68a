import { join } from "node:path";
import t, { type Test } from "tap";
import { importImageArchive } from "../../node/containerd/image-import.js";
import { writeImageArchive } from "../../node/containerd/image-archive.js";
import { badImages } from "./features/images.js";
import { inCluster } from "./features/in-cluster.js";
import { badInput } from "./features/bad-input.js";
import { docExamples } from "./features/doc-examples.js";
import { faults } from "./features/faults.js";
import { kubectlMatrix } from "./features/kubectl-matrix.js";
import { podMounts } from "./features/pod-mounts.js";
import { preemption } from "./features/preemption.js";
import { podContents } from "./features/pod-contents.js";
import { podIsolation } from "./features/pod-isolation.js";
import { podEnds } from "./features/pod-ends.js";
import { podLife } from "./features/pod-life.js";
import { privateImages } from "./features/private-images.js";
import { probeKinds } from "./features/probe-kinds.js";
import { network } from "./features/network.js";
import { nodeAdmission } from "./features/node-admission.js";
import { nginxExample } from "./features/nginx-example.js";
import { runtimeClasses } from "./features/runtime-classes.js";
import { staticPods } from "./features/static-pods.js";
import { storageKinds } from "./features/storage-kinds.js";
import { usage } from "./features/usage.js";
import { volumes } from "./features/volumes.js";
import { LocalRegistry } from "./local-registry.js";
import { machineState } from "./machine-state.js";
import { nginxImage } from "./nginx-image.js";
import { TestCluster } from "./test-cluster.js";
import { toolsImage } from "./tools-image.js";

/**
 * One cluster of one server and one node with real containers, used by every feature in turn, then
 * taken down.
 */

t.setTimeout(900_000);

const cluster = new TestCluster("e2e");
const before = machineState(cluster.name);
const registry = await LocalRegistry.start();
t.teardown(async () => {
  await cluster.destroy();
  await registry.stop();
});
await registry.push("library/nginx", "1.7.9", nginxImage("nginx:1.7.9"));
const upArgs = ["up", "--registry-mirror", `docker.io=${registry.url}`];

await t.test("up: deploys the example and prints its page", async (t) => {
  const started = performance.now();
  const { code, stderr } = await cluster.raftsman(upArgs);
  t.equal(code, 0, stderr);
  t.match(stderr, /<h1>It floats\.<\/h1>/);
  t.ok(performance.now() - started < 180_000, "in under three minutes");
  const status = await cluster.status();
  t.same(
    status.hosts.map(({ name, ready }) => [name, ready]),
    [
      ["server-1", true],
      ["node-1", true],
    ],
  );
});

await t.test("up again: finds it running, and starts what is dead", async (t) => {
  const again = await cluster.raftsman(upArgs);
  t.match(again, { code: 0, stderr: /server-1 \(was running\)[^]*node-1 \(was running\)/ });
  process.kill(await cluster.pidOf("node-1", "agent"), "SIGKILL");
  const { code, stderr } = await cluster.raftsman(upArgs);
  t.equal(code, 0, stderr);
  t.match(stderr, /server-1 \(was running\)[^]*node-1 \(started\)/);
  t.equal((await cluster.raftsman(["up", "--nodes", "0"])).code, 4, "another shape is refused");
});

await t.test("tools for the pods of the tests", async () => {
  const archive = join(cluster.home, "tools.tar");
  await writeImageArchive(archive, toolsImage());
  const { runtimeSocket } = await cluster.host("node-1");
  await importImageArchive(runtimeSocket ?? "", archive, new AbortController().signal);
});

type Feature = readonly [name: string, show: (t: Test, cluster: TestCluster) => Promise<void>];
/** One after another, but for those that mostly wait: these go side by side. */
const FEATURES: readonly (readonly Feature[])[] = [
  [["nginx:1.7.9, the first example of all", nginxExample]],
  [["images that cannot be had", badImages]],
  [["names, services, readiness", network]],
  [
    ["what containers are given", podContents],
    ["what pods share, and what they may do", podIsolation],
    ["probes, crashes, grace", podLife],
    ["clients in pods", inCluster],
    ["volumes that last", volumes],
    ["examples of the documentation", docExamples],
  ],
  [
    ["how pods end, and begin", podEnds],
    ["every kind of probe", probeKinds],
    ["images that are private", privateImages],
    ["kinds of storage", storageKinds],
  ],
  [["usage", usage]],
  [["static pods", staticPods]],
  [["pods that a node does not take", nodeAdmission]],
  [["runtime classes and trust", runtimeClasses]],
  [["mounts of pods", podMounts]],
  [["preemption", preemption]],
  [["bad input", badInput]],
  [["every kubectl", kubectlMatrix]],
  [["faults", faults]],
];
// For work on one feature: E2E_FEATURE=faults node build/test/e2e/cluster.test.js
const wanted = process.env["E2E_FEATURE"] ?? "";
for (const group of FEATURES) {
  t.jobs = group.length;
  const asked = group.filter(([name]) => new RegExp(wanted).test(name));
  await Promise.all(asked.map(([name, show]) => t.test(name, (t) => show(t, cluster))));
}
t.jobs = 1;

await t.test("down leaves nothing behind", async (t) => {
  const { code, stderr } = await cluster.raftsman(["down"]);
  t.equal(code, 0, stderr);
  const after = machineState(cluster.name);
  const { processes, ...rest } = after;
  const { processes: _, ...restBefore } = before;
  t.same(rest, restBefore);
  t.same(
    processes.filter((line) => !before.processes.includes(line)),
    [],
    "no process is left",
  );
  t.equal((await cluster.raftsman(["status"])).code, 3, "there is no such cluster any more");
});
