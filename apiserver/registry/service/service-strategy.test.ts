import t from "tap";
import type { Service } from "../../../api/schema/types/core-v1.gen.js";
import type { JsonObject } from "../../../api/schema/wire-types.js";
import { identified, TEST_CONTEXT } from "../test-objects.js";
import { serviceStrategy } from "./service-strategy.js";

function service(spec: JsonObject): Service {
  const manifest = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web" },
    spec: { ports: [{ port: 80 }], ...spec },
  };
  return identified<Service>(manifest);
}

const allocated = { clusterIP: "10.96.0.7", clusterIPs: ["10.96.0.7"], ipFamilies: ["IPv4"] };

function update(next: Service, old: Service): Service {
  return serviceStrategy.prepareForUpdate(next, old, "", TEST_CONTEXT);
}

function faults(next: Service, old: Service): readonly string[] {
  const prepared = update(next, old);
  return serviceStrategy
    .validateUpdate(prepared, old, "")
    .map(({ field, detail }) => `${field}: ${detail}`);
}

void t.test("what was given out survives an update that leaves it out", (t) => {
  const old = service({ ...allocated, type: "NodePort", ports: [{ port: 80, nodePort: 30_080 }] });
  const next = update(service({ type: "NodePort" }), old);
  t.equal(next.spec.clusterIP, "10.96.0.7");
  t.same(next.spec.clusterIPs, ["10.96.0.7"]);
  t.equal(next.spec.ports?.[0]?.nodePort, 30_080);
  t.end();
});

void t.test("a cluster IP never changes", (t) => {
  const old = service(allocated);
  t.same(faults(service({ clusterIP: "10.96.0.8" }), old), [
    "spec.clusterIPs[0]: may not change once set",
  ]);
  t.same(faults(service({ ...allocated, selector: { app: "web" } }), old), []);
  t.end();
});

void t.test("a type that needs less forgets what it had", (t) => {
  const old = service({ ...allocated, type: "NodePort", ports: [{ port: 80, nodePort: 30_080 }] });
  const internal = update({ ...old, spec: { ...old.spec, type: "ClusterIP" } }, old);
  t.equal(internal.spec.ports?.[0]?.nodePort, undefined);
  t.equal(internal.spec.externalTrafficPolicy, undefined);
  const { spec } = old;
  const external = update(
    { ...old, spec: { ...spec, type: "ExternalName", externalName: "example.com" } },
    old,
  );
  t.equal(external.spec.clusterIP, undefined);
  t.equal(external.spec.clusterIPs, undefined);
  t.end();
});

void t.test("rows", (t) => {
  const nowMs = Date.parse("2026-01-03T00:00:00Z");
  const cells = (spec: JsonObject) => serviceStrategy.table.cells(service(spec), nowMs);
  t.same(cells({ ...allocated, selector: { b: "2", a: "1" } }), [
    "web",
    "ClusterIP",
    "10.96.0.7",
    "<none>",
    "80/TCP",
    "2d",
    "a=1,b=2",
  ]);
  const balanced = cells({
    ...allocated,
    type: "LoadBalancer",
    ports: [{ port: 80, nodePort: 31_000 }],
  });
  t.same(balanced.slice(1, 5), ["LoadBalancer", "10.96.0.7", "<pending>", "80:31000/TCP"]);
  const external = cells({ type: "ExternalName", externalName: "example.com", ports: [] });
  t.same(external.slice(1, 5), ["ExternalName", "<none>", "example.com", "<none>"]);
  t.equal(cells({ clusterIP: "None" })[2], "None");
  t.end();
});
