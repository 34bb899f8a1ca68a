import t from "tap";
import { type TestAnswer, TestServer } from "./test-server.js";

const server = await TestServer.start();
t.teardown(() => server.close());
const CM = "/api/v1/namespaces/default/configmaps";
const YAML_BODY = { "content-type": "application/yaml" };
const YAML = { ...YAML_BODY, accept: "application/yaml" };

function configMap(name: string, more: object = {}): object {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, ...more };
}
function messageOf({ body }: TestAnswer): string {
  return String(body["message"]);
}

void t.test("what cannot be served is refused with a Status", async (t) => {
  const cases: readonly (readonly [string, string, number, RegExp])[] = [
    ["GET", "/api/v1/nothing", 404, /could not find the requested resource/u],
    ["GET", "/nothing", 404, /could not find the requested resource/u],
    ["GET", "/apis/apps/v2/deployments", 404, /could not find/u],
    ["GET", "/api/v1/pods/x", 404, /could not find/u],
    ["GET", "/api/v1/namespaces/default/nodes", 404, /could not find/u],
    ["GET", `${CM}/x/nothing`, 404, /could not find/u],
    ["POST", `${CM}/x`, 405, /does not allow this method/u],
    ["PUT", CM, 405, /does not allow this method/u],
    ["PATCH", CM, 405, /does not allow this method/u],
    ["OPTIONS", CM, 405, /does not allow this method/u],
    ["TRACE", CM, 405, /does not allow this method/u],
    ["DELETE", "/api/v1/namespaces", 405, /does not allow this method/u],
    ["GET", "/api/v1/namespaces/default/selfsubjectreviews", 404, /could not find/u],
    ["GET", `${CM}/%2e%2e/x`, 400, /not allowed/u],
    ["GET", `${CM}/..%2fx`, 400, /not allowed/u],
    ["GET", `${CM}/a%00b`, 400, /not allowed/u],
    ["GET", `${CM}/%zz`, 400, /not allowed/u],
    ["GET", `${CM}/../../x`, 400, /not allowed/u],
    ["GET", `${CM}?limit=x`, 400, /invalid syntax/u],
    ["GET", `${CM}?labelSelector=a%3D%3D%3Db`, 400, /unable to parse requirement/u],
    ["GET", `${CM}?fieldSelector=spec.x%3D1`, 400, /not a known field selector/u],
    ["GET", `${CM}?resourceVersion=x`, 422, /ListOptions.meta.k8s.io "" is invalid/u],
    ["GET", `${CM}?resourceVersionMatch=Exact`, 422, /is forbidden unless resourceVersion/u],
    ["GET", `${CM}?continue=abc`, 400, /continue key is not valid/u],
    ["GET", `${CM}?watch=1&sendInitialEvents=true`, 422, /NotOlderThan/u],
  ];
  for (const [method, path, status, message] of cases) {
    const answer = await server.send(method, path);
    t.equal(answer.status, status, `${method} ${path}`);
    t.match(answer.body, { kind: "Status", status: "Failure", code: status }, path);
    t.match(messageOf(answer), message, path);
  }
});

void t.test("HEAD answers like GET, without a body", async (t) => {
  const answer = await server.send("HEAD", CM);
  t.equal(answer.status, 200);
  t.equal(answer.bytes.length, 0);
});

void t.test("options of a deletion are of the group that a client speaks of", async (t) => {
  const path = "/api/v1/namespaces/default/configmaps";
  for (const apiVersion of ["v1", "meta.k8s.io/v1", "apps/v1", "apiextensions.k8s.io/v1"]) {
    await server.send("POST", path, { body: configMap("options") });
    const body = { kind: "DeleteOptions", apiVersion, propagationPolicy: "Background" };
    const answer = await server.send("DELETE", `${path}/options`, { body });
    t.equal(answer.status, 200, apiVersion);
  }
  await server.send("POST", path, { body: configMap("options") });
  const body = { kind: "ConfigMap", apiVersion: "v1" };
  const refused = await server.send("DELETE", `${path}/options`, { body });
  t.equal(refused.status, 400, "another kind");
  await server.send("DELETE", `${path}/options`);
});

