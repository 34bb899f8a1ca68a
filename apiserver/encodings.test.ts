import { GOOD_API_CONFIGURATIONS, GOOD_WEBHOOKS } from "./registry/good-webhooks.js";
import { GOOD_DRIVERS } from "./registry/good-drivers.js";
import { GOOD_POLICIES } from "./registry/good-policies.js";
import { kindOfManifest } from "./registry/test-objects.js";
import t from "tap";
import { parse, stringify } from "yaml";
import { decodeProtobuf, encodeProtobuf } from "../api/schema/protobuf.js";
import { type KindInfo, SERVED_KINDS } from "../api/schema/kinds.js";
import type { JsonObject } from "../api/schema/wire-types.js";
import { isStored } from "./handlers/kind-view.js";
import { type TestAnswer, TestServer } from "./test-server.js";

const server = await TestServer.start();
t.teardown(() => server.close());

const TYPES = {
  json: "application/json",
  yaml: "application/yaml",
  protobuf: "application/vnd.kubernetes.protobuf",
} as const;
type Format = keyof typeof TYPES;
const FORMATS = Object.keys(TYPES) as readonly Format[];
const META_TYPES = "g=meta.k8s.io;v=v1";

const TEMPLATE = {
  metadata: { labels: { app: "x" } },
  spec: {
    containers: [
      {
        name: "main",
        image: "example/x:1",
        command: ["sh", "-c", "echo: yes # no\n'0644'"],
        env: [{ name: "ON", value: "on" }],
        resources: { requests: { cpu: "1500m", memory: "1Gi" } },
        ports: [{ containerPort: 80, protocol: "UDP" }],
      },
    ],
  },
};
const WORKLOAD = { selector: { matchLabels: { app: "x" } }, template: TEMPLATE };

const SCALED = {
  maxReplicas: 3,
  scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "x" },
};
const RUN_ONCE = { ...TEMPLATE, spec: { ...TEMPLATE.spec, restartPolicy: "Never" } };

/** What a kind needs beyond a name, by kind; a kind that needs nothing is not here. */
const CONTENT: Readonly<Record<string, JsonObject>> = {
  "v1 Pod": { spec: TEMPLATE.spec },
  "v1 Service": { spec: { ports: [{ port: 80, targetPort: "http" }], selector: { app: "x" } } },
  "v1 Endpoints": { subsets: [{ addresses: [{ ip: "192.0.2.9" }], ports: [{ port: 80 }] }] },
  "v1 ConfigMap": { data: { "a.txt": "yes\nno: 1\n" }, binaryData: { b: "AAEC/w==" } },
  "v1 Secret": { type: "Opaque", data: { key: "AAEC/w==" } },
  "v1 Event": { involvedObject: { kind: "Pod", namespace: "default", name: "x" }, reason: "Why" },
  "events.k8s.io/v1 Event": {
    eventTime: "2026-01-02T03:04:05.678901Z",
    reportingController: "example.com/test",
    reportingInstance: "test-1",
    action: "Testing",
    reason: "Because",
    type: "Normal",
    regarding: { kind: "Pod", namespace: "default", name: "x" },
  },
  "apps/v1 Deployment": { spec: { ...WORKLOAD, replicas: 0 } },
  "apps/v1 ReplicaSet": { spec: { ...WORKLOAD, replicas: 0 } },
  "v1 ReplicationController": { spec: { selector: { app: "x" }, template: TEMPLATE } },
  "v1 LimitRange": { spec: { limits: [{ type: "Container", default: { cpu: "1" } }] } },
  "scheduling.k8s.io/v1 PriorityClass": { value: 5, description: "d" },
  "policy/v1 PodDisruptionBudget": {
    spec: { minAvailable: "50%", selector: { matchLabels: { app: "x" } } },
  },
  "v1 PersistentVolumeClaim": {
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
  },
  "v1 PersistentVolume": {
    spec: {
      accessModes: ["ReadWriteOnce"],
      capacity: { storage: "1Gi" },
      csi: { driver: "csi.example.com", volumeHandle: "h", volumeAttributes: { a: "b" } },
    },
  },
  "certificates.k8s.io/v1 CertificateSigningRequest": {
    spec: {
      request: Buffer.from(
        "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
      ).toString("base64"),
      signerName: "example.com/signer",
      usages: ["client auth"],
    },
  },
  "settings.k8s.io/v1alpha1 PodPreset": {
    spec: { selector: { matchLabels: { a: "b" } }, env: [{ name: "A", value: "1" }] },
  },
  "storage.k8s.io/v1 StorageClass": { provisioner: "csi.example.com", parameters: { a: "b" } },
  "v1 PodTemplate": { template: TEMPLATE },
  "apps/v1 StatefulSet": { spec: { ...WORKLOAD, serviceName: "x" } },
  "apps/v1 DaemonSet": { spec: WORKLOAD },
  "apps/v1 ControllerRevision": { revision: 3, data: { any: ["thing"] } },
  "autoscaling/v1 HorizontalPodAutoscaler": {
    spec: { ...SCALED, targetCPUUtilizationPercentage: 70 },
  },
  "autoscaling/v2 HorizontalPodAutoscaler": { spec: SCALED },
  "batch/v1 Job": { spec: { template: RUN_ONCE } },
  "batch/v1 CronJob": {
    spec: { schedule: "@daily", jobTemplate: { spec: { template: RUN_ONCE } } },
  },
  "networking.k8s.io/v1 Ingress": {
    spec: { defaultBackend: { service: { name: "x", port: { number: 80 } } } },
  },
  "networking.k8s.io/v1 IngressClass": { spec: { controller: "example.com/x" } },
  "networking.k8s.io/v1 NetworkPolicy": { spec: { podSelector: {}, policyTypes: ["Ingress"] } },
  "coordination.k8s.io/v1 Lease": {
    spec: { holderIdentity: "me", renewTime: "2026-01-02T03:04:05.678901Z" },
  },
  "discovery.k8s.io/v1 EndpointSlice": {
    addressType: "IPv4",
    endpoints: [{ addresses: ["192.0.2.9"], conditions: { ready: true } }],
    ports: [{ name: "http", port: 80, protocol: "TCP" }],
  },
  "rbac.authorization.k8s.io/v1 Role": {
    rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }],
  },
  "rbac.authorization.k8s.io/v1 ClusterRole": {
    rules: [{ nonResourceURLs: ["/metrics"], verbs: ["get"] }],
  },
  "rbac.authorization.k8s.io/v1 RoleBinding": {
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
    subjects: [{ kind: "User", name: "jane", apiGroup: "rbac.authorization.k8s.io" }],
  },
  "rbac.authorization.k8s.io/v1 ClusterRoleBinding": {
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
  },
  ...Object.fromEntries(
    [...GOOD_DRIVERS, ...GOOD_POLICIES, ...GOOD_WEBHOOKS, ...GOOD_API_CONFIGURATIONS].map(
      ([{ metadata: _named, ...content }]) => {
        const { apiVersion, kind } = kindOfManifest(content);
        return [`${apiVersion} ${kind}`, content];
      },
    ),
  ),
};

