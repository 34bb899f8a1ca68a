import t from "tap";
import type { Service } from "../../api/schema/types/core-v1.gen.js";
import type { Endpoint, EndpointSlice } from "../../api/schema/types/discovery-v1.gen.js";
import { renderTransaction } from "./nftables.js";
import { chooseBackends, serviceRules } from "./service-rules.js";
import { ServiceTable } from "./service-table.js";

const CONTEXT = { nodeName: "node-1", clusterCidr: "10.244.0.0/16" };

function service(name: string, spec: Service["spec"], status?: Service["status"]): Service {
  const metadata = {
    name,
    namespace: "ns",
    uid: name,
    resourceVersion: "1",
    creationTimestamp: "",
  };
  const base = { apiVersion: "v1", kind: "Service", metadata, spec } as const;
  return status === undefined ? base : { ...base, status };
}

function slice(name: string, endpoints: readonly Endpoint[], more: object = {}): EndpointSlice {
  const labels = { "kubernetes.io/service-name": name };
  const metadata = {
    name: `${name}-s`,
    namespace: "ns",
    uid: name,
    resourceVersion: "1",
    creationTimestamp: "",
    labels,
  };
  const ports = [{ name: "", port: 8080, protocol: "TCP" }];
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    addressType: "IPv4",
    metadata,
    ports,
    endpoints,
    ...more,
  };
}

const READY: Endpoint = {
  addresses: ["10.244.0.2"],
  nodeName: "node-1",
  conditions: { ready: true },
};
const REMOTE: Endpoint = { addresses: ["10.244.1.2"], nodeName: "node-2" };
const UNREADY: Endpoint = {
  addresses: ["10.244.0.3"],
  nodeName: "node-1",
  conditions: { ready: false },
};
const DRAINING: Endpoint = {
  addresses: ["10.244.0.4"],
  nodeName: "node-1",
  conditions: { ready: false, serving: true, terminating: true },
};

t.test("which endpoints are used", (t) => {
  const port = { port: 80 };
  const cases: readonly [string, readonly EndpointSlice[], readonly string[], readonly string[]][] =
    [
      [
        "ready ones",
        [slice("a", [READY, REMOTE, UNREADY, DRAINING])],
        ["10.244.0.2", "10.244.1.2"],
        ["10.244.0.2"],
      ],
      [
        "none ready: those that end and still serve",
        [slice("a", [UNREADY, DRAINING])],
        ["10.244.0.4"],
        ["10.244.0.4"],
      ],
      ["none ready here", [slice("a", [REMOTE, DRAINING])], ["10.244.1.2"], ["10.244.0.4"]],
      ["in two slices", [slice("a", [READY]), slice("a", [READY])], ["10.244.0.2"], ["10.244.0.2"]],
      ["IPv6", [slice("a", [READY], { addressType: "IPv6" })], [], []],
      ["another port name", [slice("a", [READY], { ports: [{ name: "x", port: 1 }] })], [], []],
      [
        "another protocol",
        [slice("a", [READY], { ports: [{ name: "", port: 1, protocol: "UDP" }] })],
        [],
        [],
      ],
    ];
  for (const [name, slices, cluster, local] of cases) {
    const chosen = chooseBackends(port, slices, "node-1");
    t.same(
      chosen.cluster.map(({ address }) => address),
      cluster,
      name,
    );
    t.same(
      chosen.local.map(({ address }) => address),
      local,
      `${name}: local`,
    );
  }
  t.end();
});

t.test("Services without rules", (t) => {
  for (const spec of [{ clusterIP: "None" }, { type: "ExternalName", externalName: "x.y" }, {}])
    t.equal(serviceRules(service("a", spec), [slice("a", [READY])], CONTEXT).elements.size, 0);
  t.end();
});

