import { Registry } from "prom-client";
import t from "tap";
import { WorkQueue } from "../api/client/workqueue.js";
import { ManualClock } from "../base/clock.js";
import { workQueueMetrics } from "./workqueue-metrics.js";

void t.test("a queue tells how much waits, and for how long", async (t) => {
  const registry = new Registry();
  const clock = new ManualClock();
  const metricsOf = workQueueMetrics(registry);
  const queue = new WorkQueue<string>(clock, { metrics: metricsOf("job") });
  for (const key of ["a", "b"]) queue.add(key);
  clock.advance(2_000);
  await queue.get();
  clock.advance(3_000);
  const lines = (await registry.metrics()).split("\n");
  const value = (name: string): string | undefined =>
    lines.find((line) => line.startsWith(`${name}{name="job"}`))?.split(" ")[1];
  t.equal(value("workqueue_adds_total"), "2");
  t.equal(value("workqueue_depth"), "1");
  t.equal(value("workqueue_retries_total"), "0");
  t.equal(value("workqueue_queue_duration_seconds_sum"), "2");
  t.equal(value("workqueue_unfinished_work_seconds"), "3");
  t.equal(value("workqueue_longest_running_processor_seconds"), "3");
  queue.done("a");
  queue.addRateLimited("a");
  const after = await registry.metrics();
  t.match(after, 'workqueue_work_duration_seconds_sum{name="job"} 3');
  t.match(after, 'workqueue_retries_total{name="job"} 1');
  t.match(after, 'workqueue_unfinished_work_seconds{name="job"} 0');
  queue.shutDown();
  const next = new WorkQueue<string>(clock, { metrics: metricsOf("job") });
  next.add("c");
  t.match(await registry.metrics(), 'workqueue_adds_total{name="job"} 3', "it goes on");
  next.shutDown();
});
