import t from "tap";
import type { Endpoints, Pod } from "../../api/schema/types/core-v1.gen.js";
import { ago, meta, pod, service } from "../common/test-objects.js";
import { planEndpoints } from "./plan.js";

function stored(svc: ReturnType<typeof service>, pods: readonly Pod[], max = 1000): Endpoints {
  const { create } = planEndpoints(svc, { pods, current: null }, max);
  if (create === null) throw new Error("nothing to create");
  return {
    ...create,
    metadata: meta("web", {
      labels: create.metadata.labels ?? {},
      annotations: create.metadata.annotations ?? {},
    }),
  };
}

void t.test("ready and unready addresses, sorted, with the pods they stand for", (t) => {
  const pods = [
    pod("b", { readyFor: 1, ip: "10.0.0.2" }),
    pod("a", { readyFor: 1, ip: "10.0.0.1" }),
    pod("sick", { ip: "10.0.0.3" }),
    pod("going", { readyFor: 1, ip: "10.0.0.4", meta: { deletionTimestamp: ago(1) } }),
    pod("done", { phase: "Succeeded", ip: "10.0.0.5" }),
  ];
  const endpoints = stored(service(), pods);
  t.match(endpoints.subsets, [
    {
      addresses: [
        { ip: "10.0.0.1", nodeName: "n1", targetRef: { kind: "Pod", name: "a", uid: "a" } },
        { ip: "10.0.0.2" },
      ],
      notReadyAddresses: [{ ip: "10.0.0.3" }],
      ports: [{ name: "http", port: 8080, protocol: "TCP" }],
    },
  ]);
  const again = planEndpoints(service(), { pods: pods.reverse(), current: endpoints }, 1000);
  t.strictSame(again, { create: null, update: null }, "an unchanged world gives an empty plan");
  const tolerant = stored(service({ publishNotReadyAddresses: true }), pods);
  t.equal(tolerant.subsets?.[0]?.addresses?.length, 4, "publishNotReadyAddresses counts them all");
  t.end();
});

void t.test("a headless service is labelled, and may have no ports", (t) => {
  const headless = service({ clusterIP: "None", ports: [] });
  const endpoints = stored(headless, [pod("a", { readyFor: 1, ip: "10.0.0.1" })]);
  t.equal(endpoints.metadata.labels?.["service.kubernetes.io/headless"], "");
  t.strictSame(Object.keys(endpoints.subsets?.[0] ?? {}), ["addresses"]);
  t.strictSame(stored(service(), []).subsets, []);
  t.end();
});

void t.test(
  "over capacity: ready ones are kept, and the annotation says that some are missing",
  (t) => {
    const pods = Array.from({ length: 12 }, (_, i) =>
      pod(`p${i}`, i < 8 ? { readyFor: 1, ip: `10.0.0.${i}` } : { ip: `10.0.0.${i}` }),
    );
    const cut = stored(service(), pods, 10);
    t.equal(cut.subsets?.[0]?.addresses?.length, 8);
    t.equal(cut.subsets?.[0]?.notReadyAddresses?.length, 2);
    t.equal(cut.metadata.annotations?.["endpoints.kubernetes.io/over-capacity"], "truncated");
    const { update } = planEndpoints(service(), { pods: pods.slice(0, 10), current: cut }, 10);
    t.strictSame(update?.metadata.annotations, {}, "gone when they fit again");
    t.end();
  },
);
