import t from "tap";
import { type CacheEvent, type CachedObject, ResourceCache } from "./resource-cache.js";

const PODS = { group: "", resource: "pods" };

function object(name: string, revision: number, nodeName = ""): CachedObject {
  return {
    key: `/registry/pods/ns/${name}`,
    namespace: "ns",
    name,
    value: Buffer.from("{}"),
    revision,
    labels: {},
    fields: { "spec.nodeName": nodeName },
  };
}
function cacheOf(...objects: CachedObject[]): ResourceCache {
  const cache = new ResourceCache(PODS, { indexField: "spec.nodeName" });
  cache.reset(objects, 10);
  return cache;
}
const ALL = { namespace: "", indexed: null };

void t.test("lists are in key order, whole or by index", (t) => {
  const cache = cacheOf(object("b", 2, "n1"), object("a", 3));
  for (const [i, name] of ["d", "c"].entries()) {
    cache.apply(`/registry/pods/ns/${name}`, object(name, 11 + i, "n1"), 11 + i);
  }
  const names = (list: CachedObject[]): string[] => list.map(({ name }) => name);
  t.same(names(cache.list(ALL)), ["a", "b", "c", "d"]);
  t.same(names(cache.list({ namespace: "ns", indexed: "n1" })), ["b", "c", "d"]);
  t.same(
    names(cache.list({ namespace: "n", indexed: null })),
    [],
    "a prefix of a name is no namespace",
  );
  t.same(names(cache.list({ ...ALL, start: "/registry/pods/ns/b\0" })), ["c", "d"]);
  cache.apply("/registry/pods/ns/c", null, 13);
  t.same(names(cache.list(ALL)), ["a", "b", "d"]);
  t.equal(cache.contentRevision, 13);
  t.end();
});

void t.test("the window tells what happened since", (t) => {
  const cache = cacheOf(object("a", 3));
  cache.apply("/registry/pods/ns/a", object("a", 11), 11);
  cache.apply("/registry/pods/ns/a", null, 12);
  t.same(
    cache.eventsAfter(10).map(({ revision }) => revision),
    [11, 12],
  );
  t.same(
    cache.eventsAfter(11).map(({ revision }) => revision),
    [12],
  );
  t.notOk(cache.reaches(9));
  cache.trimWindow(11);
  t.notOk(cache.reaches(10));
  t.same(
    cache.eventsAfter(11).map(({ revision }) => revision),
    [12],
  );
  t.end();
});

void t.test("a change reaches the watchers it may concern, and no others", (t) => {
  const cache = cacheOf();
  const seen: string[] = [];
  const watch = (label: string, interest: object): (() => void) =>
    cache.subscribe({
      interest: { namespace: "", name: "", indexed: null, ...interest },
      onEvent: ({ current, previous }: CacheEvent) =>
        seen.push(`${label} ${current?.name ?? `-${previous?.name ?? ""}`}`),
      onReset: () => seen.push(`${label} reset`),
    });
  watch("all", {});
  watch("ns", { namespace: "ns" });
  watch("other", { namespace: "other" });
  const leave = watch("node", { indexed: "n1" });
  watch("name", { namespace: "ns", name: "a" });
  cache.apply("/registry/pods/ns/a", object("a", 11, "n1"), 11);
  t.same(seen.splice(0).sort(), ["all a", "name a", "node a", "ns a"]);
  cache.apply("/registry/pods/ns/a", object("a", 12, "n2"), 12);
  t.same(seen.splice(0).sort(), ["all a", "name a", "node a", "ns a"], "it left n1");
  cache.apply("/registry/pods/ns/b", object("b", 13), 13);
  t.same(seen.splice(0).sort(), ["all b", "ns b"]);
  leave();
  t.equal(cache.watcherCount, 4);
  cache.reset([], 20);
  t.same(seen.splice(0).sort(), ["all reset", "name reset", "ns reset", "other reset"]);
  t.end();
});
