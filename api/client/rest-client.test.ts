import { rename } from "node:fs/promises";
import net from "node:net";
import t, { type Test } from "tap";
import { silentLogger } from "../../base/logger.js";
import { isApiError, isExpired, isNotFound } from "./api-error.js";
import type { ApiClient, ClientConfig, Fence, WatchEvent } from "./client-types.js";
import { CONNECTION_TIMES, type ConnectionTimes } from "./connection.js";
import { PODS } from "./resource-types.js";
import { createApiClient } from "./rest-client.js";
import {
  createTestAuthority,
  type ScriptedServer,
  sendJson,
  startScriptedServer,
} from "./scripted-server.js";
import { systemClock, systemRandom } from "./system-clock.js";

const authority = await createTestAuthority();
t.teardown(() => authority.remove());

async function serve(
  t: Test,
  answer: ScriptedServer["answer"],
  times: Partial<ConnectionTimes> = {},
): Promise<{ server: ScriptedServer; client: ApiClient }> {
  const server = await startScriptedServer(authority, answer);
  const client = connect(t, server.config, times);
  t.teardown(() => server.stop());
  return { server, client };
}

function connect(t: Test, config: ClientConfig, times: Partial<ConnectionTimes> = {}): ApiClient {
  const client = createApiClient(config, {
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
    times: { ...CONNECTION_TIMES, ...times },
  });
  t.teardown(() => client.close());
  return client;
}

const pod = (name: string, resourceVersion = "1") => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "default", uid: name, resourceVersion },
  spec: { containers: [] },
});
const failure = (code: number, reason: string, details = {}) => ({
  apiVersion: "v1",
  kind: "Status",
  status: "Failure",
  code,
  reason,
  message: `${reason} said the server`,
  details,
});

void t.test("requests have the paths, methods and bodies of the API", async (t) => {
  const { server, client } = await serve(t, (_request, stream) => sendJson(stream, pod("a")));
  const pods = client.resource(PODS);
  await pods.get("a", { namespace: "default" });
  await pods.create(pod("a") as never);
  await pods.update(pod("a") as never, { subresource: "status" });
  await pods.patch("a", { x: 1 }, { namespace: "default", type: "strategic", fieldManager: "m" });
  await pods.delete("a", { namespace: "default", uid: "u", propagationPolicy: "Orphan" });
  await client.request("POST", "/api/v1/namespaces/default/pods/a/binding", { body: { b: 1 } });
  t.strictSame(
    server.requests.map(({ method, path }) => `${method} ${path}`),
    [
      "GET /api/v1/namespaces/default/pods/a",
      "POST /api/v1/namespaces/default/pods",
      "PUT /api/v1/namespaces/default/pods/a/status",
      "PATCH /api/v1/namespaces/default/pods/a?fieldManager=m",
      "DELETE /api/v1/namespaces/default/pods/a",
      "POST /api/v1/namespaces/default/pods/a/binding",
    ],
  );
  t.equal(server.requests[3]?.headers["content-type"], "application/strategic-merge-patch+json");
  t.strictSame(JSON.parse(server.requests[4]?.body ?? ""), {
    apiVersion: "v1",
    kind: "DeleteOptions",
    propagationPolicy: "Orphan",
    preconditions: { uid: "u" },
  });
  t.equal(server.requests[0]?.user, "client", "the client certificate is presented");
  t.equal(server.sessions.size, 1, "one connection for all calls");
});

void t.test("a failure is an ApiError with the Status of the server", async (t) => {
  const { client } = await serve(t, (_request, stream) =>
    sendJson(stream, failure(404, "NotFound", { name: "a" }), { status: 404 }),
  );
  const error = await client
    .resource(PODS)
    .get("a", { namespace: "default" })
    .catch((e: unknown) => e);
  t.ok(isNotFound(error));
  t.match(error, { code: "NotFound", statusCode: 404, message: "NotFound said the server" });
});

void t.test("an answer that is no Status is still told apart by its code", async (t) => {
  const { client } = await serve(t, (_request, stream) => {
    stream.respond({ ":status": 502, "content-type": "text/html" });
    stream.end("<h1>bad gateway</h1>");
  });
  await t.rejects(client.request("GET", "/version"), { code: "Unknown", statusCode: 502 });
});

void t.test("429 and 503 with Retry-After are tried again, other refusals are not", async (t) => {
  let refusals = 2;
  const { server, client } = await serve(t, ({ path }, stream) => {
    if (path === "/never") sendJson(stream, failure(500, "InternalError"), { status: 500 });
    else if (refusals > 0) {
      refusals -= 1;
      const headers = { "retry-after": "0" };
      sendJson(stream, failure(429, "TooManyRequests"), { status: 429, headers });
    } else sendJson(stream, { ok: true });
  });
  t.strictSame(await client.request("POST", "/x", { body: {} }), { ok: true });
  t.equal(server.requests.length, 3);
  await t.rejects(client.request("POST", "/never", { body: {} }), { code: "InternalError" });
  t.equal(server.requests.length, 4);
});