t.test("a load balancer's address under source ranges", (t) => {
  const rules = serviceRules(
    service(
      "lb",
      {
        type: "LoadBalancer",
        clusterIP: "10.96.0.5",
        ports: [{ port: 80 }],
        loadBalancerSourceRanges: ["192.0.2.0/24 ", "bad; flush"],
      },
      {
        loadBalancer: {
          ingress: [{ ip: "198.51.100.1" }, { ip: "198.51.100.2", ipMode: "Proxy" }],
        },
      },
    ),
    [slice("lb", [READY])],
    CONTEXT,
  );
  t.equal(
    rules.elements.get("service_ips 198.51.100.1 . 6 . 80")?.verdict,
    "goto guard/ns/lb/tcp/80",
  );
  t.notOk(rules.elements.has("service_ips 198.51.100.2 . 6 . 80"));
  t.same(rules.chains.get("guard/ns/lb/tcp/80")?.rules, [
    "ip saddr 192.0.2.0/24 goto external/ns/lb/tcp/80",
    "drop",
  ]);
  t.end();
});

/** Loads everything that is pending and returns the transaction. */
function load(table: ServiceTable): string {
  const change = table.takeChange(100);
  return change === null ? "" : renderTransaction("T", change.from, change.to);
}

t.test("a change names only what changes", (t) => {
  const table = new ServiceTable(CONTEXT);
  for (const name of ["a", "b"]) {
    table.setService(
      service(name, { clusterIP: `10.96.0.${name === "a" ? 1 : 2}`, ports: [{ port: 80 }] }),
    );
    table.setSlice(slice(name, [READY]));
  }
  t.match(load(table), /add chain ip T cluster\/ns\/a\/tcp\/80/);
  t.equal(load(table), "");
  table.setSlice(
    slice("a", [READY], { metadata: { ...slice("a", []).metadata, resourceVersion: "2" } }),
  );
  t.equal(load(table), "", "an event without news");
  table.setSlice(slice("a", [READY, REMOTE]));
  const text = load(table).trim().split("\n");
  t.same(
    text.map((line) => line.split(" ").slice(0, 5).join(" ")),
    [
      "add chain ip T cluster/ns/a/tcp/80",
      "flush chain ip T cluster/ns/a/tcp/80",
      "add rule ip T cluster/ns/a/tcp/80",
    ],
  );
  t.match(
    text[2],
    /numgen random mod 2 map \{ 0 : 10\.244\.0\.2 \. 8080, 1 : 10\.244\.1\.2 \. 8080 \}/,
  );
  table.deleteSlice(slice("a", []));
  t.match(
    load(table),
    /delete element ip T service_ips \{ 10\.96\.0\.1 .*\}\n.*flush chain.*\n.*delete chain/,
  );
  t.end();
});

t.test("two Services that claim one address", (t) => {
  const table = new ServiceTable(CONTEXT);
  const spec = (ip: string): Service["spec"] => ({
    clusterIP: ip,
    externalIPs: ["203.0.113.1"],
    ports: [{ port: 80 }],
  });
  const first = service("first", spec("10.96.0.1"));
  for (const one of [first, service("second", spec("10.96.0.2"))]) {
    table.setService(one);
    table.setSlice(slice(one.metadata.name, [READY]));
  }
  t.match(
    load(table),
    /203\.0\.113\.1 \. 6 \. 80 : goto external\/ns\/first\/tcp\/80/,
    "the first to come",
  );
  table.deleteService(first);
  const text = load(table);
  t.match(text, /delete element ip T service_ips \{.*203\.0\.113\.1 \. 6 \. 80/);
  t.match(
    text,
    /add element ip T service_ips \{ 203\.0\.113\.1 .* : goto external\/ns\/second\/tcp\/80 \}/,
  );
  t.notMatch(text, /hairpin/, "the other still has the pod");
  t.end();
});

t.test("UDP flows that must be forgotten", (t) => {
  const table = new ServiceTable(CONTEXT);
  const ports = [{ port: 53, protocol: "UDP", nodePort: 30053 }];
  const udp = { ports: [{ name: "", port: 53, protocol: "UDP" }] };
  table.setService(service("dns", { type: "NodePort", clusterIP: "10.96.0.9", ports }));
  table.setSlice(slice("dns", [READY, REMOTE], udp));
  table.takeChange(10);
  table.setSlice(slice("dns", [READY], udp));
  const args = table.takeChange(10)?.staleUdp.map((stale) => stale.args.join(" "));
  t.same(args, [
    "-D -p udp --orig-dst 10.96.0.9 --dport 53 --dst-nat 10.244.1.2",
    "-D -p udp --dport 30053 --dst-nat 10.244.1.2",
  ]);
  t.end();
});
