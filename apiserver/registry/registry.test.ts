import t from "tap";
import { SERVED_KINDS } from "../../api/schema/kinds.js";
import type { JsonObject, KubernetesObject } from "../../api/schema/wire-types.js";
import { GOOD_POLICIES } from "./good-policies.js";
import { GOOD_DRIVERS } from "./good-drivers.js";
import { GOOD_API_CONFIGURATIONS, GOOD_WEBHOOKS } from "./good-webhooks.js";
import { GOOD_WORKLOADS } from "./good-workloads.js";
import { strategyFor, validateForCreate, validateForUpdate } from "./registry.js";
import { identified, kindOfManifest, TEST_CONTEXT } from "./test-objects.js";

const NOW_MS = Date.parse("2026-01-01T00:10:00Z");

const container = { name: "c", image: "busybox" };
const template = { metadata: { labels: { app: "web" } }, spec: { containers: [container] } };
const workload = { replicas: 2, selector: { matchLabels: { app: "web" } }, template };
const involvedObject = { kind: "Pod", namespace: "default", name: "web-1" };

const readPods = { apiGroups: [""], resources: ["pods"], verbs: ["get"] };
const viewers = {
  roleRef: { kind: "ClusterRole", name: "view" },
  subjects: [
    { kind: "User", name: "ann" },
    { kind: "Group", name: "dev" },
    { kind: "ServiceAccount", name: "bot", namespace: "ns" },
  ],
};

function rbac(kind: string, rest: JsonObject): JsonObject {
  return { apiVersion: "rbac.authorization.k8s.io/v1", kind, ...rest };
}

/** A good object of every stored kind, and its row. */
const GOOD: readonly (readonly [manifest: JsonObject, row: readonly unknown[]])[] = [
  ...GOOD_WORKLOADS,
  ...GOOD_WEBHOOKS,
  ...GOOD_POLICIES,
  ...GOOD_DRIVERS,
  ...GOOD_API_CONFIGURATIONS,
  [{ apiVersion: "v1", kind: "Namespace" }, ["x", "Active", "10m"]],
  [
    {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "xs.example.com" },
      spec: {
        group: "example.com",
        names: { plural: "xs", kind: "X" },
        scope: "Cluster",
        versions: [
          {
            name: "v1",
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: "object" } },
          },
        ],
      },
    },
    ["xs.example.com", "2026-01-01T00:00:00Z"],
  ],
  [
    {
      apiVersion: "v1",
      kind: "Node",
      spec: { unschedulable: true },
      status: {
        conditions: [{ type: "Ready", status: "True" }],
        nodeInfo: { kubeletVersion: "v1.36.3", osImage: "Debian" },
        addresses: [{ type: "InternalIP", address: "10.0.0.1" }],
      },
    },
    [
      "x",
      "Ready,SchedulingDisabled",
      "<none>",
      "10m",
      "v1.36.3",
      "10.0.0.1",
      "<none>",
      "Debian",
      "<unknown>",
      "<unknown>",
    ],
  ],
  [
    { apiVersion: "v1", kind: "Pod", spec: { containers: [container] } },
    ["x", "0/1", "Pending", "0", "10m", "<none>", "<none>", "<none>", "<none>"],
  ],
  [
    { apiVersion: "v1", kind: "Service", spec: { ports: [{ port: 80 }] } },
    ["x", "ClusterIP", "<none>", "<none>", "80/TCP", "10m", "<none>"],
  ],
  [
    {
      apiVersion: "v1",
      kind: "Endpoints",
      subsets: [{ addresses: [{ ip: "10.0.0.1" }], ports: [{ port: 80 }] }],
    },
    ["x", "10.0.0.1:80", "10m"],
  ],
  [{ apiVersion: "v1", kind: "ConfigMap", data: { a: "1" } }, ["x", 1, "10m"]],
  [{ apiVersion: "v1", kind: "Secret", stringData: { a: "1" } }, ["x", "Opaque", 1, "10m"]],
  [{ apiVersion: "v1", kind: "ServiceAccount" }, ["x", 0, "10m"]],
  [
    {
      apiVersion: "v1",
      kind: "Event",
      involvedObject,
      type: "Normal",
      reason: "Pulled",
      message: "done\n",
      source: { component: "kubelet", host: "n1" },
      lastTimestamp: "2026-01-01T00:09:00Z",
      firstTimestamp: "2026-01-01T00:08:00Z",
      count: 2,
    },
    ["60s", "Normal", "Pulled", "pod/web-1", "", "kubelet, n1", "done", "2m", "2", "x"],
  ],
  [
    { apiVersion: "apps/v1", kind: "Deployment", spec: workload },
    ["x", "0/2", 0, 0, "10m", "c", "busybox", "app=web"],
  ],
  [
    { apiVersion: "apps/v1", kind: "ReplicaSet", spec: workload },
    ["x", 2, 0, 0, "10m", "c", "busybox", "app=web"],
  ],
  [
    { apiVersion: "coordination.k8s.io/v1", kind: "Lease", spec: { holderIdentity: "me" } },
    ["x", "me", "10m"],
  ],
  [
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      addressType: "IPv4",
      endpoints: ["1", "2", "3", "4"].map((n) => ({ addresses: [`10.0.0.${n}`] })),
      ports: [{ port: 80 }],
    },
    ["x", "IPv4", "80", "10.0.0.1,10.0.0.2,10.0.0.3 + 1 more...", "10m"],
  ],
  [
    {
      apiVersion: "events.k8s.io/v1",
      kind: "Event",
      eventTime: "2026-01-01T00:09:50.000000Z",
      type: "Warning",
      reason: "Failed",
      action: "Pull",
      note: "no",
      reportingController: "example.com/x",
      reportingInstance: "n1",
      regarding: involvedObject,
    },
    ["10s", "Warning", "Failed", "pod/web-1", "", "example.com/x, n1", "no", "10s", "1", "x"],
  ],
  ...[rbac("Role", { rules: [readPods] }), rbac("ClusterRole", { rules: [readPods] })].map(
    (role) => [role, ["x", "2026-01-01T00:00:00Z"]] as const,
  ),
  ...[rbac("RoleBinding", viewers), rbac("ClusterRoleBinding", viewers)].map(
    (binding) => [binding, ["x", "ClusterRole/view", "10m", "ann", "dev", "ns/bot"]] as const,
  ),
];

