import t from "tap";
import { decodeProtobuf } from "../api/schema/protobuf.js";
import { type TestAnswer, TestServer, type TestStream } from "./test-server.js";

const server = await TestServer.start();
t.teardown(() => server.close());

const NODES = "/api/v1/nodes";
const ROUTES = "raftsmanFields=spec.podCIDR,spec.podCIDRs,status.addresses";
const MERGE = { "content-type": "application/merge-patch+json" };

interface Meta {
  readonly name: string;
  readonly resourceVersion: string;
}
interface Told {
  readonly type: string;
  readonly name: string;
  readonly spec: unknown;
  readonly revision: string;
}

function metaOf({ body }: Pick<TestAnswer, "body">): Meta {
  return body["metadata"] as Meta;
}

async function create(name: string, parts: object = {}): Promise<string> {
  const body = { apiVersion: "v1", kind: "Node", metadata: { name, ...parts } };
  const answer = await server.send("POST", NODES, { body });
  t.equal(answer.status, 201, `${name} is made`);
  return metaOf(answer).resourceVersion;
}

async function patch(path: string, body: object): Promise<string> {
  const answer = await server.send("PATCH", `${NODES}/${path}`, { headers: MERGE, body });
  t.equal(answer.status, 200, `${path} is patched`);
  return metaOf(answer).resourceVersion;
}

function rangeOf(last: number): object {
  const podCIDR = `10.1.${last}.0/24`;
  return { spec: { podCIDR, podCIDRs: [podCIDR] } };
}

/** A change that no route depends on. */
function condition(reason: string): object {
  const lastHeartbeatTime = "2026-01-02T03:04:05Z";
  const conditions = [{ type: "Ready", status: "True", reason, lastHeartbeatTime }];
  return { status: { conditions } };
}

async function next(watch: TestStream): Promise<Told> {
  const event = (await watch.next()) as { type: string; object: Record<string, unknown> };
  const { name, resourceVersion: revision } = event.object["metadata"] as Meta;
  return { type: event.type, name, spec: event.object["spec"], revision };
}

void t.test("a list shows what was asked for, in every format", async (t) => {
  await create("listed", { labels: { tier: "a" } });
  await patch("listed", rangeOf(1));
  await patch("listed/status", condition("Listed"));
  const query = `${ROUTES}&fieldSelector=metadata.name%3Dlisted`;
  const { body } = await server.send("GET", `${NODES}?${query}`);
  const [item] = body["items"] as Record<string, unknown>[];
  t.same(item?.["spec"], { podCIDR: "10.1.1.0/24", podCIDRs: ["10.1.1.0/24"] });
  t.same(item?.["status"], {}, "without conditions");
  const known = ["creationTimestamp", "name", "resourceVersion", "uid"];
  t.same(Object.keys(item?.["metadata"] as object).sort(), known);
  t.match(body, { kind: "NodeList", apiVersion: "v1" });
  const accept = "application/vnd.kubernetes.protobuf";
  const binary = await server.send("GET", `${NODES}?${query}`, { headers: { accept } });
  t.match(decodeProtobuf(binary.bytes).object, { items: [{ spec: item?.["spec"] }] });
  t.notMatch(binary.bytes.toString("latin1"), /Listed/u);
  const yaml = await server.send("GET", `${NODES}?${query}`, {
    headers: { accept: "application/yaml" },
  });
  t.match(yaml.bytes.toString(), /podCIDR: 10\.1\.1\.0\/24/u);
  t.notMatch(yaml.bytes.toString(), /Listed/u);
  const other = await server.send("GET", `${NODES}?${ROUTES}&labelSelector=tier%3Db`);
  t.same(other.body["items"], []);
});

void t.test("a watch hears of what it shows and of nothing else", async (t) => {
  const from = await create("watched");
  const watch = await server.open(`${NODES}?watch=1&${ROUTES}&resourceVersion=${from}`);
  const whole = await server.open(`${NODES}?watch=1&resourceVersion=${from}`);
  await patch("watched/status", condition("One"));
  const revision = await patch("watched", rangeOf(2));
  await patch("watched/status", condition("Two"));
  await patch("watched", { metadata: { labels: { a: "b" } } });
  const addresses = [{ type: "InternalIP", address: "10.0.0.2" }];
  await patch("watched/status", { status: { addresses } });
  await server.send("DELETE", `${NODES}/watched`);
  const { spec } = rangeOf(2) as { spec: unknown };
  t.same(await next(watch), { type: "MODIFIED", name: "watched", spec, revision });
  const moved = await watch.next();
  t.match(moved, { type: "MODIFIED", object: { spec, status: { addresses } } });
  t.notMatch(JSON.stringify(moved), /conditions|managedFields|labels/u);
  const gone = await next(watch);
  t.match(gone, { type: "DELETED", spec });
  const all: Told[] = [];
  while (all.at(-1)?.type !== "DELETED") all.push(await next(whole));
  t.equal(all.length, 6, "others hear of everything");
  t.equal(all.at(-1)?.revision, gone.revision, "a deletion has a revision of its own");
  watch.close();
  whole.close();
});

