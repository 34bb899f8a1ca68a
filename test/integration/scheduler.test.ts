import t from "tap";
import { EVENTS, NODES, PODS, PRIORITY_CLASSES } from "../../api/client/resource-types.js";
import { systemClock, systemRandom } from "../../api/client/system-clock.js";
import type { Event, Node, Pod, PodSpec } from "../../api/schema/types/core-v1.gen.js";
import type { PriorityClass } from "../../api/schema/types/scheduling-v1.gen.js";
import type { NewObject } from "../../api/schema/wire-types.js";
import { TestServer } from "../../apiserver/test-server.js";
import { startScheduler } from "../../scheduler/scheduler.js";
import { clientAs, logger, untilObjects } from "./control-plane.js";

/** The scheduler against a real API server: what it writes, what wakes it, and when it may not. */

const IDENTITY = "test-scheduler_1";
const HOLD = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-scheduler/hold";

const server = await TestServer.start();
const admin = await clientAs(server, "test-admin", "CN=admin, O=system:masters");
const own = await clientAs(server, "test-scheduler", "CN=system:kube-scheduler");
const scheduler = startScheduler({
  client: own,
  identity: IDENTITY,
  logger,
  clock: systemClock,
  random: systemRandom,
  freezeCaches: true,
});
t.teardown(async () => {
  await scheduler.stop();
  for (const client of [admin, own]) client.close();
  await server.close();
});
const pods = admin.resource(PODS);
const inDefault = { namespace: "default" } as const;

function pod(name: string, spec: Partial<PodSpec> = {}): NewObject<Pod> {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, ...inDefault },
    spec: { containers: [{ name: "main", image: "i" }], ...spec },
  };
}

function untilPod(name: string, holds: (pod: Pod) => boolean): Promise<readonly Pod[]> {
  const isSo = (all: readonly Pod[]): boolean =>
    all.some((each) => each.metadata.name === name && holds(each));
  return untilObjects(admin, PODS, { holds: isSo });
}

async function untilEvent(about: string, reason: string): Promise<Event | undefined> {
  const isIt = (event: Event): boolean =>
    event.involvedObject.name === about && event.reason === reason;
  const all = await untilObjects(admin, EVENTS, { holds: (events) => events.some(isIt) });
  return all.find(isIt);
}

const scheduled = ({ status }: Pod): string | undefined =>
  status?.conditions?.find(({ type }) => type === "PodScheduled")?.status;

await t.test("a pod waits for the first node, and is bound to it", async (t) => {
  await pods.create(pod("first"));
  const nothing = await untilEvent("first", "FailedScheduling");
  t.match(nothing, { type: "Warning", message: "no nodes available to schedule pods" });
  const node: NewObject<Node> = {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: "n1" },
    spec: {},
  };
  await admin.resource(NODES).create(node);
  const room = { cpu: "2", memory: "1Gi", pods: "10" };
  const status = { status: { capacity: room, allocatable: room } };
  await admin.resource(NODES).patch("n1", status, { type: "strategic", subresource: "status" });
  const [bound] = await untilPod("first", ({ spec }) => spec.nodeName === "n1");
  t.equal(bound === undefined ? null : scheduled(bound), "True");
  t.match(await untilEvent("first", "Scheduled"), {
    type: "Normal",
    message: "Successfully assigned default/first to n1",
    source: { component: "default-scheduler" },
    involvedObject: { kind: "Pod", uid: bound?.metadata.uid },
  });
});

await t.test("a refusal says why, in an event and in the pod", async (t) => {
  const resources = { requests: { cpu: "64" } };
  await pods.create(pod("big", { containers: [{ name: "main", image: "i", resources }] }));
  const message =
    "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: " +
    "1 Preemption is not helpful for scheduling.";
  t.match(await untilEvent("big", "FailedScheduling"), { type: "Warning", message });
  const all = await untilPod("big", (each) => scheduled(each) === "False");
  const big = all.find(({ metadata }) => metadata.name === "big");
  t.match(big?.status?.conditions, [{ type: "PodScheduled", reason: "Unschedulable", message }]);
  t.equal(big?.spec.nodeName, undefined);
});

await t.test("a label that a node is given wakes the pod that waits for it", async (t) => {
  await pods.create(pod("choosy", { nodeSelector: { disk: "ssd" } }));
  t.match(await untilEvent("choosy", "FailedScheduling"), {
    message: /1 node\(s\) didn't match Pod's node affinity\/selector/,
  });
  const labels = { metadata: { labels: { disk: "ssd" } } };
  await admin.resource(NODES).patch("n1", labels, { type: "merge" });
  t.ok(await untilPod("choosy", ({ spec }) => spec.nodeName === "n1"));
});

await t.test("an important pod gets the room of one that is not", async (t) => {
  const important: NewObject<PriorityClass> = {
    apiVersion: "scheduling.k8s.io/v1",
    kind: "PriorityClass",
    metadata: { name: "important" },
    value: 1000,
  };
  await admin.resource(PRIORITY_CLASSES).create(important);
  const containers = [{ name: "main", image: "i", resources: { requests: { cpu: "1500m" } } }];
  await pods.create(pod("modest", { containers }));
  await untilPod("modest", ({ spec }) => spec.nodeName === "n1");
  await pods.create(pod("eager", { containers, priorityClassName: "important" }));
  const going = await untilPod(
    "modest",
    ({ metadata }) => metadata.deletionTimestamp !== undefined,
  );
  const modest = going.find(({ metadata }) => metadata.name === "modest");
  t.match(
    modest?.status?.conditions?.find(({ type }) => type === "DisruptionTarget"),
    {
      status: "True",
      reason: "PreemptionByScheduler",
      message: "default-scheduler: preempting to accommodate a higher priority pod",
    },
  );
  const waiting = await untilPod("eager", ({ status }) => status?.nominatedNodeName === "n1");
  const eager = waiting.find(({ metadata }) => metadata.name === "eager");
  t.match(await untilEvent("modest", "Preempted"), {
    type: "Normal",
    message: `Preempted by pod ${eager?.metadata.uid} on node n1`,
  });
  t.equal(modest?.metadata.deletionGracePeriodSeconds, 30, "it has its time to end");
  // Somebody less important does not take the room meanwhile.
  await pods.create(pod("thief", { containers }));
  t.ok(await untilEvent("thief", "FailedScheduling"));
  await pods.delete("modest", { ...inDefault, gracePeriodSeconds: 0 });
  await untilPod("eager", ({ spec }) => spec.nodeName === "n1");
  t.equal((await pods.get("thief", inDefault)).spec.nodeName, undefined);
  for (const name of ["thief", "eager"])
    await pods.delete(name, { ...inDefault, gracePeriodSeconds: 0 });
});

await t.test("who has lost the Lease binds nothing", async (t) => {
  await admin.request("DELETE", HOLD, { body: { holderIdentity: IDENTITY } });
  const other = { holderIdentity: "other", leaseDurationSeconds: 60 };
  await admin.request("PUT", HOLD, { body: other });
  t.ok(scheduler.isLeader(), "it does not know yet");
  await pods.create(pod("late"));
  // Its next renewal is refused; until then it has tried to bind the pod.
  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (!scheduler.isLeader()) return resolve();
      systemClock.schedule(20, look);
    };
    look();
  });
  const late = await pods.get("late", inDefault);
  t.equal(late.spec.nodeName, undefined, "the write was refused");
  await admin.request("DELETE", HOLD, { body: { holderIdentity: "other" } });
  t.ok(await untilPod("late", ({ spec }) => spec.nodeName === "n1"), "it leads again, and binds");
});
