import t from "tap";
import {
  CUSTOM_RESOURCE_DEFINITIONS,
  DEPLOYMENTS,
  EVENTS,
  HORIZONTAL_POD_AUTOSCALERS,
  POD_METRICS,
  PODS,
} from "../../api/client/resource-types.js";
import { systemClock, systemRandom } from "../../api/client/system-clock.js";
import type { Deployment } from "../../api/schema/types/apps-v1.gen.js";
import type { HorizontalPodAutoscaler } from "../../api/schema/types/autoscaling-v2.gen.js";
import type { KubernetesObject, NewObject } from "../../api/schema/wire-types.js";
import { ServerList } from "../../base/server-list.js";
import { type AgentLink, startAgentLink } from "../../gossip/agent-link.js";
import { ControlPlane, logger } from "./control-plane.js";
import { FLEET_DEFINITION, FLEETS } from "./fleets.js";

const plane = await ControlPlane.start();
t.teardown(() => plane.stop());
const agent = await linkNode("n1");
t.teardown(() => agent.close());
const autoscalers = plane.client.resource(HORIZONTAL_POD_AUTOSCALERS);
const NAMESPACE = { namespace: "default" } as const;

/** The link of an agent that measures what the tests say. */
async function linkNode(nodeName: string): Promise<AgentLink> {
  const { authority, url } = plane.server;
  const files = await authority.issue(nodeName, `CN=system:node:${nodeName}, O=system:nodes`);
  return new Promise((resolve) => {
    const link = startAgentLink({
      nodeName,
      agentVersion: "1",
      serverList: new ServerList([url]),
      caFile: authority.caFile,
      ...files,
      clock: systemClock,
      random: systemRandom,
      logger,
      onChange: (server) => server !== null && resolve(link),
    });
  });
}
/** Every pod of the namespace uses this much memory, and the API says so. */
async function everyPodUses(memoryMib: number): Promise<void> {
  const { items } = await plane.client.resource(PODS).list(NAMESPACE);
  const containers = [{ name: "c", cpuNanoCores: 1e6, memoryBytes: memoryMib * 2 ** 20 }];
  const pods = items.map(({ metadata: { name, uid } }) => ({
    ...NAMESPACE,
    name,
    uid,
    containers,
  }));
  const node = { cpuNanoCores: 1e9, memoryBytes: 2 ** 30, simulated: false };
  agent.sendUsage({ atMs: systemClock.nowMs(), windowMs: 10_000, ...node, pods });
  const wanted = `${memoryMib}Mi`;
  for (;;) {
    const known = await plane.client.resource(POD_METRICS).list(NAMESPACE);
    const told = known.items.filter(({ containers: [c] }) => c?.usage["memory"] === wanted);
    if (told.length === items.length) return;
  }
}
function deployment(name: string, replicas: number): NewObject<Deployment> {
  const labels = { app: name };
  const resources = { requests: { memory: "100Mi" } };
  const spec = { containers: [{ name: "c", image: "i", resources }] };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, ...NAMESPACE },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
}
function autoscaler(name: string, target: string): NewObject<HorizontalPodAutoscaler> {
  const memory = { name: "memory", target: { type: "Utilization", averageUtilization: 50 } };
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name, ...NAMESPACE },
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: target },
      minReplicas: 1,
      maxReplicas: 5,
      metrics: [{ type: "Resource", resource: memory }],
      behavior: { scaleDown: { stabilizationWindowSeconds: 0 } },
    },
  };
}
async function pods(count: number): Promise<void> {
  await plane.until(PODS, (all) => {
    const running = all.filter((pod) => pod.status?.phase === "Running");
    return all.length === count && running.length === count;
  });
}
async function status(
  name: string,
  holds: (it: HorizontalPodAutoscaler) => boolean,
): Promise<void> {
  await plane.until(HORIZONTAL_POD_AUTOSCALERS, (all) => {
    const found = all.find(({ metadata }) => metadata.name === name);
    return found !== undefined && holds(found);
  });
}
function reasonOf({ status: now }: HorizontalPodAutoscaler, type: string): string | undefined {
  return now?.conditions?.find((condition) => condition.type === type)?.reason;
}

