import t from "tap";
import {
  PERSISTENT_VOLUME_CLAIMS,
  PODS,
  RESOURCE_QUOTAS,
} from "../../api/client/resource-types.js";
import type { ResourceType } from "../../api/client/client-types.js";
import type { LimitRange, Pod, ResourceQuota } from "../../api/schema/types/core-v1.gen.js";
import type { NewObject } from "../../api/schema/wire-types.js";
import { ControlPlane } from "./control-plane.js";

const plane = await ControlPlane.start();
t.teardown(() => plane.stop());
const pods = plane.client.resource(PODS);
const quotas = plane.client.resource(RESOURCE_QUOTAS);
const LIMIT_RANGES: ResourceType<LimitRange> = {
  group: "",
  version: "v1",
  kind: "LimitRange",
  plural: "limitranges",
  namespaced: true,
};
function pod(name: string, cpu?: string): NewObject<Pod> {
  const resources = cpu === undefined ? {} : { resources: { requests: { cpu } } };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default" },
    spec: { containers: [{ name: "c", image: "i", ...resources }] },
  };
}
const makeQuota = async (name: string, spec: ResourceQuota["spec"]): Promise<void> => {
  const metadata = { name, namespace: "default" };
  await quotas.create({ apiVersion: "v1", kind: "ResourceQuota", metadata, spec });
  await used(name, () => true);
};
/** Waits until the usage of a quota is what is expected. */
async function used(
  name: string,
  holds: (used: { readonly [name: string]: string }) => boolean,
): Promise<void> {
  await plane.until(RESOURCE_QUOTAS, (all) => {
    const found = all.find(({ metadata }) => metadata.name === name);
    return found?.status?.used !== undefined && holds(found.status.used);
  });
}
const remove = (name: string): Promise<void> => pods.delete(name, { namespace: "default" });

await t.test("a quota counts, refuses with the numbers, and gives back", async (t) => {
  await makeQuota("two", { hard: { pods: "2", "requests.cpu": "1" } });
  await pods.create(pod("a", "400m"));
  await pods.create(pod("b", "500m"));
  const { status } = await quotas.get("two", { namespace: "default" });
  t.strictSame(status?.used, { pods: "2", "requests.cpu": "900m" }, "in the same transaction");
  await t.rejects(pods.create(pod("c", "200m")), {
    code: "Forbidden",
    message:
      'pods "c" is forbidden: exceeded quota: two, requested: pods=1,requests.cpu=200m, ' +
      "used: pods=2,requests.cpu=900m, limited: pods=2,requests.cpu=1",
  });
  await t.rejects(pods.create(pod("d")), {
    message: 'pods "d" is forbidden: failed quota: two: must specify requests.cpu for: c',
  });
  await t.rejects(pods.create(pod("a", "50m")), /two/);
  await remove("a");
  await used("two", (now) => now["pods"] === "1" && now["requests.cpu"] === "500m");
  await pods.create(pod("c", "200m"));
});

await t.test("many at once never get more than there is", async (t) => {
  await quotas.patch(
    "two",
    { spec: { hard: { pods: "10", "requests.cpu": "9" } } },
    { namespace: "default", type: "merge" },
  );
  await plane.until(RESOURCE_QUOTAS, ([q]) => q?.status?.hard?.["pods"] === "10");
  const all = Array.from({ length: 30 }, (_, i) => pods.create(pod(`m${i}`, "10m")));
  const results = await Promise.allSettled(all);
  t.equal(results.filter(({ status }) => status === "fulfilled").length, 8);
  t.equal((await pods.list({ namespace: "default" })).items.length, 10);
  await used("two", (now) => now["pods"] === "10");
});

await t.test("a name that is taken costs nothing", async (t) => {
  await quotas.patch(
    "two",
    { spec: { hard: { pods: "20" } } },
    { namespace: "default", type: "merge" },
  );
  await plane.until(RESOURCE_QUOTAS, ([q]) => q?.status?.hard?.["pods"] === "20");
  await t.rejects(pods.create(pod("b", "1m")), { code: "AlreadyExists" });
  const { status } = await quotas.get("two", { namespace: "default" });
  t.equal(status?.used?.["pods"], "10");
  await quotas.delete("two", { namespace: "default" });
});

await t.test("objects are counted, and scopes narrow", async (t) => {
  await makeQuota("objects", { hard: { "count/deployments.apps": "0", configmaps: "2" } });
  const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x" } };
  const path = "/api/v1/namespaces/default/configmaps";
  // One is there: the cluster's CA.
  await plane.client.request("POST", path, { body });
  const more = { ...body, metadata: { name: "y" } };
  await t.rejects(plane.client.request("POST", path, { body: more }), {
    message: /requested: configmaps=1, used: configmaps=2, limited: configmaps=2/,
  });
  await plane.client.request("DELETE", `${path}/x`);
  await used("objects", (now) => now["configmaps"] === "1");
  await quotas.delete("objects", { namespace: "default" });
  await makeQuota("effort", { hard: { pods: "0" }, scopes: ["BestEffort"] });
  await t.rejects(pods.create(pod("best")), { message: /exceeded quota: effort/ });
  await pods.create(pod("burst", "1m"));
  await quotas.delete("effort", { namespace: "default" });
});

await t.test("who changes into a scope is charged in full", async (t) => {
  const requirement = { scopeName: "VolumeAttributesClass", operator: "In", values: ["gold"] };
  const scopeSelector = { matchExpressions: [requirement] };
  await makeQuota("gold", { hard: { "requests.storage": "5Gi" }, scopeSelector });
  const claims = plane.client.resource(PERSISTENT_VOLUME_CLAIMS);
  const claim = (name: string, volumeAttributesClassName?: string) =>
    claims.create({
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name, namespace: "default" },
      spec: {
        accessModes: ["ReadWriteOnce"],
        resources: { requests: { storage: "3Gi" } },
        ...(volumeAttributesClassName === undefined ? {} : { volumeAttributesClassName }),
      },
    });
  await claim("one", "gold");
  await claim("two");
  const bind = { status: { phase: "Bound" } };
  await claims.patch("two", bind, { namespace: "default", type: "merge", subresource: "status" });
  const golden = { spec: { volumeAttributesClassName: "gold" } };
  await t.rejects(claims.patch("two", golden, { namespace: "default", type: "merge" }), {
    message:
      'persistentvolumeclaims "two" is forbidden: exceeded quota: gold, ' +
      "requested: requests.storage=3Gi, used: requests.storage=3Gi, limited: requests.storage=5Gi",
  });
  for (const name of ["one", "two"]) await claims.delete(name, { namespace: "default" });
  await quotas.delete("gold", { namespace: "default" });
});

await t.test("limits fill in and refuse", async (t) => {
  await plane.client.resource(LIMIT_RANGES).create({
    apiVersion: "v1",
    kind: "LimitRange",
    metadata: { name: "l", namespace: "default" },
    spec: { limits: [{ type: "Container", max: { cpu: "1" }, defaultRequest: { cpu: "100m" } }] },
  });
  const filled = await pods.create(pod("small"));
  t.strictSame(filled.spec.containers[0]?.resources, {
    requests: { cpu: "100m" },
    limits: { cpu: "1" },
  });
  const large = pod("large");
  const resources = { requests: { cpu: "2" }, limits: { cpu: "2" } };
  const spec = { containers: [{ name: "c", image: "i", resources }] };
  await t.rejects(pods.create({ ...large, spec }), {
    code: "Forbidden",
    message: 'pods "large" is forbidden: maximum cpu usage per Container is 1, but limit is 2',
  });
});
