import t from "tap";
import { decodeProtobuf } from "../api/schema/protobuf.js";
import { type TestAnswer, type TestRequest, TestServer } from "./test-server.js";

const server = await TestServer.start();
t.teardown(() => server.close());

const CM = "/api/v1/namespaces/default/configmaps";
const PROTOBUF = "application/vnd.kubernetes.protobuf";
const MERGE = { "content-type": "application/merge-patch+json" };

function configMap(name: string, more: object = {}): object {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, ...more };
}
function get(path: string, accept = ""): Promise<TestAnswer> {
  return server.send("GET", path, accept === "" ? {} : { headers: { accept } });
}
function namesOf({ body }: TestAnswer): string[] {
  const items = body["items"] as readonly { readonly metadata: { readonly name: string } }[];
  return items.map(({ metadata }) => metadata.name);
}
function versionOf({ body }: TestAnswer): string {
  return (body["metadata"] as { readonly resourceVersion: string }).resourceVersion;
}
function causesOf({ body }: TestAnswer): readonly { field: string; message: string }[] {
  return (body["details"] as { causes: { field: string; message: string }[] }).causes;
}

void t.test("discovery in every format, each with its ETag", async (t) => {
  for (const [path, kind] of [
    ["/api", "APIVersions"],
    ["/apis", "APIGroupList"],
    ["/apis/apps", "APIGroup"],
    ["/api/v1", "APIResourceList"],
    ["/apis/apps/v1", "APIResourceList"],
  ] as const) {
    const json = await get(path, "application/json");
    t.match(json, { status: 200, headers: { "content-type": "application/json" } });
    const yaml = await get(path, "application/yaml");
    t.match(yaml.bytes.toString(), `kind: ${kind}\n`);
    t.notMatch(yaml.bytes.toString(), /[&*]a\d/u, "no aliases");
    const protobuf = await get(path, PROTOBUF);
    t.equal(protobuf.headers["content-type"], PROTOBUF);
    t.equal(decodeProtobuf(protobuf.bytes).kind, kind);
    const etags = [json, yaml, protobuf].map(({ headers }) => String(headers["etag"]));
    t.equal(new Set(etags).size, 3);
    t.match(etags[0], /^"[0-9A-F]{128}"$/u);
    t.equal(json.headers["vary"], "Accept");
    for (const [at, accept] of ["application/json", "application/yaml", PROTOBUF].entries()) {
      const headers = { accept, "if-none-match": etags[at] ?? "" };
      t.equal((await server.send("GET", path, { headers })).status, 304);
    }
  }
  const both = await get("/apis", `${PROTOBUF},application/json`);
  t.equal(both.headers["content-type"], "application/json");
  t.equal((await get("/apis", "text/csv")).status, 406);
  t.equal((await get("/apis/nothing")).status, 404);
});

void t.test("aggregated discovery says its parameters, in any order they were asked", async (t) => {
  for (const version of ["v2", "v2beta1"]) {
    for (const path of ["/api", "/apis"]) {
      const asked = `application/json;as=APIGroupDiscoveryList;v=${version};g=apidiscovery.k8s.io`;
      const answer = await get(path, asked);
      t.match(answer, {
        status: 200,
        headers: {
          "content-type":
            `application/json;g=apidiscovery.k8s.io;v=${version};` + "as=APIGroupDiscoveryList",
          vary: "Accept",
          "cache-control": "public",
        },
        body: { kind: "APIGroupDiscoveryList", apiVersion: `apidiscovery.k8s.io/${version}` },
      });
    }
  }
  const newest =
    "application/json;g=apidiscovery.k8s.io;v=v3;as=APIGroupDiscoveryList," +
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList;profile=nopeer," +
    "application/json";
  const answer = await get("/apis", newest);
  t.match(answer.body, { apiVersion: "apidiscovery.k8s.io/v2" }, "what is not known is passed by");
});

void t.test("the root lists the paths", async (t) => {
  const { paths } = (await get("/")).body as { readonly paths: readonly string[] };
  for (const path of ["/api/v1", "/apis/apps/v1", "/healthz", "/openapi/v3", "/version"]) {
    t.ok(paths.includes(path), path);
  }
});

void t.test("failures come in the format that was asked for", async (t) => {
  const path = `${CM}/gone`;
  const protobuf = await get(path, PROTOBUF);
  t.match(protobuf, { status: 404, headers: { "content-type": PROTOBUF } });
  t.match(decodeProtobuf(protobuf.bytes), {
    kind: "Status",
    object: { reason: "NotFound", code: 404, details: { name: "gone", kind: "configmaps" } },
  });
  const yaml = await get(path, "application/yaml");
  t.match(yaml.bytes.toString(), "reason: NotFound\n");
  const table = await get(path, "application/json;as=Table;v=v1;g=meta.k8s.io");
  t.match(table, { status: 404, body: { kind: "Status" } });
  const refused = await get(path, "text/csv");
  t.match(refused, { status: 406, body: { kind: "Status", reason: "NotAcceptable" } });
});

