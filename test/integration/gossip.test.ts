import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:https";
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import t, { type Test } from "tap";
import { WebSocket } from "ws";
import { systemClock, systemRandom } from "../../api/client/system-clock.js";
import { TestServer } from "../../apiserver/test-server.js";
import type { Clock } from "../../base/clock.js";
import { silentLogger } from "../../base/logger.js";
import { encodeFrame } from "../../gossip/frame-codec.js";
import { GossipHost, type GossipHostOptions } from "../../gossip/gossip-host.js";
import { AGENT_LINK_PATH, AGENT_LINK_PROTOCOL } from "../../gossip/gossip-socket.js";
import { certifiedOf } from "../../gossip/member-credentials.js";
import { GOSSIP_PATH, GOSSIP_PROTOCOL, memberOfNode } from "../../gossip/member-names.js";
import { decodeSwim, encodeHello, encodeSwim } from "../../gossip/swim-codec.js";
import type { Update } from "../../gossip/swim/types.js";

/** Longer than a node without a link, and without members that reach it, lives. */
const LONG_MS = 7_000;
const NODE = "node-1";
/** How long a server that is very busy lets those wait that call it. */
const BUSY_MS = 8_000;
/** How much faster time goes by for a member whose links are to become idle. */
const SPEED = 200;
const NEVER_MS = 1e8;
const fastClock: Clock = {
  nowMs: () => systemClock.nowMs(),
  monotonicMs: () => systemClock.monotonicMs() * SPEED,
  schedule: (delayMs, run) => systemClock.schedule(delayMs / SPEED, run),
};
/** Of a member that says nothing by itself. */
const IDLE: GossipHostOptions["config"] = {
  protocolPeriodMs: NEVER_MS,
  gossipIntervalMs: NEVER_MS,
  pushPullIntervalMs: NEVER_MS,
  suspicionMult: 4 / NEVER_MS,
};
/** All of them wait most of the time. */
const CONCURRENT = { buffered: true };

t.jobs = 4;

/** The node as a member of the gossip, until it is killed. */
async function startMember(
  t: Test,
  server: TestServer,
  options: Partial<Pick<GossipHostOptions, "clock" | "config" | "onEvent">> = {},
): Promise<{ readonly host: GossipHost; readonly url: string; readonly kill: () => void }> {
  const files = await server.authority.issue("member", `CN=system:node:${NODE}, O=system:nodes`);
  const { caFile } = server.authority;
  const own = createServer({
    ca: await readFile(caFile),
    cert: await readFile(files.certFile),
    key: await readFile(files.keyFile),
    requestCert: true,
  });
  const sockets = new Set<{ destroy(): void }>();
  own.on("connection", (socket) => sockets.add(socket));
  own.listen(0, "127.0.0.1");
  await once(own, "listening");
  const url = `https://127.0.0.1:${(own.address() as AddressInfo).port}`;
  const host = new GossipHost({
    name: memberOfNode(NODE),
    address: url,
    ...files,
    caFile,
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
    ...options,
  });
  own.on("upgrade", (request, socket, head) => {
    const certified = certifiedOf((socket as TLSSocket).getPeerCertificate());
    host.accept({ request, socket, head }, certified);
  });
  await host.start();
  const kill = (): void => {
    host.close();
    own.close();
    for (const socket of sockets) socket.destroy();
  };
  t.teardown(kill);
  return { host, url, kill };
}

/** The node's link to the server, as an agent has it; it says hello and nothing more. */
async function openLink(server: TestServer): Promise<WebSocket> {
  const files = await server.authority.issue("link", `CN=system:node:${NODE}, O=system:nodes`);
  const url = `${server.url.replace("https", "wss")}${AGENT_LINK_PATH}`;
  const socket = new WebSocket(url, AGENT_LINK_PROTOCOL, {
    ca: await readFile(server.authority.caFile),
    cert: await readFile(files.certFile),
    key: await readFile(files.keyFile),
  });
  await once(socket, "open");
  socket.send(encodeFrame({ type: "hello", node: NODE, agentVersion: "1" }));
  return socket;
}

function after(forMs: number): Promise<void> {
  return new Promise((resolve) => {
    systemClock.schedule(forMs, resolve);
  });
}

t.test(
  "a node whose link is lost is dead once no member reaches it either",
  CONCURRENT,
  async (t) => {
    const server = await TestServer.start();
    t.teardown(() => server.close());
    const liveness = await server.open("/raftsman/v1/liveness?watch=1");
    t.teardown(() => liveness.close());
    const { host, kill } = await startMember(t, server);
    host.join(server.url);
    const link = await openLink(server);
    t.match(await liveness.next(), { node: NODE, state: "alive" });
    link.terminate();
    await after(LONG_MS);
    const { bytes } = await server.send("GET", "/raftsman/v1/liveness");
    t.match(JSON.parse(bytes.toString()), { node: NODE, state: "alive" }, "a member reaches it");
    kill();
    t.match(await liveness.next(), { node: NODE, state: "dead" });
  },
);

t.test("a node that is no member is dead when its link is silent", CONCURRENT, async (t) => {
  const server = await TestServer.start();
  t.teardown(() => server.close());
  const liveness = await server.open("/raftsman/v1/liveness?watch=1");
  t.teardown(() => liveness.close());
  const link = await openLink(server);
  t.match(await liveness.next(), { node: NODE, state: "alive" });
  link.terminate();
  t.match(await liveness.next(), { node: NODE, state: "dead" });
});

