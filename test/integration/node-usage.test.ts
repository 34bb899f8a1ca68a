import { once } from "node:events";
import { readFile } from "node:fs/promises";
import t from "tap";
import { WebSocket } from "ws";
import { PODS } from "../../api/client/resource-types.js";
import { systemClock, systemRandom } from "../../api/client/system-clock.js";
import { TestServer } from "../../apiserver/test-server.js";
import { encodeFrame } from "../../gossip/frame-codec.js";
import { AGENT_LINK_PATH, AGENT_LINK_PROTOCOL } from "../../gossip/gossip-socket.js";
import { type SchedulerOptions, startScheduler } from "../../scheduler/scheduler.js";
import { until } from "../e2e/until.js";
import { clientAs, logger, untilObjects } from "./control-plane.js";

/** Two nodes alike, of which one is measured to be busy with what no pod asked for. */

const BUSY = "busy";
const IDLE = "idle";
const METRICS = "/apis/metrics.k8s.io/v1beta1/nodes";
const PODS_EACH = 4;
const server = await TestServer.start();
const admin = await clientAs(server, "test-admin", "CN=admin, O=system:masters");
const own = await clientAs(server, "test-scheduler", "CN=system:kube-scheduler");
t.teardown(async () => {
  for (const client of [admin, own]) client.close();
  await server.close();
});
for (const name of [BUSY, IDLE]) await addNode(name);
await linked(BUSY, 3_500);
await linked(IDLE, 100);
await until("both nodes' usage", async () => {
  const { body } = await server.send("GET", METRICS);
  return (body as { items?: readonly object[] }).items?.length === 2;
});

async function addNode(name: string): Promise<void> {
  const room = { cpu: "4", memory: "8Gi", pods: "110" };
  const status = { allocatable: room, capacity: room };
  const body = { apiVersion: "v1", kind: "Node", metadata: { name }, status };
  const { status: code, bytes } = await server.send("POST", "/api/v1/nodes", { body });
  if (code !== 201) throw new Error(bytes.toString());
}

/** The node's link to the server, over which it tells once what it uses. */
async function linked(node: string, milliCpu: number): Promise<void> {
  const files = await server.authority.issue(node, `CN=system:node:${node}, O=system:nodes`);
  const url = `${server.url.replace("https", "wss")}${AGENT_LINK_PATH}`;
  const socket = new WebSocket(url, AGENT_LINK_PROTOCOL, {
    ca: await readFile(server.authority.caFile),
    cert: await readFile(files.certFile),
    key: await readFile(files.keyFile),
  });
  await once(socket, "open");
  t.teardown(() => socket.terminate());
  socket.send(encodeFrame({ type: "hello", node, agentVersion: "1" }));
  await once(socket, "message");
  const usage = {
    atMs: Date.now(),
    windowMs: 10_000,
    cpuNanoCores: milliCpu * 1e6,
    memoryBytes: 2 ** 30,
    pods: [],
    simulated: true,
  };
  socket.send(encodeFrame({ type: "usage", usage }));
}

/** Where pods go, by node. */
async function placed(
  namespace: string,
  options: Pick<SchedulerOptions, "nodeUsageWeight">,
): Promise<Readonly<Record<string, number>>> {
  const scheduler = startScheduler({
    client: own,
    identity: `test-scheduler_${namespace}`,
    logger,
    clock: systemClock,
    random: systemRandom,
    freezeCaches: true,
    ...options,
  });
  const pods = admin.resource(PODS);
  const resources = { requests: { cpu: "100m", memory: "64Mi" } };
  try {
    const meta = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
    await server.send("POST", "/api/v1/namespaces", { body: meta });
    for (let index = 0; index < PODS_EACH; index += 1)
      await pods.create({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: `pod-${index}`, namespace },
        spec: { containers: [{ name: "main", image: "i", resources }] },
      });
    const all = await untilObjects(admin, PODS, {
      namespace,
      holds: (found) =>
        found.length === PODS_EACH && found.every(({ spec }) => spec.nodeName !== undefined),
      limitMs: 30_000,
    });
    const counts: Record<string, number> = { [BUSY]: 0, [IDLE]: 0 };
    for (const { spec } of all)
      counts[spec.nodeName ?? ""] = (counts[spec.nodeName ?? ""] ?? 0) + 1;
    return counts;
  } finally {
    await scheduler.stop();
  }
}

t.test("what nodes use counts when it is asked for, and only then", async (t) => {
  t.same(await placed("without", {}), { [BUSY]: 2, [IDLE]: 2 }, "nobody looks at usage");
  t.same(await placed("with", { nodeUsageWeight: 10 }), { [BUSY]: 0, [IDLE]: 4 });
});
