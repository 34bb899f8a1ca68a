import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import dnsPacket, { type Answer, type DecodedPacket } from "dns-packet";
import t, { type Test } from "tap";
import { systemClock } from "../../api/client/system-clock.js";
import { ManualClock } from "../../base/clock.js";
import { silentLogger } from "../../base/logger.js";
import { startDnsServer } from "./dns-server.js";
import { Resolver, type Transport } from "./resolver.js";
import { parseResolvConf, Upstream, withLength } from "./upstream.js";
import { DnsZone } from "./zone.js";

const ADDRESS = "127.0.0.1";

function query(name: string, type: string, ednsBytes: number | null = null): Buffer {
  const additionals: Answer[] =
    ednsBytes === null
      ? []
      : [
          {
            type: "OPT",
            name: ".",
            udpPayloadSize: ednsBytes,
            extendedRcode: 0,
            ednsVersion: 0,
            flags: 0,
            flag_do: false,
            options: [],
          },
        ];
  const flags = dnsPacket.RECURSION_DESIRED;
  return dnsPacket.encode({
    type: "query",
    id: 4711,
    flags,
    questions: [{ name, type: type as "A" }],
    additionals,
  });
}

async function askUdp(port: number, message: Buffer): Promise<Buffer> {
  const socket = createSocket("udp4");
  try {
    socket.send(message, port, ADDRESS);
    const [answer] = (await once(socket, "message", { signal: AbortSignal.timeout(10_000) })) as [
      Buffer,
    ];
    return answer;
  } finally {
    socket.close();
  }
}

async function askTcp(port: number, messages: readonly Buffer[]): Promise<Buffer[]> {
  const socket = connect(port, ADDRESS);
  const answers: Buffer[] = [];
  let received = Buffer.alloc(0);
  socket.write(Buffer.concat(messages.map(withLength)));
  for await (const chunk of socket) {
    received = Buffer.concat([received, chunk as Buffer]);
    while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
      answers.push(received.subarray(2, 2 + received.readUInt16BE(0)));
      received = received.subarray(2 + received.readUInt16BE(0));
    }
    if (answers.length === messages.length) break;
  }
  return answers;
}

function codeOf(answer: Buffer): number {
  return answer.readUInt16BE(2) & 0xf;
}
function addressesOf(packet: DecodedPacket): unknown[] {
  return (packet.answers ?? []).map((one) => ("data" in one ? one.data : null));
}

function exampleZone(): DnsZone {
  const zone = new DnsZone("cluster.local");
  const metadata = { namespace: "default", uid: "u", resourceVersion: "1", creationTimestamp: "" };
  const add = (name: string, spec: object): void =>
    zone.setService({ apiVersion: "v1", kind: "Service", metadata: { ...metadata, name }, spec });
  add("web", { clusterIP: "10.96.0.9", ports: [{ name: "http", port: 80 }] });
  add("many", { clusterIP: "None" });
  add("alias", { type: "ExternalName", externalName: "www.example.com" });
  const labels = { "kubernetes.io/service-name": "many" };
  zone.setSlice({
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    addressType: "IPv4",
    metadata: { ...metadata, name: "many-1", labels },
    endpoints: Array.from({ length: 100 }, (_, at) => ({ addresses: [`10.244.3.${at + 1}`] })),
  });
  return zone;
}

/**
 * A name server outside: knows www.example.com, says no to missing.example.com and nothing to
 * silent.example.com.
 */