for (const [manifest, row] of GOOD) {
  const info = kindOfManifest(manifest);
  void t.test(`${info.apiVersion} ${info.kind}`, (t) => {
    const strategy = strategyFor(info);
    const object = identified<KubernetesObject>({
      ...manifest,
      metadata: { name: "x", ...(manifest["metadata"] as JsonObject) },
    });
    const created = strategy.prepareForCreate(object, TEST_CONTEXT);
    t.same(validateForCreate(info, created), []);
    t.same(strategy.table.cells(created, NOW_MS), row);
    t.equal(strategy.table.columns.length, row.length);
    const again = strategy.prepareForUpdate(created, created, "", TEST_CONTEXT);
    t.same(again, created, "writing it back changes nothing");
    const update = { object: again, old: created, subresource: "" as const };
    t.same(validateForUpdate(info, update), []);
    for (const read of Object.values(strategy.selectableFields ?? {}))
      t.type(read(created), "string");
    t.end();
  });
}

void t.test("every stored kind is in the table above", (t) => {
  const known = new Set(GOOD.map(([manifest]) => kindOfManifest(manifest).typeName));
  const stored = SERVED_KINDS.filter(({ verbs }) => verbs.includes("watch"));
  t.same(
    stored.filter(({ typeName }) => !known.has(typeName)).map(({ kind }) => kind),
    [],
  );
  t.end();
});

void t.test("what identifies an object stays", (t) => {
  const manifest = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x" } };
  const info = kindOfManifest(manifest);
  const old = identified<KubernetesObject>(manifest);
  const cases: readonly (readonly [change: Partial<typeof old.metadata>, field: string])[] = [
    [{ uid: "u-1" }, "uid"],
    [{ name: "y" }, "name"],
    [{ namespace: "other" }, "namespace"],
    [{ creationTimestamp: "2026-01-02T00:00:00Z" }, "creationTimestamp"],
    [{ deletionTimestamp: "2026-01-02T00:00:00Z" }, "deletionTimestamp"],
    [{ resourceVersion: "" }, "resourceVersion"],
  ];
  for (const [change, field] of cases) {
    const object = { ...old, metadata: { ...old.metadata, ...change } };
    const errors = validateForUpdate(info, { object, old, subresource: "" });
    t.same(
      errors.map((error) => error.field),
      [`metadata.${field}`],
    );
  }
  const dying = {
    ...old,
    metadata: { ...old.metadata, deletionTimestamp: "2026-01-02T00:00:00Z" },
  };
  const object = { ...dying, metadata: { ...dying.metadata, finalizers: ["example.com/late"] } };
  t.match(validateForUpdate(info, { object, old: dying, subresource: "" }), [
    { type: "FieldValueForbidden", field: "metadata.finalizers" },
  ]);
  t.end();
});

void t.test("immutable fields", (t) => {
  const cases: readonly (readonly [JsonObject, JsonObject, string])[] = [
    [
      { apiVersion: "v1", kind: "ConfigMap", immutable: true, data: { a: "1" } },
      { data: { a: "2" } },
      "data",
    ],
    [
      { apiVersion: "v1", kind: "Secret", immutable: true, data: {} },
      { immutable: false },
      "immutable",
    ],
    [{ apiVersion: "v1", kind: "Secret", type: "a" }, { type: "b" }, "type"],
    [
      { apiVersion: "apps/v1", kind: "Deployment", spec: workload },
      {
        spec: {
          ...workload,
          selector: { matchLabels: { app: "b" } },
          template: { ...template, metadata: { labels: { app: "b" } } },
        },
      },
      "spec.selector",
    ],
    [
      {
        apiVersion: "v1",
        kind: "Node",
        spec: { podCIDR: "10.0.0.0/24", podCIDRs: ["10.0.0.0/24"] },
      },
      { spec: { podCIDR: "10.0.1.0/24", podCIDRs: ["10.0.1.0/24"] } },
      "spec.podCIDRs",
    ],
  ];
  for (const [manifest, change, field] of cases) {
    const info = kindOfManifest(manifest);
    const old = identified<KubernetesObject>({ ...manifest, metadata: { name: "x" } });
    const next = identified<KubernetesObject>({ ...manifest, ...change, metadata: { name: "x" } });
    const object = strategyFor(info).prepareForUpdate(next, old, "", TEST_CONTEXT);
    const fields = validateForUpdate(info, { object, old, subresource: "" }).map((e) => e.field);
    t.same(fields, [field], info.kind);
  }
  t.end();
});