await t.test("a Deployment grows with what its pods use, and shrinks", async (t) => {
  await plane.client.resource(DEPLOYMENTS).create(deployment("web", 2));
  await pods(2);
  await everyPodUses(90);
  await autoscalers.create(autoscaler("web", "web"));
  // 90 % of what they request where 50 % are aimed for.
  await pods(4);
  await status("web", (it) => it.status?.desiredReplicas === 4);
  const grown = await autoscalers.get("web", NAMESPACE);
  t.match(grown.status, {
    observedGeneration: 1,
    currentReplicas: 2,
    desiredReplicas: 4,
    lastScaleTime: /Z$/,
    currentMetrics: [
      {
        resource: { name: "memory", current: { averageUtilization: 90, averageValue: "94371840" } },
      },
    ],
  });
  t.equal(reasonOf(grown, "AbleToScale"), "SucceededRescale");
  t.equal(reasonOf(grown, "ScalingActive"), "ValidMetricFound");
  t.equal(reasonOf(grown, "ScalingLimited"), "DesiredWithinRange");
  const message =
    "New size: 4; reason: memory resource utilization (percentage of request) above target";
  await plane.until(EVENTS, (all) =>
    all.some((event) => event.reason === "SuccessfulRescale" && event.message === message),
  );
  await everyPodUses(10);
  const spec = { maxReplicas: 6 };
  await autoscalers.patch("web", { spec }, { ...NAMESPACE, type: "merge" });
  await pods(1);
  await status("web", (it) => it.status?.desiredReplicas === 1);
});

await t.test("what stands in the way is said", async (t) => {
  await autoscalers.create(autoscaler("lost", "nowhere"));
  await status("lost", (it) => reasonOf(it, "AbleToScale") === "FailedGetScale");
  await plane.client.resource(DEPLOYMENTS).create(deployment("quiet", 1));
  await pods(2);
  await autoscalers.create(autoscaler("quiet", "quiet"));
  await status("quiet", (it) => reasonOf(it, "ScalingActive") === "FailedGetResourceMetric");
  const quiet = await autoscalers.get("quiet", NAMESPACE);
  t.match(
    quiet.status?.conditions?.find(({ type }) => type === "ScalingActive")?.message,
    /no metrics returned/,
  );
  await autoscalers.create(autoscaler("rival", "web"));
  await status("rival", (it) => reasonOf(it, "ScalingActive") === "AmbiguousSelector");
});

await t.test("a custom resource is scaled through its scale", async (t) => {
  await plane.client.resource(CUSTOM_RESOURCE_DEFINITIONS).create(FLEET_DEFINITION);
  const fleet = plane.client.resource(FLEETS);
  await fleet.create({
    apiVersion: "example.com/v1",
    kind: "Fleet",
    metadata: { name: "blue", ...NAMESPACE },
    spec: { replicas: 9, selector: "fleet=blue" },
  } as NewObject<KubernetesObject>);
  const wanted = autoscaler("blue", "blue");
  const scaleTargetRef = { apiVersion: "example.com/v1", kind: "Fleet", name: "blue" };
  await autoscalers.create({ ...wanted, spec: { ...wanted.spec, scaleTargetRef } });
  // There may be five at most, whatever they use.
  await status("blue", (it) => it.status?.desiredReplicas === 5);
  t.match(await fleet.get("blue", NAMESPACE), { spec: { replicas: 5 } });
  const boat = { ...scaleTargetRef, kind: "Boat" };
  await autoscalers.create({
    ...wanted,
    metadata: { ...wanted.metadata, name: "boat" },
    spec: { ...wanted.spec, scaleTargetRef: boat },
  });
  await status("boat", (it) => reasonOf(it, "AbleToScale") === "FailedGetScale");
  await plane.until(EVENTS, (all) =>
    all.some(({ message }) => message === 'no matches for kind "Boat" in group "example.com"'),
  );
});
