import { once } from "node:events";
import { createServer, type Server } from "node:https";
import { readFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import t, { type Test } from "tap";
import { WebSocket } from "ws";
import { createTestAuthority, type TestAuthority } from "../../api/client/scripted-server.js";
import { systemClock, systemRandom } from "../../api/client/system-clock.js";
import type { Clock } from "../../base/clock.js";
import { silentLogger } from "../../base/logger.js";
import { ServerList } from "../../base/server-list.js";
import { startAgentLink, type AgentLink } from "../../gossip/agent-link.js";
import { decodeFrame, encodeFrame } from "../../gossip/frame-codec.js";
import { AGENT_LINK_PATH, AGENT_LINK_PROTOCOL, SILENCE_MS } from "../../gossip/gossip-socket.js";
import type { NodeLiveness } from "../../gossip/heartbeat-types.js";
import type { NodeUsage, PodUsage } from "../../gossip/usage.js";
import type { ApiRequest, ResponseSink } from "../server/http-types.js";
import { type AgentHub, createAgentHub } from "./agent-hub.js";

const BEAT_MS = 100;
/** How much faster time goes by for an agent that waits. */
const SPEED = 20;

interface World {
  readonly hub: AgentHub;
  readonly url: string;
  readonly authority: TestAuthority;
  readonly server: Server;
  files(name: string): Promise<{ caFile: string; certFile: string; keyFile: string }>;
}

async function start(t: Test, shared?: TestAuthority): Promise<World> {
  const authority = shared ?? (await createTestAuthority());
  const issued = await authority.issue("server");
  const ca = await readFile(authority.caFile);
  const [cert, key] = await Promise.all([readFile(issued.certFile), readFile(issued.keyFile)]);
  const server = createServer({ cert, key, ca, requestCert: true });
  const hub = createAgentHub({ clock: systemClock, logger: silentLogger, serverVersion: "test" });
  server.on("upgrade", (request, socket, head) => {
    const CN = String((socket as TLSSocket).getPeerCertificate().subject.CN);
    const groups = CN.startsWith("system:node:") ? ["system:nodes"] : [];
    if (hub.upgrade.matches(request.url ?? ""))
      hub.upgrade.handle(request, socket, head, { name: CN, uid: "", groups, extra: {} });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  t.teardown(async () => {
    hub.close();
    server.closeAllConnections();
    server.close();
    if (shared === undefined) await authority.remove();
  });
  const files: World["files"] = async (name) => ({
    caFile: authority.caFile,
    ...(await authority.issue(name)),
  });
  return { hub, authority, server, url: `https://127.0.0.1:${port}`, files };
}

/** Follows the liveness endpoint as a client does; `next` gives one line after the other. */
function follow(t: Test, hub: AgentHub): { next(): Promise<NodeLiveness> } {
  const lines: NodeLiveness[] = [];
  let wake = (): void => {};
  const stopper = new AbortController();
  t.teardown(() => stopper.abort());
  const sink: ResponseSink = {
    write: (chunk) => {
      for (const line of Buffer.from(chunk).toString().split("\n"))
        if (line !== "") lines.push(JSON.parse(line) as NodeLiveness);
      wake();
    },
    bufferedBytes: 0,
    drained: () => Promise.resolve(),
    signal: stopper.signal,
  };
  const request = { method: "GET", query: new URLSearchParams("watch=1") } as unknown as ApiRequest;
  const done = hub.liveness.handle(request).then(({ body }) => {
    if (body.type === "stream") return body.run(sink);
    throw new Error("not a stream");
  });
  done.catch((error: unknown) => t.fail(String(error)));
  const next = async (): Promise<NodeLiveness> => {
    for (;;) {
      const line = lines.shift();
      if (line !== undefined) return line;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { next };
}

async function link(
  t: Test,
  world: World,
  serverList = new ServerList([world.url]),
  clock: Clock = systemClock,
): Promise<AgentLink> {
  const files = await world.files("system:node:node-1");
  let linked = (): void => {};
  const isLinked = new Promise<void>((resolve) => {
    linked = resolve;
  });
  const agent = startAgentLink({
    nodeName: "node-1",
    agentVersion: "1",
    serverList,
    ...files,
    clock,
    random: systemRandom,
    logger: silentLogger,
    onChange: (server) => server !== null && linked(),
  });
  t.teardown(() => agent.close());
  await isLinked;
  return agent;
}

t.test("a node is alive, leaves, and comes back", async (t) => {
  const world = await start(t);
  const events = follow(t, world.hub);
  // The first server cannot be reached: the agent goes on to the next.
  const agent = await link(t, world, new ServerList(["https://127.0.0.1:1", world.url]));
  t.equal(agent.server, world.url);
  t.match(await events.next(), { node: "node-1", state: "alive" });
  t.equal(world.hub.linkedNodes, 1);
  agent.close();
  t.match(await events.next(), { node: "node-1", state: "left" });
  await link(t, world);
  t.match(await events.next(), { node: "node-1", state: "alive" });
  t.match(await follow(t, world.hub).next(), { node: "node-1", state: "alive" }, "the listing");
});

t.test("a server without a quorum sends its agents to another one", async (t) => {
  const first = await start(t);
  const second = await start(t, first.authority);
  const left: string[] = [];
  const serverList = new ServerList([first.url, second.url]);
  serverList.onLeave((url) => left.push(url));
  await link(t, first, serverList);
  first.hub.setServing(false);
  t.match(await follow(t, second.hub).next(), { node: "node-1", state: "alive" });
  t.same(left, [first.url], "the API client of the agent goes with it");
  t.same(serverList.urls(), [second.url, first.url]);
});

t.test("silence is death, noticed within five seconds", async (t) => {
  const world = await start(t);
  const events = follow(t, world.hub);
  const { caFile, certFile, keyFile } = await world.files("system:node:node-2");
  const [ca, cert, key] = await Promise.all([caFile, certFile, keyFile].map((f) => readFile(f)));
  const url = `${world.url.replace("https", "wss")}${AGENT_LINK_PATH}`;
  const socket = new WebSocket(url, AGENT_LINK_PROTOCOL, { ca, cert, key });
  t.teardown(() => socket.terminate());
  await once(socket, "open");
  socket.send(encodeFrame({ type: "hello", node: "node-2", agentVersion: "1" }));
  const alive = await events.next();
  t.match(alive, { node: "node-2", state: "alive" });
  const startMs = performance.now();
  // Beats that come late are not made up for: they count the time in which this process could run.
  let beats = 0;
  const beat = setInterval(() => (beats += 1), BEAT_MS);
  t.teardown(() => clearInterval(beat));
  t.match(await events.next(), {
    node: "node-2",
    state: "dead",
    lastHeartbeatMs: alive.lastHeartbeatMs,
  });
  const tookMs = performance.now() - startMs;
  t.ok(tookMs > 3500 && beats * BEAT_MS < 5000, `${tookMs} ms, ${beats} beats`);
  socket.send(encodeFrame({ type: "heartbeat", sequence: 2 }));
  t.match(await events.next(), { node: "node-2", state: "alive" }, "the link is still there");
});

t.test("an agent gives a busy server more time when it calls again", async (t) => {
  const world = await start(t);
  const events = follow(t, world.hub);
  const sockets = new Set<Socket>();
  let calls = 0;
  // Takes connections at once, and lets no byte through for one and a half of the first patience.
  const door = createTcpServer((caller) => {
    calls += 1;
    sockets.add(caller);
    caller.on("error", () => {}); // It is given up.
    systemClock.schedule((1.5 * SILENCE_MS) / SPEED, () => {
      const inside = connect(Number(new URL(world.url).port), "127.0.0.1");
      sockets.add(inside);
      inside.on("error", () => {});
      caller.pipe(inside).pipe(caller);
    });
  });
  door.listen(0, "127.0.0.1");
  await once(door, "listening");
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    door.close();
  });
  const url = `https://127.0.0.1:${(door.address() as AddressInfo).port}`;
  const clock: Clock = {
    nowMs: () => systemClock.nowMs(),
    monotonicMs: () => systemClock.monotonicMs() * SPEED,
    schedule: (delayMs, run) => systemClock.schedule(delayMs / SPEED, run),
  };
  await link(t, world, new ServerList([url]), clock);
  t.match(await events.next(), { node: "node-1", state: "alive" });
  t.ok(calls > 1, `${calls} calls`);
});

t.test("a node speaks for itself alone", async (t) => {
  const world = await start(t);
  const { caFile, certFile, keyFile } = await world.files("system:node:node-1");
  const [ca, cert, key] = await Promise.all([caFile, certFile, keyFile].map((f) => readFile(f)));
  const url = `${world.url.replace("https", "wss")}${AGENT_LINK_PATH}`;
  const cases = [
    {
      name: "another's name",
      frame: encodeFrame({ type: "hello", node: "node-2", agentVersion: "1" }),
      code: 4403,
    },
    {
      name: "a heartbeat without hello",
      frame: encodeFrame({ type: "heartbeat", sequence: 1 }),
      code: 4400,
    },
    {
      name: "usage without hello",
      frame: encodeFrame({
        type: "usage",
        usage: {
          atMs: 1,
          windowMs: 1,
          simulated: false,
          cpuNanoCores: 1,
          memoryBytes: 1,
          pods: [],
        },
      }),
      code: 4400,
    },
    { name: "noise", frame: Buffer.from([0xc1]), code: 4400 },
  ];
  for (const { name, frame, code } of cases) {
    const socket = new WebSocket(url, AGENT_LINK_PROTOCOL, { ca, cert, key });
    await once(socket, "open");
    socket.send(frame);
    const [closedWith] = (await once(socket, "close")) as [number];
    t.equal(closedWith, code, name);
  }
  const stranger = await world.files("system:kube-scheduler");
  const [strangerCert, strangerKey] = await Promise.all([
    readFile(stranger.certFile),
    readFile(stranger.keyFile),
  ]);
  const refused = new WebSocket(url, AGENT_LINK_PROTOCOL, {
    ca,
    cert: strangerCert,
    key: strangerKey,
  });
  const [error] = (await once(refused, "error")) as [Error];
  t.match(error.message, /403/);
  t.equal(world.hub.linkedNodes, 0);
});

t.test("every other heartbeat is answered", async (t) => {
  const world = await start(t);
  const { caFile, certFile, keyFile } = await world.files("system:node:node-1");
  const [ca, cert, key] = await Promise.all([caFile, certFile, keyFile].map((f) => readFile(f)));
  const url = `${world.url.replace("https", "wss")}${AGENT_LINK_PATH}`;
  const socket = new WebSocket(url, AGENT_LINK_PROTOCOL, { ca, cert, key });
  t.teardown(() => socket.terminate());
  const answers: unknown[] = [];
  const complete = new Promise<void>((resolve) => {
    socket.on("message", (data: Buffer) => {
      const frame = decodeFrame(data);
      if (frame?.type === "heartbeat") answers.push(frame.sequence);
      if (answers.length === 3) resolve();
    });
  });
  await once(socket, "open");
  socket.send(encodeFrame({ type: "hello", node: "node-1", agentVersion: "1" }));
  for (let sequence = 1; sequence <= 5; sequence += 1)
    socket.send(encodeFrame({ type: "heartbeat", sequence }));
  await complete;
  t.same(answers, [1, 3, 5]);
});

t.test("the newest usage counts; one too large costs no link", async (t) => {
  const world = await start(t);
  const agent = await link(t, world);
  const usageOf = (count: number): NodeUsage => {
    const name = "x".repeat(253);
    const pod = { namespace: name, name, uid: name, containers: [] };
    const amounts = { atMs: count, windowMs: 1, cpuNanoCores: 1, memoryBytes: 1 };
    return { ...amounts, simulated: false, pods: Array(count).fill(pod) as PodUsage[] };
  };
  const told = new Promise<number>((resolve) => {
    world.hub.usage.subscribe(({ usage }) => resolve(usage.pods.length));
  });
  agent.sendUsage(usageOf(2_000));
  agent.sendUsage(usageOf(3));
  t.equal(await told, 3);
  t.equal(world.hub.linkedNodes, 1);
  t.equal(agent.server, world.url, "it is the same link");
});

t.test("reads show the last heartbeat", async (t) => {
  const world = await start(t);
  await link(t, world);
  const [nodes, leases] = world.hub.overlays;
  const old = "2020-01-01T00:00:00Z";
  const stored = {
    metadata: { annotations: { note: `"lastHeartbeatTime":"${old}"` } },
    status: {
      conditions: [
        { type: "Ready", lastHeartbeatTime: old },
        { type: "DiskPressure", lastHeartbeatTime: old },
      ],
    },
  };
  const bytes = Buffer.from(JSON.stringify(stored));
  const shown = JSON.parse(
    String(nodes?.apply({ namespace: "", name: "node-1" }, bytes)),
  ) as typeof stored;
  for (const { lastHeartbeatTime } of shown.status.conditions)
    t.match(lastHeartbeatTime, /^202[1-9]-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  t.equal(shown.metadata.annotations.note, stored.metadata.annotations.note);
  t.equal(nodes?.apply({ namespace: "", name: "other" }, bytes), bytes);
  const lease = Buffer.from(
    JSON.stringify({
      spec: { renewTime: "2020-01-01T00:00:00.000000Z", holderIdentity: "node-1" },
    }),
  );
  const renewed = JSON.parse(
    String(leases?.apply({ namespace: "kube-node-lease", name: "node-1" }, lease)),
  ) as { spec: { renewTime: string } };
  t.match(renewed.spec.renewTime, /^202[1-9]-.*\.\d{6}Z$/);
  t.equal(
    leases?.apply({ namespace: "kube-system", name: "node-1" }, lease),
    lease,
    "another Lease of that name",
  );
});
