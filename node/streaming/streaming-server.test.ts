import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { buffer, text } from "node:stream/consumers";
import { connect } from "node:tls";
import t, { type Test } from "tap";
import type { ApiClient } from "../../api/client/client-types.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import { createTestAuthority, type TestIdentity } from "../../api/streaming/test-certificates.js";
import { realClock } from "../../api/streaming/test-clock.js";
import { startTestRuntime } from "../../api/streaming/test-runtime.js";
import { dialWebSocket, UpgradeRefused } from "../../api/streaming/upgrade.js";
import { webSocketCommandClient } from "../../api/streaming/websocket-command.js";
import { present } from "../../base/assert.js";
import type { Clock } from "../../base/clock.js";
import { silentLogger } from "../../base/logger.js";
import type { MetricPages } from "../metrics/metric-pages.js";
import { ClientAccess } from "./client-access.js";
import { PodStreamError, type PodStreams } from "./pod-streams.js";
import { LocalVolumes } from "../volumes/local-volumes.js";
import { startStreamingServer } from "./streaming-server.js";

const meta = { name: "p", namespace: "n", uid: "u", resourceVersion: "1", creationTimestamp: "" };
const state = { running: {} };
const common = { image: "i", imageID: "", ready: true, restartCount: 0 };
const POD: Pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: meta,
  spec: { containers: [{ name: "c" }, { name: "down" }] },
  status: { containerStatuses: [{ ...common, name: "c", containerID: "x://id", state }] },
};
/** How much faster time goes by where certificates are to be read again. */
const QUICKER = 6_000;
const BOTH = { stdin: true, stdout: true, stderr: true, tty: false };

const API: Pick<ApiClient, "request"> = {
  request: () => Promise.reject(new Error("no API server in this test")),
};

async function start(t: Test, client = API, clock = realClock) {
  const authority = await createTestAuthority();
  const runtime = await startTestRuntime();
  const logPath = join(authority.dir, "0.log");
  await writeFile(logPath, "2026-11-20T10:00:00Z stdout F hello\n");
  const streams: PodStreams = {
    pod: (namespace, name) => (namespace === "n" && name === "p" ? POD : null),
    pods: () => [POD],
    containerLog: () => Promise.resolve({ path: logPath, running: false }),
    exec: (_id, { command, ...rest }) => Promise.resolve(runtime.commandUrl(command, rest)),
    attach: () => Promise.reject(new PodStreamError("Unsupported", "simulated containers")),
    portForward: () => Promise.resolve(runtime.portForwardUrl()),
  };
  const pages: Pick<MetricPages, "page"> = {
    page: (path, query) =>
      Promise.resolve({ contentType: "text/plain", text: `${path} ${query.toString()}` }),
  };
  const localVolumes = new LocalVolumes(join(authority.dir, "local-volumes"));
  const identity = await authority.issue("agent", "CN=system:node:n1, O=system:nodes");
  const server = await startStreamingServer(
    { listen: { host: "127.0.0.1", port: 0 }, tls: { ...identity, caFile: authority.caFile } },
    {
      access: new ClientAccess(client, { nodeName: "n1", clock: realClock }),
      streams,
      pages,
      localVolumes,
      gossip: ({ socket }, { name }) => socket.end(`HTTP/1.1 299 ${name}\r\n\r\n`),
      clock,
      logger: silentLogger,
    },
  );
  t.teardown(async () => {
    await server.close();
    await runtime.close();
    await authority.remove();
  });
  const tls = async (client: TestIdentity | null) => ({
    ca: await readFile(authority.caFile),
    ...(client === null
      ? {}
      : { cert: await readFile(client.certFile), key: await readFile(client.keyFile) }),
  });
  const api = await authority.issue("api", "CN=kube-apiserver-kubelet-client");
  return {
    authority,
    runtime,
    server,
    identity,
    tls,
    api,
    url: `https://127.0.0.1:${server.port}`,
  };
}
type Started = Awaited<ReturnType<typeof start>>;

