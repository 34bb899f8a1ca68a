import t from "tap";
import type { Service } from "../../api/schema/types/core-v1.gen.js";
import type { Endpoint, EndpointSlice } from "../../api/schema/types/discovery-v1.gen.js";
import { DnsZone } from "./zone.js";

function service(name: string, spec: Service["spec"]): Service {
  const metadata = {
    name,
    namespace: "shop",
    uid: name,
    resourceVersion: "1",
    creationTimestamp: "",
  };
  return { apiVersion: "v1", kind: "Service", metadata, spec };
}

function slice(name: string, endpoints: readonly Endpoint[]): EndpointSlice {
  const labels = { "kubernetes.io/service-name": name };
  const metadata = {
    name: `${name}-x`,
    namespace: "shop",
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
    ports: [{ name: "http", port: 8080, protocol: "TCP" }],
    endpoints,
  };
}

const zone = new DnsZone("cluster.local");
zone.setService(service("web", { clusterIP: "10.96.0.7", ports: [{ name: "http", port: 80 }] }));
zone.setService(service("db", { clusterIP: "None", ports: [{ name: "http", port: 80 }] }));
zone.setSlice(
  slice("db", [
    { addresses: ["10.244.1.5"], hostname: "db-0" },
    { addresses: ["10.244.1.6"] },
    { addresses: ["10.244.1.7"], conditions: { ready: false } },
  ]),
);
zone.setService(service("outside", { type: "ExternalName", externalName: "www.example.com" }));
zone.setService(
  service("inside", { type: "ExternalName", externalName: "web.shop.svc.cluster.local" }),
);
zone.setService(service("empty", { clusterIP: "None" }));

t.test("names and their records", (t) => {
  const cases: readonly [name: string, type: string, code: string, answers: readonly unknown[]][] =
    [
      ["web.shop.svc.cluster.local", "A", "NOERROR", ["10.96.0.7"]],
      ["WEB.Shop.svc.Cluster.Local", "A", "NOERROR", ["10.96.0.7"]],
      ["web.shop.svc.cluster.local", "AAAA", "NOERROR", []],
      ["db.shop.svc.cluster.local", "A", "NOERROR", ["10.244.1.5", "10.244.1.6"]],
      ["db-0.db.shop.svc.cluster.local", "A", "NOERROR", ["10.244.1.5"]],
      ["10-244-1-6.db.shop.svc.cluster.local", "A", "NOERROR", ["10.244.1.6"]],
      ["10-244-1-7.db.shop.svc.cluster.local", "A", "NXDOMAIN", []],
      [
        "_http._tcp.web.shop.svc.cluster.local",
        "SRV",
        "NOERROR",
        [{ priority: 0, weight: 100, port: 80, target: "web.shop.svc.cluster.local" }],
      ],
      [
        "_http._tcp.db.shop.svc.cluster.local",
        "SRV",
        "NOERROR",
        [
          { priority: 0, weight: 100, port: 8080, target: "db-0.db.shop.svc.cluster.local" },
          { priority: 0, weight: 100, port: 8080, target: "10-244-1-6.db.shop.svc.cluster.local" },
        ],
      ],
      ["_tcp.web.shop.svc.cluster.local", "SRV", "NOERROR", []],
      ["_http._udp.web.shop.svc.cluster.local", "SRV", "NXDOMAIN", []],
      [
        "inside.shop.svc.cluster.local",
        "A",
        "NOERROR",
        ["web.shop.svc.cluster.local", "10.96.0.7"],
      ],
      ["inside.shop.svc.cluster.local", "CNAME", "NOERROR", ["web.shop.svc.cluster.local"]],
      ["empty.shop.svc.cluster.local", "A", "NOERROR", []],
      ["shop.svc.cluster.local", "A", "NOERROR", []],
      ["svc.cluster.local", "A", "NOERROR", []],
      ["cluster.local", "A", "NOERROR", []],
      ["none.shop.svc.cluster.local", "A", "NXDOMAIN", []],
      ["web.nowhere.svc.cluster.local", "A", "NXDOMAIN", []],
      ["10-244-9-9.shop.pod.cluster.local", "A", "NOERROR", ["10.244.9.9"]],
      ["10-244-9-999.shop.pod.cluster.local", "A", "NXDOMAIN", []],
      ["dns-version.cluster.local", "TXT", "NOERROR", ["1.1.0"]],
      ["7.0.96.10.in-addr.arpa", "PTR", "NOERROR", ["web.shop.svc.cluster.local"]],
      ["5.1.244.10.in-addr.arpa", "PTR", "NOERROR", ["db-0.db.shop.svc.cluster.local"]],
    ];
  for (const [name, type, code, answers] of cases) {
    const found = zone.resolve(name, type);
    t.equal(found?.code, code, `${type} ${name}`);
    t.same(
      found?.answers.map(({ data }) => data),
      answers,
      `${type} ${name}`,
    );
  }
  t.end();
});

t.test("what is not the cluster's", (t) => {
  for (const name of [
    "example.com",
    "cluster.local.example.com",
    "xcluster.local",
    "",
    "1.1.1.1.in-addr.arpa",
  ])
    t.equal(zone.resolve(name, "A"), null, name);
  const alias = zone.resolve("outside.shop.svc.cluster.local", "A");
  t.equal(alias?.alias, "www.example.com", "an alias that leads outside");
  t.end();
});

t.test("SRV brings the addresses along", (t) => {
  const found = zone.resolve("_http._tcp.db.shop.svc.cluster.local", "SRV");
  t.same(
    found?.additionals.map(({ data }) => data),
    ["10.244.1.5", "10.244.1.6"],
  );
  t.end();
});

t.test("what is deleted or renamed is gone", (t) => {
  const changing = new DnsZone("cluster.local.");
  const name = "a.shop.svc.cluster.local";
  changing.setSlice(slice("a", [{ addresses: ["10.244.1.9"], hostname: "h" }]));
  t.equal(changing.resolve(name, "A")?.code, "NXDOMAIN", "endpoints alone make no name");
  changing.setService(service("a", { clusterIP: "None" }));
  t.same(changing.resolve(name, "A")?.answers.length, 1);
  changing.setSlice({ ...slice("a", []), metadata: { ...slice("a", []).metadata, labels: {} } });
  t.same(changing.resolve(name, "A")?.answers, [], "the slice lost its label");
  changing.setService(service("a", { clusterIP: "10.96.0.8" }));
  t.same(
    changing.resolve(name, "A")?.answers.map(({ data }) => data),
    ["10.96.0.8"],
  );
  changing.deleteService(service("a", {}));
  t.equal(changing.resolve(name, "A")?.code, "NXDOMAIN");
  t.equal(changing.resolve("shop.svc.cluster.local", "A")?.code, "NXDOMAIN", "its last Service");
  t.equal(changing.resolve("8.0.96.10.in-addr.arpa", "PTR"), null);
  t.end();
});
