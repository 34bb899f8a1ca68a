import t from "tap";
import { LocalHealth } from "./local-health.js";
import { Suspicion } from "./suspicion.js";

const TIMES = { startMs: 1000, minMs: 2000, maxMs: 12_000, confirmationsMax: 3 };

t.test("Lifeguard §IV.B: the time-out decays with each independent suspicion", (t) => {
  const suspicion = new Suspicion(1, "a", TIMES);
  t.equal(suspicion.deadlineMs, 13_000, "high at the start");
  t.ok(suspicion.confirm("b"));
  t.equal(suspicion.deadlineMs, 1000 + 7000, "max - (max - min) log(C + 1) / log(K + 1)");
  t.ok(suspicion.confirm("c"));
  t.ok(suspicion.confirm("d"));
  t.equal(suspicion.deadlineMs, 3000, "the minimum after K");
  t.notOk(suspicion.confirm("e"), "more are not counted");
  t.equal(suspicion.deadlineMs, 3000);
  t.end();
});

t.test("an echo is no confirmation", (t) => {
  const suspicion = new Suspicion(1, "a", TIMES);
  t.notOk(suspicion.confirm("a"));
  t.ok(suspicion.confirm("b"));
  t.notOk(suspicion.confirm("b"));
  t.equal(suspicion.confirmations, 1);
  t.end();
});

t.test("without K the time is the shortest one", (t) => {
  t.equal(new Suspicion(1, "a", { ...TIMES, confirmationsMax: 0 }).deadlineMs, 3000);
  t.end();
});

t.test("a verdict of others leaves the refutation its window", (t) => {
  const suspicion = new Suspicion(1, "a", TIMES);
  suspicion.believe("dead");
  t.equal(suspicion.deadlineMs, 3000, "the shortest time still passes");
  suspicion.postpone(500);
  t.equal(suspicion.deadlineMs, 3500, "in which this member must have run");
  t.end();
});

t.test("Lifeguard §IV.A: local health is a saturating counter from 0 to S", (t) => {
  const health = new LocalHealth(8);
  t.equal(health.multiplier, 1);
  health.add(-1);
  t.equal(health.multiplier, 1, "it is never better than healthy");
  health.add(3);
  t.equal(health.multiplier, 4);
  health.add(100);
  t.equal(health.multiplier, 9);
  const off = new LocalHealth(0);
  off.add(5);
  t.equal(off.multiplier, 1);
  t.end();
});
