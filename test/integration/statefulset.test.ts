import t from "tap";
import {
  CONTROLLER_REVISIONS,
  ENDPOINT_SLICES,
  EVENTS,
  PERSISTENT_VOLUME_CLAIMS,
  PODS,
  SERVICES,
  STATEFUL_SETS,
} from "../../api/client/resource-types.js";
import type { StatefulSet } from "../../api/schema/types/apps-v1.gen.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import type { JsonValue } from "../../api/schema/wire-types.js";
import { ControlPlane } from "./control-plane.js";

const plane = await ControlPlane.start();
t.teardown(() => plane.stop());
const sets = plane.client.resource(STATEFUL_SETS);
const merge = { namespace: "default", type: "merge" } as const;
const SPEC: StatefulSet["spec"] = {
  replicas: 3,
  serviceName: "web-svc",
  selector: { matchLabels: { app: "web" } },
  template: {
    metadata: { labels: { app: "web" } },
    spec: { containers: [{ name: "c", image: "v1" }] },
  },
  volumeClaimTemplates: [
    {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "data" } as Pod["metadata"],
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } } },
    },
  ],
};
const isDone = (set: StatefulSet | undefined): boolean => {
  const { status, spec, metadata } = set ?? {};
  return (
    status?.observedGeneration === metadata?.generation &&
    status?.availableReplicas === spec?.replicas &&
    status?.updatedReplicas === spec?.replicas &&
    status?.replicas === spec?.replicas &&
    status?.currentRevision === status?.updateRevision
  );
};
const names = (pods: readonly Pod[]): string[] => {
  const all = pods.map(({ metadata }) => metadata.name);
  all.sort((a, b) => (a < b ? -1 : 1));
  return all;
};
const image = async (image: string): Promise<void> => {
  const template = { spec: { containers: [{ name: "c", image }] } };
  await sets.patch("web", { spec: { template } } as JsonValue, merge);
};

await t.test("pods come one after the other, each with its claim", async (t) => {
  await plane.client.resource(SERVICES).create({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web-svc", namespace: "default" },
    spec: { clusterIP: "None", selector: { app: "web" }, ports: [{ port: 80 }] },
  });
  const metadata = { name: "web", namespace: "default" };
  await sets.create({ apiVersion: "apps/v1", kind: "StatefulSet", metadata, spec: SPEC });
  const order: string[] = [];
  await plane.until(PODS, (pods) => {
    for (const name of names(pods)) if (!order.includes(name)) order.push(name);
    return pods.length === 3;
  });
  t.strictSame(order, ["web-0", "web-1", "web-2"]);
  await plane.until(STATEFUL_SETS, ([set]) => isDone(set));
  const claims = await plane.until(PERSISTENT_VOLUME_CLAIMS, (all) => all.length === 3);
  t.ok(claims.every(({ metadata }) => /^data-web-[012]$/.test(metadata.name)));
  await plane.until(EVENTS, (events) =>
    events.some(({ message }) => message === "create Pod web-0 in StatefulSet web successful"),
  );
});

await t.test("each has a name of its own in the headless Service", async () => {
  await plane.until(ENDPOINT_SLICES, (slices) =>
    slices.some(({ endpoints = [] }) => endpoints.some(({ hostname }) => hostname === "web-2")),
  );
});

await t.test("a roll-out goes from the last to the first, and can be rolled back", async (t) => {
  await image("v2");
  const replaced: string[] = [];
  await plane.until(
    PODS,
    (pods) => {
      t.equal(new Set(names(pods)).size, pods.length, "no two pods of one name");
      for (const pod of pods) {
        const { name } = pod.metadata;
        if (pod.spec.containers[0]?.image === "v2" && !replaced.includes(name)) replaced.push(name);
      }
      return replaced.length === 3;
    },
    { limitMs: 20_000 },
  );
  t.strictSame(replaced, ["web-2", "web-1", "web-0"]);
  await plane.until(STATEFUL_SETS, ([set]) => isDone(set));
  await image("v1");
  await plane.until(
    STATEFUL_SETS,
    ([set]) => isDone(set) && set?.spec.template.spec?.containers[0]?.image === "v1",
    { limitMs: 20_000 },
  );
  const { items } = await plane.client
    .resource(CONTROLLER_REVISIONS)
    .list({ namespace: "default" });
  const numbers = items.map(({ revision }) => revision);
  numbers.sort((a, b) => a - b);
  t.strictSame(numbers, [2, 3], "the first one became the newest again");
});

await t.test("an unhealthy pod holds up the others", async (t) => {
  plane.node.isHealthy = ({ metadata }) => metadata.name !== "web-1";
  plane.node.review();
  await plane.until(STATEFUL_SETS, ([set]) => set?.status?.readyReplicas === 2);
  await sets.patch("web", { spec: { replicas: 4 } }, merge);
  await plane.until(
    STATEFUL_SETS,
    ([set]) => set?.status?.observedGeneration === set?.metadata.generation,
  );
  const { items } = await plane.client.resource(PODS).list({ namespace: "default" });
  t.strictSame(names(items), ["web-0", "web-1", "web-2"]);
  plane.node.isHealthy = () => true;
  plane.node.review();
  await plane.until(PODS, (pods) => pods.length === 4);
});

await t.test("scaled down it goes from the top, and its claims stay", async (t) => {
  await sets.patch("web", { spec: { replicas: 1 } }, merge);
  await plane.until(PODS, (pods) => pods.length === 1, { limitMs: 20_000 });
  const claims = await plane.client
    .resource(PERSISTENT_VOLUME_CLAIMS)
    .list({ namespace: "default" });
  t.equal(claims.items.length, 4);
});

await t.test("whenDeleted: Delete takes the claims of the pods along", async (t) => {
  const persistentVolumeClaimRetentionPolicy = { whenDeleted: "Delete", whenScaled: "Retain" };
  await sets.patch("web", { spec: { persistentVolumeClaimRetentionPolicy } }, merge);
  await plane.until(PERSISTENT_VOLUME_CLAIMS, (all) =>
    all.some(({ metadata }) => metadata.ownerReferences?.[0]?.kind === "StatefulSet"),
  );
  await sets.delete("web", { namespace: "default" });
  await plane.until(PODS, (pods) => pods.length === 0);
  const left = await plane.until(PERSISTENT_VOLUME_CLAIMS, (all) => all.length === 3);
  t.notOk(left.some(({ metadata }) => metadata.name === "data-web-0"));
  await plane.until(CONTROLLER_REVISIONS, (all) => all.length === 0);
});
