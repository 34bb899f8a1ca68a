import t from "tap";
import { SeededRandom } from "../../../base/random.js";
import { droppedPackets, type Partition, planPartition, renderDeafness } from "./partition-plan.js";

const three = ["a", "b", "c"];
const five = ["a", "b", "c", "d", "e"];

function plan(kind: Partition, servers: readonly string[], seed: number): Map<string, string[]> {
  const grudge = planPartition(kind, servers, { leader: "b", random: new SeededRandom(seed) });
  return new Map([...grudge].map(([to, from]) => [to, [...from].sort()]));
}

/** Who hears whom in both directions, itself included. */
function reach(grudge: ReadonlyMap<string, readonly string[]>, servers: readonly string[]) {
  const hears = (to: string, from: string): boolean => !(grudge.get(to) ?? []).includes(from);
  return servers.map((a) => servers.filter((b) => hears(a, b) && hears(b, a)));
}

void t.test("partitions are what their names say, for every seed", (t) => {
  for (let seed = 0; seed < 50; seed += 1) {
    for (const servers of [three, five]) {
      const groups = reach(plan("halves", servers, seed), servers).map(({ length }) => length);
      t.same(new Set(groups), new Set([servers.length >> 1, (servers.length + 1) >> 1]));
      const alone = reach(plan("leader", servers, seed), servers);
      t.same(alone[1], ["b"]);
      t.equal(alone[0]?.length, servers.length - 1);
      const oneWay = plan("one-way", servers, seed);
      const dropped = [...oneWay.values()].flat().length;
      t.equal(dropped, servers.length - 1, "one direction of every link of one server");
      t.equal(reach(oneWay, servers).filter(({ length }) => length === 1).length, 1);
    }
    const ring = reach(plan("ring", five, seed), five);
    t.ok(
      ring.every(({ length }) => length === 3),
      "itself and two neighbours: a majority",
    );
    t.equal(new Set(ring.map(String)).size, 5, "no two the same");
    const bridge = reach(plan("ring", three, seed), three).map(({ length }) => length);
    t.same(
      bridge.sort((a, b) => a - b),
      [2, 2, 3],
    );
  }
  t.end();
});

void t.test("the rules drop what comes from others, and count it", (t) => {
  t.match(renderDeafness(["10.0.0.1", "10.0.0.2"]), "ip saddr { 10.0.0.1, 10.0.0.2 } counter drop");
  t.equal(droppedPackets("ip saddr { 10.0.0.1 } counter packets 42 bytes 3 drop"), 42);
  t.equal(droppedPackets(""), 0);
  t.end();
});
