import t from "tap";
import type { Endpoints, EndpointSubset, Service } from "../../api/schema/types/core-v1.gen.js";
import type { EndpointSlice } from "../../api/schema/types/discovery-v1.gen.js";
import type { StoredMeta } from "../../api/schema/wire-types.js";
import { ADDRESSES_MAX, planMirror, shouldMirror } from "./plan.js";

const metadata: StoredMeta = {
  name: "outside",
  namespace: "default",
  uid: "u",
  resourceVersion: "1",
  creationTimestamp: "2026-01-01T00:00:00Z",
};
const endpoints = (
  subsets: readonly EndpointSubset[],
  meta: Partial<StoredMeta> = {},
): Endpoints => ({
  apiVersion: "v1",
  kind: "Endpoints",
  metadata: { ...metadata, ...meta },
  subsets,
});
const service = (selector?: Readonly<Record<string, string>>): Service => ({
  apiVersion: "v1",
  kind: "Service",
  metadata,
  spec: selector === undefined ? {} : { selector },
});
/** The slices as they are once the plan is carried out. */
const stored = (about: Endpoints): readonly EndpointSlice[] =>
  planMirror(about, []).create.map(
    (slice, index) =>
      ({
        ...slice,
        metadata: { ...metadata, ...slice.metadata, name: `outside-${index}` },
      }) as EndpointSlice,
  );
const http = [{ port: 80 }];

void t.test("which Endpoints are mirrored", (t) => {
  const some = endpoints([]);
  t.ok(shouldMirror(some, service()));
  t.notOk(shouldMirror(some, service({ app: "web" })), "the pods say what its slices are");
  t.notOk(shouldMirror(some, undefined), "no service");
  t.notOk(shouldMirror(undefined, service()));
  const skip = { labels: { "endpointslice.kubernetes.io/skip-mirror": "true" } };
  t.notOk(shouldMirror(endpoints([], skip), service()));
  const leader = { annotations: { "control-plane.alpha.kubernetes.io/leader": "{}" } };
  t.notOk(shouldMirror(endpoints([], leader), service()));
  t.end();
});

void t.test("a slice for each family and set of ports", (t) => {
  const about = endpoints(
    [
      {
        addresses: [{ ip: "192.0.2.1", hostname: "one" }, { ip: "2001:db8::1" }],
        notReadyAddresses: [{ ip: "192.0.2.2" }],
        ports: http,
      },
      { addresses: [{ ip: "192.0.2.3" }], ports: [{ name: "db", port: 5432 }] },
    ],
    {
      labels: { team: "a" },
      annotations: { note: "b", "kubectl.kubernetes.io/last-applied-configuration": "{}" },
    },
  );
  const { create } = planMirror(about, []);
  t.match(create, [
    {
      metadata: {
        generateName: "outside-",
        labels: {
          team: "a",
          "kubernetes.io/service-name": "outside",
          "endpointslice.kubernetes.io/managed-by": "endpointslicemirroring-controller.k8s.io",
        },
        annotations: { note: "b" },
        ownerReferences: [{ kind: "Endpoints", name: "outside", uid: "u", controller: true }],
      },
      addressType: "IPv4",
      ports: [{ port: 80, protocol: "TCP" }],
      endpoints: [
        { addresses: ["192.0.2.1"], conditions: { ready: true }, hostname: "one" },
        { addresses: ["192.0.2.2"], conditions: { ready: false } },
      ],
    },
    { addressType: "IPv6", endpoints: [{ addresses: ["2001:db8::1"] }] },
    { addressType: "IPv4", ports: [{ name: "db", port: 5432 }] },
  ]);
  t.equal(create.length, 3);
  t.strictSame(Object.keys(create[0]?.metadata.annotations ?? {}), ["note"]);
  t.strictSame(planMirror(about, stored(about)), {
    create: [],
    update: [],
    remove: [],
    skipped: 0,
  });
  t.end();
});

void t.test("a slice is changed where it can be, and goes with its last address", (t) => {
  const before = stored(endpoints([{ addresses: [{ ip: "192.0.2.1" }], ports: http }]));
  const after = endpoints([{ addresses: [{ ip: "192.0.2.9" }], ports: http }]);
  const plan = planMirror(after, before);
  t.match(plan, { create: [], remove: [] });
  t.match(plan.update, [
    { metadata: { name: "outside-0" }, endpoints: [{ addresses: ["192.0.2.9"] }] },
  ]);
  t.match(planMirror(endpoints([]), before), { create: [], update: [], remove: before });
  t.end();
});

void t.test("of a subset a thousand addresses are mirrored", (t) => {
  const addresses = Array.from({ length: ADDRESSES_MAX + 5 }, (_, index) => ({
    ip: `10.0.${index >> 8}.${index & 255}`,
  }));
  const plan = planMirror(endpoints([{ addresses, ports: http }]), []);
  t.equal(plan.skipped, 5);
  t.equal(plan.create[0]?.endpoints?.length, ADDRESSES_MAX);
  t.end();
});
