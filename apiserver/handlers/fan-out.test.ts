import t from "tap";
import { FanOut } from "./fan-out.js";

void t.test("everybody is flushed once, in order, in stretches of a few milliseconds", (t) => {
  const turns: (() => void)[] = [];
  let nowMs = 0;
  const fanOut = new FanOut({ schedule: (run) => turns.push(run), nowMs: () => nowMs });
  const flushed: number[] = [];
  const one = (id: number): { flush: () => void } => ({
    flush: () => {
      flushed.push(id);
      nowMs += 1;
    },
  });
  const all = Array.from({ length: 40 }, (_, id) => one(id));
  for (const each of [...all, ...all]) fanOut.add(each);
  t.equal(turns.length, 1, "one turn is asked for");
  const perTurn: number[] = [];
  for (let turn = turns.shift(); turn !== undefined; turn = turns.shift()) {
    const before = flushed.length;
    turn();
    perTurn.push(flushed.length - before);
  }
  t.same(
    flushed,
    Array.from({ length: 40 }, (_, id) => id),
  );
  t.same(perTurn, [16, 16, 8]);
  t.end();
});
