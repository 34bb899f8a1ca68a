import fc from "fast-check";
import t from "tap";
import { Suspicion } from "./suspicion.js";
import { Suspicions } from "./suspicions.js";

const NAMES = ["a", "b", "c", "d"] as const;
const OTHERS = ["x", "y", "z"] as const;

t.test("the first is the one that looking at all of them would find", (t) => {
  const name = fc.constantFrom(...NAMES);
  const change = fc.oneof(
    fc.record({ type: fc.constant("begin" as const), name, startMs: fc.nat(5_000) }),
    fc.record({ type: fc.constant("confirm" as const), name, by: fc.constantFrom(...OTHERS) }),
    fc.record({ type: fc.constant("believe" as const), name }),
    fc.record({ type: fc.constant("end" as const), name }),
    fc.record({ type: fc.constant("postpone" as const), byMs: fc.nat(2_000) }),
  );
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
      const all = new Suspicions();
      for (const it of changes) {
        if (it.type === "postpone") all.postpone(it.byMs);
        else if (it.type === "end") all.delete(it.name);
        else if (it.type === "begin") {
          const times = { startMs: it.startMs, minMs: 2_000, maxMs: 12_000, confirmationsMax: 3 };
          all.set(it.name, new Suspicion(1, "me", times));
        } else {
          const suspicion = all.get(it.name);
          if (it.type === "confirm") suspicion?.confirm(it.by);
          else suspicion?.believe("dead");
          all.hastened(it.name);
        }
        const deadlines = NAMES.map((one) => all.get(one)?.deadlineMs ?? Infinity);
        const earliestMs = Math.min(...deadlines);
        const first = all.first();
        if ((first?.atMs ?? Infinity) !== earliestMs) return false;
        if (first !== null && all.get(first.name) !== first.suspicion) return false;
      }
      return true;
    }),
  );
  t.end();
});
