import t from "tap";
import type { JsonObject } from "../api/schema/wire-types.js";
import { TestServer } from "./test-server.js";

const server = await TestServer.start();
t.teardown(() => server.close());

const RANGES = "/apis/networking.k8s.io/v1/servicecidrs";
const ADDRESSES = "/apis/networking.k8s.io/v1/ipaddresses";
const SERVICES = "/api/v1/namespaces/default/services";

const range = (name: string, ...cidrs: string[]): JsonObject => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "ServiceCIDR",
  metadata: { name },
  spec: { cidrs },
});
const service = (name: string, spec: JsonObject = {}): JsonObject => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name },
  spec: { ports: [{ port: 80 }], ...spec },
});
const address = (name: string, parentRef: JsonObject): JsonObject => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "IPAddress",
  metadata: { name },
  spec: { parentRef },
});
const parent = { group: "example.com", resource: "things", namespace: "default", name: "thing" };

async function create(path: string, body: JsonObject, status = 201): Promise<JsonObject> {
  const answer = await server.send("POST", path, { body });
  if (answer.status !== status) throw new Error(`${answer.status}: ${answer.bytes.toString()}`);
  return answer.body as JsonObject;
}

void t.test("the default range and the address of the API are there", async (t) => {
  const { body } = await server.send("GET", `${RANGES}/kubernetes`);
  t.match(body, {
    spec: { cidrs: ["10.96.0.0/16"] },
    status: { conditions: [{ type: "Ready", status: "True" }] },
  });
  t.match((await server.send("GET", `${ADDRESSES}/10.96.0.1`)).body, {
    metadata: { labels: { "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io" } },
    spec: { parentRef: { resource: "services", namespace: "default", name: "kubernetes" } },
  });
});

void t.test("a Service's address is an object for as long as the Service has it", async (t) => {
  const watch = await server.open(`${ADDRESSES}?watch=1`);
  t.teardown(() => watch.close());
  await create(SERVICES, service("web", { clusterIP: "10.96.3.3" }));
  const { body } = await server.send("GET", `${ADDRESSES}/10.96.3.3`);
  t.match(body, { metadata: { uid: /./u, resourceVersion: /^\d+$/u } });
  const refusal = await server.send("DELETE", `${ADDRESSES}/10.96.3.3`);
  t.equal(refusal.status, 403);
  t.match(refusal.body["message"], /the Service default\/web has the address until it is deleted/u);
  t.equal((await server.send("DELETE", `${SERVICES}/web`)).status, 200);
  t.equal((await server.send("GET", `${ADDRESSES}/10.96.3.3`)).status, 404);
  t.match(await eventOf(watch, "10.96.3.3"), { type: "ADDED" });
  t.match(await eventOf(watch, "10.96.3.3"), { type: "DELETED" });
});

async function eventOf(
  watch: Awaited<ReturnType<TestServer["open"]>>,
  name: string,
): Promise<unknown> {
  for (let event = await watch.next(); event !== null; event = await watch.next()) {
    const { metadata } = event["object"] as { metadata: { name: string } };
    if (metadata.name === name) return event;
  }
  return null;
}

void t.test(
  "a headless Service has none, and one that becomes headless gives its up",
  async (t) => {
    await create(SERVICES, service("none", { clusterIP: "None" }));
    await create(SERVICES, service("out", { clusterIP: "10.96.4.4" }));
    const external = { spec: { type: "ExternalName", externalName: "example.com", clusterIP: "" } };
    const patch = {
      body: { spec: { ...external.spec, clusterIPs: null } },
      headers: { "content-type": "application/merge-patch+json" },
    };
    t.equal((await server.send("PATCH", `${SERVICES}/out`, patch)).status, 200);
    t.equal((await server.send("GET", `${ADDRESSES}/10.96.4.4`)).status, 404);
    const { body } = await server.send("GET", ADDRESSES);
    const owners = (body["items"] as readonly JsonObject[]).map(({ spec }) => JSON.stringify(spec));
    t.notOk(owners.some((owner) => owner.includes('"none"')));
  },
);