function collectionOf({ group, version, plural, namespaced }: KindInfo): string {
  const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  return `${root}${namespaced ? "/namespaces/default" : ""}/${plural}`;
}

function manifest(kind: KindInfo, name: string): JsonObject {
  const { apiVersion } = kind;
  const content = CONTENT[`${apiVersion} ${kind.kind}`] ?? {};
  const labels = { "example.com/on": "yes", octal: "0644" };
  return { apiVersion, kind: kind.kind, metadata: { name, labels }, ...content };
}

function encoded(kind: KindInfo, object: JsonObject, format: Format): Buffer {
  if (format === "protobuf") return Buffer.from(encodeProtobuf(kind, object));
  return Buffer.from(
    format === "json" ? JSON.stringify(object) : stringify(object, { version: "1.1" }),
  );
}

function decoded(answer: TestAnswer, format: Format): JsonObject {
  if (format === "json") return answer.body as JsonObject;
  if (format === "yaml") return parse(answer.bytes.toString(), { version: "1.1" }) as JsonObject;
  return decodeProtobuf(answer.bytes).object;
}

/**
 * Their objects are called after what they hold: custom-kinds.test.ts reads the first ones in every
 * encoding, and the others are made of the same parts as others.
 */
const NAMED_BY_CONTENT: ReadonlySet<string> = new Set([
  "CustomResourceDefinition",
  "IPAddress",
  "APIService",
]);
const STORED = SERVED_KINDS.filter(
  (kind) => isStored(kind) && kind.verbs.includes("create") && !NAMED_BY_CONTENT.has(kind.kind),
);

