import t from "tap";
import type { JsonObject } from "../api/schema/wire-types.js";
import { type TestAnswer, TestServer } from "./test-server.js";
import { TestWebhook } from "./webhooks/test-webhook.js";

const server = await TestServer.start();
const hook = await TestWebhook.start(server.authority);
t.teardown(async () => {
  await server.close();
  await hook.close();
});

const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const MERGE = { "content-type": "application/merge-patch+json" };
const path = (version: string, name = ""): string =>
  `/apis/stable.example.com/${version}/namespaces/default/machines${name === "" ? "" : `/${name}`}`;

function version(name: string, properties: JsonObject, storage: boolean): JsonObject {
  const spec = { type: "object", properties };
  const openAPIV3Schema = { type: "object", properties: { spec } };
  const selectableFields = Object.keys(properties)
    .filter((field) => field.startsWith("host"))
    .map((field) => ({ jsonPath: `.spec.${field}` }));
  const subresources = { status: {} };
  return {
    name,
    served: true,
    storage,
    schema: { openAPIV3Schema },
    subresources,
    selectableFields,
  };
}

const HOST_PORT = { hostPort: { type: "string" } };
const SPLIT = {
  host: { type: "string" },
  port: { type: "string" },
  zone: { type: "string", default: "a" },
};

function definition(conversion: JsonObject, storage = "v1"): JsonObject {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "machines.stable.example.com" },
    spec: {
      group: "stable.example.com",
      scope: "Namespaced",
      names: { plural: "machines", kind: "Machine" },
      versions: [
        version("v1", HOST_PORT, storage === "v1"),
        version("v2", SPLIT, storage === "v2"),
      ],
      conversion,
    },
  };
}

const conversion = (): JsonObject => ({
  strategy: "Webhook",
  webhook: { clientConfig: hook.clientConfig("/convert"), conversionReviewVersions: ["v1"] },
});

interface Review {
  readonly apiVersion: string;
  readonly kind: string;
  readonly request: {
    readonly uid: string;
    readonly desiredAPIVersion: string;
    readonly objects: readonly JsonObject[];
  };
}

let asked: Review["request"][] = [];
/** What the webhook does: converts hostPort to host and port and back. */
function convert(
  document: JsonObject,
  change: (object: JsonObject) => JsonObject = (o) => o,
): JsonObject {
  const { apiVersion, kind, request } = document as unknown as Review;
  asked.push(request);
  const convertedObjects = request.objects.map((object) => {
    const { spec = {} } = object as { spec?: JsonObject };
    const { hostPort, host, port, ...others } = spec;
    const [h = "", p = ""] = String(typeof hostPort === "string" ? hostPort : "").split(":");
    const next = request.desiredAPIVersion.endsWith("v2")
      ? { ...others, host: h, port: p }
      : { hostPort: `${JSON.stringify(host).slice(1, -1)}:${JSON.stringify(port).slice(1, -1)}` };
    return change({ ...object, apiVersion: request.desiredAPIVersion, spec: next });
  });
  return {
    apiVersion,
    kind,
    response: { uid: request.uid, result: { status: "Success" }, convertedObjects },
  };
}

const specOf = ({ body }: TestAnswer): unknown => (body as { spec?: unknown }).spec;
const machine = (apiVersion: string, name: string, spec: JsonObject): JsonObject => ({
  apiVersion: `stable.example.com/${apiVersion}`,
  kind: "Machine",
  metadata: { name },
  spec,
});
const v1 = (name: string): JsonObject => machine("v1", name, { hostPort: "local:80" });
const create = (version: string, body: JsonObject): Promise<TestAnswer> =>
  server.send("POST", path(version), { body });

