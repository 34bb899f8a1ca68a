import { readFile } from "node:fs/promises";
import { createServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import t from "tap";
import { createTestAuthority } from "../../api/streaming/test-certificates.js";
import { realClock } from "../../api/streaming/test-clock.js";
import { AgentCredentials } from "./agent-credentials.js";
import { PodLocator } from "./pod-locator.js";
import { PodLogs } from "./pod-log.js";

const authority = await createTestAuthority();
const serving = await authority.issue("agent", "CN=system:node:n1, O=system:nodes");
const client = await authority.issue("client", "CN=kube-apiserver-kubelet-client");

/** How often each connection was asked something. */
const asked: number[] = [];
/** True: a connection that is used again is closed instead, as one is whose time is up. */
let closesKept = false;
const numbers = new Map<Socket, number>();
const agent = createServer(
  { cert: await readFile(serving.certFile), key: await readFile(serving.keyFile) },
  ({ socket }, response) => {
    const known = numbers.get(socket) ?? numbers.size;
    numbers.set(socket, known);
    asked[known] = (asked[known] ?? 0) + 1;
    if (closesKept && (asked[known] ?? 0) > 1) socket.destroy();
    else response.end("a line\n");
  },
);
await new Promise<void>((resolve) => agent.listen(0, "127.0.0.1", resolve));
const { port } = agent.address() as AddressInfo;

const node = {
  metadata: { name: "n1" },
  status: {
    addresses: [{ type: "InternalIP", address: "127.0.0.1" }],
    daemonEndpoints: { kubeletEndpoint: { Port: port } },
  },
};
const pod = { metadata: { name: "p" }, spec: { nodeName: "n1", containers: [{ name: "c" }] } };
const reader = {
  get: ({ resource }: { readonly resource: string }) =>
    Promise.resolve(resource === "nodes" ? node : pod),
};
const logs = new PodLogs({
  locator: new PodLocator(reader),
  credentials: new AgentCredentials({ ...client, caFile: authority.caFile }, { clock: realClock }),
  clock: realClock,
});
t.teardown(async () => {
  logs.close();
  agent.closeAllConnections();
  agent.close();
  await authority.remove();
});

async function read(): Promise<string> {
  const log = await logs.open(
    { namespace: "default", pod: "p" },
    new URLSearchParams(),
    new AbortController().signal,
  );
  const chunks: Buffer[] = [];
  for await (const chunk of log as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

await t.test("a kept connection is used again", async (t) => {
  t.equal(await read(), "a line\n");
  t.equal(await read(), "a line\n");
  t.same(asked, [2]);
});

await t.test("a kept connection that the agent closes meanwhile costs no log", async (t) => {
  closesKept = true;
  t.equal(await read(), "a line\n");
  t.same(asked, [3, 1]);
});

await t.test("an agent that is not there is an error", async (t) => {
  agent.closeAllConnections();
  agent.close();
  await t.rejects(read(), { message: /ECONNREFUSED/u });
});
