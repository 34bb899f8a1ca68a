import t from "tap";
import type { NodeUsage } from "../../gossip/usage.js";
import { USAGE_AGE_MAX_MS, UsageTable } from "./usage-table.js";

function usage(atMs: number): NodeUsage {
  return { atMs, windowMs: 1, simulated: false, cpuNanoCores: 0, memoryBytes: 0, pods: [] };
}

t.test("what is not told again is forgotten", (t) => {
  const table = new UsageTable();
  const told: string[] = [];
  const end = table.subscribe(({ node }) => told.push(node));
  table.heard({ node: "a", usage: usage(1) }, 1000);
  t.same(table.of("a", 1000), usage(1));
  t.equal(table.of("b", 1000), null);
  const lateMs = 1000 + USAGE_AGE_MAX_MS;
  t.same(table.of("a", lateMs - 1), usage(1));
  t.equal(table.of("a", lateMs), null);
  table.prune(lateMs);
  t.same(table.heardHere(), []);
  end();
  table.heard({ node: "a", usage: usage(2) }, lateMs);
  t.same(told, ["a"], "nothing after the end of the subscription");
  t.end();
});

t.test("of two servers that tell of a node the newer telling counts", (t) => {
  const table = new UsageTable();
  const told: string[] = [];
  table.subscribe(({ node }) => told.push(node));
  const from = (monotonicMs: number): { server: string; monotonicMs: number } => ({
    server: "https://b",
    monotonicMs,
  });
  table.relayed({ node: "a", usage: usage(10) }, from(0));
  t.same(told, [], "what another server told is not passed on");
  t.same(table.heardHere(), []);
  table.heard({ node: "a", usage: usage(20) }, 1000);
  table.relayed({ node: "a", usage: usage(15) }, from(2000));
  t.same(table.of("a", 2000), usage(20), "a late word of its former server");
  table.relayed({ node: "a", usage: usage(30) }, from(3000));
  t.same(table.of("a", 3000), usage(30), "it moved on");
  t.same(table.heardHere(), []);
  table.heard({ node: "a", usage: usage(5) }, 4000);
  t.same(table.of("a", 4000), usage(5), "its own word counts, whatever its clock says");
  table.relayed({ node: "a", usage: usage(4) }, from(4000 + USAGE_AGE_MAX_MS));
  t.same(table.of("a", 4000 + USAGE_AGE_MAX_MS), usage(4), "its clock was set back");
  t.end();
});