t.test("what is wrong with a conversion is said", async (t) => {
  const cases: readonly [conversion: JsonObject, text: RegExp][] = [
    [{ strategy: "Other" }, /spec.conversion.strategy: Unsupported value: "Other"/u],
    [{ strategy: "Webhook" }, /webhook.clientConfig: Required value: required when strategy/u],
    [
      { strategy: "Webhook", webhook: { clientConfig: {}, conversionReviewVersions: ["v1"] } },
      /exactly one of url or service is required/u,
    ],
    [
      {
        strategy: "Webhook",
        webhook: { clientConfig: hook.clientConfig("/x"), conversionReviewVersions: ["v9"] },
      },
      /conversionReviewVersions: Invalid value: .*must include at least one of v1, v1beta1/u,
    ],
  ];
  for (const [wrong, text] of cases) {
    const refused = await server.send("POST", DEFINITIONS, { body: definition(wrong) });
    t.equal(refused.status, 422);
    t.match(refused.body["message"], text);
  }
});

t.test("objects are stored in one version and served in both", async (t) => {
  hook.raw("/convert", (document) => convert(document));
  const made = await server.send("POST", DEFINITIONS, { body: definition(conversion()) });
  t.equal(made.status, 201, JSON.stringify(made.body));
  asked = [];
  const first = await create("v1", v1("one"));
  t.equal(first.status, 201);
  t.same(specOf(first), { hostPort: "local:80" });
  t.same(asked, [], "nobody is asked about what is in its version already");
  const second = await server.send("GET", path("v2", "one"));
  t.same(specOf(second), { host: "local", port: "80", zone: "a" }, "with the defaults of v2");
  t.match(second.body["metadata"], { name: "one", uid: /.+/u, resourceVersion: /\d+/u });
  const other = await create("v2", machine("v2", "two", { host: "far", port: "8080" }));
  t.equal(other.status, 201, JSON.stringify(other.body));
  t.match(other.body, { apiVersion: "stable.example.com/v2", spec: { host: "far", port: "8080" } });
  const patched = await server.send("PATCH", path("v2", "one"), {
    headers: MERGE,
    body: { spec: { port: "81" } },
  });
  t.match(specOf(patched), { host: "local", port: "81" });
  t.same(specOf(await server.send("GET", path("v1", "one"))), { hostPort: "local:81" });
});

t.test("a list of objects that are stored in two versions", async (t) => {
  const current = await server.send("GET", `${DEFINITIONS}/machines.stable.example.com`);
  const { metadata } = current.body as { metadata: JsonObject };
  const next = { ...definition(conversion(), "v2"), metadata };
  t.equal(
    (await server.send("PUT", `${DEFINITIONS}/machines.stable.example.com`, { body: next })).status,
    200,
  );
  await create("v1", v1("three"));
  asked = [];
  for (const [wanted, spec] of [
    ["v1", { hostPort: /:/u }],
    ["v2", { host: /.+/u, port: /.+/u }],
  ] as const) {
    const list = await server.send("GET", path(wanted));
    const items = list.body["items"] as JsonObject[];
    t.same(
      items.map(({ metadata }) => (metadata as JsonObject)["name"]),
      ["one", "three", "two"],
    );
    for (const item of items) t.match(item, { apiVersion: `stable.example.com/${wanted}`, spec });
  }
  t.equal(asked.length, 2, "one question for each list");
  const printed = await server.kubectl("1.33", [
    "get",
    "machines.v2.stable.example.com",
    "-o",
    "name",
  ]);
  t.equal(printed.stdout.trim().split("\n").length, 3, printed.stderr);
});

t.test("watches show each object in the version that was asked for", async (t) => {
  const watch = await server.open(`${path("v1")}?watch=1`);
  for (const name of ["one", "three", "two"])
    t.match(await watch.next(), {
      type: "ADDED",
      object: { apiVersion: "stable.example.com/v1", metadata: { name }, spec: { hostPort: /:/u } },
    });
  await create("v2", machine("v2", "four", { host: "new", port: "1" }));
  await server.send("PATCH", path("v2", "four"), { headers: MERGE, body: { spec: { port: "2" } } });
  await server.send("DELETE", path("v2", "four"));
  for (const [type, hostPort] of [
    ["ADDED", "new:1"],
    ["MODIFIED", "new:2"],
    ["DELETED", "new:2"],
  ])
    t.match(await watch.next(), {
      type,
      object: { apiVersion: "stable.example.com/v1", spec: { hostPort } },
    });
  hook.raw("/convert", () => ({ hello: "world" }));
  await create("v2", machine("v2", "five", { host: "new", port: "1" }));
  t.match(await watch.next(), { type: "ERROR", object: { kind: "Status", code: 500 } });
  t.equal(await watch.next(), null);
});