void t.test("an address that somebody took by hand is no Service's", async (t) => {
  await create(ADDRESSES, address("10.96.5.5", parent));
  const refused = await create(SERVICES, service("late", { clusterIP: "10.96.5.5" }), 422);
  t.match(refused["message"], /provided IP is already allocated/u);
  await create(SERVICES, service("first", { clusterIP: "10.96.5.6" }));
  await create(ADDRESSES, address("10.96.5.6", parent), 409);
  const headers = { "content-type": "application/merge-patch+json" };
  const body = { spec: { parentRef: { name: "other" } } };
  const changed = await server.send("PATCH", `${ADDRESSES}/10.96.5.5`, { body, headers });
  t.match(changed, { status: 422, body: { message: /spec.parentRef.*field is immutable/u } });
  t.equal((await server.send("DELETE", `${ADDRESSES}/10.96.5.5`)).status, 200);
  await create(SERVICES, service("late", { clusterIP: "10.96.5.5" }));
});

void t.test("another range extends what Services can have", async (t) => {
  const wanted = service("far", { clusterIP: "203.0.113.10" });
  t.match(await create(SERVICES, wanted, 422), { message: /valid IPs is 10\.96\.0\.0\/16/u });
  await create(RANGES, range("more", "203.0.113.0/24"));
  await create(SERVICES, wanted);
  t.equal((await server.send("GET", `${ADDRESSES}/203.0.113.10`)).status, 200);
  const kept = await server.send("DELETE", `${RANGES}/more`);
  t.match(kept, { status: 403, body: { message: /in use and in no other.*203\.0\.113\.10/u } });
  const headers = { "content-type": "application/merge-patch+json" };
  const body = { spec: { cidrs: ["203.0.112.0/24"] } };
  const changed = await server.send("PATCH", `${RANGES}/more`, { body, headers });
  t.match(changed, { status: 422, body: { message: /spec.cidrs.*field is immutable/u } });
  await server.send("DELETE", `${SERVICES}/far`);
  t.equal((await server.send("DELETE", `${RANGES}/more`)).status, 200);
  await create(SERVICES, wanted, 422);
});

void t.test(
  "a range that is not ready gives none away, and a Service keeps what it has",
  async (t) => {
    await create(RANGES, range("shut", "198.51.100.0/24"));
    await create(SERVICES, service("held", { clusterIP: "198.51.100.7" }));
    const headers = { "content-type": "application/merge-patch+json" };
    const conditions = [
      { type: "Ready", status: "False", reason: "x", message: "", lastTransitionTime: new Date() },
    ];
    const patch = { body: { status: { conditions } }, headers };
    t.equal((await server.send("PATCH", `${RANGES}/shut/status`, patch)).status, 200);
    await server.send("GET", RANGES);
    await create(SERVICES, service("late-again", { clusterIP: "198.51.100.8" }), 422);
    const label = { body: { metadata: { labels: { a: "b" } } }, headers };
    t.equal((await server.send("PATCH", `${SERVICES}/held`, label)).status, 200);
  },
);

void t.test("drawn addresses come from every range once the first is full", async (t) => {
  const small = await TestServer.start();
  t.teardown(() => small.close());
  const path = `${RANGES}`;
  await small.send("POST", path, { body: range("tiny", "192.0.2.0/29") });
  await small.send("GET", path);
  const seen = new Set<string>();
  // Some of a few hundred draws fall into a range of five.
  const names = Array.from({ length: 40 }, (_, i) => `s${i}`);
  for (const name of names) {
    const { body } = await small.send("POST", SERVICES, { body: service(name) });
    seen.add((body["spec"] as { clusterIP: string }).clusterIP);
  }
  t.equal(seen.size, names.length, "each its own");
});

void t.test("kubectl shows them", async (t) => {
  t.match(await server.kubectl("1.33", ["get", "servicecidrs"]), {
    code: 0,
    stdout: /NAME +CIDRS +AGE\nkubernetes +10\.96\.0\.0\/16 +\d+s/u,
  });
  t.match(await server.kubectl("1.33", ["get", "ip"]), {
    code: 0,
    stdout: /NAME +PARENTREF\n10\.96\.0\.1 +services\/default\/kubernetes/u,
  });
  t.match(await server.kubectl("1.33", ["describe", "servicecidr", "kubernetes"]), {
    code: 0,
    stdout: /CIDRs: +10\.96\.0\.0\/16/u,
  });
});
