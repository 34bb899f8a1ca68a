import t from "tap";
import { ManualClock } from "../../base/clock.js";
import { Expectations } from "./expectations.js";

void t.test("satisfied once every creation and deletion was seen", (t) => {
  const expectations = new Expectations(new ManualClock());
  t.ok(expectations.satisfied("rs"), "nothing is expected of one never heard of");
  expectations.expect("rs", 2);
  expectations.creationSeen("rs");
  t.notOk(expectations.satisfied("rs"));
  expectations.creationSeen("rs");
  t.ok(expectations.satisfied("rs"));
  expectations.expect("rs", 0, ["a", "b"]);
  expectations.deletionSeen("rs", "a");
  expectations.deletionSeen("rs", "a");
  t.notOk(expectations.satisfied("rs"), "the same deletion counts once");
  expectations.deletionSeen("rs", "b");
  t.ok(expectations.satisfied("rs"));
  t.end();
});

void t.test("expires, should an event be lost", (t) => {
  const clock = new ManualClock();
  const expectations = new Expectations(clock);
  expectations.expect("rs", 1);
  clock.advance(300_000);
  t.notOk(expectations.satisfied("rs"));
  clock.advance(1);
  t.ok(expectations.satisfied("rs"));
  t.end();
});
