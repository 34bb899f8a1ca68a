import { readFileSync } from "node:fs";
import { request as httpsRequest } from "node:https";
import type { Duplex } from "node:stream";
import { WebSocket } from "ws";
import t from "tap";
import type { JsonObject } from "../../api/schema/wire-types.js";
import { type TestAnswer, TestServer } from "../test-server.js";
import { FLUNDERS, GROUP, type SeenRequest, TestExtension } from "./test-extension.js";

const server = await TestServer.start();
t.teardown(() => server.close());
const extension = await TestExtension.start(server);
t.teardown(() => extension.close());
const DEFAULT = "/api/v1/namespaces/default";
const SERVICES = "/apis/apiregistration.k8s.io/v1/apiservices";
const said = (answer: TestAnswer): string => String(answer.body["message"]);

async function made(path: string, body: JsonObject): Promise<void> {
  const answer = await server.send("POST", path, { body });
  if (answer.status !== 201) throw new Error(said(answer));
}

const { service, external, api } = extension.objects();
const flunder = (name: string): JsonObject => ({
  apiVersion: `${GROUP}/v1`,
  kind: "Flunder",
  metadata: { name },
});

/** The server is also asked by the monitor, at any time. */
const lastOf = (url: string): SeenRequest | undefined =>
  extension.seen.filter((each) => each.url === url).at(-1);

t.test("extension servers read whom to believe", async (t) => {
  const path = "/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication";
  const { body } = await server.send("GET", path);
  t.strictSame(body["data"], {
    "client-ca-file": readFileSync(server.authority.caFile, "utf8"),
    "requestheader-allowed-names": '["front-proxy-client"]',
    "requestheader-client-ca-file": readFileSync(server.frontProxy.caFile, "utf8"),
    "requestheader-extra-headers-prefix": '["X-Remote-Extra-"]',
    "requestheader-group-headers": '["X-Remote-Group"]',
    "requestheader-uid-headers": '["X-Remote-Uid"]',
    "requestheader-username-headers": '["X-Remote-User"]',
  });
  const rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/kube-system";
  const name = "extension-apiserver-authentication-reader";
  t.equal((await server.send("GET", `${rbac}/roles/${name}`)).status, 200);
  const binding = await server.send("GET", `${rbac}/rolebindings/system::${name}`);
  t.match(binding.body, { roleRef: { name }, subjects: [{ kind: "User" }, { kind: "User" }] });
});

