import t from "tap";
import type { ConfigMap, Container, Secret, Service } from "../../api/schema/types/core-v1.gen.js";
import { computeEnvironment } from "./env.js";
import { expandReferences } from "./expansion.js";
import { aContainer, aPod } from "./plan-fixtures.js";
import { servicesForPod } from "./service-environment.js";

const metadata = { name: "o", uid: "u", resourceVersion: "1", creationTimestamp: "" };
const configMap: ConfigMap = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata,
  data: { key: "value", other: "2" },
};
const secret: Secret = { apiVersion: "v1", kind: "Secret", metadata, data: { pass: "czNjcmV0" } };
const service = (namespace: string, name: string, clusterIP: string): Service => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { ...metadata, namespace, name },
  spec: { clusterIP, ports: [{ name: "http", port: 80, protocol: "TCP" }] },
});

function env(container: Partial<Container>, services: readonly Service[] = []): unknown {
  const result = computeEnvironment(aPod(), aContainer("main", container), {
    podIps: ["10.0.0.2"],
    hostIp: "192.0.2.1",
    configMap: (name) => (name === "cm" ? configMap : null),
    secret: (name) => (name === "s" ? secret : null),
    services,
    resourceValue: (_name, resource) => (resource === "limits.cpu" ? "2" : null),
  });
  return result.ok ? Object.fromEntries(result.env) : result.message;
}

const CASES: readonly (readonly [string, Partial<Container>, unknown])[] = [
  ["literal", { env: [{ name: "A", value: "1" }] }, { A: "1" }],
  ["no value", { env: [{ name: "A" }] }, { A: "" }],
  [
    "reference",
    {
      env: [
        { name: "A", value: "1" },
        { name: "B", value: "$(A)-$(NONE)-$$(A)" },
      ],
    },
    { A: "1", B: "1-$(NONE)-$(A)" },
  ],
  [
    "only what stands before",
    {
      env: [
        { name: "B", value: "$(A)" },
        { name: "A", value: "1" },
      ],
    },
    { B: "$(A)", A: "1" },
  ],
  [
    "config map key",
    { env: [{ name: "A", valueFrom: { configMapKeyRef: { name: "cm", key: "key" } } }] },
    { A: "value" },
  ],
  [
    "no config map",
    { env: [{ name: "A", valueFrom: { configMapKeyRef: { name: "x", key: "key" } } }] },
    'configmap "x" not found',
  ],
  [
    "no key",
    { env: [{ name: "A", valueFrom: { configMapKeyRef: { name: "cm", key: "x" } } }] },
    "couldn't find key x in ConfigMap ns/cm",
  ],
  [
    "optional",
    {
      env: [
        { name: "A", valueFrom: { configMapKeyRef: { name: "x", key: "key", optional: true } } },
      ],
    },
    {},
  ],
  [
    "secret key",
    { env: [{ name: "A", valueFrom: { secretKeyRef: { name: "s", key: "pass" } } }] },
    { A: "s3cret" },
  ],
  [
    "no secret key",
    { env: [{ name: "A", valueFrom: { secretKeyRef: { name: "s", key: "x" } } }] },
    "couldn't find key x in Secret ns/s",
  ],
  [
    "all of a config map",
    { envFrom: [{ prefix: "P_", configMapRef: { name: "cm" } }] },
    { P_key: "value", P_other: "2" },
  ],
  [
    "env wins over envFrom",
    { envFrom: [{ configMapRef: { name: "cm" } }], env: [{ name: "key", value: "own" }] },
    { key: "own", other: "2" },
  ],
  ["all of no secret", { envFrom: [{ secretRef: { name: "x" } }] }, 'secret "x" not found'],
  [
    "field",
    { env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } }] },
    { A: "web" },
  ],
  [
    "address",
    { env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } }] },
    { A: "10.0.0.2" },
  ],
  [
    "resource",
    { env: [{ name: "A", valueFrom: { resourceFieldRef: { resource: "limits.cpu" } } }] },
    { A: "2" },
  ],
];

for (const [name, container, wanted] of CASES)
  void t.test(name, async (t) => t.same(env(container), wanted));

void t.test("services", async (t) => {
  const all = [
    service("ns", "my-web", "10.96.0.7"),
    service("default", "kubernetes", "10.96.0.1"),
    service("other", "x", "10.96.0.9"),
    service("ns", "headless", "None"),
  ];
  const names = (services: readonly Service[]): string[] => services.map((it) => it.metadata.name);
  t.same(names(servicesForPod(aPod(), all)), ["my-web", "kubernetes", "headless"]);
  t.same(names(servicesForPod(aPod({ enableServiceLinks: false }), all)), ["kubernetes"]);
  t.same(env({}, all.slice(0, 1)), {
    MY_WEB_SERVICE_HOST: "10.96.0.7",
    MY_WEB_SERVICE_PORT: "80",
    MY_WEB_SERVICE_PORT_HTTP: "80",
    MY_WEB_PORT: "tcp://10.96.0.7:80",
    MY_WEB_PORT_80_TCP: "tcp://10.96.0.7:80",
    MY_WEB_PORT_80_TCP_PROTO: "tcp",
    MY_WEB_PORT_80_TCP_PORT: "80",
    MY_WEB_PORT_80_TCP_ADDR: "10.96.0.7",
  });
});

void t.test("expansion", async (t) => {
  const value = (name: string): string | undefined => ({ A: "1", B: "$(A)" })[name];
  const cases = [
    ["$(A)", "1"],
    ["$$(A)", "$(A)"],
    ["$$$(A)", "$1"],
    ["$A", "$A"],
    ["$(", "$("],
    ["$(B)", "$(A)"],
    ["x$(A)y$(C)", "x1y$(C)"],
  ] as const;
  for (const [text, wanted] of cases) t.equal(expandReferences(text, value), wanted, text);
});
