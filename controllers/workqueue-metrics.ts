import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { WorkInProgress, WorkQueueMetrics } from "../api/client/workqueue.js";

/** From 10 ns to 10 s, as Kubernetes' workqueue_* histograms have them. */
const BUCKETS = Array.from({ length: 10 }, (_, index) => 1e-8 * 10 ** index);
const labelNames = ["name"] as const;

/**
 * The metrics of queues under the names that Kubernetes' controllers have for them; each queue has
 * a label, `name`. One that is made anew under the same name, as at the next leadership, goes
 * on with the numbers of the one before.
 */
export function workQueueMetrics(registry: Registry): (name: string) => WorkQueueMetrics {
  const registers = [registry];
  const about = (name: string, help: string) => ({ name, help, labelNames, registers });
  const depth = new Gauge(about("workqueue_depth", "Keys that wait in the queue."));
  const adds = new Counter(about("workqueue_adds_total", "Keys that were added to the queue."));
  const retries = new Counter(
    about("workqueue_retries_total", "Keys added again after a failure."),
  );
  const waited = new Histogram({
    ...about("workqueue_queue_duration_seconds", "How long keys waited for a worker."),
    buckets: BUCKETS,
  });
  const worked = new Histogram({
    ...about("workqueue_work_duration_seconds", "How long workers had a key."),
    buckets: BUCKETS,
  });
  const followed = new Map<string, WorkInProgress>();
  new Gauge({
    ...about(
      "workqueue_unfinished_work_seconds",
      "How long keys are being worked on by now, in sum.",
    ),
    collect() {
      for (const [name, work] of followed) this.set({ name }, work.unfinishedMs() / 1000);
    },
  });
  new Gauge({
    ...about("workqueue_longest_running_processor_seconds", "The longest that a worker has a key."),
    collect() {
      for (const [name, work] of followed) this.set({ name }, work.longestMs() / 1000);
    },
  });
  return (name) => {
    depth.set({ name }, 0);
    adds.inc({ name }, 0);
    retries.inc({ name }, 0);
    return {
      added: () => adds.inc({ name }),
      depth: (waiting) => depth.set({ name }, waiting),
      started: (waitedMs) => waited.observe({ name }, waitedMs / 1000),
      done: (workedMs) => worked.observe({ name }, workedMs / 1000),
      retried: () => retries.inc({ name }),
      follow: (work) => followed.set(name, work),
    };
  };
}
