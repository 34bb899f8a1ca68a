import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect as connectHttp2 } from "node:http2";
import { readFile } from "node:fs/promises";
import { connect as connectTcp } from "node:net";
import { text } from "node:stream/consumers";
import { connect as connectTls, type PeerCertificate } from "node:tls";
import t, { type Test } from "tap";
import { createTestAuthority, type TestAuthority } from "../../api/streaming/test-certificates.js";
import { realClock } from "../../api/streaming/test-clock.js";
import { silentLogger } from "../../base/logger.js";
import type { ApiRequest, ApiResponse } from "./http-types.js";
import { Listener, type TlsMaterial } from "./listener.js";
import { textResponse } from "./responses.js";

const authority = await createTestAuthority();
t.teardown(() => authority.remove());

async function material(of: TestAuthority, name: string): Promise<TlsMaterial> {
  const { certFile, keyFile } = await of.issue(name, `CN=${name}`);
  const [cert, key, clientCa] = await Promise.all(
    [certFile, keyFile, of.caFile].map((file) => readFile(file)),
  );
  return { cert, key, clientCa } as TlsMaterial;
}

interface Started {
  readonly listener: Listener;
  readonly port: number;
}

async function start(
  t: Test,
  serve: (request: ApiRequest) => Promise<ApiResponse>,
): Promise<Started> {
  const listener = new Listener(await material(authority, "first"), {
    service: { serve, upgrade: async () => {} },
    clock: realClock,
    logger: silentLogger,
    newRequestId: () => "id",
    authenticate: () => null,
  });
  const port = await listener.listen({ host: "127.0.0.1", port: 0 });
  t.teardown(() => listener.close(0));
  return { listener, port };
}

/** One plain call over HTTP/1.1. */
function call(
  port: number,
  options: { method?: string; body?: string } = {},
): Promise<{ status: number; body: string; headers: Readonly<Record<string, unknown>> }> {
  return new Promise((resolve, reject) => {
    const { method = "GET", body } = options;
    const what = { port, host: "127.0.0.1", method, path: "/x?y=1", rejectUnauthorized: false };
    const request = httpsRequest({ ...what, agent: false }, (response) => {
      void text(response).then((said) => {
        const { statusCode = 0, headers } = response;
        resolve({ status: statusCode, body: said, headers });
      }, reject);
    });
    request.once("error", reject);
    request.end(body);
  });
}

