import type { Test } from "tap";
import type { PodMetrics } from "../../../api/schema/types/metrics-v1beta1.gen.js";
import type { Kubectl } from "../kubectl.js";
import type { TestCluster } from "../test-cluster.js";
import { TOOLS_IMAGE } from "../tools-image.js";
import { until } from "../until.js";

const BURNER = `
apiVersion: v1
kind: Pod
metadata: {name: burner, labels: {app: burner}}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - name: main
    image: ${TOOLS_IMAGE}
    command: [sh, -c, "busybox dd if=/dev/zero of=/mem/held bs=1M count=100; while :; do :; done"]
    resources: {requests: {cpu: 500m}, limits: {cpu: 500m, memory: 200Mi}}
    volumeMounts: [{name: mem, mountPath: /mem}]
  volumes:
  - {name: mem, emptyDir: {medium: Memory}}
`;
const PODS = "/apis/metrics.k8s.io/v1beta1/namespaces/default/pods/burner";
/** USER_HZ. */
const TICKS = 100;

/** What a pod burns and holds is what `kubectl top` and the agent's own pages say. */
export async function usage(t: Test, cluster: TestCluster): Promise<void> {
  const kubectl = cluster.kubectl();
  await kubectl.ok(["apply", "-f", "-"], { stdin: BURNER });
  t.teardown(() => kubectl.run(["delete", "pod", "burner", "--ignore-not-found"]));
  await kubectl.ok(["wait", "--for=condition=Ready", "pod/burner", "--timeout=60s"]);
  const start = await burned(kubectl);
  const ask = async (): Promise<PodMetrics["containers"][number] | null> => {
    const { code, stdout } = await kubectl.run(["get", "--raw", PODS]);
    if (code !== 0) return null;
    const [container] = (JSON.parse(stdout) as PodMetrics).containers;
    // Until the whole window lies behind the start of the loop.
    return container !== undefined && memoryMib(container.usage["memory"]) > 90 ? container : null;
  };
  const measured = await until("its usage is known", ask, { everyMs: 1000 });
  const end = await burned(kubectl);
  const cpus = (end.seconds - start.seconds) / ((end.atMs - start.atMs) / 1000);
  const read = cpuOf(measured.usage["cpu"]);
  // On a busy machine the pod may get less than its half CPU: then it reads less.
  const [low, high] = cpus > 0.47 && cpus < 0.53 ? [0.45, 0.55] : [0.6 * cpus, 1.5 * cpus];
  t.ok(read > low && read < high, `${read} CPUs read, ${cpus} burned`);
  const heldMib = memoryMib(measured.usage["memory"]);
  t.ok(heldMib > 95 && heldMib < 115, `${heldMib} MiB`);
  t.match(await kubectl.ok(["top", "pod", "burner", "--no-headers"]), /^burner +\d+m +\d+Mi/);
  t.match(await kubectl.ok(["top", "nodes"]), /^node-1 +\d+m? +\d+% +\d+Mi +\d+%/m);
  const node = "/api/v1/nodes/node-1/proxy";
  const cadvisor = await kubectl.ok(["get", "--raw", `${node}/metrics/cadvisor`]);
  t.match(cadvisor, /^container_memory_rss\{container="main",[^}]*pod="burner"\} \d+/m);
  t.match(cadvisor, /^container_network_receive_bytes_total\{[^}]*pod="burner"\} \d+/m);
  const summary = await kubectl.ok(["get", "--raw", `${node}/stats/summary`]);
  t.match(JSON.parse(summary), { node: { nodeName: "node-1" } });
}

/** CPU time of the loop, by its own process; of another source than the cgroups. */
async function burned(kubectl: Kubectl): Promise<{ atMs: number; seconds: number }> {
  const stat = await kubectl.ok(["exec", "burner", "--", "cat", "/proc/1/stat"]);
  const [, , , , , , , , , , , user = 0, system = 0] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  return { atMs: performance.now(), seconds: (user + system) / TICKS };
}

function cpuOf(text = ""): number {
  const [, digits = "", suffix = ""] = /^(\d+)([num]?)$/.exec(text) ?? [];
  return Number(digits) * ({ n: 1e-9, u: 1e-6, m: 1e-3 }[suffix] ?? 1);
}

function memoryMib(text = ""): number {
  const [, digits = "", suffix = ""] = /^(\d+)(Ki|Mi|Gi)?$/.exec(text) ?? [];
  return Number(digits) * ({ Ki: 2 ** -10, Mi: 1, Gi: 2 ** 10 }[suffix] ?? 2 ** -20);
}