async function startOutside(t: Test): Promise<{ port: number; asked: string[] }> {
  const asked: string[] = [];
  const server = await startDnsServer({
    address: ADDRESS,
    port: 0,
    logger: silentLogger,
    handle: async (bytes) => {
      const packet = dnsPacket.decode(bytes);
      const name = packet.questions?.[0]?.name ?? "";
      asked.push(name);
      if (name === "silent.example.com") return null;
      const soa: Answer = {
        type: "SOA",
        name: "example.com",
        ttl: 60,
        data: { mname: "a", rname: "b", minimum: 60 },
      };
      const found = name === "www.example.com";
      return dnsPacket.encode({
        type: "response",
        id: packet.id ?? 0,
        flags: found ? 0 : 3,
        questions: packet.questions ?? [],
        answers: found ? [{ type: "A", name, ttl: 300, data: "192.0.2.80" }] : [],
        authorities: found ? [] : [soa],
      });
    },
  });
  t.teardown(() => server.close());
  return { port: server.port, asked };
}

t.test("answers over UDP and TCP", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "rmt-dns-"));
  t.teardown(() => rm(folder, { recursive: true }));
  const resolvConf = join(folder, "resolv.conf");
  await writeFile(resolvConf, `nameserver 169.254.20.10\nnameserver ${ADDRESS}\n`);
  const outside = await startOutside(t);
  const clock = new ManualClock();
  const zone = exampleZone();
  let ready = true;
  const ownAddresses = ["169.254.20.10"];
  const upstream = new Upstream({ resolvConf, ownAddresses, clock, port: outside.port });
  const resolver = new Resolver({
    zone,
    zoneReady: () => ready,
    upstream,
    clock,
    logger: silentLogger,
  });
  const handle = (
    bytes: Buffer,
    transport: Transport,
    signal: AbortSignal,
  ): Promise<Buffer | null> => resolver.handle(bytes, transport, signal);
  const server = await startDnsServer({ address: ADDRESS, port: 0, handle, logger: silentLogger });
  t.teardown(() => server.close());
  const { port } = server;

  await t.test("a Service", async (t) => {
    const answer = await askUdp(port, query("web.default.svc.cluster.local", "A"));
    const packet = dnsPacket.decode(answer);
    t.equal(packet.id, 4711);
    t.equal(packet.flag_aa, true);
    t.equal(packet.flag_ra, true);
    t.same(packet.answers, [
      {
        name: "web.default.svc.cluster.local",
        type: "A",
        ttl: 5,
        class: "IN",
        flush: false,
        data: "10.96.0.9",
      },
    ]);
    const [overTcp] = await askTcp(port, [query("web.default.svc.cluster.local", "A")]);
    t.same(overTcp, answer);
  });

  await t.test("no such name, and no such record", async (t) => {
    const missing = await askUdp(port, query("gone.default.svc.cluster.local", "A"));
    t.equal(codeOf(missing), 3);
    const authority = dnsPacket.decode(missing).authorities?.[0];
    t.match(authority, { type: "SOA", name: "cluster.local", ttl: 5, data: { minimum: 5 } });
    const six = await askUdp(port, query("web.default.svc.cluster.local", "AAAA"));
    t.equal(codeOf(six), 0);
    t.equal(dnsPacket.decode(six).answers?.length, 0);
    t.equal(dnsPacket.decode(six).authorities?.[0]?.type, "SOA");
  });

  await t.test("what is too long for UDP is whole over TCP", async (t) => {
    const name = "many.default.svc.cluster.local";
    const cut = dnsPacket.decode(await askUdp(port, query(name, "A")));
    t.equal(cut.flag_tc, true);
    t.equal(cut.answers?.length, 0);
    const edns = await askUdp(port, query(name, "A", 1232));
    t.ok(edns.length <= 1232);
    t.equal(dnsPacket.decode(edns).flag_tc, true);
    t.equal(dnsPacket.decode(edns).additionals?.[0]?.type, "OPT");
    const [one, two] = await askTcp(port, [query(name, "A"), query(name, "A")]);
    t.ok(one !== undefined && two !== undefined);
    const first = addressesOf(dnsPacket.decode(one ?? Buffer.alloc(0)));
    const second = addressesOf(dnsPacket.decode(two ?? Buffer.alloc(0)));
    t.equal(first.length, 100);
    t.not(first[0], second[0], "the order turns");
  });

  await t.test("other names are asked for outside, once", async (t) => {
    const before = outside.asked.length;
    const answers = await Promise.all(
      [1, 2, 3].map(() => askUdp(port, query("www.example.com", "A"))),
    );
    for (const answer of answers) t.same(addressesOf(dnsPacket.decode(answer)), ["192.0.2.80"]);
    t.equal(outside.asked.length - before, 1);
    clock.advance(20_000);
    const aged = dnsPacket.decode(await askUdp(port, query("www.example.com", "A"))).answers?.[0];
    t.equal(aged?.type === "A" ? aged.ttl : null, 280, "the cache says how old its answer is");
    clock.advance(11_000);
    await askUdp(port, query("www.example.com", "A"));
    t.equal(outside.asked.length - before, 2, "asked again after 30 s");
    t.equal(codeOf(await askUdp(port, query("missing.example.com", "A"))), 3);
  });

  await t.test("an alias brings the address along", async (t) => {
    const packet = dnsPacket.decode(
      await askUdp(port, query("alias.default.svc.cluster.local", "A")),
    );
    t.same(addressesOf(packet), ["www.example.com", "192.0.2.80"]);
  });

  await t.test("before the zone is complete, a missing name is a failure", async (t) => {
    ready = false;
    t.equal(codeOf(await askUdp(port, query("gone.default.svc.cluster.local", "A"))), 2);
    t.equal(codeOf(await askUdp(port, query("web.default.svc.cluster.local", "A"))), 0);
    ready = true;
  });

  await t.test("messages that are no questions", async (t) => {
    const header = (flags: number): Buffer => {
      const bytes = Buffer.alloc(12);
      bytes.writeUInt16BE(99, 0);
      bytes.writeUInt16BE(flags, 2);
      return bytes;
    };
    t.equal(codeOf(await askUdp(port, header(0x2800))), 4, "an update");
    t.equal(codeOf(await askUdp(port, header(0))), 1, "no question");
    const torn = query("web.default.svc.cluster.local", "A").subarray(0, 20);
    t.equal(codeOf(await askUdp(port, torn)), 1, "a torn question");
    t.equal(
      await resolver.handle(header(0x8000), "udp", AbortSignal.timeout(1000)),
      null,
      "an answer",
    );
    t.equal(await resolver.handle(Buffer.alloc(3), "udp", AbortSignal.timeout(1000)), null);
  });

  await t.test("an address that is taken is named", async (t) => {
    const again = startDnsServer({ address: ADDRESS, port, handle, logger: silentLogger });
    await t.rejects(again, { code: "AddressTaken" });
  });
});

