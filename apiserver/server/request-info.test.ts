import t from "tap";
import { parseRequestInfo } from "./request-info.js";

const CASES: readonly (readonly [string, object])[] = [
  ["GET /", { type: "path", verb: "get", path: "/" }],
  ["GET /healthz/", { type: "path", path: "/healthz" }],
  ["GET /api/v1", { type: "path", path: "/api/v1" }],
  ["GET /apis/apps/v1", { type: "path" }],
  ["GET /api/v1/pods", { verb: "list", resource: "pods", namespace: "", name: "" }],
  ["GET /api/v1/pods?watch=1", { verb: "watch", resource: "pods" }],
  ["GET /api/v1/pods?watch=0", { verb: "list" }],
  ["GET /api/v1/watch/pods", { verb: "watch", resource: "pods" }],
  ["GET /api/v1/namespaces/a/pods/p", { verb: "get", namespace: "a", name: "p" }],
  ["GET /api/v1/namespaces/a/pods/p/log", { verb: "get", subresource: "log" }],
  ["GET /api/v1/namespaces/a/pods/p/proxy/x/y", { subresource: "proxy", rest: "x/y" }],
  ["GET /api/v1/namespaces/a", { resource: "namespaces", namespace: "a", name: "a" }],
  ["PUT /api/v1/namespaces/a/finalize", { resource: "namespaces", subresource: "finalize" }],
  ["PUT /api/v1/namespaces/a/status", { verb: "update", subresource: "status", name: "a" }],
  ["POST /apis/apps/v1/namespaces/a/deployments", { verb: "create", group: "apps" }],
  ["PATCH /api/v1/nodes/n", { verb: "patch", resource: "nodes", name: "n", namespace: "" }],
  ["DELETE /api/v1/namespaces/a/pods", { verb: "deletecollection" }],
  ["DELETE /api/v1/namespaces/a/pods/p", { verb: "delete" }],
  ["HEAD /api/v1/nodes/n", { verb: "get" }],
  ["GET /api/v1/../x", { type: "bad" }],
  ["GET /api/v1/%2E%2E/x", { type: "bad" }],
  ["GET /api/v1/a%2Fb", { type: "bad" }],
  ["GET /api/v1/a%5Cb", { type: "bad" }],
  ["GET /api/v1/a%0Ab", { type: "bad" }],
  ["GET /api/v1/a%25b", { type: "bad" }],
  ["GET /api/v1/%ff", { type: "bad" }],
];

void t.test("method and path say what is asked for", (t) => {
  for (const [line, expected] of CASES) {
    const [method = "", url = ""] = line.split(" ");
    const [path = "", query = ""] = url.split("?");
    t.match(parseRequestInfo({ method, path, query: new URLSearchParams(query) }), expected, line);
  }
  t.end();
});
