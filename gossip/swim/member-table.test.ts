import fc from "fast-check";
import t from "tap";
import { knownMember, MemberTable, Roster } from "./member-table.js";
import type { KnownMember, MemberState } from "./types.js";

const member = (name: string, incarnation: number, state: MemberState = "alive"): KnownMember => ({
  ...knownMember({ name, address: "" }, { incarnation, sinceMs: 0 }),
  state,
});

const anyMember = fc
  .tuple(
    fc.constantFrom("a", "b", "c", "d", "e"),
    fc.integer({ min: 0, max: 3 }),
    fc.constantFrom<MemberState>("alive", "suspect", "dead", "left"),
  )
  .map(([name, incarnation, state]) => member(name, incarnation, state));

t.test("equal digests: the same live members at the same incarnations, however it came", (t) => {
  fc.assert(
    fc.property(fc.array(anyMember), fc.array(anyMember), (first, second) => {
      const [a, b] = [new MemberTable(), new MemberTable(new Roster([member("a", 0)]))];
      for (const one of first) a.set(one);
      for (const one of second) b.set(one);
      const live = (table: MemberTable): string[] =>
        [...table.all()]
          .filter(({ state }) => state === "alive" || state === "suspect")
          .map(({ name, incarnation }) => `${name} ${incarnation}`)
          .sort();
      const isSame = live(a).join() === live(b).join();
      t.equal([...a.digests].join() === [...b.digests].join(), isSame);
      t.equal(a.liveCount, live(a).length);
      t.equal(b.liveCount, live(b).length);
    }),
  );
  t.end();
});

t.test("the gone are known in the order in which they went, and forgotten", (t) => {
  const table = new MemberTable(new Roster([member("a", 0), member("b", 0)]));
  t.equal(table.firstGone(), null);
  table.set(member("b", 0, "dead"));
  table.set(member("c", 0, "left"));
  table.set(member("a", 0, "dead"));
  t.match(table.firstGone(), { name: "b" });
  table.set(member("b", 1));
  t.match(table.firstGone(), { name: "c" }, "who comes back is not gone");
  table.forget("c");
  table.forget("a");
  t.equal(table.firstGone(), null);
  t.same(
    [...table.all()].map(({ name }) => name),
    ["b"],
  );
  t.equal(table.get("a"), null, "not even as it was in the roster");
  t.end();
});