void t.test("bodies: size, format and fields are checked, and nothing is stored", async (t) => {
  const json = { "content-type": "application/json" };
  const big = configMap("big", { data: { x: "a".repeat(1_700_000) } });
  const huge = configMap("huge", { data: { x: "a".repeat(3_200_000) } });
  const cases: readonly (readonly [unknown, Record<string, string>, string, number, RegExp])[] = [
    ["{", json, "", 400, /unrecognized/u],
    ["", json, "", 400, /unrecognized/u],
    ["[]", json, "", 400, /cannot unmarshal array/u],
    ['{"kind":"Pod","apiVersion":"v1"}', json, "", 400, /does not match the expected kind/u],
    [
      configMap("a", { apiVersion: "v2" }),
      json,
      "",
      400,
      /does not match the expected API version/u,
    ],
    [configMap("a"), { "content-type": "text/csv" }, "", 415, /unknown format/u],
    [configMap("a"), { accept: "text/csv" }, "", 406, /only the following media types/u],
    [huge, json, "", 413, /Request entity too large/u],
    [big, json, "", 422, /Too long/u],
    [
      configMap("a", { foo: 1 }),
      json,
      "?fieldValidation=Strict",
      400,
      /strict decoding error: unknown field "foo"/u,
    ],
    [
      `${JSON.stringify(configMap("a")).slice(0, -1)},"data":{"a":"1"},"data":{"b":"1"}}`,
      json,
      "?fieldValidation=Strict",
      400,
      /duplicate field "data"/u,
    ],
    [configMap("a"), json, "?fieldValidation=No", 422, /fieldValidation: Unsupported value/u],
    [configMap("a"), json, "?dryRun=Some", 422, /dryRun: Unsupported value: "Some"/u],
    [configMap("a", { data: { x: 1 } }), json, "", 400, /cannot unmarshal number/u],
    [
      configMap("a", { metadata: { name: "a", namespace: "other" } }),
      json,
      "",
      400,
      /does not match the namespace/u,
    ],
    [
      configMap("a", { metadata: { name: "a", resourceVersion: "7" } }),
      json,
      "",
      400,
      /resourceVersion should not be set/u,
    ],
    [configMap("A_b"), json, "", 422, /metadata.name: Invalid value: "A_b"/u],
    [
      configMap(""),
      json,
      "",
      422,
      /metadata.name: Required value: name or generateName is required/u,
    ],
    ["a: [", YAML_BODY, "", 400, /error converting YAML to JSON/u],
    [
      Buffer.from("k8s\0garbage"),
      { "content-type": "application/vnd.kubernetes.protobuf" },
      "",
      400,
      /unrecognized/u,
    ],
  ];
  for (const [body, headers, query, status, message] of cases) {
    const answer = await server.send("POST", CM + query, { body, headers });
    t.equal(answer.status, status, `${JSON.stringify(body).slice(0, 60)} ${messageOf(answer)}`);
    t.match(answer.headers["content-type"], "application/json");
    t.match(messageOf(answer), message);
  }
  t.match((await server.send("GET", CM)).body, { items: [] });
});

void t.test("Warn names unknown fields in Warning headers", async (t) => {
  const body = configMap("warned", { foo: 1 });
  const answer = await server.send("POST", CM, { body });
  t.equal(answer.status, 201);
  t.equal(answer.headers["warning"], '299 - "unknown field \\"foo\\""');
  const quiet = await server.send("POST", `${CM}?fieldValidation=Ignore`, {
    body: configMap("quiet", { foo: 1 }),
  });
  t.equal(quiet.headers["warning"], undefined);
});

void t.test("YAML 1.1 in and out", async (t) => {
  const body =
    "kind: ConfigMap\napiVersion: v1\nmetadata:\n  name: yaml\n" +
    "data:\n  on: 'yes'\n  time: '12:30'\n";
  const answer = await server.send("POST", CM, { body, headers: YAML });
  t.equal(answer.status, 201);
  t.equal(answer.headers["content-type"], "application/yaml");
  t.match(answer.bytes.toString(), /^ {2}time: "?12:30"?$/mu);
  t.match((await server.send("GET", `${CM}/yaml`)).body, { data: { true: "yes", time: "12:30" } });
});

void t.test("protobuf in and out", async (t) => {
  const accept = { accept: "application/vnd.kubernetes.protobuf" };
  const read = await server.send("GET", `${CM}/yaml`, { headers: accept });
  t.equal(read.headers["content-type"], "application/vnd.kubernetes.protobuf");
  t.equal(read.bytes.subarray(0, 4).toString("latin1"), "k8s\0");
  const list = await server.send("GET", CM, { headers: accept });
  t.equal(list.bytes.subarray(0, 4).toString("latin1"), "k8s\0");
  const put = await server.send("PUT", `${CM}/yaml`, {
    body: read.bytes,
    headers: { "content-type": "application/vnd.kubernetes.protobuf" },
  });
  t.match(put, { status: 200, body: { kind: "ConfigMap" } });
  const both = { accept: "application/vnd.kubernetes.protobuf,application/json" };
  const json = await server.send("GET", `${CM}/yaml`, { headers: both });
  t.equal(json.headers["content-type"], "application/json", "stored bytes are cheaper");
});

