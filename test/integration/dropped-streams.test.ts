import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { readdirSync } from "node:fs";
import { connect } from "node:tls";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import t from "tap";
import { ECHO_COMMAND } from "../../api/streaming/test-shell.js";
import { TestServer } from "../../apiserver/test-server.js";
import { until } from "../e2e/until.js";
import { startPodOnAgent } from "./pod-on-agent.js";

t.setTimeout(120_000);
const ROUNDS = 50;
const PER_ROUND = 20;
/** What a thousand leaked streams would exceed many times over. */
const HEAP_GROWTH_MAX = 16 * 1024 * 1024;

const server = await TestServer.start();
t.teardown(() => server.close());
const agent = await startPodOnAgent(server, "one");
t.teardown(() => agent.close());

const tls = {
  ...(await server.authority.issue("dropper", "CN=dropper, O=system:masters")),
  ca: await readFile(server.authority.caFile),
};
const cert = await readFile(tls.certFile);
const key = await readFile(tls.keyFile);
const POD = "/api/v1/namespaces/default/pods/one";
const spdy = (protocol: string): string =>
  `Connection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${protocol}\r\n`;
const webSocket = (protocol: string): string =>
  "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
  "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n" +
  `Sec-WebSocket-Protocol: ${protocol}\r\n`;
const EXEC = `${POD}/exec?command=${ECHO_COMMAND}&stdin=1&stdout=1`;
const ATTACH = `${POD}/attach?stdin=1&stdout=1`;
/** Every kind of stream, in every protocol that it speaks. */
const STREAMS = [
  ["POST", EXEC, spdy("v4.channel.k8s.io")],
  ["GET", EXEC, webSocket("v5.channel.k8s.io")],
  ["POST", ATTACH, spdy("v4.channel.k8s.io")],
  ["GET", ATTACH, webSocket("v5.channel.k8s.io")],
  ["POST", `${POD}/portforward`, spdy("portforward.k8s.io")],
  ["GET", `${POD}/portforward?ports=9`, webSocket("v4.channel.k8s.io")],
  ["GET", `${POD}/portforward`, webSocket("SPDY/3.1+portforward.k8s.io")],
  ["GET", `${POD}/log?follow=true`, webSocket("binary.k8s.io")],
  ["GET", `${POD}/log?follow=true`, ""],
  ["GET", "/api/v1/pods?watch=1", ""],
].map(([method, path, headers]) => `${method} ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`);
/** A log and a watch without an upgrade are ordinary answers that go on. */
const ANSWERS = ["HTTP/1.1 101", "HTTP/1.1 200"];

/** Opens a stream through the real listener, and vanishes once it is answered. */
async function openAndDrop(opening: string): Promise<string> {
  const port = Number(new URL(server.url).port);
  const socket = connect({ port, host: "127.0.0.1", ca: tls.ca, cert, key });
  socket.on("error", () => {});
  socket.write(opening);
  const [answer] = (await once(socket, "data")) as [Buffer];
  socket.destroy();
  return answer.toString("latin1").slice(0, 12);
}

/** How many watches of pods the server counts, whoever has them. */
async function openWatches(): Promise<number> {
  const { bytes } = await server.send("GET", "/metrics");
  const gauge = /^apiserver_longrunning_requests\{.*resource="pods".*\} (\d+)$/m;
  return Number(gauge.exec(bytes.toString())?.[1] ?? NaN);
}

function heapAfterCollection(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}

/** What the agent holds for clients. */
function held(): number {
  return agent.connections() + agent.commands();
}

async function rounds(count: number): Promise<Set<string>> {
  const answers = new Set<string>();
  for (let round = 0; round < count; round += 1) {
    const opened = Array.from({ length: PER_ROUND }, (_, n) =>
      openAndDrop(STREAMS[n % STREAMS.length] ?? ""),
    );
    for (const answer of await Promise.all(opened)) answers.add(answer);
  }
  await until("the agent to have nothing left", async () => held() === 0);
  return answers;
}

void t.test("a thousand streams that vanish leave neither descriptors nor memory", async (t) => {
  // What is made once (caches, pools) is made before the first look.
  t.same(await rounds(5), new Set(ANSWERS));
  const before = { heap: heapAfterCollection(), files: readdirSync("/proc/self/fd").length };
  t.same(await rounds(ROUNDS), new Set(ANSWERS));
  t.equal(held(), 0, "neither a command nor a connection is left at the agent");
  await until("the server to see that no watch is open", async () => (await openWatches()) === 0);
  const grown = heapAfterCollection() - before.heap;
  t.ok(grown < HEAP_GROWTH_MAX, `heap grew by ${grown} bytes`);
  const files = readdirSync("/proc/self/fd").length;
  t.ok(files <= before.files + PER_ROUND, `${before.files} descriptors before, ${files} after`);
});
