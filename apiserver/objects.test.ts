import t from "tap";
import type { JsonObject } from "../api/schema/wire-types.js";
import { TestServer } from "./test-server.js";

const CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
const PODS = "/api/v1/namespaces/default/pods";

function configMap(name: string, data: Readonly<Record<string, string>>): object {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data };
}
function pod(name: string, labels: Readonly<Record<string, string>> = {}): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels },
    spec: { containers: [{ name: "main", image: "busybox" }] },
  };
}

void t.test("objects live through create, get, list, update, patch and delete", async (t) => {
  const server = await TestServer.start();
  t.teardown(() => server.close());

  const created = await server.send("POST", CONFIG_MAPS, { body: configMap("one", { a: "1" }) });
  t.equal(created.status, 201, JSON.stringify(created.body));
  const { metadata } = created.body as { metadata: Record<string, string> };
  t.match(metadata, { name: "one", namespace: "default", uid: /^[0-9a-f-]{36}$/u });

  const read = await server.send("GET", `${CONFIG_MAPS}/one`);
  t.same(read.body, created.body, "what is read is what was answered");

  const again = await server.send("POST", CONFIG_MAPS, { body: configMap("one", {}) });
  t.match(again, {
    status: 409,
    body: { reason: "AlreadyExists", message: 'configmaps "one" already exists' },
  });

  const updated = await server.send("PUT", `${CONFIG_MAPS}/one`, {
    body: { ...created.body, data: { a: "2" } },
  });
  t.match(updated, { status: 200, body: { data: { a: "2" } } });
  const stale = await server.send("PUT", `${CONFIG_MAPS}/one`, {
    body: { ...created.body, data: { a: "3" } },
  });
  t.match(stale, {
    status: 409,
    body: {
      message:
        'Operation cannot be fulfilled on configmaps "one": the object has been modified; ' +
        "please apply your changes to the latest version and try again",
    },
  });

  const patched = await server.send("PATCH", `${CONFIG_MAPS}/one`, {
    body: { data: { b: "4" } },
    headers: { "content-type": "application/merge-patch+json" },
  });
  t.match(patched, { status: 200, body: { data: { a: "2", b: "4" } } });

  const list = await server.send("GET", CONFIG_MAPS);
  t.match(list.body, { kind: "ConfigMapList", items: [{ metadata: { name: "one" } }] });

  const deleted = await server.send("DELETE", `${CONFIG_MAPS}/one`);
  t.match(deleted, { status: 200, body: { kind: "Status", status: "Success" } });
  t.match(await server.send("GET", `${CONFIG_MAPS}/one`), {
    status: 404,
    body: { message: 'configmaps "one" not found', reason: "NotFound" },
  });
});

void t.test("a watch tells of everything, in order", async (t) => {
  const server = await TestServer.start();
  t.teardown(() => server.close());
  const list = await server.send("GET", PODS);
  const { resourceVersion } = (list.body as { metadata: Record<string, string> }).metadata;
  const watch = await server.open(
    `${PODS}?watch=1&resourceVersion=${resourceVersion}&labelSelector=app%3Dweb`,
  );
  t.equal(watch.status, 200);
  const created = await server.send("POST", PODS, { body: pod("web", { app: "web" }) });
  t.equal(created.status, 201, JSON.stringify(created.body));
  await server.send("POST", PODS, { body: pod("other", { app: "other" }) });
  t.match(await watch.next(), { type: "ADDED", object: { metadata: { name: "web" } } });
  const headers = { "content-type": "application/strategic-merge-patch+json" };
  await server.send("PATCH", `${PODS}/web`, {
    headers,
    body: { metadata: { labels: { x: "y" } } },
  });
  t.match(await watch.next(), { type: "MODIFIED", object: { metadata: { labels: { x: "y" } } } });
  await server.send("PATCH", `${PODS}/web`, {
    headers,
    body: { metadata: { labels: { app: "no" } } },
  });
  t.match(await watch.next(), { type: "DELETED", object: { metadata: { name: "web" } } });
  await server.send("PATCH", `${PODS}/web`, {
    headers,
    body: { metadata: { labels: { app: "web" } } },
  });
  t.match(await watch.next(), { type: "ADDED", object: { metadata: { name: "web" } } });
  await server.send("DELETE", `${PODS}/web`);
  const gone = await watch.next();
  t.match(gone, { type: "DELETED", object: { metadata: { name: "web" } } });
  watch.close();
});

void t.test("a pod's resources are resized through /resize alone", async (t) => {
  const server = await TestServer.start();
  t.teardown(() => server.close());
  const sized = (cpu: string) => [
    { name: "c", image: "busybox", resources: { requests: { cpu }, limits: { cpu } } },
  ];
  const metadata = { name: "p" };
  const pod = { apiVersion: "v1", kind: "Pod", metadata, spec: { containers: sized("100m") } };
  t.equal((await server.send("POST", PODS, { body: pod })).status, 201);
  const headers = { "content-type": "application/strategic-merge-patch+json" };
  const body = { spec: { containers: sized("200m") } };
  const refused = await server.send("PATCH", `${PODS}/p`, { body, headers });
  t.equal(refused.status, 422);
  const resized = await server.send("PATCH", `${PODS}/p/resize`, { body, headers });
  t.equal(resized.status, 200);
  t.match(resized.body, {
    metadata: { generation: 2 },
    spec: { containers: [{ resources: { requests: { cpu: "200m" } } }] },
  });
  t.match((await server.send("GET", `${PODS}/p/resize`)).body, { kind: "Pod", metadata });
});

void t.test("tolerations that every pod has stay when others are written", async (t) => {
  const server = await TestServer.start();
  t.teardown(() => server.close());
  const made = await server.send("POST", PODS, { body: pod("tolerant") });
  t.equal(made.status, 201);
  const before = made.body["spec"] as JsonObject;
  const own = { key: "disk", operator: "Equal", value: "ssd", effect: "NoSchedule" };
  const body = { ...made.body, spec: { ...before, tolerations: [own] } };
  const replaced = await server.send("PUT", `${PODS}/tolerant`, { body });
  t.equal(replaced.status, 200);
  const after = (replaced.body["spec"] as JsonObject)["tolerations"];
  t.strictSame(after, [own, ...(before["tolerations"] as readonly JsonObject[])]);
});
