import t from "tap";
import { Framework } from "./framework/framework.js";
import { defaultPlugins } from "./plugins/default-plugins.js";
import { QUEUE_TIMES, SchedulingQueue } from "./scheduling-queue.js";
import { testNode, testPod } from "./test-objects.js";

const SELECTOR = new Set(["NodeAffinity"]);
const ROOM = new Set(["NodeResourcesFit"]);

function newQueue(): SchedulingQueue {
  return new SchedulingQueue(new Framework(defaultPlugins()));
}
function names(queue: SchedulingQueue, nowMs: number): string[] {
  const taken: string[] = [];
  for (let pod = queue.take(nowMs); pod !== null; pod = queue.take(nowMs))
    taken.push(pod.pod.metadata.name);
  return taken;
}

t.test("higher priority first, then first come", (t) => {
  const queue = newQueue();
  queue.add(testPod("late-low"), 3);
  queue.add(testPod("high", { spec: { priority: 5 } }), 9);
  queue.add(testPod("early-low"), 1);
  t.equal(queue.activeSize, 3);
  t.same(queue.counts(), { active: 3, backoff: 0, unschedulable: 0, gated: 0 });
  t.same(names(queue, 10), ["high", "early-low", "late-low"]);
  t.equal(queue.size, 3, "they are known until they have a node");
  t.end();
});

t.test("a refused pod waits for news that concern it, and for its back-off", (t) => {
  const queue = newQueue();
  const pod = testPod("p", { spec: { nodeSelector: { disk: "ssd" } } });
  queue.add(pod, 0);
  t.same(names(queue, 0), ["p"]);
  t.same(queue.counts(), { active: 0, backoff: 0, unschedulable: 0, gated: 0 }, "it is taken");
  queue.refused(pod.metadata.uid, SELECTOR, 0);
  t.equal(queue.counts().unschedulable, 1);
  queue.onEvent({ type: "NodeAdded", node: testNode("plain") }, 100);
  t.equal(queue.nextDueMs(), null, "a node that would not do is no news");
  queue.onEvent({ type: "NodeAdded", node: testNode("n", { labels: { disk: "ssd" } }) }, 100);
  t.same(names(queue, 999), [], "the back-off is not over");
  t.equal(queue.nextDueMs(), 1000);
  t.same(names(queue, 1000), ["p"]);
  queue.refused(pod.metadata.uid, SELECTOR, 1000);
  queue.onEvent({ type: "NodeAdded", node: testNode("n", { labels: { disk: "ssd" } }) }, 9000);
  t.same(names(queue, 9000), ["p"], "news after the back-off wake at once");
  t.end();
});

t.test("the back-off doubles up to ten seconds", (t) => {
  const queue = newQueue();
  const pod = testPod("p");
  queue.add(pod, 0);
  let nowMs = 0;
  for (const waitMs of [1000, 2000, 4000, 8000, 10_000, 10_000]) {
    t.same(names(queue, nowMs), ["p"]);
    queue.failed(pod.metadata.uid, nowMs);
    t.same(names(queue, nowMs + waitMs - 1), []);
    nowMs += waitMs;
    t.equal(queue.nextDueMs(), nowMs);
  }
  t.end();
});

t.test("room that becomes free wakes who lacked room, not who lacked a label", (t) => {
  const queue = newQueue();
  const big = testPod("big", { requests: { cpu: "9" } });
  const picky = testPod("picky", { spec: { nodeSelector: { a: "b" } } });
  for (const pod of [big, picky]) queue.add(pod, 0);
  t.equal(names(queue, 0).length, 2);
  queue.refused(big.metadata.uid, ROOM, 0);
  queue.refused(picky.metadata.uid, SELECTOR, 0);
  queue.onEvent({ type: "AssignedPodDeleted", pod: testPod("gone") }, 5000);
  t.same(names(queue, 5000), ["big"]);
  t.end();
});

t.test("after five minutes a refused pod is tried whatever the hints say", (t) => {
  const queue = newQueue();
  const pod = testPod("p");
  queue.add(pod, 0);
  names(queue, 0);
  queue.refused(pod.metadata.uid, SELECTOR, 0);
  queue.flushStale(QUEUE_TIMES.unschedulableMaxMs - 1);
  t.same(names(queue, QUEUE_TIMES.unschedulableMaxMs - 1), []);
  queue.flushStale(QUEUE_TIMES.unschedulableMaxMs);
  t.same(names(queue, QUEUE_TIMES.unschedulableMaxMs), ["p"]);
  t.end();
});

t.test("gates hold a pod back until they are gone", (t) => {
  const queue = newQueue();
  const gated = testPod("p", { spec: { schedulingGates: [{ name: "g" }] } });
  queue.add(gated, 0);
  t.same(names(queue, 10), []);
  queue.onEvent({ type: "NodeAdded", node: testNode("n") }, 20);
  t.same(names(queue, 20), []);
  queue.update(testPod("p"), gated, 30);
  t.same(names(queue, 30), ["p"]);
  t.end();
});

t.test("changes and deletions find a pod wherever it is", (t) => {
  const pod = testPod("p");
  const urgent = testPod("p", { spec: { priority: 9 } });
  const other = testPod("other", { spec: { priority: 5 } });
  const queue = newQueue();
  queue.add(pod, 0);
  queue.add(other, 0);
  queue.update(urgent, pod, 1);
  t.same(names(queue, 1), ["p", "other"], "an active pod is sorted anew");
  queue.refused(pod.metadata.uid, SELECTOR, 1);
  queue.refresh({ ...urgent, status: { phase: "Pending" } });
  t.same(names(queue, 5000), [], "a new status is no news");
  queue.update(urgent, pod, 5000);
  t.same(names(queue, 5000), ["p"], "a new spec is");
  queue.remove(pod.metadata.uid);
  queue.failed(pod.metadata.uid, 5000);
  queue.refused(pod.metadata.uid, SELECTOR, 5000);
  t.equal(queue.size, 1, "a deleted pod does not come back from binding");
  queue.failed(other.metadata.uid, 5000);
  queue.remove(other.metadata.uid);
  t.same(names(queue, 60_000), []);
  t.equal(queue.nextDueMs(), null);
  t.end();
});
