import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import {
  createServer as createTcpServer,
  type AddressInfo,
  type Server as TcpServer,
} from "node:net";
import t, { type Test } from "tap";
import { createTestAuthority } from "../../api/streaming/test-certificates.js";
import { CriError } from "../cri/cri-error.js";
import type { Runtime } from "../cri/runtime.js";
import { aContainer } from "../plan/plan-fixtures.js";
import { type ProbeAction, runProbe } from "./probe-runner.js";
import { startHealthServer } from "./test-health-server.js";

const HOST = "127.0.0.1";

async function listen(t: Test, server: TcpServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  t.teardown(() => {
    (server as Partial<Server>).closeAllConnections?.();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function probe(
  action: ProbeAction,
  options: { port?: number; execSync?: unknown; timeoutMs?: number } = {},
) {
  const { port = 1, timeoutMs = 10_000 } = options;
  const container = aContainer("main", { ports: [{ name: "web", containerPort: port }] });
  return runProbe({ execSync: options.execSync } as Runtime, action, {
    container,
    containerId: "c",
    podIp: HOST,
    timeoutMs,
    signal: new AbortController().signal,
  });
}

void t.test("http", async (t) => {
  const seen: IncomingMessage[] = [];
  const answer: RequestListener = (request, response) => {
    seen.push(request);
    const [, code = "", where] = /^\/(\d+)(?:\?to=(.*))?$/.exec(request.url ?? "") ?? [];
    response.writeHead(Number(code), where === undefined ? {} : { location: where });
    response.end("a body");
  };
  const port = await listen(t, createServer(answer));
  const get = (path: string, more: object = {}) =>
    probe({ httpGet: { path, port: "web", ...more } }, { port });
  t.same(await get("/200"), { ok: true, message: "a body" });
  t.same(await get("399"), { ok: true, message: "a body" }, "a path begins with a slash");
  t.same(await get("/404"), {
    ok: false,
    answered: true,
    message: "HTTP probe failed with statuscode: 404",
  });
  t.same(await get("/302?to=/200"), { ok: true, message: "a body" });
  t.match(await get("/302?to=http://example.com/"), { ok: true });
  t.match(await get("/302?to=/302?to=/302"), { ok: true }, "a redirect to nowhere is an answer");
  const httpHeaders = [
    { name: "X-A", value: "1" },
    { name: "x-a", value: "2" },
    { name: "Host", value: "example.com" },
    { name: "Accept", value: "" },
  ];
  seen.length = 0;
  await get("/200");
  await get("/200", { httpHeaders });
  t.match(seen[0]?.headers, {
    "user-agent": /^kube-probe/,
    accept: "*/*",
    host: `${HOST}:${port}`,
  });
  t.match(seen[1]?.headers, { "x-a": "1, 2", host: "example.com" });
  t.equal(seen[1]?.headers.accept, undefined);
  t.same(await probe({ httpGet: { port: "nowhere" } }), {
    ok: false,
    message: "couldn't find port: nowhere",
  });
});

void t.test("http: round in circles, refused, too slow", async (t) => {
  const circle: RequestListener = (_request, response) => {
    response.writeHead(302, { location: "/" }).end();
  };
  const port = await listen(t, createServer(circle));
  t.match(await probe({ httpGet: { port } }), { ok: false, message: /stopped after 10 redirects/ });
  const silent = await listen(
    t,
    createServer(() => {}),
  );
  t.match(await probe({ httpGet: { port: silent } }, { timeoutMs: 50 }), {
    ok: false,
    message: /Get "http:\/\/127.0.0.1:\d+\/": context deadline exceeded/,
  });
  const closed = createTcpServer();
  const unused = await listen(t, closed);
  await new Promise((resolve) => closed.close(resolve));
  t.same(await probe({ httpGet: { port: unused } }), {
    ok: false,
    message: `Get "http://${HOST}:${unused}/": dial tcp ${HOST}:${unused}: connect: connection refused`,
  });
});

void t.test("https: whoever signed the certificate", async (t) => {
  const authority = await createTestAuthority();
  t.teardown(() => authority.remove());
  const { certFile, keyFile } = await authority.issue("web", "CN=web");
  const tls = { cert: await readFile(certFile), key: await readFile(keyFile) };
  const port = await listen(
    t,
    createTlsServer(tls, (_request, response) => response.end("ok")),
  );
  t.same(await probe({ httpGet: { port, scheme: "HTTPS" } }), { ok: true, message: "ok" });
  t.match(await probe({ httpGet: { port } }), { ok: false });
});

void t.test("http: line ends of small servers", async (t) => {
  const server = createTcpServer((socket) => {
    socket.once("data", () => socket.end("HTTP/1.0 200 OK\r\n\nfine"));
  });
  const port = await listen(t, server);
  t.same(await probe({ httpGet: { port } }), { ok: true, message: "fine" });
});

void t.test("tcp", async (t) => {
  const server = createTcpServer((socket) => socket.destroy());
  const port = await listen(t, server);
  t.same(await probe({ tcpSocket: { port: "web" } }, { port }), { ok: true, message: "" });
  await new Promise((resolve) => server.close(resolve));
  t.same(await probe({ tcpSocket: { port } }), {
    ok: false,
    message: `dial tcp ${HOST}:${port}: connect: connection refused`,
  });
});

void t.test("exec", async (t) => {
  const ends = (exitCode: number) => () =>
    Promise.resolve({ exitCode, stdout: Buffer.from("out "), stderr: Buffer.from("err") });
  const fails = (code: "DeadlineExceeded" | "Unavailable") => () =>
    Promise.reject(new CriError(code, "ExecSync", { message: code }));
  const exec = { command: ["cat", "/tmp/healthy"] };
  const run = (execSync: unknown) => probe({ exec }, { execSync, timeoutMs: 2000 });
  t.same(await run(ends(0)), { ok: true, message: "out err" });
  t.same(await run(ends(1)), { ok: false, message: "out err" });
  t.same(await run(fails("DeadlineExceeded")), {
    ok: false,
    message: 'command timed out: "cat /tmp/healthy" timed out after 2s',
  });
  t.match(await run(fails("Unavailable")), { ok: false, errored: true });
});

void t.test("grpc", async (t) => {
  const states = new Map([
    ["", 1],
    ["down", 2],
  ]);
  const { port, stop } = await startHealthServer(HOST, states);
  t.teardown(stop);
  const ask = (service?: string, timeoutMs?: number) =>
    probe(
      { grpc: { port, ...(service === undefined ? {} : { service }) } },
      timeoutMs === undefined ? {} : { timeoutMs },
    );
  t.same(await ask(), { ok: true, message: "" });
  t.same(await ask("down"), {
    ok: false,
    message: 'service unhealthy (responded with "NOT_SERVING")',
  });
  t.match(await ask("other"), {
    ok: false,
    message: /error: health rpc failed: .*unknown service/,
  });
  t.match(await ask("silent", 50), { ok: false, message: /^timeout: failed to connect service/ });
  stop();
  t.match(await ask(), { ok: false, message: /^error: health rpc failed/ });
});