void t.test("tables and metadata alone", async (t) => {
  const table = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json" };
  const list = await server.send("GET", CM, { headers: table });
  t.match(list.body, {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    columnDefinitions: [{ name: "Name" }, { name: "Data" }, { name: "Age" }],
    rows: [{ cells: ["quiet", 0], object: { kind: "PartialObjectMetadata" } }, {}, {}],
  });
  const one = await server.send("GET", `${CM}/yaml?includeObject=Object`, { headers: table });
  t.match(one.body, { kind: "Table", rows: [{ object: { kind: "ConfigMap" } }] });
  const none = await server.send("GET", `${CM}/yaml?includeObject=None`, { headers: table });
  t.match(none.body, { rows: [{ cells: ["yaml", 2] }] });
  const partial = {
    accept: "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
  };
  t.match((await server.send("GET", CM, { headers: partial })).body, {
    kind: "PartialObjectMetadataList",
    items: [{ kind: "PartialObjectMetadata", metadata: { name: "quiet" } }, {}, {}],
  });
});

void t.test("dry runs answer and store nothing", async (t) => {
  const created = await server.send("POST", `${CM}?dryRun=All`, { body: configMap("dry") });
  t.match(created, { status: 201, body: { metadata: { name: "dry", uid: String } } });
  t.equal((await server.send("GET", `${CM}/dry`)).status, 404);
  const again = await server.send("POST", `${CM}?dryRun=All`, { body: configMap("yaml") });
  t.equal(again.status, 409);
  const put = await server.send("PUT", `${CM}/yaml?dryRun=All`, {
    body: configMap("yaml", { data: { dry: "1" } }),
  });
  t.match(put, { status: 200, body: { data: { dry: "1" } } });
  t.equal((await server.send("DELETE", `${CM}/yaml?dryRun=All`)).status, 200);
  t.notMatch((await server.send("GET", `${CM}/yaml`)).body, { data: { dry: "1" } });
});

void t.test("identities: who may do what", async (t) => {
  const forbidden =
    'configmaps is forbidden: User "nobody" cannot list resource "configmaps" ' +
    'in API group "" in the namespace "default"';
  t.match(await server.send("GET", CM, { as: "nobody" }), {
    status: 403,
    body: { reason: "Forbidden", message: forbidden },
  });
  t.match(await server.send("GET", "/api/v1/nodes", { as: "nobody" }), {
    body: {
      message:
        'nodes is forbidden: User "nobody" cannot list resource "nodes" ' +
        'in API group "" at the cluster scope',
    },
  });
  t.match(await server.send("GET", CM, { as: "anonymous" }), { status: 403 });
  t.match(await server.send("GET", "/metrics", { as: "anonymous" }), {
    status: 403,
    body: { message: 'forbidden: User "system:anonymous" cannot get path "/metrics"' },
  });
  for (const path of ["/healthz", "/livez", "/readyz"]) {
    const answer = await server.send("GET", path, { as: "anonymous" });
    t.equal(answer.bytes.toString(), "ok", path);
  }
  t.match(await server.send("GET", "/version", { as: "anonymous" }), {
    status: 200,
    body: { major: "1", minor: "36", gitVersion: "v1.36.3+raftsman.0.0.0-test" },
  });
  const token = { authorization: "Bearer abc" };
  t.match(await server.send("GET", "/version", { as: "anonymous", headers: token }), {
    status: 401,
    body: { message: "Unauthorized", reason: "Unauthorized" },
  });
  const someoneElse = { "impersonate-user": "nobody" };
  t.equal((await server.send("GET", CM, { headers: someoneElse })).status, 403);
  t.match(await server.send("GET", "/metrics"), { status: 200 });
  t.match(await server.send("GET", "/readyz?verbose"), { status: 200 });
  for (const path of ["/livez/ping", "/readyz/store", "/readyz/poststarthook/bootstrap-controller"])
    t.equal((await server.send("GET", path)).bytes.toString(), "ok", path);
  for (const path of ["/readyz/none", "/livez/store"])
    t.equal((await server.send("GET", path)).status, 404, path);
});

void t.test("discovery, plain and aggregated", async (t) => {
  t.match((await server.send("GET", "/api")).body, { kind: "APIVersions", versions: ["v1"] });
  t.match((await server.send("GET", "/apis/apps")).body, {
    kind: "APIGroup",
    preferredVersion: { groupVersion: "apps/v1" },
  });
  const accept =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";
  const all = await server.send("GET", "/apis", { headers: { accept } });
  t.equal(
    all.headers["content-type"],
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
  );
  t.match(all.body, { kind: "APIGroupDiscoveryList", items: [{ metadata: { name: "apps" } }] });
  const etag = String(all.headers["etag"]);
  const headers = { accept, "if-none-match": etag };
  t.equal((await server.send("GET", "/apis", { headers })).status, 304);
  const index = await server.send("GET", "/openapi/v3");
  const paths = index.body["paths"] as Record<string, { serverRelativeURL: string }>;
  const url = paths["apis/apps/v1"]?.serverRelativeURL ?? "";
  t.match(await server.send("GET", url), { status: 200, body: { openapi: "3.0.0" } });
  const stale = await server.send("GET", "/openapi/v3/apis/apps/v1?hash=OLD");
  t.match(stale, { status: 301, headers: { location: url } });
});
