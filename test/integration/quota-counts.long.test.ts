import { text } from "node:stream/consumers";
import { Readable } from "node:stream";
import t from "tap";
import {
  CUSTOM_RESOURCE_DEFINITIONS,
  PODS,
  RESOURCE_QUOTAS,
} from "../../api/client/resource-types.js";
import type { KubernetesObject, NewObject } from "../../api/schema/wire-types.js";
import { ControlPlane } from "./control-plane.js";
import { FLEET_DEFINITION, FLEETS } from "./fleets.js";

const plane = await ControlPlane.start();
t.teardown(() => plane.stop());
const COUNT = "count/fleets.example.com";
const NAMESPACE = { namespace: "default" } as const;

/** How often pods have been listed. */
async function listsOfPods(): Promise<number> {
  const { body } = await plane.client.stream("/metrics");
  const lines = (await text(Readable.from(body))).split("\n");
  const of = lines.filter(
    (line) =>
      line.startsWith("apiserver_request_total{") &&
      line.includes('resource="pods"') &&
      line.includes('verb="LIST"'),
  );
  return of.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

async function used(name: string, amount: string): Promise<void> {
  await plane.until(RESOURCE_QUOTAS, (all) =>
    all.some(({ metadata, status }) => metadata.name === "q" && status?.used?.[name] === amount),
  );
}

await t.test("custom objects are given back, and pods not listed for it", async (t) => {
  await plane.client.resource(CUSTOM_RESOURCE_DEFINITIONS).create(FLEET_DEFINITION);
  await plane.client.resource(RESOURCE_QUOTAS).create({
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: { name: "q", ...NAMESPACE },
    spec: { hard: { pods: "3", [COUNT]: "2" } },
  });
  await used(COUNT, "0");
  await plane.client.resource(PODS).create({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "a", ...NAMESPACE },
    spec: { containers: [{ name: "c", image: "i" }] },
  });
  await used("pods", "1");
  const fleets = plane.client.resource(FLEETS);
  await fleets.create({
    apiVersion: "example.com/v1",
    kind: "Fleet",
    metadata: { name: "blue", ...NAMESPACE },
    spec: {},
  } as NewObject<KubernetesObject>);
  await used(COUNT, "1");
  const before = await listsOfPods();
  t.ok(before > 0, "lists of pods are counted");
  await fleets.delete("blue", NAMESPACE);
  await used(COUNT, "0");
  t.equal(await listsOfPods(), before);
  const { status } = await plane.client.resource(RESOURCE_QUOTAS).get("q", NAMESPACE);
  t.match(status?.used, { pods: "1" });
  await plane.client.resource(PODS).delete("a", NAMESPACE);
  await used("pods", "0");
});
