import t from "tap";
import { fromCoreEvent, toCoreEvent, coreEventField } from "./convert-events.js";
import {
  apiVersionOf,
  kindByGvk,
  kindByResource,
  SERVED_KINDS,
  splitApiVersion,
  storageKind,
} from "./kinds.js";
import { parseGroup } from "./notation.js";
import { linkTypes, TYPES, typeByName } from "./type-schema.js";
import type { Event as CoreEvent } from "./types/core-v1.gen.js";
import type { Event as NewEvent } from "./types/events-v1.gen.js";

t.test("kinds by path and by apiVersion", (t) => {
  const deployment = kindByResource("apps", "v1", "deployments");
  t.match(deployment, {
    apiVersion: "apps/v1",
    kind: "Deployment",
    listKind: "DeploymentList",
    singular: "deployment",
    shortNames: ["deploy"],
    categories: ["all"],
    namespaced: true,
    typeName: "apps/v1.Deployment",
  });
  t.equal(kindByGvk("apps", "v1", "Deployment"), deployment);
  t.equal(kindByResource("apps", "v1", "pods"), null);
  t.equal(kindByGvk("", "v1", "Deployment"), null);
  t.equal(kindByResource("", "v1", "pods")?.apiVersion, "v1");
  t.strictSame(splitApiVersion("v1"), { group: "", version: "v1" });
  t.equal(apiVersionOf("apps", "v1"), "apps/v1");
  t.end();
});

t.test("what kubectl relies on in discovery", (t) => {
  const eviction = kindByResource("", "v1", "pods")?.subresources.find(
    (sub) => sub.name === "eviction",
  );
  t.match(eviction, { group: "policy", version: "v1", kind: "Eviction", verbs: ["create"] });
  const scale = kindByResource("apps", "v1", "replicasets")?.subresources.find(
    (sub) => sub.name === "scale",
  );
  t.match(scale, { group: "autoscaling", kind: "Scale", typeName: "autoscaling/v1.Scale" });
  for (const info of SERVED_KINDS) {
    t.ok(TYPES.has(info.typeName), info.typeName);
    if (info.verbs.includes("list")) t.ok(TYPES.has(`${info.typeName}List`), info.listKind);
    for (const sub of info.subresources)
      t.ok(sub.typeName === null || TYPES.has(sub.typeName), `${info.plural}/${sub.name}`);
  }
  t.end();
});

t.test("events are stored as one kind and served as two", (t) => {
  const info = kindByGvk("events.k8s.io", "v1", "Event");
  t.equal(info === null ? null : storageKind(info), kindByGvk("", "v1", "Event"));
  const metadata = { name: "a", uid: "u", resourceVersion: "1", creationTimestamp: "" };
  const core: CoreEvent = {
    apiVersion: "v1",
    kind: "Event",
    metadata,
    involvedObject: { kind: "Pod", name: "web" },
    reason: "Started",
    message: "ok",
    source: { component: "agent" },
    firstTimestamp: "2026-01-01T00:00:00Z",
    lastTimestamp: "2026-01-01T00:00:01Z",
    count: 2,
    type: "Normal",
    reportingComponent: "agent",
  };
  const event = fromCoreEvent(core);
  t.match(event, {
    apiVersion: "events.k8s.io/v1",
    regarding: { name: "web" },
    note: "ok",
    deprecatedSource: { component: "agent" },
    deprecatedCount: 2,
    reportingController: "agent",
  });
  t.strictSame(toCoreEvent(event), core);
  const type = typeByName("events/v1.Event");
  for (const key of Object.keys(event)) t.ok(type.fieldByName.has(key), key);
  const bare = { apiVersion: "events.k8s.io/v1", kind: "Event", metadata } as unknown as NewEvent;
  t.strictSame(toCoreEvent(bare).involvedObject, {});
  t.equal(coreEventField("regarding.name"), "involvedObject.name");
  t.equal(coreEventField("metadata.name"), "metadata.name");
  t.end();
});

t.test("every field of one kind of event has a place in the other", (t) => {
  const names = (typeName: string) => [...typeByName(typeName).fieldByName.keys()];
  const full = Object.fromEntries(names("core/v1.Event").map((name) => [name, name]));
  const converted = fromCoreEvent(full as unknown as CoreEvent);
  t.strictSame(Object.keys(converted).sort(), names("events/v1.Event").sort());
  t.end();
});

t.test("the notation", (t) => {
  const text = `
group toy/v1 toy.example/v1

kind Box boxes cluster short=b,bx categories=all
  verbs get
  sub open Box update

type Box map=atomic # A box.
  0 kind string
  2.3 label!? string default="x y" # The label,
    # in two lines.
  4 parts []Part list=map(a,b) patch=merge,retainKeys(a)

type Part
  1 a string enum=X|Y
`.replace('"x y"', '"xy"');
  const group = parseGroup(text);
  t.match(group.kinds[0], { plural: "boxes", namespaced: false, shortNames: ["b", "bx"] });
  t.match(group.kinds[0]?.subresources, [{ name: "open", kind: "Box", verbs: ["update"] }]);
  const types = linkTypes([group]);
  const fields = types.get("toy/v1.Box")?.fieldByName;
  t.match(fields?.get("label"), {
    tag: 3,
    outerTag: 2,
    required: true,
    nullable: true,
    default: "xy",
    description: "The label, in two lines.",
  });
  t.match(fields?.get("parts"), {
    listType: "map",
    listMapKeys: ["a", "b"],
    patchMerge: true,
    patchRetainKeys: true,
    patchMergeKey: "a",
  });
  t.strictSame(types.get("toy/v1.Part")?.fieldByName.get("a")?.enum, ["X", "Y"]);
  t.throws(() => parseGroup("nonsense"), /notation: nonsense/);
  t.throws(() => linkTypes([parseGroup("group a/v1 a\ntype T\n  1 x Gone")]), /type a\/v1.Gone/);
  t.end();
});
