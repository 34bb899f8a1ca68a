import t from "tap";
import { ago, NOW_MS, pod } from "../common/test-objects.js";
import { isUnscheduledAndGoing, planLostPod, planTerminated } from "./plan.js";

void t.test("terminated pods beyond the threshold go, the oldest first", (t) => {
  const ended = [30, 10, 20].map((age) =>
    pod(`p${age}`, { phase: "Succeeded", meta: { creationTimestamp: ago(age) } }),
  );
  const names = (threshold: number): string[] =>
    planTerminated([...ended], threshold).map(({ metadata }) => metadata.name);
  t.strictSame(names(3), []);
  t.strictSame(names(1), ["p30", "p20"]);
  const going = pod("going", { phase: "Failed", meta: { deletionTimestamp: ago(1) } });
  t.strictSame(planTerminated([going], 0), [], "what is going already does not count");
  t.end();
});

void t.test("a pod that was deleted before it was scheduled has nobody to end it", (t) => {
  const meta = { deletionTimestamp: ago(1) };
  t.ok(isUnscheduledAndGoing(pod("a", { node: "", meta })));
  t.notOk(isUnscheduledAndGoing(pod("a", { node: "" })));
  t.notOk(isUnscheduledAndGoing(pod("a", { meta })), "its node will report its end");
  t.end();
});

void t.test("a pod whose node is gone is failed before it is removed", (t) => {
  t.match(planLostPod(pod("a", { readyFor: 1 }), NOW_MS), {
    phase: "Failed",
    conditions: [
      { type: "Ready" },
      { type: "DisruptionTarget", status: "True", reason: "DeletionByPodGC" },
    ],
  });
  t.equal(planLostPod(pod("a", { phase: "Succeeded" }), NOW_MS), null);
  t.end();
});