void t.test("a call ends with its deadline, and with its signal", async (t) => {
  const { client } = await serve(t, () => {});
  await t.rejects(client.request("GET", "/slow", { timeoutMs: 50 }), { code: "Timeout" });
  const controller = new AbortController();
  const call = client.request("GET", "/slow", { signal: controller.signal });
  controller.abort(new Error("enough"));
  await t.rejects(call, { message: "enough" });
});

void t.test("a watch yields events however the bytes are cut", async (t) => {
  const lines = [
    { type: "ADDED", object: pod("a", "5") },
    { type: "BOOKMARK", object: { metadata: { resourceVersion: "7" } } },
    { type: "DELETED", object: pod("ü", "8") },
  ].map((event) => `${JSON.stringify(event)}\n`);
  const { server, client } = await serve(t, (_request, stream) => {
    stream.respond({ ":status": 200 });
    const bytes = Buffer.from(lines.join(""));
    for (let at = 0; at < bytes.length; at += 7) stream.write(bytes.subarray(at, at + 7));
    stream.end();
  });
  const seen: string[] = [];
  const watch = client.resource(PODS).watch({ resourceVersion: "3", labelSelector: "a in (b)" });
  for await (const event of watch)
    seen.push(
      event.type === "BOOKMARK"
        ? event.resourceVersion
        : `${event.type} ${event.object.metadata.name}`,
    );
  t.strictSame(seen, ["ADDED a", "7", "DELETED ü"]);
  t.equal(
    server.requests[0]?.path,
    "/api/v1/pods?labelSelector=a%20in%20(b)&resourceVersion=3&watch=1&allowWatchBookmarks=true",
  );
});

void t.test("a watch whose revision is gone throws Expired", async (t) => {
  const { client } = await serve(t, (_request, stream) => {
    stream.respond({ ":status": 200 });
    stream.end(`${JSON.stringify({ type: "ERROR", object: failure(410, "Expired") })}\n`);
  });
  const error = await client
    .resource(PODS)
    .watch({ resourceVersion: "3" })
    [Symbol.asyncIterator]()
    .next()
    .catch((e: unknown) => e);
  t.ok(isExpired(error));
});

void t.test("a watch ends quietly when its signal aborts, and hangs up", async (t) => {
  const hungUp = new Promise<void>((resolve) => {
    void serve(t, (_request, stream) => {
      stream.once("close", resolve);
      stream.respond({ ":status": 200 });
      stream.write(`${JSON.stringify({ type: "ADDED", object: pod("a") })}\n`);
    }).then(async ({ client }) => {
      const controller = new AbortController();
      const events: WatchEvent<unknown>[] = [];
      const options = { resourceVersion: "3", signal: controller.signal };
      for await (const event of client.resource(PODS).watch(options)) {
        events.push(event);
        controller.abort();
      }
      t.equal(events.length, 1);
    });
  });
  await hungUp;
});

void t.test("a stream hands out bytes as they come", async (t) => {
  const { client } = await serve(t, (_request, stream) => {
    stream.respond({ ":status": 200, "content-type": "text/plain" });
    stream.write("one\n");
    stream.end("two\n");
  });
  const log = await client.stream("/log");
  t.equal(log.contentType, "text/plain");
  const chunks: Uint8Array[] = [];
  for await (const chunk of log.body) chunks.push(chunk);
  t.equal(Buffer.concat(chunks).toString(), "one\ntwo\n");
});

void t.test("when a server is gone the next one is used, for what is safe to repeat", async (t) => {
  const first = await serve(t, (_request, stream) => stream.session?.destroy());
  const second = await serve(t, (_request, stream) => sendJson(stream, { server: 2 }));
  const servers = [...first.server.config.servers, ...second.server.config.servers];
  const client = connect(t, { ...first.server.config, servers });
  const lost = client.request("POST", "/write", { body: {} });
  await t.rejects(lost, { code: "ServiceUnavailable", statusCode: 0 }, "may have been carried out");
  await first.server.stop();
  t.strictSame(await client.request("POST", "/write", { body: {} }), { server: 2 });
  t.strictSame(await client.request("GET", "/read"), { server: 2 });
});

