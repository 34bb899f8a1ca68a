import t from "tap";
import type { Node, Pod, Service } from "../../api/schema/types/core-v1.gen.js";
import type { EndpointSlice } from "../../api/schema/types/discovery-v1.gen.js";
import { ago, meta, pod, service } from "../common/test-objects.js";
import { type EndpointSlicePlan, planEndpointSlices } from "./plan.js";

let serial = 0;

/** What the server holds after the plan was carried out. */
function apply(slices: readonly EndpointSlice[], plan: EndpointSlicePlan): EndpointSlice[] {
  const made = plan.create.map((slice): EndpointSlice => {
    serial += 1;
    const { labels = {} } = slice.metadata;
    return { ...slice, metadata: meta(`slice-${serial}`, { labels }) };
  });
  const updated = new Map(plan.update.map((slice) => [slice.metadata.uid, slice]));
  const kept = slices.filter((slice) => !plan.remove.includes(slice));
  return [...kept.map((slice) => updated.get(slice.metadata.uid) ?? slice), ...made];
}
const node = (name: string): Node | undefined =>
  name === "n1"
    ? {
        apiVersion: "v1",
        kind: "Node",
        metadata: meta("n1", { labels: { "topology.kubernetes.io/zone": "z" } }),
        spec: {},
      }
    : undefined;
function plan(
  svc: Service,
  pods: readonly Pod[],
  slices: readonly EndpointSlice[] = [],
  max = 100,
): EndpointSlicePlan {
  return planEndpointSlices({ service: svc, pods, slices, nodeOf: node }, max);
}
function ready(count: number, from = 0): Pod[] {
  return Array.from({ length: count }, (_, i) =>
    pod(`p${from + i}`, { readyFor: 10, ip: `10.0.${(from + i) >> 8}.${(from + i) & 255}` }),
  );
}
const sizesOf = (slices: readonly { endpoints?: readonly unknown[] }[]): number[] =>
  slices.map(({ endpoints = [] }) => endpoints.length).sort((a, b) => a - b);
const touched = ({ create, update, remove }: EndpointSlicePlan): number[] => [
  create.length,
  update.length,
  remove.length,
];

void t.test("an endpoint says what its pod is", (t) => {
  const [slice] = plan(service(), [pod("a", { readyFor: 5, ip: "10.0.0.1" })]).create;
  t.match(slice, {
    addressType: "IPv4",
    metadata: {
      generateName: "web-",
      labels: {
        "kubernetes.io/service-name": "web",
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
      },
      ownerReferences: [
        { kind: "Service", name: "web", controller: true, blockOwnerDeletion: true },
      ],
    },
    ports: [{ name: "http", port: 8080, protocol: "TCP" }],
  });
  t.strictSame(slice?.endpoints, [
    {
      addresses: ["10.0.0.1"],
      conditions: { ready: true, serving: true, terminating: false },
      nodeName: "n1",
      targetRef: { kind: "Pod", namespace: "default", name: "a", uid: "a" },
      zone: "z",
    },
  ]);
  t.end();
});

const going = { deletionTimestamp: ago(1) };
// What the documentation says of ready, serving and terminating.
const conditions: readonly [string, Pod, Partial<Service["spec"]>, object | null][] = [
  [
    "not ready",
    pod("a", { ip: "1.1.1.1" }),
    {},
    { ready: false, serving: false, terminating: false },
  ],
  [
    "terminating pods are never ready",
    pod("a", { ip: "1.1.1.1", readyFor: 9, meta: going }),
    {},
    { ready: false, serving: true, terminating: true },
  ],
  [
    "unless publishNotReadyAddresses",
    pod("a", { ip: "1.1.1.1", meta: going }),
    { publishNotReadyAddresses: true },
    { ready: true, serving: false, terminating: true },
  ],
  [
    "publishNotReadyAddresses: ready from the start",
    pod("a", { ip: "1.1.1.1" }),
    { publishNotReadyAddresses: true },
    { ready: true, serving: false },
  ],
  ["a pod without an address is none", pod("a", { readyFor: 9 }), {}, null],
  ["a pod that ended is none", pod("a", { ip: "1.1.1.1", phase: "Succeeded" }), {}, null],
];

void t.test("conditions", (t) => {
  for (const [why, one, spec, expected] of conditions) {
    const endpoints = plan(service(spec), [one]).create[0]?.endpoints ?? [];
    if (expected === null) t.strictSame(endpoints, [], why);
    else t.match(endpoints, [{ conditions: expected }], why);
  }
  t.end();
});

