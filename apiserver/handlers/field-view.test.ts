import t from "tap";
import { kindByGvk } from "../../api/schema/kinds.js";
import { present } from "../../base/assert.js";
import type { ApiFailure } from "../server/api-failure.js";
import type { CachedObject, CacheEvent } from "../storage/resource-cache.js";
import { encodeForStore, spliceRevision } from "../storage/stored-bytes.js";
import { FIELDS_PARAMETER, type FieldView, fieldViewOf } from "./field-view.js";
import { kindView } from "./kind-view.js";

const NODES = kindView(present(kindByGvk("", "v1", "Node"), "Node"));
const ROUTES = "spec.podCIDR,spec.podCIDRs,status.addresses";

function viewOf(fields: string, kind = NODES): FieldView {
  const view = fieldViewOf(kind, new URLSearchParams({ [FIELDS_PARAMETER]: fields }));
  return present(view, `view of ${fields}`);
}

function refusal(fields: string): string {
  try {
    viewOf(fields);
    return "";
  } catch (error) {
    const { code, message = "" } = (error as ApiFailure).status;
    return `${code} ${message}`;
  }
}

const METADATA = {
  name: "n",
  uid: "u",
  creationTimestamp: "2026-01-02T03:04:05Z",
  labels: { a: "b" },
  managedFields: [{ manager: "m" }],
};
const ADDRESSES = [{ type: "InternalIP", address: "10.0.0.1" }];

function node(revision: number, parts: object = {}): CachedObject {
  const whole = { apiVersion: "v1", kind: "Node", metadata: METADATA, spec: {}, ...parts };
  const value = spliceRevision(encodeForStore(whole), revision);
  return { key: "n", namespace: "", name: "n", value, revision, labels: {}, fields: {} };
}

function shown(view: FieldView, object: CachedObject): unknown {
  return JSON.parse(view.bytes(object).toString());
}

function change(previous: CachedObject | null, current: CachedObject | null): CacheEvent {
  return { revision: current?.revision ?? 9, previous, current };
}

void t.test("an object keeps what it is known by and what was asked for", async (t) => {
  const { name, uid, creationTimestamp, labels } = METADATA;
  const known = { resourceVersion: "7", name, uid, creationTimestamp };
  const spec = { podCIDR: "10.1.0.0/24", unschedulable: true, taints: [{ key: "k" }] };
  const status = { addresses: ADDRESSES, images: [{ names: ["i"] }] };
  const object = node(7, { spec, status });
  const type = { kind: "Node", apiVersion: "v1" };
  t.same(shown(viewOf(ROUTES), object), {
    ...type,
    metadata: known,
    spec: { podCIDR: "10.1.0.0/24" },
    status: { addresses: ADDRESSES },
  });
  t.same(shown(viewOf("spec,spec.podCIDR"), object), { ...type, metadata: known, spec });
  t.same(shown(viewOf("spec.podCIDR,spec"), object), { ...type, metadata: known, spec });
  t.same(shown(viewOf("metadata"), object), { ...type, metadata: { ...known, labels } });
  t.same(shown(viewOf("metadata.labels"), object), { ...type, metadata: { ...known, labels } });
  t.same(shown(viewOf("kind"), object), { ...type, metadata: known });
  t.same(
    shown(viewOf(ROUTES), node(7)),
    { ...type, metadata: known, spec: {} },
    "what leads to a field stays",
  );
});

void t.test("a change tells when something that is shown differs", async (t) => {
  const view = viewOf(ROUTES);
  const before = node(7, { spec: { podCIDR: "a" }, status: { addresses: ADDRESSES } });
  const tells = (parts: object): boolean => view.tells(change(before, node(8, parts)));
  const status = { addresses: ADDRESSES, conditions: [{ type: "Ready", status: "True" }] };
  t.notOk(tells({ spec: { podCIDR: "a", unschedulable: true }, status }));
  const labelled = { ...METADATA, labels: {}, managedFields: [] };
  t.notOk(tells({ metadata: labelled, spec: { podCIDR: "a" }, status }));
  const turned = [{ address: "10.0.0.1", type: "InternalIP" }];
  t.notOk(tells({ spec: { podCIDR: "a" }, status: { addresses: turned } }), "order of members");
  t.ok(tells({ spec: { podCIDR: "b" }, status }));
  t.ok(tells({ spec: {}, status }));
  t.ok(tells({ spec: { podCIDR: "a" }, status: { addresses: [] } }));
  t.ok(view.tells(change(null, before)));
  t.ok(view.tells(change(before, null)));
  t.ok(viewOf("metadata").tells(change(before, node(8, { metadata: labelled }))));
});

void t.test("who asks for the same shares one view, and an object is narrowed once", async (t) => {
  const view = viewOf(ROUTES);
  t.equal(viewOf("status.addresses,spec.podCIDRs,spec.podCIDR,spec.podCIDR"), view);
  const repeated = new URLSearchParams();
  for (const field of ROUTES.split(",")) repeated.append(FIELDS_PARAMETER, field);
  t.equal(fieldViewOf(NODES, repeated), view);
  t.not(viewOf("spec.podCIDR"), view);
  const pods = kindView(present(kindByGvk("", "v1", "Pod"), "Pod"));
  t.not(viewOf("metadata.labels", pods), viewOf("metadata.labels"));
  const object = node(7);
  t.equal(view.bytes(object), view.bytes(object));
  t.equal(fieldViewOf(NODES, new URLSearchParams()), null);
});

void t.test("the version that is served is what is narrowed", async (t) => {
  const event = kindView(present(kindByGvk("events.k8s.io", "v1", "Event"), "Event"));
  const stored = node(7, { apiVersion: "v1", kind: "Event", message: "told", count: 3 });
  t.match(shown(viewOf("note,deprecatedCount", event), stored), {
    apiVersion: "events.k8s.io/v1",
    note: "told",
    deprecatedCount: 3,
  });
  t.throws(() => viewOf("message", event));
});

void t.test("what is no field is refused", async (t) => {
  t.match(refusal("spec.podCidr"), /^400 raftsmanFields: a Node has no field "spec.podCidr"/u);
  t.match(refusal("spec,"), /^400 .*"" is not the name of a field/u);
  t.match(refusal(""), /^400 .*"" is not the name of a field/u);
  t.match(refusal("spec..podCIDR"), /^400 .*not the name/u);
  t.match(
    refusal("spec.taints.key"),
    /lies within "spec.taints", which can only be asked for as a/u,
  );
  t.match(refusal("metadata.labels.a"), /lies within "metadata.labels"/u);
  t.match(refusal("spec.podCIDR.x"), /lies within "spec.podCIDR"/u);
  t.match(refusal("metadata.managedFields"), /managedFields cannot be asked for/u);
  t.match(refusal("__proto__"), /has no field/u);
  t.match(refusal("spec,".repeat(32) + "spec"), /more than 32 fields/u);
  t.equal(refusal("spec,".repeat(31) + "spec"), "");
});