t.test("no server outside that answers", async (t) => {
  const outside = await startOutside(t);
  const folder = await mkdtemp(join(tmpdir(), "rmt-dns-"));
  t.teardown(() => rm(folder, { recursive: true }));
  const resolvConf = join(folder, "resolv.conf");
  await writeFile(resolvConf, `nameserver ${ADDRESS}\n`);
  const upstream = new Upstream({
    resolvConf,
    ownAddresses: [],
    clock: systemClock,
    port: outside.port,
  });
  const signal = AbortSignal.timeout(10_000);
  await t.rejects(upstream.ask(query("silent.example.com", "A"), "udp", signal), {
    code: "UpstreamFailed",
  });
  t.equal(outside.asked.length, 2, "asked twice");
  const alone = new Upstream({ resolvConf, ownAddresses: [ADDRESS], clock: systemClock });
  await t.rejects(alone.ask(query("www.example.com", "A"), "udp", signal), { code: "NoUpstream" });
});

t.test("resolv.conf", (t) => {
  const text = [
    "# x",
    "search a b",
    "nameserver 1.1.1.1",
    " nameserver\t2.2.2.2 # y",
    "nameserver fe80::1%eth0",
    "nameserver bad",
  ].join("\n");
  t.same(parseResolvConf(text), ["1.1.1.1", "2.2.2.2", "fe80::1%eth0"]);
  t.end();
});
