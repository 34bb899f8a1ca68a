import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:https";
import type { TLSSocket } from "node:tls";
import t, { type Test } from "tap";
import { WebSocket } from "ws";
import { systemClock, systemRandom } from "../../api/client/system-clock.js";
import {
  createTestAuthority,
  type TestAuthority,
  type TestIdentity,
} from "../../api/streaming/test-certificates.js";
import { silentLogger } from "../../base/logger.js";
import { GossipHost } from "../../gossip/gossip-host.js";
import { certifiedOf } from "../../gossip/member-credentials.js";
import {
  GOSSIP_PATH,
  GOSSIP_PROTOCOL,
  maySpeakAs,
  memberOfNode,
  memberOfServer,
} from "../../gossip/member-names.js";
import { encodeHello, encodeSwim } from "../../gossip/swim-codec.js";
import type { MemberEvent } from "../../gossip/swim/types.js";

const NODE = (name: string): string => `CN=system:node:${name}, O=system:nodes`;
/** The rhythm of a second in a fifth of it, and patience for a busy computer. */
const QUICK = { protocolPeriodMs: 300, probeTimeoutMs: 150, gossipIntervalMs: 50 };

interface Member {
  readonly host: GossipHost;
  readonly url: string;
  readonly events: MemberEvent[];
  /** Resolves once something holds of its view; asked after every event. */
  readonly until: (holds: (host: GossipHost) => boolean) => Promise<void>;
  /** Ends without a word. */
  readonly kill: () => void;
}

async function readPem(
  { caFile }: TestAuthority,
  { certFile, keyFile }: TestIdentity,
): Promise<{ ca: Buffer; cert: Buffer; key: Buffer }> {
  const [ca, cert, key] = [
    await readFile(caFile),
    await readFile(certFile),
    await readFile(keyFile),
  ];
  return { ca, cert, key };
}

