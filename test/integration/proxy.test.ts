import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, get, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import t from "tap";
import { TestServer } from "../../apiserver/test-server.js";
import { installedKubectls } from "../../api/streaming/test-kubectls.js";
import { startPodOnAgent } from "./pod-on-agent.js";

const server = await TestServer.start();
t.teardown(() => server.close());
const agent = await startPodOnAgent(server, "one");
t.teardown(() => agent.close());
const DEFAULT = "/api/v1/namespaces/default";

interface Reply {
  readonly status?: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}
const replies = new Map<string, Reply>();

/** What "runs in the pod": it says how it was called, where it has nothing else to reply. */
const web = createServer((request, response) => {
  const reply = replies.get(request.url ?? "");
  if (reply !== undefined) {
    response.writeHead(reply.status ?? 200, reply.headers).end(reply.body);
    return;
  }
  void answer(request).then((said) => {
    response.writeHead(request.url === "/missing" ? 404 : 200, { "x-from": "the pod" });
    response.end(said);
  });
});
await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
t.teardown(() => web.close());
const { port } = web.address() as AddressInfo;

async function answer(request: IncomingMessage): Promise<string> {
  const { method, url, headers } = request;
  const { authorization, "x-test": test } = headers;
  return JSON.stringify({ method, url, test, authorization, body: await text(request) });
}

void t.test("every method reaches a port of a pod", async (t) => {
  for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
    const path = `${DEFAULT}/pods/one:${port}/proxy/some/path?a=1&b=2`;
    const body = method === "GET" ? undefined : "a body";
    const headers = { "x-test": "kept" };
    const said = await server.send(method, path, { headers, ...(body ? { body } : {}) });
    t.equal(said.status, 200, method);
    t.equal(said.headers["x-from"], "the pod");
    const sent = { method, url: "/some/path?a=1&b=2", test: "kept", body: body ?? "" };
    t.same(said.body, sent, method);
  }
  const head = await server.send("HEAD", `${DEFAULT}/pods/one:${port}/proxy/x`);
  t.match(head, { status: 200, headers: { "x-from": "the pod" } });
  t.equal((await server.send("GET", `${DEFAULT}/pods/one:${port}/proxy/missing`)).status, 404);
  const root = await server.send("GET", `${DEFAULT}/pods/one:${port}/proxy`);
  t.match(root, { status: 301, headers: { location: `${DEFAULT}/pods/one:${port}/proxy/` } });
});

void t.test("pages and redirections lead through the proxy again", async (t) => {
  const prefix = `${DEFAULT}/pods/one:${port}/proxy`;
  const page = `<a href="/x">\u00e4</a><a href="http://one:${port}/y">`;
  const seen = `<a href="${prefix}/x">\u00e4</a><a href="${prefix}/y">`;
  const html = { "content-type": "text/html; charset=utf-8", "access-control-allow-origin": "*" };
  replies.set("/page", { headers: html, body: Buffer.from(page) });
  const packed = { ...html, "content-encoding": "gzip" };
  replies.set("/packed", { headers: packed, body: gzipSync(page) });
  replies.set("/unknown", { headers: { ...html, "content-encoding": "zip" }, body: page });
  replies.set("/text", { headers: { "content-type": "text/plain" }, body: page });
  replies.set("/moved", { status: 302, headers: { location: "/login?to=/x" }, body: "" });
  const get = (path: string): ReturnType<TestServer["send"]> => server.send("GET", prefix + path);
  for (const path of ["/page", "/packed"]) {
    const { status, headers, bytes } = await get(path);
    t.match({ status, body: bytes.toString() }, { status: 200, body: seen }, path);
    t.equal(headers["content-encoding"], undefined);
    t.equal(headers["access-control-allow-origin"], undefined);
  }
  for (const path of ["/unknown", "/text"]) t.equal((await get(path)).bytes.toString(), page, path);
  t.match(await get("/moved"), { status: 302, headers: { location: `${prefix}/login?to=/x` } });
});

void t.test("a service chooses a pod", async (t) => {
  const service = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web" },
    spec: { ports: [{ name: "http", port: 80, targetPort: port }] },
  };
  const path = `${DEFAULT}/services/web:http/proxy/x`;
  t.equal((await server.send("GET", path)).status, 404);
  t.equal((await server.send("POST", `${DEFAULT}/services`, { body: service })).status, 201);
  t.match(await server.send("GET", path), { status: 503, body: { reason: "ServiceUnavailable" } });
  const targetRef = { kind: "Pod", namespace: "default", name: "one" };
  const endpoints = {
    apiVersion: "v1",
    kind: "Endpoints",
    metadata: { name: "web" },
    subsets: [{ addresses: [{ ip: "192.0.2.1", targetRef }], ports: [{ name: "http", port }] }],
  };
  t.equal((await server.send("POST", `${DEFAULT}/endpoints`, { body: endpoints })).status, 201);
  for (const name of ["web:http", "web:80", "web", "http:web:http"]) {
    t.match(await server.send("GET", `${DEFAULT}/services/${name}/proxy/x`), {
      status: 200,
      body: { url: "/x" },
    });
  }
});

void t.test("what cannot be reached is said", async (t) => {
  const unused = createServer();
  await new Promise<void>((resolve) => unused.listen(0, "127.0.0.1", resolve));
  const { port: closed } = unused.address() as AddressInfo;
  await new Promise((resolve) => unused.close(resolve));
  t.match(await server.send("GET", `${DEFAULT}/pods/one:${closed}/proxy/`), {
    status: 503,
    body: { message: /error trying to reach service: .*cannot connect/u },
  });
  t.equal((await server.send("GET", `${DEFAULT}/pods/none/proxy/`)).status, 404);
  t.equal((await server.send("GET", `${DEFAULT}/pods/one:x:y:z/proxy/`)).status, 400);
  t.equal((await server.send("GET", `${DEFAULT}/pods/one:99999/proxy/`)).status, 400);
  const nobody = { as: "nobody" } as const;
  t.equal((await server.send("GET", `${DEFAULT}/pods/one:80/proxy/`, nobody)).status, 403);
});

void t.test("a node's agent", async (t) => {
  const said = await server.send("GET", "/api/v1/nodes/n1/proxy/containerLogs/default/one/main");
  t.match(said, { status: 200, headers: { "content-type": "text/plain" } });
  t.equal((await server.send("GET", "/api/v1/nodes/none/proxy/healthz")).status, 404);
});

void t.test("kubectl proxy", async (t) => {
  const kubeconfig = await server.kubeconfig();
  for (const { version, path } of installedKubectls()) {
    const child = spawn(path, ["--kubeconfig", kubeconfig, "proxy", "--port=0"]);
    t.teardown(() => child.kill());
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    const local = Number(/:(\d+)\s*$/u.exec(line.toString())?.[1]);
    const through = (url: string): Promise<string> =>
      new Promise((resolve, reject) => {
        get({ port: local, host: "127.0.0.1", path: url, agent: false }, (response) => {
          void text(response).then(resolve, reject);
        }).once("error", reject);
      });
    t.match(JSON.parse(await through(`${DEFAULT}/pods/one`)), { kind: "Pod" }, version);
    const nested = await through(`${DEFAULT}/pods/one:${port}/proxy/deep?x=1`);
    t.match(JSON.parse(nested), { url: "/deep?x=1" }, `${version}, through the pod's proxy`);
    child.kill();
    await once(child, "close");
  }
  await agent.idle();
  t.equal(agent.connections(), 0, "nothing is left open");
});
