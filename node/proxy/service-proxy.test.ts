import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import t from "tap";
import type { InformerHandler } from "../../api/client/informer.js";
import { systemClock } from "../../api/client/system-clock.js";
import type { Service } from "../../api/schema/types/core-v1.gen.js";
import type { EndpointSlice } from "../../api/schema/types/discovery-v1.gen.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import { silentLogger } from "../../base/logger.js";
import { NetnsFixture, type TestNamespace } from "../cni/netns-fixture.js";
import {
  type RunningServiceProxy,
  removeServiceTable,
  startServiceProxy,
} from "./service-proxy.js";

const TABLE = "raftsman_test_services";
const GATEWAY = "10.244.0.1";
const POD_ADDRESSES = ["10.244.0.2", "10.244.0.3", "10.244.0.4"] as const;
const OTHER_PORT_SERVER = `
  const net = require("node:net"), dgram = require("node:dgram");
  const name = process.argv[1];
  const server = net.createServer((socket) => socket.end(name + " " + socket.remoteAddress));
  server.listen(8080, "0.0.0.0", () => {
    const udp = dgram.createSocket("udp4");
    udp.on("message", (m, from) => udp.send(name, from.port, from.address));
    udp.bind(8080, () => console.log("up"));
  });`;
const CLIENT = `
  const net = require("node:net");
  const [host, port, count] = process.argv.slice(1);
  const seen = {};
  const one = () => new Promise((resolve) => {
    let text = "";
    const socket = net.connect({ host, port: +port, timeout: 2000 });
    socket.on("data", (d) => text += d);
    socket.on("timeout", () => { text = "timeout"; socket.destroy(); });
    socket.on("error", (e) => text = e.code);
    socket.on("close", () => resolve(text));
  });
  (async () => {
    for (let left = +count; left > 0; left -= 50)
      for (const text of await Promise.all(Array.from({ length: Math.min(50, left) }, one)))
        seen[text] = (seen[text] ?? 0) + 1;
    console.log(JSON.stringify(seen));
  })();`;

/** The part of an informer the proxy uses, fed by the test. */
class Source<T extends KubernetesObject> {
  private readonly handlers = new Set<InformerHandler<T>>();
  private readonly objects = new Map<string, T>();
  addHandler(handler: InformerHandler<T>): () => void {
    this.handlers.add(handler);
    for (const object of this.objects.values()) handler.added?.(object);
    return () => this.handlers.delete(handler);
  }
  whenSynced(): Promise<boolean> {
    return Promise.resolve(true);
  }
  set(object: T): void {
    const old = this.objects.get(object.metadata.name);
    this.objects.set(object.metadata.name, object);
    for (const handler of this.handlers) {
      if (old === undefined) handler.added?.(object);
      else handler.updated?.(object, old);
    }
  }
  delete(name: string): void {
    const object = this.objects.get(name);
    this.objects.delete(name);
    if (object !== undefined) for (const handler of this.handlers) handler.deleted?.(object, false);
  }
}

function service(name: string, spec: Partial<Service["spec"]>): Service {
  const metadata = {
    name,
    namespace: "default",
    uid: name,
    resourceVersion: "1",
    creationTimestamp: "",
  };
  const ports = [{ port: 80, protocol: "TCP" }];
  return { apiVersion: "v1", kind: "Service", metadata, spec: { ports, ...spec } };
}

function slice(name: string, addresses: readonly string[], protocol = "TCP"): EndpointSlice {
  const labels = { "kubernetes.io/service-name": name };
  const metadata = {
    name: `${name}-1`,
    namespace: "default",
    uid: name,
    resourceVersion: "1",
    creationTimestamp: "",
    labels,
  };
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    addressType: "IPv4",
    metadata,
    ports: [{ name: "", port: 8080, protocol }],
    endpoints: addresses.map((address) => ({
      addresses: [address],
      nodeName: "node-1",
      conditions: { ready: true },
    })),
  };
}

