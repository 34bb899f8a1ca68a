import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { DEFAULT_SCHEDULER } from "./pod-role.js";
import type { QueueCounts } from "./scheduling-queue.js";

/** How a try to place a pod ended, in kube-scheduler's words. */
export type AttemptResult = "scheduled" | "unschedulable" | "error";

/** Told of what the scheduler does. */
export interface SchedulerMetrics {
  /** It took so long to decide where a pod goes, or that it goes nowhere. */
  decided(tookMs: number): void;
  /** A try ended; for a pod that was placed, with its binding. */
  attempted(result: AttemptResult, tookMs: number): void;
  /** Room was made for a pod by so many others. */
  preempted(victims: number): void;
  /** Where to ask how many pods wait. The last one that was named counts. */
  followQueue(counts: () => QueueCounts): void;
}

/** From 1 ms to 16 s, as kube-scheduler's. */
const BUCKETS = Array.from({ length: 15 }, (_, index) => 0.001 * 2 ** index);
const VICTIM_BUCKETS = [1, 2, 4, 8, 16, 32, 64];
const RESULTS: readonly AttemptResult[] = ["scheduled", "unschedulable", "error"];

/** For whom nobody asks. */
export const NO_METRICS: SchedulerMetrics = {
  decided: () => {},
  attempted: () => {},
  preempted: () => {},
  followQueue: () => {},
};

/** The metrics of the scheduler under kube-scheduler's names. */
export function schedulerMetrics(registry: Registry): SchedulerMetrics {
  const registers = [registry];
  const labelNames = ["profile", "result"] as const;
  const attempts = new Counter({
    name: "scheduler_schedule_attempts_total",
    help: "Tries to place a pod by how they ended.",
    labelNames,
    registers,
  });
  const attemptSeconds = new Histogram({
    name: "scheduler_scheduling_attempt_duration_seconds",
    help: "How long tries to place a pod took, binding included.",
    labelNames,
    buckets: BUCKETS,
    registers,
  });
  const algorithmSeconds = new Histogram({
    name: "scheduler_scheduling_algorithm_duration_seconds",
    help: "How long it took to decide where a pod goes.",
    buckets: BUCKETS,
    registers,
  });
  const preemptions = new Counter({
    name: "scheduler_preemption_attempts_total",
    help: "How often room was made for a pod.",
    registers,
  });
  const victimsOf = new Histogram({
    name: "scheduler_preemption_victims",
    help: "How many pods made room for another.",
    buckets: VICTIM_BUCKETS,
    registers,
  });
  let queue: (() => QueueCounts) | null = null;
  new Gauge({
    name: "scheduler_pending_pods",
    help: "Pods that wait, by what they wait for.",
    labelNames: ["queue"],
    registers,
    collect() {
      for (const [name, count] of Object.entries(queue?.() ?? {})) this.set({ queue: name }, count);
    },
  });
  const profile = DEFAULT_SCHEDULER;
  for (const result of RESULTS) attempts.inc({ profile, result }, 0);
  return {
    decided: (tookMs) => algorithmSeconds.observe(tookMs / 1000),
    attempted: (result, tookMs) => {
      attempts.inc({ profile, result });
      attemptSeconds.observe({ profile, result }, tookMs / 1000);
    },
    preempted: (victims) => {
      preemptions.inc();
      victimsOf.observe(victims);
    },
    followQueue: (counts) => {
      queue = counts;
    },
  };
}