void t.test("pretty JSON for whoever asks or looks", async (t) => {
  const lines = (answer: TestAnswer): number => answer.bytes.toString().split("\n").length;
  t.ok(lines(await get(`${CM}?pretty=true`)) > 2);
  t.equal(lines(await get(`${CM}?pretty=false`)), 2);
  const curl = { headers: { "user-agent": "curl/7.88.1" } };
  t.ok(lines(await server.send("GET", "/version", curl)) > 2);
  t.equal(lines(await server.send("GET", "/version?pretty=0", curl)), 2);
  const watch = await server.send("GET", `${CM}?watch=1&timeoutSeconds=1&pretty=true`);
  t.equal(watch.status, 200, "a watch stays one event a line");
});

void t.test("reviews have no other form", async (t) => {
  const body = {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectAccessReview",
    spec: { resourceAttributes: { verb: "get", resource: "pods" } },
  };
  const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
  for (const as of ["Table", "PartialObjectMetadata"]) {
    const headers = { accept: `application/json;as=${as};v=v1;g=meta.k8s.io` };
    t.equal((await server.send("POST", path, { body, headers })).status, 406, as);
  }
});

void t.test("get, list, watch: what resourceVersion and its match mean", async (t) => {
  const first = await server.send("POST", CM, { body: configMap("rv1") });
  const old = versionOf(first);
  await server.send("POST", CM, { body: configMap("rv2") });
  const newest = await get(CM);
  const rv = versionOf(newest);
  const future = String(Number(rv) + 1_000);
  t.match(await get(`${CM}/rv1`), { status: 200 }, "get, unset: the newest");
  t.match(
    await get(`${CM}/rv1?resourceVersion=0`),
    { status: 200 },
    "get with 0, whatever there is",
  );
  t.match(await get(`${CM}/rv2?resourceVersion=${old}`), { status: 200 }, "get: not older than");
  const waiting = [`${CM}/rv1?`, `${CM}?`, `${CM}?resourceVersionMatch=NotOlderThan&`];
  const late = await Promise.all(waiting.map((path) => get(`${path}resourceVersion=${future}`)));
  for (const answer of late) {
    t.match(answer, {
      status: 504,
      body: {
        reason: "Timeout",
        message: `Too large resource version: ${future}, current: ${rv}`,
        details: { causes: [{ reason: "ResourceVersionTooLarge" }], retryAfterSeconds: 1 },
      },
    });
  }
  const lists: readonly (readonly [string, readonly string[]])[] = [
    ["", ["rv1", "rv2"]],
    ["resourceVersion=0", ["rv1", "rv2"]],
    [`resourceVersion=${old}`, ["rv1", "rv2"]],
    [`resourceVersion=${old}&limit=5`, ["rv1"]],
    ["resourceVersion=0&resourceVersionMatch=NotOlderThan", ["rv1", "rv2"]],
    [`resourceVersion=${old}&resourceVersionMatch=NotOlderThan`, ["rv1", "rv2"]],
    [`resourceVersion=${old}&resourceVersionMatch=NotOlderThan&limit=5`, ["rv1", "rv2"]],
    [`resourceVersion=${old}&resourceVersionMatch=Exact`, ["rv1"]],
    [`resourceVersion=${old}&resourceVersionMatch=Exact&limit=1`, ["rv1"]],
  ];
  for (const [query, names] of lists) t.same(namesOf(await get(`${CM}?${query}`)), names, query);
  const refused: readonly (readonly [string, RegExp])[] = [
    ["resourceVersionMatch=Exact", /forbidden unless resourceVersion is provided/u],
    ["resourceVersionMatch=NotOlderThan", /forbidden unless resourceVersion is provided/u],
    ["resourceVersionMatch=Exact&resourceVersion=0", /"exact" is forbidden/u],
    ["resourceVersionMatch=No&resourceVersion=1", /Unsupported value: "No"/u],
    ["sendInitialEvents=true", /sendInitialEvents is forbidden for list/u],
    ["watch=1&resourceVersionMatch=Exact&resourceVersion=1", /forbidden for watch unless/u],
    ["watch=1&sendInitialEvents=true", /requires setting resourceVersionMatch/u],
    ["watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan", /allowWatchBookmarks/u],
  ];
  for (const [query, text] of refused) {
    const answer = await get(`${CM}?${query}`);
    t.match(answer, { status: 422, body: { reason: "Invalid", message: text } }, query);
  }
});

