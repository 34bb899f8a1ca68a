import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { createApiClient } from "../../api/client/rest-client.js";
import { systemClock, systemRandom } from "../../api/client/system-clock.js";
import { installedKubectls } from "../../api/streaming/test-kubectls.js";
import { type TestAnswer, TestServer } from "../../apiserver/test-server.js";
import { ServerList } from "../../base/server-list.js";
import { IMAGE_POLICY } from "../../node/plan/image-garbage.js";
import { type RunningAgent, startAgent } from "../../node/agent.js";
import { until } from "../e2e/until.js";
import { logger } from "./control-plane.js";

/** A real agent with simulated pods, linked to a real server: what it measures is what is read. */
const server = await TestServer.start();
t.teardown(() => server.close());
const dir = await mkdtemp(join(tmpdir(), "raftsman-usage-"));
t.teardown(() => rm(dir, { recursive: true, force: true }));
const agent = await startTestAgent();
t.teardown(() => agent.stop());

const NODE = "/api/v1/nodes/node-9";
const PODS = "/api/v1/namespaces/default/pods";
const METRICS = "/apis/metrics.k8s.io/v1beta1";

async function startTestAgent(): Promise<RunningAgent> {
  const nodeName = "node-9";
  const { authority, url } = server;
  const files = await authority.issue(nodeName, `CN=system:node:${nodeName}, O=system:nodes`);
  const identity = { ...files, caFile: authority.caFile };
  const servers = new ServerList([url]);
  const deps = { clock: systemClock, random: systemRandom, logger };
  const clientConfig = { servers: [url], ...identity, userAgent: "test-agent" };
  const client = createApiClient(clientConfig, { ...deps, servers });
  t.teardown(() => client.close());
  return startAgent({
    ...deps,
    clusterName: "test",
    nodeName,
    client,
    clientConfig,
    servers,
    dataDir: join(dir, "data"),
    runDir: join(dir, "run"),
    logDir: join(dir, "log"),
    manifestsDir: join(dir, "manifests"),
    runtime: "hollow",
    nodeAddress: "127.0.0.1",
    clusterCidr: "10.244.0.0/16",
    serviceCidr: "10.96.0.0/16",
    clusterDns: { address: "169.254.20.10", domain: "cluster.local" },
    listen: { host: "127.0.0.1", port: 0 },
    tls: identity,
    labels: {},
    taints: [],
    registryMirrors: {},
    maxPods: 110,
    imagePolicy: IMAGE_POLICY,
    allowedUnsafeSysctls: [],
    reserved: { cpuMilli: 0, memoryBytes: 0, ephemeralStorageBytes: 0 },
    eviction: { thresholds: [], transitionMs: 0, maxPodGraceSeconds: 0 },
    cgroupRoot: "/raftsman/none",
    networkName: "none",
    version: "v1.36.0",
  });
}
async function expectOk(method: string, path: string, body: object): Promise<void> {
  const headers =
    method === "PATCH" ? { "content-type": "application/merge-patch+json" } : undefined;
  const answer = await server.send(method, path, { body, ...(headers && { headers }) });
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.bytes.toString()}`);
}
/** The answer, once it is one: a sample is taken every ten seconds. */
function known(path: string): Promise<{ readonly [field: string]: unknown }> {
  const ask = async (): Promise<TestAnswer["body"] | null> => {
    const { status, body } = await server.send("GET", path);
    return status === 200 ? body : null;
  };
  return until(path, ask, { everyMs: 200 });
}

t.test("an agent measures, every way of asking says the same", async (t) => {
  // Without loops nobody else gives the node its range of addresses and the pod its node.
  await expectOk("PATCH", NODE, { spec: { podCIDR: "10.244.9.0/24" } });
  await expectOk("POST", "/api/v1/namespaces/default/serviceaccounts", {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: "busy" },
  });
  await expectOk("POST", PODS, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: "busy",
      annotations: {
        "raftsman.io/simulated-cpu": "150m",
        "raftsman.io/simulated-memory": "64Mi",
      },
    },
    spec: {
      nodeName: "node-9",
      automountServiceAccountToken: false,
      containers: [{ name: "main", image: "none" }],
    },
  });
  await agent.ready;
  const annotations = { "raftsman.io/simulated": "true" };
  t.match(await known(`${METRICS}/namespaces/default/pods/busy`), {
    metadata: { annotations },
    containers: [{ name: "main", usage: { cpu: "150m", memory: "64Mi" } }],
  });
  t.match(await known(`${METRICS}/nodes/node-9`), { metadata: { annotations } });
  const summary = await server.send("GET", `${NODE}/proxy/stats/summary`);
  t.match(summary, {
    status: 200,
    body: {
      node: { nodeName: "node-9" },
      pods: [{ podRef: { name: "busy" }, cpu: { usageNanoCores: 150_000_000 } }],
    },
  });
  const page = async (name: string): Promise<string> =>
    (await server.send("GET", `${NODE}/proxy/metrics${name}`)).bytes.toString();
  t.match(await page(""), /^kubelet_running_pods 1$/m);
  const labels = 'container="main",namespace="default",pod="busy"';
  t.match(await page("/resource"), `container_memory_working_set_bytes{${labels}} 67108864 `);
  t.match(await page("/cadvisor"), /^container_memory_rss\{container="main",.*image="none"/m);
  t.match(await page("/probes"), /^$/);
  const refused = await server.send("GET", `${NODE}/proxy/metrics`, { as: "nobody" });
  t.equal(refused.status, 403);
  const kubectls = installedKubectls();
  const [oldest, newest] = [kubectls[0], kubectls.at(-1)];
  for (const { version = "" } of [oldest, newest].map((each) => ({ ...each }))) {
    const pods = await server.kubectl(version, ["top", "pods", "-A", "--no-headers"]);
    t.match(pods.stdout, /^default +busy +150m +64Mi/, `kubectl ${version}`);
    const nodes = await server.kubectl(version, ["top", "nodes", "--no-headers"]);
    t.match(nodes.stdout, /^node-9 +\d+m +\d+% +64Mi +\d+%/, `kubectl ${version}`);
  }
});
