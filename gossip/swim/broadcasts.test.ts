import t from "tap";
import { Broadcasts, sizeOf } from "./broadcasts.js";
import type { Update } from "./types.js";

const dead = (name: string, incarnation = 1): Update => ({
  type: "dead",
  name,
  incarnation,
  from: "x",
});
const names = (updates: readonly Update[]): string[] => updates.map(({ name }) => name);

t.test("SWIM §4.1: those that were told least are told first, each λ log n times", (t) => {
  const broadcasts = new Broadcasts(10);
  broadcasts.add(dead("a"));
  t.same(names(broadcasts.take({ bytesMax: 1000, limit: 3 })), ["a"]);
  broadcasts.add(dead("b"));
  t.same(names(broadcasts.take({ bytesMax: 1000, limit: 3 })), ["b", "a"]);
  const one = sizeOf(dead("a"));
  t.same(names(broadcasts.take({ bytesMax: one, limit: 3 })), ["b"], "what fits");
  t.same(names(broadcasts.take({ bytesMax: 1000, limit: 3 })), ["a", "b"]);
  t.same(broadcasts.take({ bytesMax: 1000, limit: 3 }), [], "each three times");
  t.equal(broadcasts.size, 0);
  t.end();
});

t.test("news of a member take the place of older ones", (t) => {
  const broadcasts = new Broadcasts(10);
  broadcasts.add(dead("a", 1));
  broadcasts.take({ bytesMax: 1000, limit: 2 });
  broadcasts.add(dead("a", 2));
  t.equal(broadcasts.size, 1);
  for (let times = 0; times < 2; times += 1)
    t.match(broadcasts.take({ bytesMax: 1000, limit: 2 }), [{ incarnation: 2 }]);
  broadcasts.add(dead("a", 3));
  broadcasts.drop("a");
  t.same(broadcasts.take({ bytesMax: 1000, limit: 2 }), []);
  t.end();
});

t.test("a full queue lets go of what was told most", (t) => {
  const broadcasts = new Broadcasts(2);
  broadcasts.add(dead("old"));
  broadcasts.take({ bytesMax: 1000, limit: 9 });
  broadcasts.add(dead("new"));
  broadcasts.add(dead("newer"));
  t.same(names(broadcasts.take({ bytesMax: 1000, limit: 9 })), ["new", "newer"]);
  t.end();
});
