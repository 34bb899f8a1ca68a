import t from "tap";
import {
  DAEMON_SETS,
  NODES,
  PODS,
  REPLICATION_CONTROLLERS,
} from "../../api/client/resource-types.js";
import type { DaemonSet } from "../../api/schema/types/apps-v1.gen.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import type { JsonValue } from "../../api/schema/wire-types.js";
import { ControlPlane } from "./control-plane.js";

const plane = await ControlPlane.start();
t.teardown(() => plane.stop());
const sets = plane.client.resource(DAEMON_SETS);
const nodes = plane.client.resource(NODES);
const merge = { namespace: "default", type: "merge" } as const;
const SPEC: DaemonSet["spec"] = {
  selector: { matchLabels: { app: "log" } },
  template: {
    metadata: { labels: { app: "log" } },
    spec: { containers: [{ name: "c", image: "v1" }] },
  },
};
const isDone = (set: DaemonSet | undefined, count: number): boolean => {
  const { status, metadata } = set ?? {};
  return (
    status?.observedGeneration === metadata?.generation &&
    status?.desiredNumberScheduled === count &&
    status.numberAvailable === count &&
    status.updatedNumberScheduled === count
  );
};
const nodesOf = (pods: readonly Pod[]): string[] => {
  const names = pods.map(({ spec }) => spec.nodeName ?? "");
  names.sort((a, b) => (a < b ? -1 : 1));
  return names;
};
const addNode = async (name: string): Promise<void> => {
  await nodes.create({ apiVersion: "v1", kind: "Node", metadata: { name }, spec: {} });
};

await t.test("a pod on every node, and on those that come", async (t) => {
  await addNode("n2");
  const metadata = { name: "log", namespace: "default" };
  await sets.create({ apiVersion: "apps/v1", kind: "DaemonSet", metadata, spec: SPEC });
  await plane.until(DAEMON_SETS, ([set]) => isDone(set, 2));
  await addNode("n3");
  await plane.until(DAEMON_SETS, ([set]) => isDone(set, 3));
  const { items } = await plane.client.resource(PODS).list({ namespace: "default" });
  t.strictSame(nodesOf(items), ["n1", "n2", "n3"]);
});

await t.test("a taint that is not tolerated takes the pod away", async () => {
  const taints = [{ key: "x", effect: "NoExecute" }];
  await nodes.patch("n3", { spec: { taints } }, { type: "merge" });
  await plane.until(PODS, (pods) => pods.length === 2);
  await plane.until(DAEMON_SETS, ([set]) => isDone(set, 2));
  await nodes.patch("n3", { spec: { taints: null } }, { type: "merge" });
  await plane.until(DAEMON_SETS, ([set]) => isDone(set, 3));
});

await t.test("a roll-out goes node by node", async (t) => {
  let fewest = 3;
  const template = { spec: { containers: [{ name: "c", image: "v2" }] } };
  await sets.patch("log", { spec: { template } } as JsonValue, merge);
  await plane.until(PODS, (pods) => {
    const ready = pods.filter(
      (pod) =>
        pod.metadata.deletionTimestamp === undefined &&
        pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True"),
    );
    fewest = Math.min(fewest, ready.length);
    return ready.length === 3 && pods.every(({ spec }) => spec.containers[0]?.image === "v2");
  });
  t.ok(fewest >= 2, `at least 3 - 1 available, saw ${fewest}`);
  await plane.until(DAEMON_SETS, ([set]) => isDone(set, 3));
});

await t.test("a failed pod is made anew", async (t) => {
  const [victim] = (await plane.client.resource(PODS).list({ namespace: "default" })).items;
  plane.node.exitCode = ({ metadata }) => (metadata.uid === victim?.metadata.uid ? 1 : null);
  plane.node.review();
  await plane.until(
    PODS,
    (pods) => pods.every(({ metadata }) => metadata.uid !== victim?.metadata.uid),
    { limitMs: 15_000 },
  );
  await plane.until(DAEMON_SETS, ([set]) => isDone(set, 3));
  t.pass();
});

await t.test("a ReplicationController keeps its pods too", async (t) => {
  const controllers = plane.client.resource(REPLICATION_CONTROLLERS);
  const template = {
    metadata: { labels: { app: "rc" } },
    spec: { containers: [{ name: "c", image: "i" }] },
  };
  await controllers.create({
    apiVersion: "v1",
    kind: "ReplicationController",
    metadata: { name: "rc", namespace: "default" },
    spec: { replicas: 2, template },
  });
  const done = (replicas: number) =>
    plane.until(REPLICATION_CONTROLLERS, ([rc]) => {
      const { readyReplicas = 0, observedGeneration } = rc?.status ?? {};
      return observedGeneration === rc?.metadata.generation && readyReplicas === replicas;
    });
  await done(2);
  const mine = { namespace: "default", labelSelector: "app=rc" };
  const [first] = (await plane.client.resource(PODS).list(mine)).items;
  t.match(first?.metadata.ownerReferences, [
    { apiVersion: "v1", kind: "ReplicationController", name: "rc", controller: true },
  ]);
  await plane.client.resource(PODS).delete(first?.metadata.name ?? "", { namespace: "default" });
  await controllers.patch("rc", { spec: { replicas: 3 } }, merge);
  const [rc] = await done(3);
  t.match(rc?.status, { replicas: 3, fullyLabeledReplicas: 3 });
  t.notOk(rc?.status !== undefined && "terminatingReplicas" in rc.status);
});
