import { gunzipSync } from "node:zlib";
import t from "tap";
import { TestServer } from "../test-server.js";
import { OpenApiBuilder } from "./openapi-builder.js";

const server = await TestServer.start();
t.teardown(() => server.close());
const V2_PROTOBUF = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
const V3_PROTOBUF = "application/com.github.proto-openapi.spec.v3@v1.0+protobuf";

void t.test("v2 comes as protobuf and as JSON, each with its ETag", async (t) => {
  const etags = new Set<unknown>();
  for (const [accept, contentType] of [
    [V2_PROTOBUF, "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"],
    ["application/json", "application/json"],
    ["*/*", "application/json"],
    ["", "application/json"],
    [`text/csv,${V2_PROTOBUF};q=0.5,application/json;q=0.4`, V2_PROTOBUF.replace("@", ".")],
  ] as const) {
    const headers = accept === "" ? {} : { accept };
    const answer = await server.send("GET", "/openapi/v2", { headers });
    t.equal(answer.status, 200, accept);
    t.equal(answer.headers["content-type"], contentType, accept);
    t.equal(answer.headers["vary"], "Accept");
    const etag = String(answer.headers["etag"]);
    etags.add(etag);
    const again = { headers: { ...headers, "if-none-match": etag } };
    const kept = await server.send("GET", "/openapi/v2", again);
    t.equal(kept.status, 304);
    t.equal(kept.bytes.length, 0);
  }
  t.equal(etags.size, 2, "one hash for each form");
  const none = await server.send("GET", "/openapi/v2", { headers: { accept: "text/csv" } });
  t.equal(none.status, 406);
  const zipped = await server.send("GET", "/openapi/v2", {
    headers: { "accept-encoding": "gzip" },
  });
  t.equal(zipped.headers["content-encoding"], "gzip");
  t.match(JSON.parse(gunzipSync(zipped.bytes).toString()), { swagger: "2.0" });
});

void t.test("v3: an index with hashes, documents that may be kept", async (t) => {
  const index = await server.send("GET", "/openapi/v3");
  const paths = index.body["paths"] as Record<string, { serverRelativeURL: string }>;
  if (paths["api/v1"] === undefined) throw new Error("no document of v1");
  for (const { serverRelativeURL } of Object.values(paths)) {
    const answer = await server.send("GET", serverRelativeURL);
    t.match(answer, { status: 200, body: { openapi: "3.0.0", components: {}, paths: {} } });
    t.equal(answer.headers["cache-control"], "public, immutable");
    t.ok(answer.headers["expires"]);
    const etag = String(answer.headers["etag"]);
    t.ok(serverRelativeURL.endsWith(`hash=${etag.slice(1, -1)}`));
  }
  const protobuf = { headers: { accept: V3_PROTOBUF } };
  const document = await server.send("GET", paths["api/v1"].serverRelativeURL, protobuf);
  t.match(document, {
    status: 200,
    headers: {
      "content-type": V3_PROTOBUF.replace("@", "."),
      "cache-control": "public, immutable",
    },
  });
  t.equal(document.bytes.subarray(0, 7).toString("latin1"), "\n\x053.0.0");
  const headers = { ...protobuf.headers, "if-none-match": String(document.headers["etag"]) };
  t.equal((await server.send("GET", "/openapi/v3/api/v1", { headers })).status, 304);
  const csv = { headers: { accept: "text/csv" } };
  t.equal((await server.send("GET", "/openapi/v3/api/v1", csv)).status, 406);
  t.equal((await server.send("GET", "/openapi/v3/apis/nothing/v1")).status, 404);
  t.equal((await server.send("POST", "/openapi/v3")).status, 405);
});

void t.test("the documents are made once, beside the event loop", async (t) => {
  const builder = new OpenApiBuilder("1.2.3");
  const [first, second] = await Promise.all([builder.documents(), builder.documents()]);
  t.equal(first, second);
  t.match(JSON.parse(Buffer.from(first.v2Json.bytes).toString()), { info: { version: "1.2.3" } });
  const given = builder.documents();
  t.equal(await given, first);
  await builder.close();
});