/** `client`: a certificate, a token, or nothing. */
async function fetchText(
  { tls, url }: Started,
  path: string,
  client: TestIdentity | string | null,
  method = "GET",
): Promise<{ status: number; body: string }> {
  const isToken = typeof client === "string";
  const credentials = await tls(isToken ? null : client);
  const headers = isToken ? { authorization: `Bearer ${client}` } : {};
  return new Promise((resolve, reject) => {
    const options = { agent: false, method, headers, ...credentials };
    const asked = request(`${url}${path}`, options, (response) => {
      const status = response.statusCode ?? 0;
      text(response).then((body) => resolve({ status, body }), reject);
    });
    asked.once("error", reject);
    asked.end();
  });
}

t.test("who may enter", async (t) => {
  const running = await start(t);
  const { authority, api } = running;
  const path = "/containerLogs/n/p/c";
  const cases: readonly [string, TestIdentity | null, number][] = [
    ["nobody", null, 401],
    ["the API server", api, 200],
    ["an administrator", await authority.issue("admin", "CN=me, O=system:masters"), 200],
  ];
  for (const [who, client, status] of cases)
    t.equal((await fetchText(running, path, client)).status, status, who);
  const other = await createTestAuthority();
  t.teardown(() => other.remove());
  const stranger = await other.issue("api", "CN=kube-apiserver-kubelet-client");
  t.equal((await fetchText(running, path, stranger)).status, 401, "of another authority");
  t.match(await fetchText(running, path, "token"), {
    status: 503,
    body: /could not be asked who may enter: no API server in this test/,
  });
});

t.test("a certificate that was replaced is what the next caller sees", async (t) => {
  const quick: Clock = {
    ...realClock,
    schedule: (delayMs, run) => realClock.schedule(delayMs / QUICKER, run),
  };
  const { server, authority, identity, tls } = await start(t, API, quick);
  const seen = async (): Promise<string> => {
    const options = { ...(await tls(null)), host: "127.0.0.1", port: server.port };
    const socket = connect({ ...options, checkServerIdentity: () => undefined });
    await once(socket, "secureConnect");
    const { fingerprint256 } = socket.getPeerCertificate();
    socket.destroy();
    return fingerprint256;
  };
  for (let round = 0; round < 2; round += 1) {
    const before = await seen();
    const next = await authority.issue("next", "CN=system:node:n1, O=system:nodes");
    await Promise.all([
      copyFile(next.certFile, identity.certFile),
      copyFile(next.keyFile, identity.keyFile),
    ]);
    const certificate = new X509Certificate(await readFile(next.certFile));
    let now = before;
    while (now === before) now = await seen();
    t.equal(now, certificate.fingerprint256);
  }
});

t.test("members of the gossip enter by their certificates", async (t) => {
  const running = await start(t);
  const { authority, api, tls, url } = running;
  const open = async (client: TestIdentity | null): Promise<number> => {
    const headers = { connection: "Upgrade", upgrade: "websocket" };
    const options = { agent: false, headers, ...(await tls(client)) };
    return new Promise((resolve, reject) => {
      const asked = request(`${url}/raftsman/v1/gossip`, options, ({ statusCode = 0 }) =>
        resolve(statusCode),
      );
      asked.once("error", reject);
      asked.end();
    });
  };
  const node = await authority.issue("node", "CN=system:node:n2, O=system:nodes");
  t.equal(await open(node), 299, "a node, of whom the API server is not asked");
  t.equal(await open(api), 299, "a server");
  t.equal(await open(null), 403);
  t.equal(await open(await authority.issue("admin", "CN=me, O=system:masters")), 403);
  t.equal(await open(await authority.issue("posing", "CN=system:node:n2")), 403);
  const other = await createTestAuthority();
  t.teardown(() => other.remove());
  t.equal(await open(await other.issue("node", "CN=system:node:n2, O=system:nodes")), 403);
});

t.test("the folder of a volume is deleted", async (t) => {
  const running = await start(t);
  const { authority, api } = running;
  const folder = join(authority.dir, "local-volumes/pvc-1");
  await mkdir(join(folder, "data"), { recursive: true });
  const ask = (path: string, client = api, method = "DELETE") =>
    fetchText(running, path, client, method);
  const node = await authority.issue("node", "CN=system:node:n2, O=system:nodes");
  t.equal(
    (await ask("/localVolumes/pvc-1", node)).status,
    503,
    "by nobody whom the API did not allow",
  );
  t.equal((await ask("/localVolumes/pvc-1", api, "GET")).status, 405);
  t.equal((await ask("/localVolumes/..%2Fapi.key")).status, 400, "nothing beside it");
  t.ok(existsSync(folder));
  t.match(await ask("/localVolumes/pvc-1"), { status: 200, body: /"status":"Success"/ });
  t.notOk(existsSync(folder));
  t.equal((await ask("/localVolumes/pvc-1")).status, 200, "it is not there");
});