t.test("what an APIService may say", async (t) => {
  const cases: readonly [spec: JsonObject, name: string, text: RegExp][] = [
    [
      {},
      "v2.example.com",
      /metadata.name: Invalid value: .*must be `spec.version\+"."\+spec.group/u,
    ],
    [{ service: { name: "a" } }, "", /spec.service.namespace: Required value/u],
    [{ service: { namespace: "a" } }, "", /spec.service.name: Required value/u],
    [{ service: { namespace: "a", name: "b", port: 65_536 } }, "", /port: Invalid value: 65536/u],
    [{ insecureSkipTLSVerify: true }, "", /may not be true if caBundle is present/u],
    [{ groupPriorityMinimum: 20_001 }, "", /groupPriorityMinimum: Invalid value: 20001/u],
    [{ group: "apps" }, "v1.apps", /spec.service: Forbidden: this server serves apps\/v1 itself/u],
  ];
  for (const [spec, name, text] of cases) {
    const metadata = name === "" ? api["metadata"] : { name };
    const body = { ...api, metadata, spec: { ...(api["spec"] as JsonObject), ...spec } };
    const answer = await server.send("POST", `${SERVICES}?dryRun=All`, { body });
    t.match(said(answer), text);
  }
});

t.test("without an endpoint the answer is 503, with the reason", async (t) => {
  t.equal((await server.send("GET", FLUNDERS)).status, 404);
  await made(SERVICES, api);
  const missing = await server.send("GET", FLUNDERS);
  t.match(missing.body, { kind: "Status", code: 503, reason: "ServiceUnavailable" });
  t.match(said(missing), /service default\/wardle: service "wardle" not found$/u);
  await made(`${DEFAULT}/services`, service);
  t.match(said(await server.send("GET", FLUNDERS)), /no endpoints available for service "wardle"/u);
  await server.send("DELETE", `${DEFAULT}/services/wardle`);
  await made(`${DEFAULT}/services`, external);
  t.match((await server.send("GET", FLUNDERS)).body, { kind: "FlunderList", items: [] });
});

t.test("the server is told who asks, by the front proxy alone", async (t) => {
  const claims = { "x-remote-user": "root", "x-remote-extra-a": "b", "x-remote-group": "g" };
  const impersonation = {
    "impersonate-user": "jane",
    "impersonate-uid": "u-1",
    "impersonate-group": "a, b",
    "impersonate-extra-example.com%2fscope": "read",
  };
  await made("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: "jane" },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "jane" }],
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
  });
  await server.send("GET", `${FLUNDERS}?limit=5`, { headers: { ...claims, ...impersonation } });
  const seen = lastOf(`${FLUNDERS}?limit=5`);
  t.match(seen, { method: "GET", url: `${FLUNDERS}?limit=5`, commonName: "front-proxy-client" });
  t.strictSame(seen?.distinct["x-remote-user"], ["jane"]);
  t.strictSame(seen?.distinct["x-remote-uid"], ["u-1"]);
  t.strictSame(seen?.distinct["x-remote-group"], ["a, b", "system:authenticated"]);
  t.strictSame(seen?.distinct["x-remote-extra-example.com%2fscope"], ["read"]);
  const others = Object.keys(seen?.headers ?? {}).filter((name) =>
    /^(x-remote|imp|auth)/u.test(name),
  );
  t.equal(others.length, 4, others.join(" "));
});

t.test("who may not is refused here", async (t) => {
  const refused = await server.send("GET", FLUNDERS, { as: "nobody" });
  t.equal(refused.status, 403);
  t.match(said(refused), `cannot list resource "flunders" in API group "${GROUP}"`);
  t.notOk(extension.seen.some(({ headers }) => headers["x-remote-user"] === "nobody"));
});

t.test("objects are created, watched and deleted there", async (t) => {
  const watch = await server.open(`${FLUNDERS}?watch=true`);
  const created = await server.send("POST", FLUNDERS, { body: flunder("one") });
  t.equal(created.status, 201);
  t.match(await watch.next(), { type: "ADDED", object: { metadata: { name: "one" } } });
  watch.close();
  t.equal((await server.send("GET", `${FLUNDERS}/one`)).status, 200);
  const missing = await server.send("GET", `${FLUNDERS}/two`);
  t.match(missing.body, { code: 404, message: `flunders.${GROUP} "two" not found` });
  t.equal((await server.send("DELETE", `${FLUNDERS}/one`)).status, 200);
  const redirect = await server.send("GET", `${FLUNDERS}/elsewhere`);
  t.match(redirect, { status: 502, body: { message: /attempted to redirect/u } });
});

t.test("connections are upgraded there", async (t) => {
  const stream = await upgraded(`${FLUNDERS}/one/echo`);
  if (typeof stream === "number") throw new Error(`answered ${stream}`);
  const heard = new Promise<string>((resolve) => stream.once("data", (d) => resolve(String(d))));
  stream.write("hello");
  t.equal(await heard, "hello");
  t.match(lastOf(`${FLUNDERS}/one/echo`)?.headers, {
    upgrade: "echo/1",
    "x-remote-user": "kubernetes-admin",
  });
  const closed = new Promise<void>((resolve) => stream.once("close", resolve));
  stream.end();
  await closed;
  t.equal(await upgraded(`${FLUNDERS}/two/echo`), 404);
});

t.test("a watch may come over a WebSocket", async (t) => {
  const { cert, key, ca } = await identity();
  const url = `${server.url.replace("https", "wss")}${FLUNDERS}?watch=true`;
  const socket = new WebSocket(url, { cert, key, ca });
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  const event = new Promise<string>((resolve) =>
    socket.once("message", (data: Buffer) => resolve(data.toString())),
  );
  await server.send("POST", FLUNDERS, { body: flunder("three") });
  t.match(JSON.parse(await event), { type: "ADDED", object: { metadata: { name: "three" } } });
  socket.close();
});

t.test("a certificate is believed by its bundle and its name", async (t) => {
  const path = `${SERVICES}/v1.${GROUP}`;
  const patch = async (spec: object): Promise<void> => {
    const headers = { "content-type": "application/merge-patch+json" };
    const answer = await server.send("PATCH", path, { headers, body: { spec } });
    if (answer.status !== 200) throw new Error(said(answer));
  };
  const foreign = readFileSync(server.frontProxy.caFile).toString("base64");
  await patch({ caBundle: foreign });
  const refused = await server.send("GET", FLUNDERS);
  t.equal(refused.status, 503);
  t.match(said(refused), /tls: failed to verify certificate: x509/u);
  await patch({ caBundle: null, insecureSkipTLSVerify: true });
  t.equal((await server.send("GET", FLUNDERS)).status, 200);
  await patch({ caBundle: extension.caBundle, insecureSkipTLSVerify: false });
  t.equal((await server.send("GET", FLUNDERS)).status, 200);
});

t.test("what this server serves itself stays here", async (t) => {
  const spec = { group: "metrics.k8s.io", version: "v1beta1" };
  const metrics = {
    ...api,
    metadata: { name: "v1beta1.metrics.k8s.io" },
    spec: { ...(api["spec"] as JsonObject), ...spec },
  };
  await made(SERVICES, metrics as unknown as JsonObject);
  const nodes = await server.send("GET", "/apis/metrics.k8s.io/v1beta1/nodes");
  t.match(nodes.body, { kind: "NodeMetricsList" });
});

async function identity(): Promise<{ cert: Buffer; key: Buffer; ca: Buffer }> {
  const { certFile, keyFile } = await server.authority.issue(
    "caller",
    "CN=kubernetes-admin, O=system:masters",
  );
  return {
    cert: readFileSync(certFile),
    key: readFileSync(keyFile),
    ca: readFileSync(server.authority.caFile),
  };
}

/** The connection once it is upgraded, or with which status that was refused. */
async function upgraded(path: string): Promise<Duplex | number> {
  const headers = { connection: "Upgrade", upgrade: "echo/1" };
  const outgoing = httpsRequest(`${server.url}${path}`, { ...(await identity()), headers });
  outgoing.end();
  return new Promise((resolve, reject) => {
    outgoing.once("upgrade", (_answer, socket) => resolve(socket));
    outgoing.once("response", (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    outgoing.once("error", reject);
  });
}