t.test("services in real nftables", { skip: NetnsFixture.unavailable }, async (t) => {
  const fixture = new NetnsFixture();
  const servers: ChildProcess[] = [];
  const proxies: RunningServiceProxy[] = [];
  t.teardown(async () => {
    for (const proxy of proxies) await proxy.close();
    for (const server of servers) server.kill("SIGKILL");
    await fixture.cleanUp();
  });
  const host = await fixture.add("host");
  for (const sysctl of ["ip_forward", "conf/all/route_localnet"])
    await host.run("sh", ["-c", `echo 1 > /proc/sys/net/ipv4/${sysctl}`]);
  // An outside client behind another interface, whose way back leads through this host only by
  // masquerading.
  const outside = await fixture.add("outside");
  await fixture.join(outside, host, "uplink");
  await outside.run("ip", ["addr", "add", "192.168.77.2/24", "dev", "eth0"]);
  await host.run("ip", ["addr", "add", "192.168.77.1/24", "dev", "uplink"]);
  await host.run("ip", ["route", "add", "default", "via", "192.168.77.2"]);
  const pods: TestNamespace[] = [];
  for (const [at, address] of POD_ADDRESSES.entries()) {
    const pod = await fixture.add(`pod${at}`);
    await fixture.attachPod(pod, host, { address, gateway: GATEWAY });
    const args = [
      `--net=/var/run/netns/${pod.name}`,
      process.execPath,
      "-e",
      OTHER_PORT_SERVER,
      `pod${at}`,
    ];
    const server = spawn("nsenter", args, { stdio: ["ignore", "pipe", "inherit"] });
    servers.push(server);
    await once(server.stdout, "data");
    pods.push(pod);
  }
  const services = new Source<Service>();
  const slices = new Source<EndpointSlice>();
  const start = (): RunningServiceProxy => {
    const proxy = startServiceProxy({
      services,
      slices,
      nodeName: "node-1",
      tableName: TABLE,
      clusterCidr: "10.244.0.0/16",
      logger: silentLogger,
      clock: systemClock,
      run: host.run,
    });
    proxies.push(proxy);
    return proxy;
  };
  const loadedAfter = async (change: () => void): Promise<void> => {
    const before = proxies.at(-1)?.metrics().transactions ?? 0;
    change();
    while ((proxies.at(-1)?.metrics().transactions ?? 0) === before)
      await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const connect = async (
    from: TestNamespace,
    target: string,
    count = 1,
  ): Promise<Record<string, number>> => {
    const [address = "", port = ""] = target.split(":");
    const args = ["-e", CLIENT, address, port, String(count)];
    return JSON.parse(await from.run(process.execPath, args, { timeoutMs: 30_000 })) as Record<
      string,
      number
    >;
  };
  const podsOf = (seen: Record<string, number>): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const [text, count] of Object.entries(seen)) {
      const [pod = ""] = text.split(" ");
      counts[pod] = (counts[pod] ?? 0) + count;
    }
    return counts;
  };
  const pod0 = pods[0] as TestNamespace;

  services.set(
    service("web", {
      clusterIP: "10.96.0.10",
      ports: [{ port: 80, nodePort: 30080 }],
      type: "NodePort",
    }),
  );
  slices.set(slice("web", POD_ADDRESSES));
  services.set(
    service("lonely", {
      clusterIP: "10.96.0.11",
      ports: [{ port: 80, nodePort: 30081 }],
      externalIPs: ["192.168.99.9"],
    }),
  );
  services.set(service("self", { clusterIP: "10.96.0.12" }));
  slices.set(slice("self", [POD_ADDRESSES[0]]));
  t.equal(await start().whenLoaded(), true);

  await t.test("1,000 connections spread over three backends within 20 %", async (t) => {
    const counts = podsOf(await connect(pod0, "10.96.0.10:80", 1000));
    for (const pod of ["pod0", "pod1", "pod2"]) {
      const count = counts[pod] ?? 0;
      t.ok(count > 333 * 0.8 && count < 333 * 1.2, `${pod} has ${count}`);
    }
  });

  await t.test("who may reach what", async (t) => {
    const cases: readonly [string, TestNamespace, string, RegExp][] = [
      ["a pod reaches itself through its Service", pod0, "10.96.0.12:80", /^pod0 /],
      [
        "a pod keeps its address towards another",
        pods[1] as TestNamespace,
        "10.96.0.12:80",
        /^pod0 .*10\.244\.0\.3$/,
      ],
      ["the host reaches a cluster address", host, "10.96.0.12:80", /^pod0 /],
      [
        "a node port on the host's address",
        outside,
        "192.168.77.1:30080",
        /^pod\d .*10\.244\.0\.1$/,
      ],
      ["a node port from a pod", pod0, "192.168.77.1:30080", /^pod\d /],
      ["a node port on 127.0.0.1", host, "127.0.0.1:30080", /^pod\d /],
      ["no backend: refused at once, from a pod", pod0, "10.96.0.11:80", /^ECONNREFUSED$/],
      ["no backend: refused at once, from the host", host, "10.96.0.11:80", /^ECONNREFUSED$/],
      ["no backend: refused on the node port", outside, "192.168.77.1:30081", /^ECONNREFUSED$/],
      ["no backend: refused on an external address", pod0, "192.168.99.9:80", /^ECONNREFUSED$/],
      ["a port the Service does not have", pod0, "10.96.0.12:81", /^ECONNREFUSED$/],
    ];
    for (const [name, from, target, wanted] of cases) {
      const [seen = ""] = Object.keys(await connect(from, target));
      t.match(seen, wanted, name);
    }
  });

  await t.test("the host reaches Services without a default route", async (t) => {
    await host.run("ip", ["route", "del", "default"]);
    const route = ["10.96.0.0/16", "dev", "lo", "src", "192.168.77.1"];
    await host.run("ip", ["route", "add", ...route]);
    t.same(podsOf(await connect(host, "10.96.0.12:80")), { pod0: 1 });
    t.same(await connect(host, "10.96.0.11:80"), { ECONNREFUSED: 1 });
    await host.run("ip", ["route", "add", "default", "via", "192.168.77.2"]);
  });

  const handlesOf = async (name: string): Promise<string[]> => {
    const listing = await host.run("nft", ["-a", "list", "table", "ip", TABLE]);
    const lines = listing.split("\n");
    const from = lines.findIndex((line) => line.includes(`chain ${name} `));
    return lines.slice(from, from + 2).map((line) => /handle \d+/.exec(line)?.[0] ?? line);
  };

  await t.test("a change touches only its own Service", async (t) => {
    const before = await handlesOf("cluster/default/web/tcp/80");
    t.ok(before.every((handle) => handle.startsWith("handle ")));
    await loadedAfter(() => slices.set(slice("self", [POD_ADDRESSES[1]])));
    t.same(podsOf(await connect(pod0, "10.96.0.12:80", 5)), { pod1: 5 });
    t.same(await handlesOf("cluster/default/web/tcp/80"), before);
    await loadedAfter(() => slices.set(slice("web", POD_ADDRESSES.slice(1))));
    t.same(Object.keys(podsOf(await connect(pod0, "10.96.0.10:80", 60))).sort(), ["pod1", "pod2"]);
  });

  await t.test("session affinity holds, and outlives a change of backends", async (t) => {
    await loadedAfter(() => {
      services.set(
        service("sticky", {
          clusterIP: "10.96.0.13",
          sessionAffinity: "ClientIP",
          sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } },
        }),
      );
      slices.set(slice("sticky", POD_ADDRESSES.slice(0, 2)));
    });
    const first = podsOf(await connect(pod0, "10.96.0.13:80", 30));
    t.equal(Object.keys(first).length, 1);
    await loadedAfter(() => slices.set(slice("sticky", POD_ADDRESSES)));
    t.same(Object.keys(podsOf(await connect(pod0, "10.96.0.13:80", 30))), Object.keys(first));
    const chosen = Number(Object.keys(first)[0]?.slice(3));
    await loadedAfter(() =>
      slices.set(
        slice(
          "sticky",
          POD_ADDRESSES.filter((_, at) => at !== chosen),
        ),
      ),
    );
    const moved = Object.keys(podsOf(await connect(pod0, "10.96.0.13:80", 30)));
    t.equal(moved.length, 1);
    t.not(moved[0], `pod${chosen}`);
  });

  await t.test("a restart keeps what is right and repairs the rest", async (t) => {
    await proxies.at(-1)?.close();
    const kept = await handlesOf("cluster/default/web/tcp/80");
    await host.run("nft", ["flush", "chain", "ip", TABLE, "cluster/default/self/tcp/80"]);
    await host.run("nft", ["add", "chain", "ip", TABLE, "cluster/default/stale/tcp/80"]);
    await host.run("nft", [
      "add",
      "element",
      "ip",
      TABLE,
      "service_ips",
      "{ 10.96.9.9 . 6 . 80 : goto cluster/default/stale/tcp/80 }",
    ]);
    const proxy = start();
    t.equal(await proxy.whenLoaded(), true);
    t.same(await handlesOf("cluster/default/web/tcp/80"), kept);
    t.same(podsOf(await connect(pod0, "10.96.0.12:80", 3)), { pod1: 3 });
    const listing = await host.run("nft", ["list", "table", "ip", TABLE]);
    t.notMatch(listing, /stale|10\.96\.9\.9/);
    await proxy.close();
    const again = start();
    t.equal(await again.whenLoaded(), true);
    t.equal(again.metrics().transactions, 0, "nothing differed: nothing was loaded");
  });

  await t.test("local traffic policies", async (t) => {
    await loadedAfter(() => {
      services.set(
        service("local", {
          clusterIP: "10.96.0.14",
          type: "NodePort",
          ports: [{ port: 80, nodePort: 30084 }],
          externalTrafficPolicy: "Local",
          internalTrafficPolicy: "Local",
        }),
      );
      const remote = slice("local", [POD_ADDRESSES[0], POD_ADDRESSES[1]]);
      const endpoints = (remote.endpoints ?? []).map((endpoint, at) =>
        at === 0 ? endpoint : { ...endpoint, nodeName: "node-2" },
      );
      slices.set({ ...remote, endpoints });
    });
    await outside.run("ip", ["route", "add", "10.244.0.0/16", "via", "192.168.77.1"]);
    t.same(
      await connect(outside, "192.168.77.1:30084", 10),
      { "pod0 192.168.77.2": 10 },
      "client address kept, only this node's pod",
    );
    t.same(podsOf(await connect(pods[2] as TestNamespace, "10.96.0.14:80", 10)), { pod0: 10 });
    await loadedAfter(() => {
      const remote = slice("local", [POD_ADDRESSES[1]]);
      slices.set({
        ...remote,
        endpoints: (remote.endpoints ?? []).map((endpoint) => ({
          ...endpoint,
          nodeName: "node-2",
        })),
      });
    });
    t.same(
      await connect(outside, "192.168.77.1:30084"),
      { timeout: 1 },
      "no local backend: dropped",
    );
  });

  await t.test("a UDP flow leaves a backend that is gone", async (t) => {
    const port = { port: 53, protocol: "UDP" };
    await loadedAfter(() => {
      services.set(service("udp", { clusterIP: "10.96.0.15", ports: [port] }));
      slices.set(slice("udp", [POD_ADDRESSES[1]], "UDP"));
    });
    const from = "UDP4:10.96.0.15:53,sourceport=5555,reuseaddr";
    // socat waits for half a second: who answers later, on a busy computer, is asked again.
    const ask = async (): Promise<string> => {
      for (;;) {
        const answer = await pod0.run("socat", ["-T", "1", "-", from], { input: "hello" });
        if (answer !== "") return answer.trim();
      }
    };
    t.equal(await ask(), "pod1");
    await loadedAfter(() => slices.set(slice("udp", [POD_ADDRESSES[2]], "UDP")));
    // Flows are forgotten after the rules were loaded; until then each question renews the old one.
    let answer = await ask();
    for (let left = 20; left > 0 && answer === "pod1"; left -= 1) answer = await ask();
    t.equal(answer, "pod2");
    t.ok((proxies.at(-1)?.metrics().forgottenUdpFlows ?? 0) > 0);
  });

  await t.test("what is deleted leaves nothing", async (t) => {
    await loadedAfter(() => {
      for (const name of ["web", "self", "lonely", "sticky", "local", "udp"]) {
        services.delete(name);
        slices.delete(`${name}-1`);
      }
    });
    const listing = await host.run("nft", ["list", "table", "ip", TABLE]);
    t.notMatch(listing, /default|elements/);
    await proxies.at(-1)?.close();
    await removeServiceTable(TABLE, host.run);
    t.equal((await host.run("nft", ["list", "tables"])).trim(), "");
  });
});