t.test("plain requests", async (t) => {
  const running = await start(t);
  const cases: readonly [string, number, RegExp][] = [
    ["/healthz", 200, /^ok$/],
    ["/metrics/cadvisor", 200, /^\/metrics\/cadvisor $/],
    [
      "/stats/summary/?only_cpu_and_memory=true",
      200,
      /^\/stats\/summary only_cpu_and_memory=true$/,
    ],
    [
      "/pods",
      200,
      /^\{"kind":"PodList","apiVersion":"v1","metadata":\{\},"items":\[\{.*"name":"p"/,
    ],
    ["/metrics/else", 404, /"reason":"NotFound"/],
    ["/containerLogs/n/p/c", 200, /^hello\n$/],
    ["/containerLogs/n/p/c?timestamps=true", 200, /^2026-11-20T10:00:00\.000000000Z hello\n$/],
    ["/containerLogs/n/p/c?tailLines=x", 400, /malformed log options/],
    ["/containerLogs/n/p/c?previous=true", 400, /previous terminated container \\"c\\"/],
    ["/containerLogs/n/p/down", 400, /container \\"down\\" in pod \\"p\\" is not available/],
    ["/containerLogs/n/gone/c", 404, /pods \\"gone\\" not found/],
    ["/containerLogs/n/p", 404, /"reason":"NotFound"/],
    ["/%zz/a/b/c", 404, /"reason":"NotFound"/],
    ["//", 404, /"reason":"NotFound"/],
    ["/exec/n/p/c?command=a&stdout=true", 400, /Upgrade request required/],
  ];
  for (const [path, status, body] of cases) {
    const answer = await fetchText(running, path, running.api);
    t.equal(answer.status, status, path);
    t.match(answer.body, body, path);
  }
});

t.test("exec runs through the runtime's stream", async (t) => {
  const { url, tls, api, runtime } = await start(t);
  const dial = async (path: string) =>
    dialWebSocket({
      url: new URL(`${url}${path}`),
      protocols: ["v5.channel.k8s.io"],
      tls: await tls(api),
      signal: AbortSignal.timeout(10_000),
    });
  const query = "command=sh&command=-c&command=cat%3B%20echo%20bad%20%3E%262%3B%20exit%205";
  const socket = await dial(`/exec/n/p/c?${query}&stdin=true&stdout=true&stderr=true`);
  const end = webSocketCommandClient(socket, BOTH);
  const data = Buffer.alloc(2_000_000, "0123456789");
  end.stdin?.end(data);
  t.ok((await buffer(present(end.stdout, "stdout"))).equals(data), "stdout is what stdin was");
  t.equal(await text(present(end.stderr, "stderr")), "bad\n");
  t.match(JSON.parse(await text(end.error)), {
    reason: "NonZeroExitCode",
    details: { causes: [{ reason: "ExitCode", message: "5" }] },
  });
  await end.closed;
  t.equal(runtime.connections(), 0, "nothing is left");
  const refused: readonly [string, number, RegExp][] = [
    ["/exec/n/p/down?command=a&stdout=true", 500, /container not found \(\\"down\\"\)/],
    ["/exec/n/gone/c?command=a&stdout=true", 404, /pods \\"gone\\" not found/],
    ["/attach/n/p/c?stdout=true", 400, /simulated containers/],
    ["/containerLogs/n/p/c", 400, /nothing to upgrade to/],
  ];
  for (const [path, status, body] of refused) {
    const error: unknown = await dial(path).catch((thrown: unknown) => thrown);
    t.ok(error instanceof UpgradeRefused, path);
    if (error instanceof UpgradeRefused) t.equal(error.statusCode, status, path);
    if (error instanceof UpgradeRefused) t.match(error.body, body, path);
  }
});