void t.test("named ports are looked up in each pod, which makes a slice per set of ports", (t) => {
  const named = (name: string, port: number): Pod =>
    pod(name, {
      readyFor: 9,
      ip: `10.0.0.${port}`,
      spec: { containers: [{ name: "c", ports: [{ name: "web", containerPort: port }] }] },
    });
  const svc = service({ ports: [{ name: "http", port: 80, targetPort: "web" }] });
  const { create } = plan(svc, [
    named("a", 81),
    named("b", 82),
    named("c", 82),
    pod("x", { ip: "10.0.0.9" }),
  ]);
  t.strictSame(
    create.map(({ ports }) => ports?.[0]?.port ?? 0).sort((a, b) => a - b),
    [81, 82],
    "x has no such port",
  );
  t.strictSame(sizesOf(create), [1, 2]);
  t.end();
});

void t.test("hostnames of pods that say they belong to the service", (t) => {
  const spec = { hostname: "web-0", subdomain: "web" };
  const headless = service({ clusterIP: "None", ports: [] });
  const [slice] = plan(headless, [pod("a", { ip: "10.0.0.1", readyFor: 1, spec })]).create;
  t.match(slice, { endpoints: [{ hostname: "web-0" }], ports: [] });
  t.equal(slice?.metadata.labels?.["service.kubernetes.io/headless"], "");
  t.end();
});

void t.test("a service without endpoints has one empty slice", (t) => {
  const first = plan(service(), []);
  t.match(first.create, [{ addressType: "IPv4", endpoints: [], ports: [] }]);
  const slices = apply([], first);
  t.strictSame(
    touched(plan(service(), [], slices)),
    [0, 0, 0],
    "an unchanged world: an empty plan",
  );
  const filled = apply(slices, plan(service(), ready(1), slices));
  t.strictSame(sizesOf(filled), [1]);
  const emptied = apply(filled, plan(service(), [], filled));
  t.strictSame(sizesOf(emptied), [0]);
  t.end();
});

void t.test("not more than the limit in a slice, and few slices touched", (t) => {
  let slices = apply([], plan(service(), ready(250)));
  t.strictSame(sizesOf(slices), [50, 100, 100]);
  t.strictSame(touched(plan(service(), ready(250), slices)), [0, 0, 0], "unchanged: nothing");
  const grow = plan(service(), ready(251), slices);
  t.strictSame(touched(grow), [0, 1, 0], "the slice with room takes it");
  slices = apply(slices, grow);
  const swap = plan(service(), [...ready(250, 1), ...ready(1, 900)], slices);
  t.strictSame(
    touched(swap),
    [0, 1, 0],
    "one goes, one comes: the slice that is written anyway takes it",
  );
  const sick = ready(251).map((one, i) => (i === 7 ? pod("p7", { ip: "10.0.0.7" }) : one));
  t.strictSame(touched(plan(service(), sick, slices)), [0, 1, 0]);
  const burst = apply(slices, plan(service(), ready(451), slices));
  t.equal(burst.flatMap(({ endpoints = [] }) => endpoints).length, 451);
  t.ok(burst.every(({ endpoints = [] }) => endpoints.length <= 100));
  const half = plan(service(), ready(100), slices);
  t.strictSame(touched(half)[2], 2, "slices that are empty go");
  t.end();
});

void t.test("labels of the service are copied, and follow it", (t) => {
  const slices = apply([], plan(service(), ready(1)));
  const labelled: Service = { ...service(), metadata: meta("web", { labels: { team: "x" } }) };
  const next = plan(labelled, ready(1), slices);
  t.strictSame(touched(next), [0, 1, 0]);
  t.equal(next.update[0]?.metadata.labels?.["team"], "x");
  t.end();
});

void t.test("dual stack: slices per family", (t) => {
  const both = pod("a", { readyFor: 1 });
  const status = { ...both.status, podIPs: [{ ip: "10.0.0.1" }, { ip: "fd00::1" }] };
  const { create } = plan(service({ ipFamilies: ["IPv4", "IPv6"] }), [{ ...both, status }]);
  t.strictSame(
    create.map(({ addressType, endpoints }) => [addressType, endpoints?.[0]?.addresses]),
    [
      ["IPv4", ["10.0.0.1"]],
      ["IPv6", ["fd00::1"]],
    ],
  );
  t.end();
});
