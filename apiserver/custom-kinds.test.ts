import t from "tap";
import { stringify } from "yaml";
import { decodeProtobuf } from "../api/schema/protobuf.js";
import type { JsonObject } from "../api/schema/wire-types.js";
import { type TestAnswer, TestServer } from "./test-server.js";

const server = await TestServer.start();
t.teardown(() => server.close());

const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const WIDGETS = "/apis/example.com/v1/namespaces/default/widgets";
const MERGE = { "content-type": "application/merge-patch+json" };

const SCHEMA = {
  type: "object",
  properties: {
    spec: {
      type: "object",
      required: ["size"],
      properties: {
        size: { type: "integer", minimum: 1, maximum: 10, default: 3 },
        color: { type: "string", enum: ["red", "green"] },
        replicas: { type: "integer" },
        port: { "x-kubernetes-int-or-string": true },
        free: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
        parts: {
          type: "array",
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["name"],
          items: {
            type: "object",
            required: ["name"],
            properties: { name: { type: "string" }, weight: { type: "integer" } },
          },
        },
      },
    },
    status: {
      type: "object",
      properties: { replicas: { type: "integer" }, selector: { type: "string" } },
    },
  },
};

function definition(plural: string, kind: string, version: JsonObject = {}): JsonObject {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.example.com` },
    spec: {
      group: "example.com",
      names: { plural, kind, shortNames: [`${plural.slice(0, 2)}x`] },
      scope: "Namespaced",
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          schema: { openAPIV3Schema: SCHEMA },
          subresources: {
            status: {},
            scale: {
              specReplicasPath: ".spec.replicas",
              statusReplicasPath: ".status.replicas",
              labelSelectorPath: ".status.selector",
            },
          },
          additionalPrinterColumns: [
            { name: "Size", type: "integer", jsonPath: ".spec.size" },
            { name: "Color", type: "string", jsonPath: ".spec.color" },
          ],
          selectableFields: [{ jsonPath: ".spec.color" }],
          ...version,
        },
      ],
    },
  };
}

function widget(name: string, spec: JsonObject, more: JsonObject = {}): JsonObject {
  return { apiVersion: "example.com/v1", kind: "Widget", metadata: { name }, spec, ...more };
}

async function make(name: string, spec: JsonObject, more: JsonObject = {}): Promise<TestAnswer> {
  return server.send("POST", WIDGETS, { body: widget(name, spec, more) });
}

t.before(async () => {
  const answer = await server.send("POST", DEFINITIONS, { body: definition("widgets", "Widget") });
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
});

void t.test("a definition is in force at once, and says so", async (t) => {
  const { body } = await server.send("GET", `${DEFINITIONS}/widgets.example.com`);
  t.match(body, {
    metadata: { finalizers: ["customresourcecleanup.apiextensions.k8s.io"], generation: 1 },
    spec: {
      names: { singular: "widget", listKind: "WidgetList" },
      conversion: { strategy: "None" },
    },
    status: {
      acceptedNames: { kind: "Widget", plural: "widgets" },
      storedVersions: ["v1"],
      conditions: [
        { type: "NamesAccepted", status: "True" },
        { type: "Established", status: "True" },
      ],
    },
  });
});

void t.test("objects are defaulted, pruned and checked by the schema", async (t) => {
  const first = await make("first", { color: "red", free: { any: [1] }, odd: 1 });
  t.match(first, { status: 201, body: { metadata: { generation: 1 } } });
  t.same(first.body["spec"], { color: "red", free: { any: [1] }, size: 3 });
  const wrong = await make("wrong", { size: 11, color: "blue", port: true });
  t.equal(wrong.status, 422);
  const { causes } = wrong.body["details"] as {
    causes: readonly { field: string; reason: string }[];
  };
  t.same(
    new Set(causes.map(({ field, reason }) => `${field} ${reason}`)),
    new Set([
      "spec.color FieldValueNotSupported",
      "spec.port FieldValueTypeInvalid",
      "spec.size FieldValueInvalid",
    ]),
  );
  const strict = await server.send("POST", `${WIDGETS}?fieldValidation=Strict`, {
    body: widget(
      "strict",
      { odd: 1, parts: [{ name: "a", x: 1 }] },
      { metadata: { name: "s", y: 1 } },
    ),
  });
  t.equal(strict.status, 400);
  t.match(strict.body["message"], /strict decoding error: .*unknown field "spec.odd"/u);
  t.match(strict.body["message"], /unknown field "metadata.y".*unknown field "spec.parts\[0\].x"/u);
  const twice = await make("twice", { parts: [{ name: "a" }, { name: "a" }] });
  t.match(twice.body["message"], /spec.parts\[1\]: Duplicate value: \{"name":"a"\}/u);
});

void t.test("a null where none may be is an absent field, however deep", async (t) => {
  const sent = { color: null, size: null, parts: [{ name: "a", weight: null }] };
  const made = await make("nulls", sent as unknown as JsonObject);
  t.equal(made.status, 201, made.bytes.toString());
  t.same(made.body["spec"], { size: 3, parts: [{ name: "a" }] });
});

void t.test("what was wrong before and stays may stay", async (t) => {
  await make("kept", { size: 9 });
  const tighter = JSON.parse(JSON.stringify(SCHEMA)) as typeof SCHEMA;
  tighter.properties.spec.properties.size.maximum = 5;
  const path = `${DEFINITIONS}/widgets.example.com`;
  const patch = (schema: unknown) => [
    { op: "replace", path: "/spec/versions/0/schema/openAPIV3Schema", value: schema },
  ];
  const headers = { "content-type": "application/json-patch+json" };
  await server.send("PATCH", path, { body: patch(tighter), headers });
  await server.send("GET", DEFINITIONS);
  const labels = { metadata: { labels: { a: "b" } } };
  t.match(await server.send("PATCH", `${WIDGETS}/kept`, { body: labels, headers: MERGE }), {
    status: 200,
  });
  const grown = await server.send("PATCH", `${WIDGETS}/kept`, {
    body: { spec: { size: 8 } },
    headers: MERGE,
  });
  t.equal(grown.status, 422);
  await server.send("PATCH", path, { body: patch(SCHEMA), headers });
  await server.send("GET", DEFINITIONS);
});

void t.test("the status has its own path, and the rest counts generations", async (t) => {
  await make("stateful", { size: 2 }, { status: { replicas: 7 } });
  const { body } = await server.send("GET", `${WIDGETS}/stateful`);
  t.equal(body["status"], undefined, "not through the object");
  const status = { status: { replicas: 4, selector: "a=b" }, spec: { size: 9 } };
  const told = await server.send("PATCH", `${WIDGETS}/stateful/status`, {
    body: status,
    headers: MERGE,
  });
  t.match(told.body, { spec: { size: 2 }, status: { replicas: 4 }, metadata: { generation: 1 } });
  const resized = await server.send("PATCH", `${WIDGETS}/stateful`, {
    body: { spec: { size: 5 }, status: { replicas: 1 } },
    headers: MERGE,
  });
  t.match(resized.body, {
    spec: { size: 5 },
    status: { replicas: 4 },
    metadata: { generation: 2 },
  });
});

void t.test("the scale is found by its paths", async (t) => {
  const scale = await server.send("GET", `${WIDGETS}/stateful/scale`);
  t.match(scale.body, { kind: "Scale", spec: {}, status: { replicas: 4, selector: "a=b" } });
  const body = { spec: { replicas: 6 } };
  const scaled = await server.send("PATCH", `${WIDGETS}/stateful/scale`, { body, headers: MERGE });
  t.match(scaled.body, { kind: "Scale", spec: { replicas: 6 } });
  t.match((await server.send("GET", `${WIDGETS}/stateful`)).body, {
    spec: { replicas: 6, size: 5 },
  });
});

void t.test("lists, tables, selectors and watches know the kind", async (t) => {
  await make("green", { color: "green" });
  const accept = "application/json;as=Table;v=v1;g=meta.k8s.io";
  const table = await server.send("GET", `${WIDGETS}/green`, { headers: { accept } });
  const { columnDefinitions, rows } = table.body as {
    columnDefinitions: { name: string }[];
    rows: { cells: unknown[] }[];
  };
  t.same(
    columnDefinitions.map(({ name }) => name),
    ["Name", "Size", "Color"],
  );
  t.same(rows[0]?.cells, ["green", 3, "green"]);
  const list = await server.send("GET", `${WIDGETS}?fieldSelector=spec.color%3Dgreen`);
  t.match(list.body, { kind: "WidgetList", apiVersion: "example.com/v1" });
  t.same(
    (list.body["items"] as { metadata: { name: string } }[]).map((each) => each.metadata.name),
    ["green"],
  );
  t.equal((await server.send("GET", `${WIDGETS}?fieldSelector=spec.size%3D3`)).status, 400);
  const { resourceVersion } = list.body["metadata"] as { resourceVersion: string };
  const stream = await server.open(
    `${WIDGETS}?watch=1&resourceVersion=${resourceVersion}&fieldSelector=spec.color%3Dgreen`,
  );
  await server.send("PATCH", `${WIDGETS}/green`, {
    body: { spec: { color: "red" } },
    headers: MERGE,
  });
  t.match(await stream.next(), { type: "DELETED", object: { metadata: { name: "green" } } });
  stream.close();
});

void t.test("patches and encodings that custom kinds have not", async (t) => {
  const strategic = { "content-type": "application/strategic-merge-patch+json" };
  const refused = await server.send("PATCH", `${WIDGETS}/first`, { body: {}, headers: strategic });
  t.equal(refused.status, 415);
  const protobuf = { "content-type": "application/vnd.kubernetes.protobuf" };
  t.equal((await server.send("POST", WIDGETS, { body: "k8s\0", headers: protobuf })).status, 415);
  const accept = "application/vnd.kubernetes.protobuf";
  t.equal((await server.send("GET", WIDGETS, { headers: { accept } })).status, 406);
  const both = { headers: { accept: `${accept},application/json;q=0.5` } };
  t.equal((await server.send("GET", WIDGETS, both)).status, 200);
  const partial = `${accept};as=PartialObjectMetadata;g=meta.k8s.io;v=v1`;
  t.equal(
    (await server.send("GET", `${WIDGETS}/first`, { headers: { accept: partial } })).status,
    200,
  );
});

void t.test("an apply owns what it says, item by item", async (t) => {
  const headers = { "content-type": "application/apply-patch+yaml" };
  const apply = (manager: string, parts: JsonObject[], force = false) =>
    server.send("PATCH", `${WIDGETS}/applied?fieldManager=${manager}&force=${force}`, {
      body: widget("applied", { parts }),
      headers,
    });
  t.equal((await apply("one", [{ name: "a", weight: 1 }])).status, 201);
  const merged = await apply("two", [{ name: "b", weight: 2 }]);
  t.same((merged.body["spec"] as JsonObject)["parts"], [
    { name: "a", weight: 1 },
    { name: "b", weight: 2 },
  ]);
  t.equal((await apply("two", [{ name: "a", weight: 3 }])).status, 409);
  const left = await apply("one", []);
  t.same((left.body["spec"] as JsonObject)["parts"], [{ name: "b", weight: 2 }]);
});

void t.test(
  "a kind whose schema keeps everything can be applied, and v2 says nothing of it",
  async (t) => {
    const anything = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
    const schema = { openAPIV3Schema: anything };
    const body = definition("wishes", "Wish", { schema, subresources: {} });
    t.equal((await server.send("POST", DEFINITIONS, { body })).status, 201);
    const path = "/apis/example.com/v1/namespaces/default/wishes/one";
    const apply = (manager: string, spec: JsonObject): Promise<TestAnswer> =>
      server.send("PATCH", `${path}?fieldManager=${manager}&fieldValidation=Strict`, {
        body: { apiVersion: "example.com/v1", kind: "Wish", metadata: { name: "one" }, spec },
        headers: { "content-type": "application/apply-patch+yaml" },
      });
    t.equal((await apply("one", { unknown: "a", ports: [{ name: "x" }] })).status, 201);
    const both = await apply("two", { other: "b" });
    t.same(both.body["spec"], { unknown: "a", ports: [{ name: "x" }], other: "b" });
    t.equal((await apply("two", { unknown: "c" })).status, 409);
    t.same((await apply("one", { ports: [] })).body["spec"], { ports: [], other: "b" });
    const v2 = (await server.send("GET", "/openapi/v2")).body;
    t.same((v2["definitions"] as JsonObject)["com.example.v1.Wish"], {
      type: "object",
      "x-kubernetes-group-version-kind": [{ group: "example.com", version: "v1", kind: "Wish" }],
    });
    await server.send("DELETE", `${DEFINITIONS}/wishes.example.com`);
  },
);

void t.test("definitions are read and written as protobuf and as YAML", async (t) => {
  const type = "application/vnd.kubernetes.protobuf";
  const path = `${DEFINITIONS}/widgets.example.com`;
  const json = (await server.send("GET", path)).body;
  const { bytes } = await server.send("GET", path, { headers: { accept: type } });
  const read = decodeProtobuf(bytes).object;
  t.same(read["spec"], json["spec"]);
  t.same(read["status"], json["status"]);
  const headers = { "content-type": type };
  const again = await server.send("PUT", path, { body: bytes, headers });
  t.match(again, { status: 200, body: { metadata: { generation: 3 } } }, "nothing was changed");
  const yaml = { "content-type": "application/yaml" };
  const body = stringify(definition("sprockets", "Sprocket"));
  t.equal(
    (await server.send("POST", `${DEFINITIONS}?dryRun=All`, { body, headers: yaml })).status,
    201,
  );
});

void t.test("discovery and OpenAPI name the kind while it is there", async (t) => {
  t.match((await server.send("GET", "/apis/example.com/v1")).body, {
    resources: [
      {
        name: "widgets",
        singularName: "widget",
        kind: "Widget",
        shortNames: ["wix"],
        namespaced: true,
      },
      { name: "widgets/status", kind: "Widget" },
      { name: "widgets/scale", kind: "Scale", group: "autoscaling" },
    ],
  });
  const aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
  const all = await server.send("GET", "/apis", { headers: { accept: aggregated } });
  t.match(JSON.stringify(all.body), /"name":"example.com"/u);
  const v3 = await server.send("GET", "/openapi/v3/apis/example.com/v1");
  t.match(v3.body, {
    components: {
      schemas: {
        "com.example.v1.Widget": {
          properties: { spec: { properties: { size: { default: 3 } } }, metadata: {} },
          "x-kubernetes-group-version-kind": [
            { group: "example.com", version: "v1", kind: "Widget" },
          ],
        },
      },
    },
    paths: { "/apis/example.com/v1/namespaces/{namespace}/widgets/{name}": {} },
  });
  const v2 = (await server.send("GET", "/openapi/v2")).body;
  t.ok((v2["definitions"] as JsonObject)["com.example.v1.Widget"]);
});

void t.test("versions differ in their name alone, and the preferred comes first", async (t) => {
  const body = definition("gears", "Gear");
  const spec = body["spec"] as { versions: JsonObject[] };
  const [v1] = spec.versions;
  spec.versions.push(
    { ...v1, name: "v1beta1", storage: false },
    { ...v1, name: "v2", storage: false },
  );
  t.equal((await server.send("POST", DEFINITIONS, { body })).status, 201);
  const path = (version: string) => `/apis/example.com/${version}/namespaces/default/gears`;
  const gear = {
    apiVersion: "example.com/v2",
    kind: "Gear",
    metadata: { name: "g" },
    spec: { size: 2 },
  };
  t.match(await server.send("POST", path("v2"), { body: gear }), {
    status: 201,
    body: { apiVersion: "example.com/v2" },
  });
  for (const version of ["v1", "v1beta1", "v2"]) {
    const { body: read } = await server.send("GET", `${path(version)}/g`);
    t.match(read, { apiVersion: `example.com/${version}`, spec: { size: 2 } });
  }
  const { body: group } = await server.send("GET", "/apis/example.com");
  t.same(
    (group["versions"] as { version: string }[]).map(({ version }) => version),
    ["v2", "v1", "v1beta1"],
  );
});

void t.test("a deprecated version warns, whatever is asked of it", async (t) => {
  const body = definition("relics", "Relic", { deprecated: true });
  await server.send("POST", DEFINITIONS, { body });
  const relics = "/apis/example.com/v1/namespaces/default/relics";
  const list = await server.send("GET", relics);
  t.match(list, {
    status: 200,
    headers: { warning: '299 - "example.com/v1 Relic is deprecated"' },
  });
  const told = { deprecated: true, deprecationWarning: "use things" };
  await server.send("POST", DEFINITIONS, { body: definition("ruins", "Ruin", told) });
  const odd = { apiVersion: "example.com/v1", kind: "Ruin", metadata: { name: "r" }, odd: 1 };
  const path = "/apis/example.com/v1/namespaces/default/ruins?fieldValidation=Warn";
  const made = await server.send("POST", path, { body: odd });
  t.equal(made.status, 201);
  t.match(String(made.headers["warning"]), /unknown field.*use things/u);
});

void t.test("bad definitions are refused with what is wrong", async (t) => {
  const without = definition("bads", "Bad", {
    schema: { openAPIV3Schema: { type: "object", properties: { a: {} } } },
  });
  const untyped = await server.send("POST", DEFINITIONS, { body: without });
  t.match(untyped, {
    status: 422,
    body: { message: /properties\[a\].type: Required value: must not be empty/u },
  });
  const names = { ...definition("bads", "Bad"), metadata: { name: "other.example.com" } };
  t.match(await server.send("POST", DEFINITIONS, { body: names }), { status: 422 });
  const frozen = { spec: { scope: "Cluster" } };
  const moved = await server.send("PATCH", `${DEFINITIONS}/widgets.example.com`, {
    body: frozen,
    headers: MERGE,
  });
  t.match(moved, { status: 422, body: { message: /field is immutable/u } });
});

void t.test("a definition that goes waits for its objects, and takes no new ones", async (t) => {
  await server.send("DELETE", `${DEFINITIONS}/widgets.example.com`);
  await server.send("GET", DEFINITIONS);
  t.match(await make("late", {}), { status: 405 });
  t.equal((await server.send("GET", WIDGETS)).status, 200);
  const finalizers = { metadata: { finalizers: null } };
  await server.send("PATCH", `${DEFINITIONS}/widgets.example.com`, {
    body: finalizers,
    headers: MERGE,
  });
  await server.send("GET", DEFINITIONS);
  t.equal((await server.send("GET", WIDGETS)).status, 404);
});
