import { readFile } from "node:fs/promises";
import t from "tap";
import { EventBroadcaster } from "../../api/client/event-recorder.js";
import type { ApiClient } from "../../api/client/client-types.js";
import { EVENTS, NODES } from "../../api/client/resource-types.js";
import { systemClock, systemRandom } from "../../api/client/system-clock.js";
import type { Event, Node } from "../../api/schema/types/core-v1.gen.js";
import { TestServer } from "../../apiserver/test-server.js";
import { startControllers } from "../../controllers/run.js";
import { NodeRegistration } from "../../node/node-registration.js";
import type { NodeDescription, NodeHealth } from "../../node/plan/node-object.js";
import { clientAs, logger, untilObjects } from "./control-plane.js";
import { testSigner } from "./test-signer.js";

const READY: NodeHealth = { pressure: new Set(), notReady: null };
const UNREADY: NodeHealth = {
  pressure: new Set(),
  notReady: { reason: "KubeletNotReady", message: "the pod network is not set up yet" },
};

const server = await TestServer.start();
const admin = await clientAs(server, "admin-of-nodes", "CN=admin, O=system:masters");
const agent = await clientAs(server, "agent-joins", "CN=system:node:joins, O=system:nodes");
const ours = await clientAs(server, "controllers", "CN=system:kube-controller-manager");
const loops = startControllers({
  client: ours,
  identity: "joins",
  logger,
  clock: systemClock,
  random: systemRandom,
  rootCaPem: await readFile(server.authority.caFile, "utf8"),
  clusterCidr: "10.244.0.0/16",
  signer: testSigner(),
  without: [],
  freezeCaches: true,
});
const stop = new AbortController();
t.teardown(async () => {
  stop.abort();
  await loops.stop();
  for (const client of [admin, agent, ours]) client.close();
  await server.close();
});

function describe(name: string): NodeDescription {
  return {
    name,
    address: "10.0.0.9",
    port: 10250,
    labels: {},
    taints: [],
    facts: {
      cpuMilli: 2000,
      memoryBytes: 1 << 30,
      ephemeralStorageBytes: 1 << 30,
      architecture: "amd64",
      operatingSystem: "linux",
      kernelVersion: "6",
      osImage: "Debian",
      machineId: "m",
      systemUuid: "s",
      bootId: "b",
    },
    version: "v1.36.3",
    runtimeVersion: "hollow://1",
    simulated: true,
    localVolumesDir: "/data",
    podsMax: 110,
    reserved: { cpuMilli: 0, memoryBytes: 0, ephemeralStorageBytes: 0 },
  };
}

/** Every state of the node since it was made, up to the first that `holds`. */
async function statesUntil(
  client: ApiClient,
  name: string,
  holds: (node: Node) => boolean,
): Promise<readonly Node[]> {
  const limit = AbortSignal.timeout(20_000);
  const fieldSelector = `metadata.name=${name}`;
  const states: Node[] = [];
  const where = { fieldSelector, resourceVersion: "1", signal: limit };
  for await (const event of client.resource(NODES).watch(where)) {
    if (event.type === "BOOKMARK") continue;
    states.push(event.object);
    if (holds(event.object)) return states;
  }
  throw new Error(`not so: ${states.map(summary).join(", ")}`);
}

function isReady({ status }: Node): boolean {
  return (
    status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") === true
  );
}

/** What a state says that the one before did not. */
function summary({ metadata, spec, status }: Node): string {
  const ready = status?.conditions?.find(({ type }) => type === "Ready")?.status ?? "none";
  const taints = (spec.taints ?? []).map(({ key, effect }) => `${key.split("/")[1]}:${effect}`);
  const ttl = metadata.annotations?.["node.alpha.kubernetes.io/ttl"] ?? "-";
  return [`Ready=${ready}`, taints.join("+") || "-", spec.podCIDR ?? "-", ttl].join(" ");
}