function certificateOf(port: number): Promise<PeerCertificate> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false });
    socket.once("secureConnect", () => {
      resolve(socket.getPeerCertificate());
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

void t.test("a connection that never speaks TLS does not hold up the end", async (t) => {
  const { listener, port } = await start(t, async () => textResponse(200, "ok"));
  const silent = connectTcp(port, "127.0.0.1");
  const gone = once(silent, "close");
  silent.on("error", () => {});
  await once(silent, "connect");
  // Connections are accepted in their order: the silent one is known.
  t.match(await call(port), { status: 200 });
  await listener.close(0);
  await gone;
});

void t.test("plain calls over HTTP/1.1", async (t) => {
  const { port } = await start(t, async (request) => {
    const body = await request.readBody(100);
    if (request.method !== "POST") return textResponse(200, `${request.path} ${body.length}`);
    const run = async (sink: { write(chunk: Uint8Array): void }): Promise<void> => {
      sink.write(Buffer.from("one "));
      sink.write(body);
    };
    return { status: 201, headers: { "x-a": ["1", "2"] }, body: { type: "stream", run } };
  });
  t.match(await call(port), { status: 200, body: "/x 0", headers: { "content-length": "4" } });
  t.match(await call(port, { method: "HEAD" }), { status: 200, body: "" });
  t.match(await call(port, { method: "POST", body: "two" }), {
    status: 201,
    body: "one two",
    headers: { "x-a": "1, 2" },
  });
  t.equal((await call(port, { method: "PUT", body: "x".repeat(200) })).status, 413);
});

void t.test("the signal of a request aborts when its client goes, and at its end", async (t) => {
  const signals: AbortSignal[] = [];
  const aborted = (signal: AbortSignal | undefined): Promise<unknown> =>
    signal === undefined || signal.aborted ? Promise.resolve() : once(signal, "abort");
  let tell = (): void => {};
  const asked = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const { port } = await start(t, async ({ method, signal }) => {
    signals.push(signal);
    if (method === "GET") return textResponse(200, "ok");
    tell();
    await aborted(signal);
    return textResponse(200, "too late");
  });
  await call(port);
  await aborted(signals[0]);
  const left = httpsRequest({ port, host: "127.0.0.1", method: "POST", rejectUnauthorized: false });
  left.on("error", () => {});
  left.end();
  await asked;
  left.destroy();
  await aborted(signals[1]);
  t.match(
    signals.map(({ reason }) => reason as Error),
    [{ name: "AbortError" }, { name: "AbortError" }],
  );
});

void t.test("new certificates are used by new connections", async (t) => {
  const { listener, port } = await start(t, async () => textResponse(200, "ok"));
  t.equal((await certificateOf(port)).subject.CN, "first");
  const session = connectHttp2(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  t.teardown(() => session.destroy());
  await new Promise((resolve) => session.once("connect", resolve));
  listener.reload(await material(authority, "second"));
  t.equal((await certificateOf(port)).subject.CN, "second");
  const stream = session.request({ ":path": "/" });
  t.equal(await text(stream), "ok", "an open connection goes on");
});

void t.test("closing ends streams and lets short requests finish", async (t) => {
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let arrived = 0;
  let bothArrived = (): void => {};
  const both = new Promise<void>((resolve) => {
    bothArrived = resolve;
  });
  const { listener, port } = await start(t, async ({ method, signal }) => {
    arrived += 1;
    if (arrived === 2) bothArrived();
    if (method === "GET") {
      await held;
      return textResponse(200, "finished");
    }
    const run = (): Promise<void> =>
      new Promise((resolve) => {
        if (signal.aborted) resolve();
        else signal.addEventListener("abort", () => resolve());
      });
    return { status: 200, headers: {}, body: { type: "stream", run } };
  });
  const short = call(port);
  const stream = call(port, { method: "POST" });
  await both;
  const closed = listener.close(10_000);
  t.equal((await stream).body, "", "the stream ended");
  await t.rejects(call(port), { code: "ECONNREFUSED" }, "no new connection");
  release();
  t.match(await short, { status: 200, body: "finished" });
  await closed;
});

void t.test("an answer that is on its way when it closes arrives whole", async (t) => {
  const large = "x".repeat(2_000_000);
  const { listener, port } = await start(t, () => Promise.resolve(textResponse(200, large)));
  const session = connectHttp2(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  t.teardown(() => session.destroy());
  session.on("error", () => {});
  const stream = session.request({ ":path": "/x" });
  await once(stream, "response");
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    const what = { port, host: "127.0.0.1", path: "/x", rejectUnauthorized: false, agent: false };
    httpsRequest(what, resolve).once("error", reject).end();
  });
  const older = await answered;
  // Neither has been read yet: most of them waits at the server.
  const closed = listener.close(10_000);
  t.equal((await text(stream)).length, large.length, "HTTP/2");
  t.equal((await text(older)).length, large.length, "HTTP/1.1");
  await closed;
});

void t.test("what does not finish in time is cut off", async (t) => {
  let arrived = (): void => {};
  const there = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const { listener, port } = await start(t, () => {
    arrived();
    return new Promise(() => {});
  });
  const stuck = call(port);
  stuck.catch(() => {});
  await there;
  await listener.close(10);
  await t.rejects(stuck);
  // The handler of what was cut off never returns: nobody may wait for it a second time.
  await listener.close(60_000);
});