void t.test("watch: newest state, any state, and from a revision on", async (t) => {
  const rv = versionOf(await get(CM));
  const events = async (query: string): Promise<string[]> => {
    const { bytes } = await get(`${CM}?watch=1&timeoutSeconds=1&${query}`);
    const lines = bytes.toString().split("\n").slice(0, -1);
    return lines.map((line) => {
      const { type, object } = JSON.parse(line) as { type: string; object: never };
      return `${type} ${(object as { metadata: { name?: string } }).metadata.name ?? ""}`.trim();
    });
  };
  const bookmarks = "allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan";
  const queries: Readonly<Record<string, readonly string[]>> = {
    "": ["ADDED rv1", "ADDED rv2"],
    "resourceVersion=0": ["ADDED rv1", "ADDED rv2"],
    [`resourceVersion=${rv}`]: [],
    [`sendInitialEvents=true&${bookmarks}&resourceVersion=${rv}`]: [
      "ADDED rv1",
      "ADDED rv2",
      "BOOKMARK",
      "BOOKMARK",
    ],
    [`sendInitialEvents=false&${bookmarks}&resourceVersion=${rv}`]: ["BOOKMARK"],
  };
  await Promise.all(
    Object.entries(queries).map(async ([query, seen]) => t.same(await events(query), seen, query)),
  );
  const future = await server.open(`${CM}?watch=1&resourceVersion=${Number(rv) + 1}`);
  await server.send("POST", CM, { body: configMap("too-early") });
  await server.send("POST", CM, { body: configMap("in-time") });
  t.match(await future.next(), { type: "ADDED", object: { metadata: { name: "in-time" } } });
  future.close();
});

void t.test("a continue token and an exact list after compaction", async (t) => {
  const page = await get(`${CM}?limit=1`);
  const rv = versionOf(page);
  const token = (page.body["metadata"] as { readonly continue: string }).continue;
  await server.send("POST", CM, { body: configMap("zz") });
  await server.store.compact((await server.store.status()).revision);
  const exact = await get(`${CM}?resourceVersionMatch=Exact&resourceVersion=${rv}`);
  t.match(exact, {
    status: 410,
    body: {
      reason: "Expired",
      message: "The resourceVersion for the provided list is too old.",
    },
  });
  const gone = await get(`${CM}?limit=1&continue=${token}`);
  t.match(gone, { status: 410, body: { reason: "Expired", metadata: { continue: String } } });
  const next = (gone.body["metadata"] as { readonly continue: string }).continue;
  const inProtobuf = await get(`${CM}?limit=1&continue=${token}`, PROTOBUF);
  t.match(decodeProtobuf(inProtobuf.bytes).object, { metadata: { continue: next } });
  t.same(namesOf(await get(`${CM}?continue=${next}`)), ["rv1", "rv2", "too-early", "zz"]);
});

void t.test("a dry run is one wherever it is asked for", async (t) => {
  const path = `${CM}/rv1`;
  for (const request of [
    { query: "?dryRun=All", body: { propagationPolicy: "Background" } },
    { query: "", body: { dryRun: ["All"] } },
    { query: "?dryRun=All" },
  ]) {
    const { query, ...rest } = request;
    t.equal((await server.send("DELETE", path + query, rest)).status, 200);
    t.equal((await get(path)).status, 200, "it is still there");
  }
  t.equal((await server.send("DELETE", `${CM}?dryRun=All`)).status, 200);
  t.equal((await get(path)).status, 200);
  const bad = await server.send("DELETE", `${path}?dryRun=No`, { body: {} });
  t.equal(bad.status, 422);
});

void t.test("fieldValidation of patches and of YAML", async (t) => {
  const patch = (query: string, body: string): Promise<TestAnswer> =>
    server.send("PATCH", `${CM}/rv1?${query}`, { body, headers: MERGE });
  const twice = '{"data":{"a":"1","a":"2"},"extra":1}';
  const strict = await patch("fieldValidation=Strict", twice);
  const text = 'strict decoding error: unknown field "extra", duplicate field "data.a"';
  t.match(strict, { status: 422, body: { reason: "Invalid" } });
  t.match(causesOf(strict), [{ field: "patch", message: new RegExp(text, "u") }]);
  const warned = await patch("", twice);
  t.equal(warned.status, 200);
  t.same(String(warned.headers["warning"]).split(", "), [
    '299 - "unknown field \\"extra\\""',
    '299 - "duplicate field \\"data.a\\""',
  ]);
  const quiet = await patch("fieldValidation=Ignore", twice);
  t.equal(quiet.headers["warning"], undefined);
  const wrong = await patch("", '{"data":{"a":1}}');
  t.match(causesOf(wrong), [{ field: "patch", message: /cannot unmarshal number/u }]);
  const deep = await patch("", `{"data":${"[".repeat(5_000)}${"]".repeat(5_000)}}`);
  t.equal(deep.status, 400);
  const yaml: TestRequest = {
    body: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: dup}\ndata: {a: "1"}\n"data": {}\n',
    headers: { "content-type": "application/yaml" },
  };
  const refused = await server.send("POST", `${CM}?fieldValidation=Strict`, yaml);
  t.match(refused.body, {
    code: 400,
    message: /strict decoding error: yaml: unmarshal errors:\n {2}line 5: key "data" already set/u,
  });
  const accepted = await server.send("POST", CM, yaml);
  t.equal(accepted.status, 201);
  t.match(accepted.headers["warning"], '299 - "line 5: key \\"data\\" already set in map"');
});
