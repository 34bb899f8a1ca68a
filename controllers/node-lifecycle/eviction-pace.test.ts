import t from "tap";
import type { Node } from "../../api/schema/types/core-v1.gen.js";
import { EvictionPace, zoneOf } from "./eviction-pace.js";

/** A pace with nodes `ZONE-0`, `ZONE-1` …, the first `unready` of each zone unready. */
function paceOf(zones: Readonly<Record<string, { nodes: number; unready: number }>>): EvictionPace {
  const pace = new EvictionPace();
  for (const [zone, { nodes, unready }] of Object.entries(zones))
    for (let n = 0; n < nodes; n += 1) pace.set(`${zone}-${n}`, zone, n >= unready);
  return pace;
}

void t.test("one node in ten seconds, in each zone", (t) => {
  const pace = paceOf({ a: { nodes: 10, unready: 2 }, b: { nodes: 4, unready: 1 } });
  t.equal(pace.begin("a-0", 1000), true, "the first at once");
  t.equal(pace.begin("a-1", 4000), 7000);
  t.equal(pace.begin("b-0", 4000), true, "another zone has a pace of its own");
  t.equal(pace.begin("a-1", 11_000), true);
  t.end();
});

void t.test("who may begin need not wait when that has to be tried again", (t) => {
  const pace = paceOf({ a: { nodes: 10, unready: 2 } });
  t.equal(pace.begin("a-0", 1000), true);
  t.equal(pace.begin("a-0", 1001), true, "the write before was refused");
  t.equal(pace.begin("a-1", 1002), 9998, "it took nobody's turn a second time");
  pace.set("a-0", "a", true);
  pace.set("a-0", "a", false);
  t.equal(pace.begin("a-0", 5000), 6000, "it was up meanwhile, and waits as others do");
  t.end();
});

void t.test("a zone that is partly down", (t) => {
  const few = paceOf({ a: { nodes: 3, unready: 2 } });
  t.equal(few.begin("a-0", 0), true, "two unready nodes are no disruption");
  const small = paceOf({ a: { nodes: 5, unready: 3 } });
  t.equal(small.begin("a-0", 0), 5000, "a small one evicts nothing");
  small.set("a-1", "a", true);
  t.equal(small.begin("a-0", 0), true, "until nodes come back");
  const large = paceOf({ a: { nodes: 100, unready: 55 } });
  t.equal(large.begin("a-0", 0), true);
  t.equal(large.begin("a-1", 10_000), 90_000, "a large one slowly");
  t.end();
});

void t.test("a zone that is down beside one that is not goes on at the usual pace", (t) => {
  const pace = paceOf({ a: { nodes: 6, unready: 6 }, b: { nodes: 1, unready: 0 } });
  t.equal(pace.begin("a-0", 0), true);
  t.equal(pace.begin("a-1", 0), 10_000);
  t.end();
});

void t.test("where everything is down nobody is evicted", (t) => {
  const pace = paceOf({ a: { nodes: 2, unready: 1 }, b: { nodes: 1, unready: 1 } });
  t.notOk(pace.allDown);
  t.ok(pace.set("a-1", "a", false), "it changes for everybody");
  t.equal(pace.begin("a-0", 0), null);
  t.notOk(pace.set("a-1", "a", false), "no news");
  t.ok(pace.set("b-0", "b", true));
  t.equal(pace.begin("a-0", 0), true);
  t.ok(pace.delete("b-0"), "the last one that was up is gone");
  t.notOk(pace.delete("b-0"));
  t.notOk(new EvictionPace().allDown, "no nodes");
  t.end();
});

void t.test("zones by label", (t) => {
  const node = (labels?: Record<string, string>): Node => ({
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name: "n",
      uid: "u",
      resourceVersion: "1",
      creationTimestamp: "2026-11-20T11:00:00Z",
      ...(labels === undefined ? {} : { labels }),
    },
    spec: {},
  });
  const east = { "topology.kubernetes.io/region": "e", "topology.kubernetes.io/zone": "1" };
  const west = { ...east, "topology.kubernetes.io/region": "w" };
  t.not(zoneOf(node(east)), zoneOf(node(west)), "zones of one name in two regions");
  t.equal(zoneOf(node()), zoneOf(node({ other: "x" })));
  t.end();
});