t.test("fields are selected by in the words of the version that was asked for", async (t) => {
  hook.raw("/convert", (document) => convert(document));
  const namesOf = ({ body }: TestAnswer): unknown =>
    (body["items"] as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name);
  const select = (wanted: string, selector: string, more = ""): string =>
    `${path(wanted)}?fieldSelector=${encodeURIComponent(selector)}${more}`;
  t.same(namesOf(await server.send("GET", select("v2", "spec.host=far"))), ["two"]);
  t.same(namesOf(await server.send("GET", select("v2", "spec.host!=far", "&limit=1"))), [
    "five",
    "one",
    "three",
  ]);
  t.same(namesOf(await server.send("GET", select("v1", "spec.hostPort=far:8080"))), ["two"]);
  t.same(namesOf(await server.send("GET", select("v1", "metadata.name=one"))), ["one"]);
  const watch = await server.open(select("v1", "spec.hostPort=far:8080", "&watch=1"));
  t.match(await watch.next(), { type: "ADDED", object: { metadata: { name: "two" } } });
  const change = async (spec: JsonObject): Promise<void> => {
    const answer = await server.send("PATCH", path("v2", "two"), {
      headers: MERGE,
      body: { spec },
    });
    t.equal(answer.status, 200);
  };
  await change({ port: "1" });
  t.match(await watch.next(), { type: "DELETED", object: { metadata: { name: "two" } } });
  await change({ port: "8080" });
  t.match(await watch.next(), { type: "ADDED", object: { spec: { hostPort: "far:8080" } } });
  watch.close();
  const gone = await server.send("DELETE", select("v1", "spec.hostPort=new:1"));
  t.same(namesOf(gone), ["five"]);
  t.equal((await server.send("GET", path("v2", "five"))).status, 404);
});

t.test("a webhook that fails, or changes what an object is, fails the request", async (t) => {
  const refusal = async (): Promise<unknown> => {
    const answer = await server.send("GET", path("v1"));
    t.equal(answer.status, 500);
    return answer.body["message"];
  };
  const head =
    "Internal error occurred: conversion webhook for stable.example.com/v2, Kind=Machine failed: ";
  const failing = (document: JsonObject, result: JsonObject): JsonObject => {
    const { response, ...rest } = convert(document);
    return { ...rest, response: { ...(response as JsonObject), result } };
  };
  hook.raw("/convert", (document) => failing(document, { status: "Failure", message: "no way" }));
  t.equal(await refusal(), `${head}no way`);
  hook.raw("/convert", (document) =>
    convert(document, (object) => ({
      ...object,
      metadata: { ...(object["metadata"] as JsonObject), name: "x" },
    })),
  );
  t.match(await refusal(), /invalid converted object at index 0: metadata.name was changed$/u);
  hook.raw("/convert", (document) => convert(document, (object) => ({ ...object, kind: "Other" })));
  t.match(await refusal(), /expected kind Machine, got "Other"$/u);
  hook.raw("/convert", (document) => {
    const { response, ...rest } = convert(document);
    return { ...rest, response: { ...(response as JsonObject), convertedObjects: [] } };
  });
  t.match(await refusal(), /returned 0 objects, expected \d$/u);
  t.equal((await server.send("GET", path("v2"))).status, 500, "one is still stored as v1");
});

t.test("labels may be converted, the rest of the metadata stays", async (t) => {
  hook.raw("/convert", (document) =>
    convert(document, (object) => ({
      ...object,
      metadata: { ...(object["metadata"] as JsonObject), labels: { seen: "yes" }, generation: 99 },
    })),
  );
  const one = await server.send("GET", path("v1", "two"));
  t.match(one.body["metadata"], { labels: { seen: "yes" } });
  t.notMatch(one.body["metadata"], { generation: 99 });
});
