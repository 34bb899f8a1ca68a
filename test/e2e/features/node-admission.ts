import { existsSync } from "node:fs";
import type { Test } from "tap";
import type { Pod } from "../../../api/schema/types/core-v1.gen.js";
import type { Kubectl } from "../kubectl.js";
import type { TestCluster } from "../test-cluster.js";
import { until } from "../until.js";

const IMAGE = "localhost/raftsman/busybox:1";

const PROFILES = "/sys/kernel/security/apparmor/profiles";

/** A pod that its author has sent to the node. */
const sent = (name: string, spec: string, container = ""): string => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, labels: {app: sent}}
spec:
  nodeName: node-1
  terminationGracePeriodSeconds: 0${spec}
  containers: [{name: main, image: "${IMAGE}", command: [sleep, "1000"]${container}}]
---`;
const PORT = ", ports: [{containerPort: 31999, hostPort: 31999}]";
const PODS = [
  sent("fits", "", PORT),
  sent("large", "", ', resources: {requests: {cpu: "1000"}}'),
  sent("choosy", "\n  nodeSelector: {disk: none-such}"),
  sent(
    "bold",
    "\n  securityContext: {sysctls: [{name: kernel.shm_rmid_forced, value: '1'}, {name: kernel.msgmax, value: '65536'}]}",
  ),
].join("\n");

/** What the scheduler is not asked about the node decides itself. */
export async function nodeAdmission(t: Test, cluster: TestCluster): Promise<void> {
  const kubectl = cluster.kubectl();
  t.teardown(() => kubectl.run(["delete", "--now", "pods", "-l", "app=sent"]));
  await kubectl.ok(["apply", "-f", "-"], { stdin: PODS });
  const inPhase = (name: string, phase: string): Promise<Pod> =>
    until(`${name} is ${phase}`, async () => {
      const pod = await kubectl.json<Pod>(["get", "pod", name]);
      return pod.status?.phase === phase ? pod : null;
    });
  await inPhase("fits", "Running");
  await kubectl.ok(["apply", "-f", "-"], { stdin: sent("second", "", PORT) });
  const [large, choosy, second, bold] = await Promise.all(
    ["large", "choosy", "second", "bold"].map((name) => inPhase(name, "Failed")),
  );
  t.match(large?.status, {
    reason: "OutOfcpu",
    message: /^Pod was rejected: Node didn't have enough resource: cpu, requested: 1000000, used: /,
  });
  t.match(choosy?.status, {
    reason: "NodeAffinity",
    message: /match Pod's node affinity\/selector/,
  });
  t.match(second?.status, { reason: "NodePorts", message: /free ports for the requested pod/ });
  t.match(bold?.status, { reason: "SysctlForbidden", message: /"kernel.msgmax" not allowlisted/ });
  await t.test("a profile of AppArmor", (t) => appArmor(t, kubectl, inPhase));
  t.match(
    await kubectl.ok(["get", "pods", "-l", "app=sent"]),
    /choosy +0\/1 +NodeAffinity[^]*fits +1\/1 +Running[^]*large +0\/1 +OutOfcpu/,
  );
  t.match(await kubectl.ok(["get", "events"]), /Warning +NodePorts +pod\/second/);
  await t.test("kubectl gives a pod that runs more", (t) => resize(t, kubectl));
}

/** Where the kernel enforces none the pod is refused; where it does, the runtime's own is taken. */
async function appArmor(
  t: Test,
  kubectl: Kubectl,
  inPhase: (name: string, phase: string) => Promise<Pod>,
): Promise<void> {
  const confined = "\n  securityContext: {appArmorProfile: {type: RuntimeDefault}}";
  await kubectl.ok(["apply", "-f", "-"], { stdin: sent("confined", confined) });
  if (existsSync(PROFILES)) {
    await inPhase("confined", "Running");
    const profile = await kubectl.ok(["exec", "confined", "--", "cat", "/proc/self/attr/current"]);
    t.match(profile, /\(enforce\)/);
  } else
    t.match((await inPhase("confined", "Failed")).status, {
      reason: "AppArmor",
      message: /AppArmor is not enabled on the host/,
    });
}

async function resize(t: Test, kubectl: Kubectl): Promise<void> {
  const change = (cpu: string, memory: string): Promise<string> => {
    const containers = [{ name: "main", resources: { requests: { cpu }, limits: { memory } } }];
    const patch = JSON.stringify({ spec: { containers } });
    return kubectl.ok(["patch", "pod", "modest", "--subresource=resize", "-p", patch]);
  };
  const amounts = ', resources: {requests: {cpu: "100m"}, limits: {memory: "32Mi"}}';
  await kubectl.ok(["apply", "-f", "-"], { stdin: sent("modest", "", amounts) });
  await kubectl.ok(["wait", "--for=condition=Ready", "pod/modest"]);
  await change("200m", "64Mi");
  const grown = await until("it has more", async () => {
    const { status } = await kubectl.json<Pod>(["get", "pod", "modest"]);
    const [container] = status?.containerStatuses ?? [];
    return container?.resources?.requests?.["cpu"] === "200m" ? container : null;
  });
  t.equal(grown.resources?.limits?.["memory"], "64Mi");
  t.match(grown, { restartCount: 0, allocatedResources: { cpu: "200m" } });
  await change("1k", "64Mi");
  const pending = await until("it is told no", async () => {
    const { status } = await kubectl.json<Pod>(["get", "pod", "modest"]);
    return status?.conditions?.find(({ type }) => type === "PodResizePending") ?? null;
  });
  t.match(pending, { reason: "Infeasible", message: /enough capacity: cpu, requested: 1000000, / });
}
