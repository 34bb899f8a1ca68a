import type { Test } from "tap";
import type { ClusterTrustBundle } from "../../../api/schema/types/certificates-v1beta1.gen.js";
import type { Node, Pod } from "../../../api/schema/types/core-v1.gen.js";
import { AUTHORITY_PEM } from "../../../apiserver/registry/test-certificates.js";
import type { Kubectl } from "../kubectl.js";
import type { TestCluster } from "../test-cluster.js";
import { until } from "../until.js";

const IMAGE = "localhost/raftsman/busybox:1";
const CLASSES = ["runc", "none-such"].map(
  (handler) => `
apiVersion: node.k8s.io/v1
kind: RuntimeClass
metadata: {name: by-${handler}, labels: {app: classed}}
handler: ${handler}
overhead: {podFixed: {memory: 16Mi, cpu: 100m}}
---`,
);
const classed = (name: string, runtimeClassName: string, more = ""): string => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, labels: {app: classed}}
spec:
  runtimeClassName: ${runtimeClassName}
  terminationGracePeriodSeconds: 0
  containers: [{name: main, image: "${IMAGE}", command: [sleep, "1000"], resources: {requests: {cpu: 100m}}}]${more}
---`;
const trusting = `
apiVersion: v1
kind: Pod
metadata: {name: trusting, labels: {app: classed}}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - name: main
    image: ${IMAGE}
    command: [sleep, "1000"]
    volumeMounts: [{name: trust, mountPath: /trust}]
  volumes:
  - name: trust
    projected: {sources: [{clusterTrustBundle: {name: e2e, path: ca.pem}}]}
---`;

/** What RuntimeClasses and ClusterTrustBundles are to a node with a real runtime. */
export async function runtimeClasses(t: Test, cluster: TestCluster): Promise<void> {
  const kubectl = cluster.kubectl();
  t.teardown(async () => {
    await kubectl.run(["delete", "--now", "pods", "-l", "app=classed"]);
    await kubectl.run(["delete", "runtimeclasses,clustertrustbundles", "-l", "app=classed"]);
  });
  await kubectl.ok(["apply", "-f", "-"], { stdin: CLASSES.join("") });
  await t.test("a handler of the runtime runs the pod", (t) => known(t, kubectl));
  await t.test("a handler that the runtime lacks, and a class that is gone", (t) =>
    unknown(t, kubectl),
  );
  await t.test("a pod sees a bundle, and its changes", (t) => trust(t, kubectl));
}

async function known(t: Test, kubectl: Kubectl): Promise<void> {
  await kubectl.ok(["apply", "-f", "-"], { stdin: classed("usual", "by-runc") });
  await kubectl.ok(["wait", "--for=condition=Ready", "pod/usual", "--timeout=60s"]);
  const { spec } = await kubectl.json<Pod>(["get", "pod", "usual"]);
  t.same(spec.overhead, { cpu: "100m", memory: "16Mi" });
  const described = await kubectl.ok(["describe", "node", "node-1"]);
  t.match(described, /default +usual +200m/u, "it counts with its overhead");
  // More than the node has, only with the overhead.
  const { status } = await kubectl.json<Node>(["get", "node", "node-1"]);
  const cpu = status?.allocatable?.["cpu"] ?? "0";
  const large = classed("large", "by-runc").replace("cpu: 100m", `cpu: "${cpu}"`);
  await kubectl.ok(["apply", "-f", "-"], { stdin: large });
  const refused = await until("large is refused", async () => {
    const pod = await kubectl.json<Pod>(["get", "pod", "large"]);
    return pod.status?.conditions?.find(({ reason }) => reason === "Unschedulable") ?? null;
  });
  t.match(refused.message, /Insufficient cpu/u);
}

async function unknown(t: Test, kubectl: Kubectl): Promise<void> {
  await kubectl.ok(["apply", "-f", "-"], { stdin: classed("strange", "by-none-such") });
  const eventOf = (name: string, text: RegExp): Promise<string> =>
    until(`an event about ${name}`, async () => {
      const events = await kubectl.ok(["events", "--for", `pod/${name}`]);
      return text.test(events) ? events : null;
    });
  const strange = await eventOf("strange", /FailedCreatePodSandBox.*none-such/u);
  t.match(strange, /no runtime for "none-such" is configured/u);
  await kubectl.ok(["delete", "runtimeclass", "by-none-such"]);
  t.match(
    await eventOf("strange", /runtimeclass\.node\.k8s\.io "by-none-such" not found/u),
    /FailedCreatePodSandBox/u,
  );
  const late = await kubectl.run(["apply", "-f", "-"], { stdin: classed("late", "by-none-such") });
  t.match(late, { code: 1, stderr: /pod rejected: RuntimeClass "by-none-such" not found/u });
}

async function trust(t: Test, kubectl: Kubectl): Promise<void> {
  await kubectl.ok(["apply", "-f", "-"], { stdin: trusting });
  await until("it is told what is missing", async () => {
    const events = await kubectl.ok(["events", "--for", "pod/trusting"]);
    return /FailedMount.*clustertrustbundles.*"e2e" not found/u.test(events) ? true : null;
  });
  const bundle = (trustBundle: string): string =>
    JSON.stringify({
      apiVersion: "certificates.k8s.io/v1beta1",
      kind: "ClusterTrustBundle",
      metadata: { name: "e2e", labels: { app: "classed" } },
      spec: { trustBundle },
    });
  await kubectl.ok(["apply", "-f", "-"], { stdin: bundle(`old\n${AUTHORITY_PEM}`) });
  await kubectl.ok(["wait", "--for=condition=Ready", "pod/trusting", "--timeout=60s"]);
  const seen = (): Promise<string> =>
    kubectl.ok(["exec", "trusting", "--", "cat", "/trust/ca.pem"]);
  t.equal((await seen()).trim(), AUTHORITY_PEM.trim(), "the certificates, and nothing else");
  const { metadata } = await kubectl.json<ClusterTrustBundle>(["get", "clustertrustbundle", "e2e"]);
  t.equal(metadata.name, "e2e");
  const refused = await kubectl.run(["apply", "-f", "-"], { stdin: bundle("nothing") });
  t.match(refused, { code: 1, stderr: /at least one trust anchor must be provided/u });
}