void t.test("a watch that goes on hears of all that it would have heard of", async (t) => {
  const from = await create("resumed");
  await patch("resumed/status", condition("One"));
  const first = await patch("resumed", rangeOf(3));
  const unseen = await patch("resumed/status", condition("Two"));
  const addresses = [{ type: "InternalIP", address: "10.0.0.3" }];
  const second = await patch("resumed/status", { status: { addresses } });
  const heard = async (revision: string): Promise<string[]> => {
    const path = `${NODES}?watch=1&${ROUTES}&resourceVersion=${revision}&timeoutSeconds=1`;
    const watch = await server.open(path);
    const revisions: string[] = [];
    for (let event = await watch.next(); event !== null; event = await watch.next()) {
      revisions.push(metaOf({ body: event["object"] as TestAnswer["body"] }).resourceVersion);
    }
    return revisions;
  };
  t.same(await heard(from), [first, second]);
  t.same(await heard(first), [second]);
  t.same(await heard(unseen), [second], "from a revision that it was not told of");
  t.same(await heard(second), []);
});

void t.test("selectors decide first", async (t) => {
  const from = await create("selected");
  const path = `${NODES}?watch=1&${ROUTES}&resourceVersion=${from}&labelSelector=tier%3Dfront`;
  const watch = await server.open(path);
  await patch("selected", rangeOf(5));
  await patch("selected", { metadata: { labels: { tier: "front" } } });
  await patch("selected", { metadata: { labels: { other: "label" } } });
  await patch("selected", { metadata: { labels: { tier: null } } });
  const { spec } = rangeOf(5) as { spec: unknown };
  t.match(await next(watch), { type: "ADDED", name: "selected", spec });
  t.match(await next(watch), { type: "DELETED", name: "selected", spec });
  watch.close();
});

void t.test("a watch begins with the state, says so, and ends with how far it came", async (t) => {
  await create("present");
  const begin = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
  const one = "fieldSelector=metadata.name%3Dpresent";
  const watch = await server.open(`${NODES}?watch=1&${ROUTES}&${begin}&${one}&timeoutSeconds=1`);
  t.match(await next(watch), { type: "ADDED", name: "present", spec: {} });
  t.match(await watch.next(), {
    type: "BOOKMARK",
    object: { metadata: { annotations: { "k8s.io/initial-events-end": "true" } } },
  });
  const revision = await patch("present/status", condition("Present"));
  const last = (await watch.next()) as { type: string; object: { metadata: Meta } };
  t.equal(last.type, "BOOKMARK");
  t.ok(Number(last.object.metadata.resourceVersion) >= Number(revision));
  t.equal(await watch.next(), null);
});

void t.test("custom kinds have the fields of their schema", async (t) => {
  const free = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  const spec = { type: "object", properties: { size: { type: "integer" }, free } };
  const openAPIV3Schema = { type: "object", properties: { spec } };
  const names = { plural: "boxes", singular: "box", kind: "Box" };
  const versions = [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema } }];
  const made = await server.send(
    "POST",
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    {
      body: {
        apiVersion: "apiextensions.k8s.io/v1",
        kind: "CustomResourceDefinition",
        metadata: { name: "boxes.example.com" },
        spec: { group: "example.com", names, scope: "Cluster", versions },
      },
    },
  );
  t.equal(made.status, 201);
  const boxes = "/apis/example.com/v1/boxes";
  const box = { size: 3, free: { a: { b: 1, c: 2 } } };
  const body = { apiVersion: "example.com/v1", kind: "Box", metadata: { name: "b" }, spec: box };
  const from = metaOf(await server.send("POST", boxes, { body })).resourceVersion;
  const asked = async (fields: string): Promise<unknown> => {
    const answer = await server.send("GET", `${boxes}?raftsmanFields=${fields}`);
    if (answer.status !== 200) return answer.status;
    return (answer.body["items"] as { spec: unknown }[])[0]?.spec;
  };
  t.same(await asked("spec.size"), { size: 3 });
  t.same(await asked("spec.free"), { free: box.free });
  t.equal(await asked("spec.weight"), 400);
  const watch = await server.open(
    `${boxes}?watch=1&raftsmanFields=spec.size&resourceVersion=${from}`,
  );
  for (const change of [{ free: { a: null } }, { size: 4 }])
    await server.send("PATCH", `${boxes}/b`, { headers: MERGE, body: { spec: change } });
  t.match(await next(watch), { type: "MODIFIED", name: "b", spec: { size: 4, free: undefined } });
  watch.close();
});

void t.test("bad fields are refused", async (t) => {
  for (const verb of ["", "watch=1&"]) {
    const answer = await server.send("GET", `${NODES}?${verb}raftsmanFields=spec.nothing`);
    t.match(answer, {
      status: 400,
      body: {
        reason: "BadRequest",
        message: /raftsmanFields: a Node has no field "spec.nothing"/u,
      },
    });
    const accept = "application/json;as=Table;g=meta.k8s.io;v=v1,application/json";
    const table = await server.send("GET", `${NODES}?${verb}${ROUTES}`, { headers: { accept } });
    t.match(table, { status: 400, body: { message: /cannot be combined with as=Table/u } });
  }
});
