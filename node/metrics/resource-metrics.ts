import type { CgroupStats } from "./cgroup-stats.js";
import type { MetricFamily, Series } from "./metric-text.js";
import { type NodeSample, totalOf } from "./node-sample.js";

/** Something that is measured, and what it used. */
interface Row {
  readonly labels: Series["labels"];
  readonly stats: CgroupStats;
}

/** What metrics-server and its like read of a kubelet: /metrics/resource. Null: nothing yet. */
export function resourceMetrics(sample: NodeSample | null): readonly MetricFamily[] {
  const pods = sample?.pods ?? [];
  const containers = pods.flatMap(({ namespace, name: pod, containers: all }) =>
    all.map((each) => ({ ...each, labels: { container: each.name, namespace, pod } })),
  );
  const podRows = pods.map((pod) => {
    const labels = { namespace: pod.namespace, pod: pod.name };
    return { labels, stats: totalOf(pod.containers) };
  });
  const node = sample === null ? [] : [{ labels: {}, stats: sample.stats }];
  const atMs = sample?.atMs ?? 0;
  const started = containers.map(({ labels, startedAtMs }) => ({
    labels,
    value: startedAtMs / 1000,
  }));
  return [
    ...usageFamilies("container", containers, atMs),
    gauge("container_start_time_seconds", "When it started, in seconds since 1970.", started),
    ...usageFamilies("pod", podRows, atMs),
    ...usageFamilies("node", node, atMs),
    gauge("resource_scrape_error", "1 when nothing could be measured yet, otherwise 0.", [
      { labels: {}, value: sample === null ? 1 : 0 },
    ]),
  ];
}

function usageFamilies(what: string, rows: readonly Row[], atMs: number): readonly MetricFamily[] {
  const series = (amount: (stats: CgroupStats) => number): readonly Series[] =>
    rows.map(({ labels, stats }) => ({ labels, value: amount(stats), atMs }));
  const cpu = series(({ cpuUsageNs }) => cpuUsageNs / 1e9);
  return [
    {
      name: `${what}_cpu_usage_seconds_total`,
      type: "counter",
      help: `CPU time that the ${what} used, in seconds.`,
      series: cpu,
    },
    gauge(
      `${what}_memory_working_set_bytes`,
      `The working set of the ${what}.`,
      series(({ memoryWorkingSetBytes }) => memoryWorkingSetBytes),
    ),
    gauge(
      `${what}_swap_usage_bytes`,
      `Swap that the ${what} uses.`,
      series(({ memorySwapBytes }) => memorySwapBytes),
    ),
  ];
}

function gauge(name: string, help: string, series: readonly Series[]): MetricFamily {
  return { name, type: "gauge", help, series };
}
