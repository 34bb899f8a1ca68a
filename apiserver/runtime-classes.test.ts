import t from "tap";
import type { JsonObject } from "../api/schema/wire-types.js";
import { TestServer } from "./test-server.js";

const server = await TestServer.start();
t.teardown(() => server.close());

const CLASSES = "/apis/node.k8s.io/v1/runtimeclasses";
const PODS = "/api/v1/namespaces/default/pods";

async function makeClass(name: string, rest: JsonObject): Promise<void> {
  const body = {
    apiVersion: "node.k8s.io/v1",
    kind: "RuntimeClass",
    metadata: { name },
    handler: "runsc",
    ...rest,
  };
  const answer = await server.send("POST", CLASSES, { body });
  if (answer.status !== 201) throw new Error(answer.bytes.toString());
}

let made = 0;
async function post(
  spec: JsonObject,
): Promise<{ readonly status: number; readonly body: JsonObject }> {
  made += 1;
  const containers = [{ name: "c", image: "busybox", resources: { requests: { cpu: "100m" } } }];
  const metadata = { name: `p${made}` };
  const body = { apiVersion: "v1", kind: "Pod", metadata, spec: { containers, ...spec } };
  const answer = await server.send("POST", PODS, { body });
  return { status: answer.status, body: answer.body as JsonObject };
}

await makeClass("sandbox", {
  overhead: { podFixed: { memory: "64Mi", cpu: "250m" } },
  scheduling: {
    nodeSelector: { sandbox: "yes" },
    tolerations: [{ key: "sandbox", operator: "Exists", effect: "NoSchedule" }],
  },
});
await makeClass("plain", {});

await t.test("a pod gets what its class says", async (t) => {
  const { status, body } = await post({
    runtimeClassName: "sandbox",
    nodeSelector: { disk: "ssd" },
  });
  t.equal(status, 201);
  t.match(body["spec"], {
    overhead: { memory: "64Mi", cpu: "250m" },
    nodeSelector: { disk: "ssd", sandbox: "yes" },
  });
  const { tolerations } = body["spec"] as { tolerations: readonly JsonObject[] };
  const own = { key: "sandbox", operator: "Exists", effect: "NoSchedule" };
  t.strictSame(
    tolerations.filter(({ key }) => key === "sandbox"),
    [own],
  );
  const plain = await post({ runtimeClassName: "plain" });
  t.equal(plain.status, 201);
  t.notOk((plain.body["spec"] as JsonObject)["overhead"]);
});

await t.test("it may repeat it, in other words too", async (t) => {
  const overhead = { memory: "65536Ki", cpu: "0.25" };
  t.equal((await post({ runtimeClassName: "sandbox", overhead })).status, 201);
  const tolerations = [{ operator: "Exists" }];
  const { body } = await post({ runtimeClassName: "sandbox", tolerations });
  t.strictSame((body["spec"] as JsonObject)["tolerations"], tolerations, "it covers the rest");
});

await t.test("it may not contradict it", async (t) => {
  const cases: readonly (readonly [JsonObject, RegExp])[] = [
    [{ runtimeClassName: "nothing" }, /pod rejected: RuntimeClass "nothing" not found/u],
    [
      { runtimeClassName: "sandbox", overhead: { cpu: "1" } },
      /Pod's Overhead doesn't match RuntimeClass's defined Overhead/u,
    ],
    [
      { runtimeClassName: "plain", overhead: { cpu: "1" } },
      /Pod Overhead set without corresponding RuntimeClass defined Overhead/u,
    ],
    [{ overhead: { cpu: "1" } }, /Overhead set without corresponding RuntimeClass/u],
    [
      { runtimeClassName: "sandbox", nodeSelector: { sandbox: "no" } },
      /conflict: runtimeClass.scheduling.nodeSelector\[sandbox\] = yes; pod.spec.nodeSelector/u,
    ],
  ];
  for (const [spec, message] of cases) {
    const { status, body } = await post(spec);
    t.equal(status, 403, String(message));
    t.match(body["message"], message);
  }
});

await t.test("the overhead counts towards a quota", async (t) => {
  const quota = {
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: { name: "small" },
    spec: { hard: { "requests.cpu": "300m" } },
  };
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "tight" } };
  await server.send("POST", "/api/v1/namespaces", { body: namespace });
  await server.send("POST", "/api/v1/namespaces/tight/resourcequotas", { body: quota });
  // What the quota controller would write.
  const status = { hard: quota.spec.hard, used: { "requests.cpu": "0" } };
  await server.send("PATCH", "/api/v1/namespaces/tight/resourcequotas/small/status", {
    body: { status },
    headers: { "content-type": "application/merge-patch+json" },
  });
  await server.send("GET", "/api/v1/resourcequotas");
  const pod = (runtimeClassName: string): JsonObject => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: runtimeClassName },
    spec: {
      runtimeClassName,
      containers: [{ name: "c", image: "busybox", resources: { requests: { cpu: "100m" } } }],
    },
  });
  const send = async (name: string) =>
    server.send("POST", "/api/v1/namespaces/tight/pods", { body: pod(name) });
  const heavy = await send("sandbox");
  t.match(heavy, { status: 403, body: { message: /exceeded quota.*requests.cpu=350m/u } });
  t.equal((await send("plain")).status, 201);
});

await t.test("the handler stays, and kubectl shows it", async (t) => {
  const headers = { "content-type": "application/merge-patch+json" };
  const patch = await server.send("PATCH", `${CLASSES}/plain`, { body: { handler: "x" }, headers });
  t.match(patch, {
    status: 422,
    body: { message: /handler: Invalid value: "x": field is immut/u },
  });
  t.match(await server.kubectl("1.33", ["get", "runtimeclasses"]), {
    code: 0,
    stdout: /NAME +HANDLER +AGE\nplain +runsc +\S+\nsandbox +runsc/u,
  });
});

await t.test("nodes read classes and bundles, and write neither", async (t) => {
  const bundles = "/apis/certificates.k8s.io/v1beta1/clustertrustbundles";
  for (const path of [`${CLASSES}/plain`, CLASSES, bundles])
    t.equal((await server.send("GET", path, { as: "node-1" })).status, 200, path);
  t.equal((await server.send("DELETE", `${CLASSES}/plain`, { as: "node-1" })).status, 403);
  t.equal((await server.send("GET", CLASSES, { as: "nobody" })).status, 403);
});
