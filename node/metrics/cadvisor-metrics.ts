import type { CgroupStats } from "./cgroup-stats.js";
import type { MetricFamily, Series } from "./metric-text.js";
import type { InterfaceStats } from "./net-dev.js";
import type { NodeSample } from "./node-sample.js";

/** What cAdvisor counts and gauges of each container: name, kind, help, amount, more labels. */
interface ContainerMetric {
  readonly name: string;
  readonly type: MetricFamily["type"];
  readonly help: string;
  readonly amount: (stats: CgroupStats) => number;
  readonly labels?: Series["labels"];
}

const CONTAINER_METRICS: readonly ContainerMetric[] = [
  counter("cpu_usage_seconds_total", "CPU time used.", (s) => s.cpuUsageNs / 1e9, { cpu: "total" }),
  counter("cpu_user_seconds_total", "CPU time used by programs.", (s) => s.cpuUserNs / 1e9),
  counter("cpu_system_seconds_total", "CPU time used by the kernel.", (s) => s.cpuSystemNs / 1e9),
  counter("cpu_cfs_periods_total", "Periods in which a limit counted.", (s) => s.cpuPeriods),
  counter(
    "cpu_cfs_throttled_periods_total",
    "Periods in which the limit was reached.",
    (s) => s.cpuThrottledPeriods,
  ),
  counter(
    "cpu_cfs_throttled_seconds_total",
    "Time for which it was held up.",
    (s) => s.cpuThrottledNs / 1e9,
  ),
  gauge("memory_usage_bytes", "All memory, pages of files included.", (s) => s.memoryUsageBytes),
  gauge("memory_working_set_bytes", "The working set.", (s) => s.memoryWorkingSetBytes),
  gauge("memory_rss", "Anonymous memory.", (s) => s.memoryRssBytes),
  gauge("memory_cache", "Pages of files.", (s) => s.memoryCacheBytes),
  gauge("memory_mapped_file", "Pages of mapped files.", (s) => s.memoryMappedFileBytes),
  gauge("memory_swap", "Swap in use.", (s) => s.memorySwapBytes),
  counter("memory_failcnt", "How often the limit was reached.", (s) => s.memoryFailures),
  gauge("spec_memory_limit_bytes", "The limit; 0: none.", (s) => s.memoryLimitBytes ?? 0),
  counter("oom_events_total", "Processes killed for want of memory.", (s) => s.oomKills),
  gauge("processes", "Processes.", (s) => s.processes),
  gauge("threads", "Threads of all processes.", (s) => s.tasks),
  counter("fs_reads_total", "Reads from disks.", (s) => s.reads, { device: "" }),
  counter("fs_writes_total", "Writes to disks.", (s) => s.writes, { device: "" }),
  counter("fs_reads_bytes_total", "Bytes read from disks.", (s) => s.readBytes, { device: "" }),
  counter("fs_writes_bytes_total", "Bytes written to disks.", (s) => s.writtenBytes, {
    device: "",
  }),
];

type Traffic = readonly [name: string, help: string, amount: (one: InterfaceStats) => number];

const NETWORK_METRICS: readonly Traffic[] = [
  ["receive_bytes_total", "Bytes received.", (one) => one.receivedBytes],
  ["receive_packets_total", "Packets received.", (one) => one.receivedPackets],
  ["receive_errors_total", "Errors while receiving.", (one) => one.receiveErrors],
  ["receive_packets_dropped_total", "Packets dropped on arrival.", (one) => one.receiveDropped],
  ["transmit_bytes_total", "Bytes sent.", (one) => one.sentBytes],
  ["transmit_packets_total", "Packets sent.", (one) => one.sentPackets],
  ["transmit_errors_total", "Errors while sending.", (one) => one.sendErrors],
  ["transmit_packets_dropped_total", "Packets dropped before sending.", (one) => one.sendDropped],
];

/** The machine that the sample is of. */
export interface Machine {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
}

/**
 * What cAdvisor in a kubelet tells of containers, under its names: /metrics/cadvisor. Series with
 * an empty `container` are of the pod (network) or, with an empty `pod` too, of the machine.
 */
export function cadvisorMetrics(
  sample: NodeSample | null,
  machine: Machine,
): readonly MetricFamily[] {
  const rows = rowsOf(sample);
  const containers = CONTAINER_METRICS.map(({ name, type, help, amount, labels = {} }) => ({
    name: `container_${name}`,
    type,
    help,
    series: rows.map((row) => ({
      labels: { ...row.labels, ...labels },
      value: amount(row.stats),
      atMs: row.atMs,
    })),
  }));
  return [
    ...containers,
    failures(rows),
    started(sample),
    ...networkFamilies(sample),
    ...fileSystemFamilies(sample),
    {
      name: "machine_cpu_cores",
      type: "gauge",
      help: "CPUs of the machine.",
      series: [{ labels: {}, value: machine.cpuMilli / 1000 }],
    },
    {
      name: "machine_memory_bytes",
      type: "gauge",
      help: "Memory of the machine.",
      series: [{ labels: {}, value: machine.memoryBytes }],
    },
  ];
}