void t.test("a node that joins is written few times", async (t) => {
  const broadcaster = new EventBroadcaster({ client: agent, clock: systemClock, logger });
  const telling = broadcaster.run(stop.signal);
  const registration = new NodeRegistration(
    agent,
    { description: describe("joins"), health: UNREADY },
    {
      clock: systemClock,
      random: systemRandom,
      logger,
      recorder: broadcaster.recorder({ component: "kubelet", host: "joins" }),
      signal: stop.signal,
    },
  );
  await registration.register();
  const given = await statesUntil(agent, "joins", ({ spec, metadata }) => {
    const ttl = metadata.annotations?.["node.alpha.kubernetes.io/ttl"];
    return spec.podCIDR !== undefined && ttl !== undefined;
  });
  registration.observe(given.at(-1) ?? null);
  registration.setHeard(true);
  registration.setHealth(READY);
  await registration.settled();
  const untainted = (node: Node): boolean => isReady(node) && (node.spec.taints ?? []).length === 0;
  const states = (await statesUntil(agent, "joins", untainted)).map(summary);
  t.equal(states[0], "Ready=False not-ready:NoSchedule - -", "the first write says how it is");
  t.equal(states.at(-2), "Ready=True not-ready:NoSchedule 10.244.0.0/24 0");
  t.equal(states.at(-1), "Ready=True - 10.244.0.0/24 0");
  t.ok(states.length <= 4, `few writes: ${states.join(", ")}`);
  const reasons = ["Starting", "NodeHasSufficientMemory", "NodeReady"];
  const told = (events: readonly Event[]): boolean =>
    reasons.every((reason) => events.some((event) => event.reason === reason));
  await untilObjects(admin, EVENTS, { holds: told });
  stop.abort();
  await telling;
});

void t.test("one that does not get ready gets the taint that ends pods, later", async (t) => {
  const created = Date.now();
  const conditions = [{ type: "Ready", status: "False", reason: "KubeletNotReady" }];
  const node = { apiVersion: "v1", kind: "Node", metadata: { name: "lame" }, spec: {} } as const;
  await admin.resource(NODES).create({ ...node, status: { conditions } });
  const states = await statesUntil(admin, "lame", ({ spec }) =>
    (spec.taints ?? []).some(({ effect }) => effect === "NoExecute"),
  );
  t.ok(Date.now() - created > 3_000, "it has some seconds");
  t.ok(states.some((state) => summary(state).startsWith("Ready=False not-ready:NoSchedule ")));
});

void t.test("a node that no server hears does not contradict who calls it silent", async (t) => {
  const name = "unheard";
  const client = await clientAs(server, name, `CN=system:node:${name}, O=system:nodes`);
  const over = new AbortController();
  t.teardown(() => {
    over.abort();
    client.close();
  });
  const broadcaster = new EventBroadcaster({ client, clock: systemClock, logger });
  const registration = new NodeRegistration(
    client,
    { description: describe(name), health: READY },
    {
      clock: systemClock,
      random: systemRandom,
      logger,
      recorder: broadcaster.recorder({ component: "kubelet", host: name }),
      signal: over.signal,
    },
  );
  await registration.register();
  await registration.settled();
  const unknown = { type: "Ready", status: "Unknown", reason: "NodeStatusUnknown" };
  const calledSilent = await admin
    .resource(NODES)
    .patch(
      name,
      { status: { conditions: [unknown] } },
      { type: "strategic", subresource: "status" },
    );
  registration.observe(calledSilent);
  await registration.settled();
  const isUnknown = (await admin.resource(NODES).get(name)).status?.conditions?.some(
    ({ type, status }) => type === "Ready" && status === "Unknown",
  );
  t.equal(isUnknown, true, "nothing was written");
  registration.setHeard(true);
  await registration.settled();
  t.ok(isReady(await admin.resource(NODES).get(name)), "it is heard, and says so");
});