/** A member with a port and a certificate of its own. */
async function start(
  t: Test,
  authority: TestAuthority,
  { name, subject }: { readonly name: string; readonly subject: string },
): Promise<Member> {
  const files = await authority.issue(name.replaceAll(":", "-"), subject);
  const server = createServer({ ...(await readPem(authority, files)), requestCert: true });
  const sockets = new Set<{ destroy(): void }>();
  server.on("connection", (socket) => sockets.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const url = `https://127.0.0.1:${port}`;
  const events: MemberEvent[] = [];
  const waiting = new Set<() => void>();
  const host = new GossipHost({
    name,
    address: url,
    caFile: authority.caFile,
    ...files,
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
    config: QUICK,
    onEvent: (event) => {
      events.push(event);
      for (const look of waiting) look();
    },
  });
  server.on("upgrade", (request, socket, head) => {
    const certified = certifiedOf((socket as TLSSocket).getPeerCertificate());
    host.accept({ request, socket, head }, certified);
  });
  await host.start();
  const kill = (): void => {
    host.close();
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  t.teardown(kill);
  const until = (holds: (host: GossipHost) => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!holds(host)) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  return { host, url, events, until, kill };
}

async function authorityOf(t: Test): Promise<TestAuthority> {
  const authority = await createTestAuthority();
  t.teardown(() => authority.remove());
  return authority;
}

const stateOf = (host: GossipHost, name: string): string | undefined => host.member(name)?.state;

t.test("a server and nodes find each other, and miss who is gone", async (t) => {
  const authority = await authorityOf(t);
  const server = await start(t, authority, {
    name: memberOfServer("a1"),
    subject: "CN=kube-apiserver",
  });
  const nodes: Member[] = [];
  for (const name of ["n1", "n2", "n3"])
    nodes.push(await start(t, authority, { name: memberOfNode(name), subject: NODE(name) }));
  for (const { host } of nodes) host.join(server.url);
  for (const { until } of [server, ...nodes]) await until(({ liveCount }) => liveCount === 4);
  const [first, second, third] = nodes;
  third?.kill();
  const gone = memberOfNode("n3");
  for (const member of [server, first, second])
    await member?.until((host) => stateOf(host, gone) === "dead");
  t.ok(server.host.lastHeardMs(memberOfNode("n1")) !== null);
  await second?.host.leave();
  const left = memberOfNode("n2");
  for (const member of [server, first])
    await member?.until((host) => stateOf(host, left) === "left");
  t.equal(stateOf(server.host, memberOfNode("n1")), "alive");
});

t.test("a node cannot speak for another", async (t) => {
  const authority = await authorityOf(t);
  const server = await start(t, authority, {
    name: memberOfServer("a1"),
    subject: "CN=kube-apiserver",
  });
  const victim = await start(t, authority, { name: memberOfNode("n2"), subject: NODE("n2") });
  victim.host.join(server.url);
  await server.until(({ liveCount }) => liveCount === 2);
  const liar = await readPem(authority, await authority.issue("liar", NODE("n1")));
  const url = `${server.url.replace("https", "wss")}${GOSSIP_PATH}`;
  const open = async (): Promise<WebSocket> => {
    const socket = new WebSocket(url, GOSSIP_PROTOCOL, liar);
    await once(socket, "open");
    return socket;
  };
  for (const name of [memberOfNode("n2"), memberOfServer("a2"), "anybody"]) {
    const socket = await open();
    socket.send(encodeHello(name));
    const [code] = (await once(socket, "close")) as [number];
    t.equal(code, 4403, `as ${name}`);
  }
  const mute = await open();
  mute.send(encodeSwim({ type: "ping", seq: 1, updates: [] }));
  const [code] = (await once(mute, "close")) as [number];
  t.equal(code, 4400, "without a name nothing is heard");
  // Under its own name it may say that the other one is dead, or gone: that is refuted.
  const named = await open();
  named.send(encodeHello(memberOfNode("n1")));
  const incarnation = server.host.member(memberOfNode("n2"))?.incarnation ?? 0;
  const [dead, left] = (["dead", "left"] as const).map((type) =>
    encodeSwim({
      type: "gossip",
      updates: [{ type, name: memberOfNode("n2"), incarnation, from: memberOfNode("n1") }],
    }),
  );
  named.send(dead ?? "");
  named.send(left ?? "");
  await server.until((host) => (host.member(memberOfNode("n2"))?.incarnation ?? 0) > incarnation);
  t.equal(stateOf(server.host, memberOfNode("n2")), "alive");
  const told = server.events.filter(({ name }) => name === memberOfNode("n2"));
  t.same(
    told.map(({ type }) => type),
    ["alive", "suspect", "alive"],
  );
  named.terminate();
});

t.test("whoever answers at a node's address must be that node", async (t) => {
  const authority = await authorityOf(t);
  const impostor = await start(t, authority, { name: memberOfNode("n2"), subject: NODE("n9") });
  const caller = await start(t, authority, { name: memberOfNode("n1"), subject: NODE("n1") });
  const liar = await readPem(authority, await authority.issue("liar", NODE("n3")));
  const url = `${caller.url.replace("https", "wss")}${GOSSIP_PATH}`;
  const socket = new WebSocket(url, GOSSIP_PROTOCOL, liar);
  await once(socket, "open");
  socket.send(encodeHello(memberOfNode("n3")));
  const name = memberOfNode("n2");
  const alive = { type: "alive", name, incarnation: 1, address: impostor.url } as const;
  socket.send(encodeSwim({ type: "gossip", updates: [alive] }));
  await caller.until((host) => stateOf(host, name) === "dead");
  t.equal(caller.host.lastHeardMs(name), null);
  socket.terminate();
});

t.test("what certificates may speak for", (t) => {
  const node = { name: "system:node:n1", groups: ["system:nodes"] };
  const server = { name: "kube-apiserver-kubelet-client", groups: ["system:masters"] };
  const cases = [
    [node, memberOfNode("n1"), true],
    [node, memberOfNode("n2"), false],
    [node, memberOfServer("a1"), false],
    [{ ...node, groups: [] }, memberOfNode("n1"), false],
    [server, memberOfServer("a1"), true],
    [server, memberOfNode("n1"), false],
    [{ name: "kubernetes-admin", groups: ["system:masters"] }, memberOfServer("a1"), false],
  ] as const;
  for (const [certified, member, expected] of cases)
    t.equal(maySpeakAs(certified, member), expected, `${certified.name} as ${member}`);
  t.end();
});
