import t from "tap";
import { EVENTS, NODES, PODS } from "../../api/client/resource-types.js";
import type { Pod, Toleration } from "../../api/schema/types/core-v1.gen.js";
import { podCondition } from "../../controllers/common/pod-state.js";
import { ControlPlane } from "./control-plane.js";

t.setTimeout(60_000);

const KEY = "maintenance";
const TAINT = { key: KEY, effect: "NoExecute" };

const pod = (name: string, tolerations: readonly Toleration[]): Pod =>
  ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default" },
    spec: { containers: [{ name: "c", image: "registry.example/c:1" }], tolerations },
  }) as unknown as Pod;

void t.test("a NoExecute taint ends the pods that do not put up with it", async (t) => {
  const plane = await ControlPlane.start();
  t.teardown(() => plane.stop());
  const { client } = plane;
  const pods = client.resource(PODS);
  const forSeconds = (tolerationSeconds?: number): Toleration => ({
    key: KEY,
    operator: "Exists",
    effect: "NoExecute",
    ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }),
  });
  await pods.create(pod("none", []));
  await pods.create(pod("moment", [forSeconds(2)]));
  await pods.create(pod("hour", [forSeconds(3600)]));
  await pods.create(pod("always", [forSeconds()]));
  await plane.until(
    PODS,
    (all) => all.filter(({ status }) => status?.phase === "Running").length === 4,
  );

  const watching = pods.watch({ namespace: "default", resourceVersion: "0" });
  const reasons = new Map<string, string | undefined>();
  const watched = (async () => {
    for await (const event of watching) {
      if (event.type === "BOOKMARK") continue;
      const { metadata } = event.object;
      if (metadata.deletionTimestamp !== undefined)
        reasons.set(metadata.name, podCondition(event.object, "DisruptionTarget")?.reason);
      if (event.type === "DELETED" && metadata.name === "moment") return;
    }
  })();
  const taintedMs = performance.now();
  await client.resource(NODES).patch("n1", { spec: { taints: [TAINT] } }, { type: "strategic" });
  await plane.until(PODS, (all) => !all.some(({ metadata }) => metadata.name === "none"));
  await plane.until(PODS, (all) => all.length === 2);
  await watched;
  const tookMs = performance.now() - taintedMs;
  t.ok(tookMs >= 1000, `the pod that tolerates the taint for 2 s stayed ${tookMs} ms`);
  t.strictSame(
    [...reasons],
    [
      ["none", "DeletionByTaintManager"],
      ["moment", "DeletionByTaintManager"],
    ],
    "each says why before it goes",
  );

  await client.resource(NODES).patch("n1", { spec: { taints: [] } }, { type: "merge" });
  const events = await plane.until(EVENTS, (all) =>
    all.some(({ message = "" }) => message.startsWith("Cancelling")),
  );
  const told = events.filter(({ reason }) => reason === "TaintManagerEviction");
  t.strictSame(told.map(({ message = "" }) => message).sort(), [
    "Cancelling deletion of Pod default/hour",
    "Marking for deletion Pod default/moment",
    "Marking for deletion Pod default/none",
  ]);
  const left = await plane.until(PODS, (all) => all.length === 2);
  t.strictSame(left.map(({ metadata }) => metadata.name).sort(), ["always", "hour"]);
});
