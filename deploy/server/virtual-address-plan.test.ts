import t from "tap";
import {
  type HeldAddress,
  planVirtualAddress,
  VIRTUAL_ADDRESS_TIMES as TIMES,
} from "./virtual-address-plan.js";

const held: HeldAddress = { takenMs: 0, renewedMs: 0, announcedMs: 0 };
const at = (nowMs: number, leads = true) => ({ leads, nowMs, lookedMs: nowMs - 50 });

t.test("the leader takes the address, another server does not", (t) => {
  t.equal(planVirtualAddress(null, at(0)), "take");
  t.equal(planVirtualAddress(null, at(0, false)), "none");
  t.equal(planVirtualAddress(held, at(100)), "none");
  t.end();
});

t.test("it is announced for as long as somebody else may have it, and renewed", (t) => {
  t.equal(planVirtualAddress(held, at(TIMES.announceEveryMs)), "announce");
  t.equal(planVirtualAddress(held, at(TIMES.renewEveryMs)), "renew");
  const later = { ...held, renewedMs: TIMES.announceForMs };
  t.equal(planVirtualAddress(later, at(TIMES.announceForMs)), "none");
  t.ok(TIMES.announceForMs > TIMES.lifetimeMs, "longer than a paused leader's kernel keeps it");
  t.ok(TIMES.renewEveryMs * 3 < TIMES.lifetimeMs, "a renewal that fails is no loss");
  t.end();
});

t.test("who does not lead any more, or stood still, gives it up", (t) => {
  t.equal(planVirtualAddress(held, at(100, false)), "release");
  const asleep = { leads: true, nowMs: 10_000, lookedMs: 0 };
  t.equal(planVirtualAddress({ ...held, renewedMs: 9_990 }, asleep), "release");
  t.end();
});