void t.test("a server that cannot serve is left, also by its watches", async (t) => {
  const first = await serve(t, (request, stream) => {
    if (request.path === "/follow") stream.respond({ ":status": 200 });
    else sendJson(stream, { kind: "Status", code: 503 }, { status: 503 });
  });
  const second = await serve(t, (_request, stream) => sendJson(stream, { server: 2 }));
  const servers = [...first.server.config.servers, ...second.server.config.servers];
  const client = connect(t, { ...first.server.config, servers });
  const followed = await client.stream("/follow");
  for (let i = 0; i < 3; i += 1)
    await t.rejects(client.request("GET", "/read"), { code: "ServiceUnavailable" });
  const read = async (): Promise<void> => {
    for await (const chunk of followed.body) t.fail(`no chunk: ${String(chunk)}`);
  };
  await t.rejects(read(), { code: "ServiceUnavailable" }, "it has to be opened again, elsewhere");
  t.strictSame(await client.request("GET", "/read"), { server: 2 });
});

void t.test("a call whose servers are all gone ends with its deadline", async (t) => {
  const first = await serve(t, (_request, stream) => sendJson(stream, { n: 1 }));
  await first.client.request("GET", "/x");
  await first.server.stop();
  const call = first.client.request("GET", "/x", { timeoutMs: 300 });
  const error = await call.catch((e: unknown) => e);
  t.ok(isApiError(error, "ServiceUnavailable", "Timeout"));
});

void t.test("a server that no longer answers is noticed by pings", async (t) => {
  const { server } = await serve(t, (_request, stream) => sendJson(stream, {}));
  const wire = await startWire(t, server);
  const config = { ...server.config, servers: [wire.url] };
  const client = connect(t, config, { pingIntervalMs: 30, pingTimeoutMs: 60 });
  await client.request("GET", "/x");
  wire.cut();
  await t.rejects(client.request("POST", "/x", { body: {}, timeoutMs: 5000 }), {
    code: "ServiceUnavailable",
  });
});

void t.test("a client that did not run for a while keeps its connection", async (t) => {
  let answer = (): void => {};
  const { client } = await serve(
    t,
    (_request, stream) => {
      answer = () => sendJson(stream, { n: 1 });
    },
    { pingIntervalMs: 1, pingTimeoutMs: 60 },
  );
  const call = client.request("POST", "/x", { body: {}, timeoutMs: 20_000 });
  for (let turn = 0; turn < 20; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 3));
    // Some ping is under way, and its time is over before the answer is read.
    for (const endMs = performance.now() + 120; performance.now() < endMs; );
  }
  answer();
  t.strictSame(await call, { n: 1 });
});

/** A wire that can be cut so that neither end notices: the kernel keeps both connections. */
async function startWire(t: Test, server: ScriptedServer): Promise<{ url: string; cut(): void }> {
  let whole = true;
  const sockets: net.Socket[] = [];
  const wire = net.createServer((near) => {
    const far = net.connect(Number(new URL(server.config.servers[0] ?? "").port), "127.0.0.1");
    sockets.push(near, far);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on("error", () => {});
      from.on("data", (bytes) => whole && to.write(bytes));
      from.on("close", () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => wire.listen(0, "127.0.0.1", resolve));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    wire.close();
  });
  const { port } = wire.address() as net.AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    cut: () => {
      whole = false;
    },
  };
}

void t.test("a certificate that was replaced is used for new calls", async (t) => {
  const { server, client } = await serve(t, (_request, stream) => sendJson(stream, {}), {
    pingIntervalMs: 10,
    certificateCheckMs: 0,
  });
  await client.request("GET", "/x");
  const other = await authority.issue("rotated");
  await rename(other.certFile, server.config.certFile);
  await rename(other.keyFile, server.config.keyFile);
  let user = "";
  for (const endMs = Date.now() + 5000; user !== "rotated" && Date.now() < endMs; ) {
    await client.request("GET", "/x");
    user = server.requests.at(-1)?.user ?? "";
  }
  t.equal(user, "rotated");
});

void t.test("fenced writes carry the holding of that moment, reads do not", async (t) => {
  const { server, client } = await serve(t, (_request, stream) => sendJson(stream, {}));
  let fence: Fence | null = { namespace: "kube-system", name: "l", uid: "u", leaseTransitions: 3 };
  const fenced = client.fencedBy(() => fence);
  await fenced.request("PUT", "/x", { body: {} });
  await fenced.request("GET", "/x");
  t.equal(server.requests[0]?.headers["raftsman-fence"], "kube-system/l;uid=u;transitions=3");
  t.equal(server.requests[1]?.headers["raftsman-fence"], undefined);
  fence = null;
  const refused = { name: "ApiError", code: "ServiceUnavailable" };
  await t.rejects(fenced.request("PUT", "/x", { body: {} }), refused, "no conflict to be ignored");
  t.equal(server.requests.length, 2, "nothing is sent by one who does not lead");
});
