import type { Test } from "tap";
import type { Node, Pod } from "../../../api/schema/types/core-v1.gen.js";
import type { TestCluster } from "../test-cluster.js";
import { until } from "../until.js";

const IMAGE = "localhost/raftsman/busybox:1";
const KEEP = "example.com/looked-at";

const classed = (name: string, value: number): string => `
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: ${name}, labels: {app: ranked}}
value: ${value}
---`;
const ranked = (
  name: string,
  priorityClassName: string,
  cpu: string,
  finalizers = "[]",
): string => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, labels: {app: ranked}, finalizers: ${finalizers}}
spec:
  priorityClassName: ${priorityClassName}
  terminationGracePeriodSeconds: 1
  containers:
  - name: main
    image: ${IMAGE}
    command: [sh, -c, "trap 'exit 0' TERM; while :; do sleep 0.1; done"]
    resources: {requests: {cpu: "${cpu}"}}
---`;

/** An important pod takes the place of a lesser one, on a node with a real runtime. */
export async function preemption(t: Test, cluster: TestCluster): Promise<void> {
  const kubectl = cluster.kubectl();
  const patch = '{"metadata":{"finalizers":null}}';
  t.teardown(async () => {
    await kubectl.run(["patch", "pod", "lesser", "--type=merge", "-p", patch]);
    await kubectl.run(["delete", "--now", "pods,priorityclasses", "-l", "app=ranked"]);
  });
  await kubectl.ok(["apply", "-f", "-"], {
    stdin: classed("ranked-low", 1) + classed("ranked-high", 9),
  });
  const { status } = await kubectl.json<Node>(["get", "node", "node-1"]);
  // More than half of the node: two such pods do not fit.
  const cores = Number.parseFloat(status?.allocatable?.["cpu"] ?? "0");
  const cpu = `${Math.floor(cores * 600)}m`;
  // It stays as an object, so that it can be looked at when it is gone from the node.
  await kubectl.ok(["apply", "-f", "-"], {
    stdin: ranked("lesser", "ranked-low", cpu, `[${KEEP}]`),
  });
  await kubectl.ok(["wait", "--for=condition=Ready", "pod/lesser", "--timeout=60s"]);
  await kubectl.ok(["apply", "-f", "-"], { stdin: ranked("greater", "ranked-high", cpu) });
  const lesser = await until("the lesser pod has ended", async () => {
    const pod = await kubectl.json<Pod>(["get", "pod", "lesser"]);
    const state = pod.status?.containerStatuses?.[0]?.state;
    return state?.terminated === undefined ? null : pod;
  });
  t.ok(lesser.metadata.deletionTimestamp, "it was deleted");
  t.match(
    lesser.status?.conditions?.find(({ type }) => type === "DisruptionTarget"),
    {
      status: "True",
      reason: "PreemptionByScheduler",
      message: /preempting to accommodate a higher priority pod/u,
    },
  );
  await kubectl.ok(["wait", "--for=condition=Ready", "pod/greater", "--timeout=60s"]);
  const events = await kubectl.ok(["events", "--for", "pod/lesser"]);
  t.match(events, /Preempted/u);
  t.equal((await kubectl.json<Pod>(["get", "pod", "greater"])).spec.nodeName, "node-1");
}
