import t from "tap";
import { ManualClock } from "../../base/clock.js";
import { pod } from "./test-objects.js";
import { WriteTracker } from "./write-tracker.js";

const at = (resourceVersion: string, uid = "a") => pod("a", { meta: { resourceVersion, uid } });

void t.test("stale until the cache shows what was written, or something newer", (t) => {
  const tracker = new WriteTracker(new ManualClock());
  t.notOk(
    tracker.isStale("svc", () => undefined),
    "nothing was written",
  );
  tracker.wrote("svc", "default/a", at("7"));
  t.ok(tracker.isStale("svc", () => undefined));
  t.ok(tracker.isStale("svc", () => at("6")));
  t.ok(
    tracker.isStale("svc", () => at("9", "another")),
    "another object of that name",
  );
  t.notOk(tracker.isStale("svc", () => at("10")));
  t.end();
});

void t.test("a deletion is awaited too, and one by somebody else ends the wait", (t) => {
  const tracker = new WriteTracker(new ManualClock());
  tracker.deleted("svc", "default/a", at("7"));
  t.ok(tracker.isStale("svc", () => at("7")));
  t.notOk(tracker.isStale("svc", () => undefined));
  tracker.wrote("svc", "default/a", at("8"));
  tracker.gone("svc", at("8"));
  t.notOk(tracker.isStale("svc", () => undefined));
  t.end();
});

void t.test("a write whose event was lost is not awaited for ever", (t) => {
  const clock = new ManualClock();
  const tracker = new WriteTracker(clock);
  tracker.wrote("svc", "default/a", at("7"));
  clock.advance(30_001);
  t.notOk(tracker.isStale("svc", () => undefined));
  t.end();
});

void t.test("a change of what was there is seen when it is gone; going is seen as such", (t) => {
  const tracker = new WriteTracker(new ManualClock());
  tracker.changed("job", "default/a", at("7"));
  t.ok(tracker.isStale("job", () => at("6")));
  t.notOk(tracker.isStale("job", () => undefined));
  tracker.going("job", "default/a", at("7"));
  t.ok(tracker.isStale("job", () => at("9")));
  const going = pod("a", { meta: { uid: "a", deletionTimestamp: "2026-01-02T12:00:00Z" } });
  t.notOk(tracker.isStale("job", () => going));
  t.end();
});
