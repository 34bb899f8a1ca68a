import t from "tap";
import { ManualClock } from "../../base/clock.js";
import type { PeerAnswer } from "../transport/codec.js";
import { Farewell } from "./farewell.js";

const UNREACHABLE: PeerAnswer = { ok: false, code: "Unreachable", message: "b is away" };

/** A farewell at index 30, and what the voters answer, turn after turn; null: it stays. */
async function leavesAfter(turns: readonly (readonly PeerAnswer[])[]): Promise<number | null> {
  const clock = new ManualClock();
  let turn = 0;
  let leftAt: number | null = null;
  const farewell = new Farewell({
    clock,
    remaining: () => (turns[turn] ?? []).map((_, i) => String(i)),
    askStatus: async (peer) => turns[turn]?.[Number(peer)] ?? UNREACHABLE,
    onLeave: () => {
      leftAt = turn;
    },
  });
  farewell.begin(30);
  farewell.begin(29);
  for (; turn < turns.length && leftAt === null; turn += 1) {
    clock.advance(1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  farewell.close();
  return leftAt;
}

const applied = (appliedIndex: number): PeerAnswer => ({ ok: true, body: { appliedIndex } });

void t.test(
  "who was removed stays until one of the voters that remain has applied it",
  async (t) => {
    t.equal(await leavesAfter([[applied(30)]]), 0);
    t.equal(await leavesAfter([[applied(29)], [applied(29)], [applied(31)]]), 2, "it knows less");
    t.equal(await leavesAfter([[UNREACHABLE, applied(30)]]), 0, "one of them is enough");
    t.equal(await leavesAfter([[UNREACHABLE], [UNREACHABLE]]), null, "nobody says anything");
    t.equal(await leavesAfter([[], []]), null, "there is no voter");
    t.equal(await leavesAfter([[{ ok: true, body: {} }]]), null, "an answer without an index");
  },
);