interface Row {
  readonly labels: Series["labels"];
  readonly stats: CgroupStats;
  readonly atMs: number;
}

function rowsOf(sample: NodeSample | null): readonly Row[] {
  if (sample === null) return [];
  const { atMs, stats } = sample;
  const machine = { container: "", id: "/", image: "", name: "", namespace: "", pod: "" };
  const containers = sample.pods.flatMap(({ namespace, name: pod, uid, containers: all }) =>
    all.map((each) => ({
      labels: {
        container: each.name,
        id: `/pod${uid}/${each.id}`,
        image: each.image,
        name: each.id,
        namespace,
        pod,
      },
      stats: each.stats,
      atMs,
    })),
  );
  return [{ labels: machine, stats, atMs }, ...containers];
}

function failures(rows: readonly Row[]): MetricFamily {
  const series = rows.flatMap(({ labels, stats, atMs }) => {
    const of = (type: string, value: number): Series => ({
      labels: { ...labels, failure_type: type, scope: "hierarchy" },
      value,
      atMs,
    });
    return [of("pgfault", stats.pageFaults), of("pgmajfault", stats.majorPageFaults)];
  });
  const help = "Page faults, and those that needed a disk.";
  return { name: "container_memory_failures_total", type: "counter", help, series };
}

function started(sample: NodeSample | null): MetricFamily {
  const series = (sample?.pods ?? []).flatMap(({ namespace, name: pod, uid, containers }) =>
    containers.map(({ name, id, image, startedAtMs }) => ({
      labels: { container: name, id: `/pod${uid}/${id}`, image, name: id, namespace, pod },
      value: startedAtMs / 1000,
    })),
  );
  const help = "When it started, in seconds since 1970.";
  return { name: "container_start_time_seconds", type: "gauge", help, series };
}

function networkFamilies(sample: NodeSample | null): readonly MetricFamily[] {
  if (sample === null) return [];
  const machine = { namespace: "", name: "", uid: "", network: sample.network };
  const all = [machine, ...sample.pods].flatMap(({ namespace, name: pod, uid, network }) =>
    network.map((one) => ({
      one,
      labels: {
        container: "",
        id: uid === "" ? "/" : `/pod${uid}`,
        image: "",
        interface: one.name,
        name: "",
        namespace,
        pod,
      },
    })),
  );
  return NETWORK_METRICS.map(([name, help, amount]) => ({
    name: `container_network_${name}`,
    type: "counter" as const,
    help,
    series: all.map(({ labels, one }) => ({ labels, value: amount(one), atMs: sample.atMs })),
  }));
}

/**
 * What containers wrote over their images and into their logs, of the disk that all of them share;
 * the machine has the disk itself. What a container wrote is not known in its first minute.
 */
function fileSystemFamilies(sample: NodeSample | null): readonly MetricFamily[] {
  if (sample === null) return [];
  const { atMs, fileSystem } = sample;
  const [machine, ...containers] = rowsOf(sample);
  if (machine === undefined) return [];
  const device = { device: "" };
  const all = sample.pods.flatMap((pod) => pod.containers);
  const used = containers.flatMap(({ labels }, index) => {
    const { layerBytes = null, logBytes = 0 } = all[index] ?? {};
    return layerBytes === null ? [] : [{ labels, bytes: layerBytes + logBytes }];
  });
  const rows = [{ labels: machine.labels, bytes: fileSystem.usedBytes }, ...used];
  const family = (name: string, help: string, series: readonly Series[]): MetricFamily => ({
    name: `container_fs_${name}`,
    type: "gauge",
    help,
    series: series.map(({ labels, value }) => ({ labels: { ...labels, ...device }, value, atMs })),
  });
  const whole = (value: number): readonly Series[] => [{ labels: machine.labels, value }];
  return [
    family(
      "usage_bytes",
      "Bytes of the disk in use: written over the image, and logs.",
      rows.map(({ labels, bytes }) => ({ labels, value: bytes })),
    ),
    family(
      "limit_bytes",
      "Bytes of the disk.",
      rows.map(({ labels }) => ({ labels, value: fileSystem.capacityBytes })),
    ),
    family("inodes_total", "Inodes of the disk.", whole(fileSystem.inodes)),
    family("inodes_free", "Free inodes of the disk.", whole(fileSystem.inodesFree)),
  ];
}

function counter(
  name: string,
  help: string,
  amount: ContainerMetric["amount"],
  labels: Series["labels"] = {},
): ContainerMetric {
  return { name, type: "counter", help, amount, labels };
}

function gauge(name: string, help: string, amount: ContainerMetric["amount"]): ContainerMetric {
  return { name, type: "gauge", help, amount };
}
