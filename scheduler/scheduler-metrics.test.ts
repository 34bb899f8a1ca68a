import { Registry } from "prom-client";
import t from "tap";
import { schedulerMetrics } from "./scheduler-metrics.js";

t.test("what the scheduler does, under kube-scheduler's names", async (t) => {
  const registry = new Registry();
  const metrics = schedulerMetrics(registry);
  metrics.decided(3);
  metrics.attempted("scheduled", 20);
  metrics.attempted("unschedulable", 3);
  metrics.preempted(2);
  metrics.followQueue(() => ({ active: 1, backoff: 2, unschedulable: 3, gated: 4 }));
  const lines = (await registry.metrics()).split("\n");
  const of = (result: string): string => `{profile="default-scheduler",result="${result}"}`;
  for (const line of [
    `scheduler_schedule_attempts_total${of("scheduled")} 1`,
    `scheduler_schedule_attempts_total${of("error")} 0`,
    'scheduler_pending_pods{queue="backoff"} 2',
    'scheduler_pending_pods{queue="gated"} 4',
    "scheduler_scheduling_algorithm_duration_seconds_count 1",
    "scheduler_preemption_victims_sum 2",
  ])
    t.ok(lines.includes(line), line);
  metrics.followQueue(() => ({ active: 0, backoff: 0, unschedulable: 0, gated: 0 }));
  t.match(await registry.metrics(), 'queue="gated"} 0', "the next leadership's queue");
});