for (const kind of STORED) {
  const named = `${kind.apiVersion} ${kind.kind}`;
  const path = collectionOf(kind);
  void t.test(`${named}: one object in every encoding`, async (t) => {
    const seen: JsonObject[] = [];
    for (const format of FORMATS) {
      const name = nameFor(kind, format);
      const body = encoded(kind, manifest(kind, name), format);
      const headers = { "content-type": TYPES[format], accept: TYPES[format] };
      const created = await server.send("POST", path, { body, headers });
      t.equal(created.status, 201, `${format} ${created.bytes.toString().slice(0, 400)}`);
      t.equal(created.headers["content-type"], TYPES[format]);
      const json = withoutNulls((await server.send("GET", `${path}/${name}`)).body as JsonObject);
      t.same(withoutNulls(decoded(created, format)), json);
      for (const asked of FORMATS) {
        const accept = { accept: TYPES[asked] };
        const read = await server.send("GET", `${path}/${name}`, { headers: accept });
        t.equal(read.headers["content-type"], TYPES[asked]);
        t.same(withoutNulls(decoded(read, asked)), json, `sent as ${format}, read as ${asked}`);
      }
      seen.push(withoutIdentity((await server.send("GET", `${path}/${name}`)).body as JsonObject));
    }
    for (const other of seen.slice(1)) t.same(other, seen[0], "what was sent made no difference");
  });

  void t.test(`${named}: lists, tables and metadata`, async (t) => {
    const list = (await server.send("GET", path)).body as JsonObject;
    for (const format of FORMATS) {
      const headers = { accept: TYPES[format] };
      const read = decoded(await server.send("GET", path, { headers }), format);
      // Protobuf leaves out of the elements what the list says already.
      t.same(withoutItemTypes(withoutNulls(read)), withoutItemTypes(withoutNulls(list)), format);
      const meta = { accept: `${TYPES[format]};as=PartialObjectMetadataList;${META_TYPES}` };
      const partial = decoded(await server.send("GET", path, { headers: meta }), format);
      t.match(partial, { kind: "PartialObjectMetadataList", apiVersion: "meta.k8s.io/v1" });
      t.equal((partial["items"] as []).length, (list["items"] as []).length);
    }
    const table = { accept: `application/json;as=Table;${META_TYPES}` };
    const rows = await server.send("GET", path, { headers: table });
    const columns = rows.body["columnDefinitions"] as readonly { name: string }[];
    t.equal(columns[0]?.name, kind.kind === "Event" ? "Last Seen" : "Name");
    for (const row of rows.body["rows"] as { cells: unknown[] }[]) {
      t.equal(row.cells.length, columns.length);
    }
    const body = manifest(kind, `tabled-${kind.group || "core"}`);
    const created = await server.send("POST", `${path}?dryRun=All`, { body, headers: table });
    t.match(created, { status: 201, body: { kind: "Table", rows: [{ cells: [] }] } });
    const csv = { accept: "text/csv" };
    t.equal((await server.send("GET", path, { headers: csv })).status, 406);
    const asTable = { accept: `${TYPES.protobuf};as=Table;${META_TYPES}` };
    t.equal((await server.send("GET", path, { headers: asTable })).status, 406);
    const text = { body: "x", headers: { "content-type": "text/csv" } };
    t.equal((await server.send("POST", path, text)).status, 415);
  });
}

/** Several versions of a kind live in one storage: their names must differ. */
function nameFor({ group, version }: KindInfo, format: Format): string {
  return `encoded-${format}${group === "" ? "" : `-${group}-${version}`}`;
}

/** What is null (eventTime) or a defaulted zero in JSON may be absent in protobuf. */
function withoutNulls(object: JsonObject): JsonObject {
  const text = JSON.stringify(object, (_key, value: unknown) =>
    value === null || value === 0 ? undefined : value,
  );
  return JSON.parse(text) as JsonObject;
}

function withoutItemTypes(list: JsonObject): JsonObject {
  const items = (list["items"] as JsonObject[]).map(
    ({ apiVersion: _version, kind: _kind, ...item }) => item,
  );
  return { ...list, items };
}

/** Leaves out what differs between two objects made from one manifest. */
function withoutIdentity(object: JsonObject): JsonObject {
  const text = JSON.stringify(object, (key, value: unknown) =>
    IDENTITIES.has(key) ? undefined : value,
  );
  const anonymous = text
    .replaceAll(/encoded-(json|yaml|protobuf)/gu, "encoded")
    .replaceAll(/"name":"default-token-\w+"|kube-api-access-\w+/gu, "token");
  return JSON.parse(anonymous) as JsonObject;
}
const IDENTITIES = new Set([
  "controller-uid",
  "batch.kubernetes.io/controller-uid",
  "f:batch.kubernetes.io/controller-uid",
  "uid",
  "lastTransitionTime",
  "timeAdded",
  "resourceVersion",
  "lastPhaseTransitionTime",
  "creationTimestamp",
  "clusterIP",
  "clusterIPs",
  "time",
]);