/** Takes connections to the server at once, and lets no byte through before the time is up. */
async function busyDoor(
  t: Test,
  server: TestServer,
): Promise<{ readonly url: string; readonly calls: () => number }> {
  const port = Number(new URL(server.url).port);
  const sockets = new Set<Socket>();
  let calls = 0;
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => {}); // The other side is closed with it.
    socket.once("close", () => sockets.delete(socket));
  };
  const door = createTcpServer((caller) => {
    calls += 1;
    keep(caller);
    void after(BUSY_MS).then(() => {
      const inside = connect(port, "127.0.0.1");
      keep(inside);
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
  return { url, calls: () => calls };
}

t.test(
  "a member that joins through a busy server waits, and calls it once",
  CONCURRENT,
  async (t) => {
    const server = await TestServer.start();
    t.teardown(() => server.close());
    const { host } = await startMember(t, server);
    const door = await busyDoor(t, server);
    host.join(door.url);
    await after(BUSY_MS);
    while (host.liveCount < 2) await after(50);
    t.equal(door.calls(), 1, "no work was thrown away");
  },
);

t.test("a link to a neighbour stays, however rarely it is used", CONCURRENT, async (t) => {
  const server = await TestServer.start();
  t.teardown(() => server.close());
  // Three minutes pass between two probes by the server, and it makes none itself.
  const { host } = await startMember(t, server, { clock: fastClock, config: IDLE });
  host.join(server.url);
  while (host.liveCount < 2) await after(50);
  const links: number[] = [];
  for (let looks = 0; looks < 60; looks += 1) {
    await after(50);
    links.push(host.openLinks);
  }
  t.ok(
    links.every((open) => open === 1),
    links.join(" "),
  );
});

/** A link to a member by one that says what it is told to. */
async function speakAs(
  server: TestServer,
  node: string,
  url: string,
): Promise<{ readonly socket: WebSocket; readonly say: (...updates: Update[]) => void }> {
  const files = await server.authority.issue(node, `CN=system:node:${node}, O=system:nodes`);
  const socket = new WebSocket(`${url.replace("https", "wss")}${GOSSIP_PATH}`, GOSSIP_PROTOCOL, {
    ca: await readFile(server.authority.caFile),
    cert: await readFile(files.certFile),
    key: await readFile(files.keyFile),
    // A node is known by its name; the types of ws have this function wrong.
    checkServerIdentity: () => undefined,
  } as object);
  await once(socket, "open");
  socket.send(encodeHello(memberOfNode(node)));
  const say = (...updates: Update[]): void => socket.send(encodeSwim({ type: "gossip", updates }));
  return { socket, say };
}

t.test("who is called dead keeps its link for a while, to refute it", CONCURRENT, async (t) => {
  const server = await TestServer.start();
  t.teardown(() => server.close());
  const events: string[] = [];
  let tell = (): void => {};
  const { url } = await startMember(t, server, {
    clock: fastClock,
    config: IDLE,
    onEvent: ({ type, name }) => {
      if (name === slow) events.push(type);
      tell();
    },
  });
  const until = async (count: number): Promise<void> => {
    while (events.length < count) await new Promise<void>((resolve) => (tell = resolve));
  };
  const slow = memberOfNode("slow");
  const from = memberOfNode("hasty");
  const slowOne = await speakAs(server, "slow", url);
  const hasty = await speakAs(server, "hasty", url);
  t.teardown(() => hasty.socket.terminate());
  let isClosed = false;
  const closed = once(slowOne.socket, "close").then(() => (isClosed = true));
  slowOne.say({ type: "alive", name: slow, incarnation: 1, address: "" });
  await until(1);
  hasty.say({ type: "dead", name: slow, incarnation: 1, from });
  while (!events.includes("dead")) await until(events.length + 1);
  t.equal(isClosed, false);
  slowOne.say({ type: "alive", name: slow, incarnation: 2, address: "" });
  await until(events.length + 1);
  t.equal(events.at(-1), "alive", "over the same link");
  hasty.say({ type: "dead", name: slow, incarnation: 2, from });
  // Now it says nothing any more.
  await closed;
  t.equal(events.at(-1), "dead");
});

t.test("few links are made to ping on behalf of others, and all are answered", async (t) => {
  const server = await TestServer.start();
  t.teardown(() => server.close());
  let calls = 0;
  const door = createTcpServer((caller) => {
    calls += 1;
    caller.destroy();
  });
  door.listen(0, "127.0.0.1");
  await once(door, "listening");
  t.teardown(() => door.close());
  const address = `https://127.0.0.1:${(door.address() as AddressInfo).port}`;
  const { url } = await startMember(t, server, { config: { ...IDLE, rings: 1 } });
  const asker = await speakAs(server, "asker", url);
  t.teardown(() => asker.socket.terminate());
  const targets = Array.from({ length: 20 }, (_, i) => memberOfNode(`far-${i}`));
  const nacks = new Set<number>();
  const answered = new Promise<void>((resolve) => {
    asker.socket.on("message", (data: Buffer) => {
      const message = decodeSwim(data);
      if (message?.type === "nack") nacks.add(message.seq);
      if (nacks.size === targets.length) resolve();
    });
  });
  const self = memberOfNode("asker");
  asker.say({ type: "alive", name: self, incarnation: 1, address: "" });
  asker.say(...targets.map((name) => ({ type: "alive", name, incarnation: 1, address }) as const));
  for (const [seq, target] of targets.entries())
    asker.socket.send(encodeSwim({ type: "ping-req", seq, target, updates: [] }));
  await answered;
  t.ok(calls >= 4 && calls <= 5, `${calls} calls: four to strangers, one to a neighbour at most`);
});
