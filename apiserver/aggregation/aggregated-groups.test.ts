import t from "tap";
import { SERVED_KINDS } from "../../api/schema/kinds.js";
import { groupKinds } from "../discovery/discovery-documents.js";
import { mergeGroups } from "./aggregated-groups.js";
import type { RemoteVersion } from "./extension-monitor.js";
import { convertResources, readGroupDiscovery, readResourceList } from "./remote-resources.js";

const remote = (
  group: string,
  version: string,
  [groupPriority, versionPriority]: readonly [number, number],
): RemoteVersion => ({
  service: {
    name: `${version}.${group}`,
    group,
    version,
    service: { namespace: "default", name: "s", port: 443 },
    caBundle: "",
    skipsVerification: false,
    groupPriority,
    versionPriority,
  },
  freshness: "Stale",
  answer: { resources: [], openApiUrl: null },
});

t.test("groups and versions of others stand where their priorities say", (t) => {
  const own = groupKinds(SERVED_KINDS);
  const merged = mergeGroups(own, [
    remote("b.example.com", "v1", [100, 1]),
    remote("first.example.com", "v1", [20_000, 1]),
    remote("a.example.com", "v1", [100, 1]),
    remote("a.example.com", "v2", [50, 9]),
    remote("apps", "v9", [1, 101]),
  ]);
  const names = merged.map(({ group }) => group);
  t.equal(names[0], "first.example.com");
  t.same(names.slice(-2), ["a.example.com", "b.example.com"]);
  const ours = names.filter((name) => !name.endsWith(".example.com"));
  t.same(
    ours,
    own.map(({ group }) => group),
    "our own keep their order",
  );
  const versions = (of: string): readonly string[] | undefined =>
    merged.find(({ group }) => group === of)?.versions.map(({ version }) => version);
  t.same(versions("a.example.com"), ["v2", "v1"]);
  t.same(versions("apps"), ["v9", "v1"]);
  t.end();
});

t.test("subresources stand below their resources, or below one that is none", (t) => {
  const converted = convertResources([
    { name: "things/status", singularName: "", namespaced: false, kind: "Thing", verbs: ["get"] },
    { name: "things", singularName: "thing", namespaced: false, kind: "Thing", verbs: ["list"] },
    {
      name: "pods/http_requests",
      singularName: "",
      namespaced: true,
      kind: "MetricValueList",
      verbs: ["get"],
    },
  ]);
  t.match(converted, [
    {
      resource: "things",
      scope: "Cluster",
      singularResource: "thing",
      responseKind: { group: "", version: "", kind: "Thing" },
      subresources: [{ subresource: "status", verbs: ["get"] }],
    },
    {
      resource: "pods",
      scope: "Namespaced",
      verbs: [],
      responseKind: { kind: "" },
      subresources: [{ subresource: "http_requests", responseKind: { kind: "MetricValueList" } }],
    },
  ]);
  t.end();
});

t.test("what is no discovery is not read as such", (t) => {
  for (const document of [undefined, null, 1, "text", [], {}, { kind: "Status" }]) {
    t.equal(readGroupDiscovery(document), null);
    t.equal(readResourceList(document), null);
  }
  const odd = { kind: "APIGroupDiscoveryList", items: [null, {}, { metadata: { name: "a" } }] };
  t.equal(readGroupDiscovery(odd)?.size, 0);
  const resources = [null, { resource: "things", subresources: [{ subresource: "x" }] }];
  const item = { metadata: { name: "a" }, versions: [{ version: "v1", resources }, {}] };
  const read = readGroupDiscovery({ kind: "APIGroupDiscoveryList", items: [item] });
  t.match(read?.get("a/v1")?.[1], { responseKind: {}, subresources: [{ responseKind: {} }] });
  t.end();
});
