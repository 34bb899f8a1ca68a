import t from "tap";
import { SeededRandom } from "../../base/random.js";
import { hashOf } from "./hashing.js";
import { Neighbours, pickSome } from "./neighbours.js";
import { ProbeList } from "./probe-list.js";

const named = (name: string): { name: string; hash: number } => ({ name, hash: hashOf(name) });
const NAMES = Array.from({ length: 60 }, (_, i) => `m${i}`);

/** What each of these has for neighbours, with as many rings. */
function graph(names: readonly string[], rings: number | null): Map<string, readonly string[]> {
  return new Map(
    names.map((self) => {
      const neighbours = new Neighbours(self, rings);
      neighbours.fill(names.filter((name) => name !== self).map(named));
      return [self, neighbours.list()];
    }),
  );
}

t.test("few members are all neighbours, and so are all without rings", (t) => {
  for (const [self, list] of graph(NAMES.slice(0, 9), 8)) t.equal(list.length, 8, self);
  for (const [self, list] of graph(NAMES, null)) t.equal(list.length, 59, self);
  t.end();
});

t.test("Rapid §4.1: each is watched by as many as it watches, and news reach everybody", (t) => {
  const edges = graph(NAMES, 6);
  const watchers = new Map(NAMES.map((name) => [name, 0]));
  for (const list of edges.values()) {
    t.ok(list.length >= 4 && list.length <= 6, `${list.length} neighbours`);
    for (const name of list) watchers.set(name, (watchers.get(name) ?? 0) + 1);
  }
  for (const [name, count] of watchers) t.ok(count >= 3 && count <= 6, `${name}: ${count}`);
  const reached = new Set(["m0"]);
  let steps = 0;
  for (; reached.size < NAMES.length; steps += 1) {
    const before = [...reached];
    for (const name of before) for (const next of edges.get(name) ?? []) reached.add(next);
  }
  t.ok(steps <= 4, `${steps} steps`);
  t.end();
});

t.test("rings close around who goes, and open for who comes", (t) => {
  const all = NAMES.filter((name) => name !== "m0").map(named);
  const neighbours = new Neighbours("m0", 6);
  let live = [...all];
  neighbours.fill(live);
  const random = new SeededRandom(1);
  const isAsIfNew = (what: string): void => {
    const fresh = new Neighbours("m0", 6);
    fresh.fill(live);
    t.same([...neighbours.list()].sort(), [...fresh.list()].sort(), what);
  };
  while (live.length > 0) {
    const gone = live[random.below(live.length)]?.name ?? "";
    live = live.filter(({ name }) => name !== gone);
    neighbours.remove(gone, () => live);
    isAsIfNew(`without ${gone}`);
  }
  for (const member of all) {
    live = [...live, member];
    neighbours.add(member, () => live);
    isAsIfNew(`with ${member.name}`);
  }
  t.end();
});

t.test("SWIM §4.3: round-robin probe target selection, shuffled after each traversal", (t) => {
  const random = new SeededRandom(7);
  const list = new ProbeList();
  const five = NAMES.slice(0, 5);
  const round = (of: readonly string[]): (string | null)[] => of.map(() => list.next(of, random));
  const rounds = Array.from({ length: 20 }, () => round(five));
  for (const one of rounds) t.same(new Set(one), new Set(five), "each once in a round");
  t.ok(new Set(rounds.map((one) => one.join())).size > 10, "in another order");
  list.next(five, random);
  const six = NAMES.slice(0, 6);
  const rest = Array.from({ length: 5 }, () => list.next(six, random));
  t.ok(rest.includes("m5"), "who is new is probed in the round that is under way");
  t.equal(new Set(rest).size, 5);
  t.same(list.next([], random), null);
  t.end();
});

t.test("some are picked, each once", (t) => {
  const random = new SeededRandom(3);
  t.equal(new Set(pickSome(NAMES, 10, random)).size, 10);
  t.same(pickSome(["a"], 3, random), ["a"]);
  t.same(pickSome([], 3, random), []);
  t.end();
});
