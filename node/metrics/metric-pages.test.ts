import t from "tap";
import { ManualClock } from "../../base/clock.js";
import { silentLogger } from "../../base/logger.js";
import type { NodeUsage } from "../../gossip/usage.js";
import { AgentMetrics } from "./agent-metrics.js";
import { parseCgroupV2 } from "./cgroup-stats.js";
import { MetricPages } from "./metric-pages.js";
import { metricText } from "./metric-text.js";
import type { NodeSample } from "./node-sample.js";
import { UsageCollector } from "./usage-collector.js";

const NETWORK = [
  {
    name: "eth0",
    receivedBytes: 10,
    receivedPackets: 1,
    receiveErrors: 0,
    receiveDropped: 0,
    sentBytes: 52_428_800,
    sentPackets: 2,
    sendErrors: 0,
    sendDropped: 0,
  },
];

const CLAIM = {
  volume: "files",
  claim: "data",
  fileSystem: { capacityBytes: 100, availableBytes: 70, usedBytes: 20, inodes: 9, inodesFree: 8 },
};

/** The node after `seconds`: half a CPU is busy, all of it in one container. */
function sampleAt(seconds: number): NodeSample {
  const stats = parseCgroupV2({
    "cpu.stat": `usage_usec ${seconds * 500_000}`,
    "memory.current": "104857600",
    "memory.stat": "anon 94371840\ninactive_file 4194304\npgfault 9\npgmajfault 1",
    "memory.max": "268435456",
    "io.stat": "8:0 rbytes=4096 wbytes=8192 rios=3 wios=7",
  });
  if (stats === null) throw new Error("no stats");
  const at = { atMs: 1_700_000_000_000 + seconds * 1000, readMs: seconds * 1000 };
  const container = {
    name: "main",
    id: "c1",
    image: 'busybox:"1"',
    restartCount: 0,
    startedAtMs: 1_700_000_000_000,
    readMs: at.readMs,
    stats,
    logBytes: 4096,
    layerBytes: 1024,
  };
  const pod = { namespace: "default", name: "web-0", uid: "u1", startedAtMs: 1_699_999_999_000 };
  return {
    ...at,
    simulated: false,
    stats,
    network: NETWORK,
    fileSystem: {
      capacityBytes: 1000,
      availableBytes: 600,
      usedBytes: 300,
      inodes: 9,
      inodesFree: 4,
    },
    pods: [{ ...pod, network: NETWORK, containers: [container], claims: [CLAIM] }],
  };
}

/** The pages of a node of which two samples were read. */
async function pages(): Promise<{ readonly pages: MetricPages; readonly told: NodeUsage[] }> {
  const clock = new ManualClock();
  let seconds = 0;
  const stop = new AbortController();
  const told: NodeUsage[] = [];
  const collector = new UsageCollector(
    {
      sample: () => {
        seconds += 10;
        if (seconds === 30) stop.abort();
        return seconds === 30
          ? Promise.reject(new Error("over"))
          : Promise.resolve(sampleAt(seconds));
      },
    },
    { clock, logger: silentLogger },
  );
  collector.subscribe((usage) => told.push(usage));
  const done = collector.run(stop.signal);
  while (!stop.signal.aborted) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(10_000);
  }
  await done;
  const metrics = new AgentMetrics("node-1");
  const of = { namespace: "default", pod: "web-0", uid: "u1", container: "main" };
  metrics.probes.count({ ...of, probe: "Liveness" }, "successful");
  metrics.probes.count({ ...of, probe: "Liveness" }, "successful");
  metrics.probes.count({ ...of, probe: "Readiness" }, "failed");
  metrics.probes.count({ ...of, uid: "u2", probe: "Readiness" }, "failed");
  metrics.probes.forget("u2");
  metrics.runtimeCall("ListPodSandbox", { tookMs: 7, failed: false });
  metrics.runtimeCall("StopContainer", { tookMs: 70, failed: true });
  const config = { nodeName: "node-1", bootedAtMs: 0, cpuMilli: 2000, memoryBytes: 2 ** 30 };
  return { told, pages: new MetricPages(config, { collector, metrics }) };
}

const NO_QUERY = new URLSearchParams();

t.test("what is collected is told", async (t) => {
  const { told } = await pages();
  t.match(told, [{ windowMs: 10_000, cpuNanoCores: 5e8, memoryBytes: 96 * 2 ** 20 }]);
  t.equal(told.length, 1, "two samples are one usage");
});

t.test("/stats/summary has the kubelet's shape", async (t) => {
  const { pages: all } = await pages();
  const { contentType, text } = await all.page("/stats/summary", NO_QUERY);
  t.equal(contentType, "application/json");
  t.match(JSON.parse(text), {
    node: {
      nodeName: "node-1",
      startTime: "1970-01-01T00:00:00Z",
      cpu: { usageNanoCores: 5e8, usageCoreNanoSeconds: 1e10 },
      memory: { workingSetBytes: 100_663_296, availableBytes: 2 ** 30 - 100_663_296 },
      network: { name: "eth0", txBytes: 52_428_800, interfaces: [{ name: "eth0", rxBytes: 10 }] },
      fs: { capacityBytes: 1000, availableBytes: 600, usedBytes: 300, inodesUsed: 5 },
    },
    pods: [
      {
        podRef: { name: "web-0", namespace: "default", uid: "u1" },
        cpu: { usageNanoCores: 5e8, usageCoreNanoSeconds: 1e10 },
        memory: { workingSetBytes: 100_663_296 },
        network: { txBytes: 52_428_800 },
        containers: [
          {
            name: "main",
            startTime: "2023-11-14T22:13:20Z",
            cpu: { usageNanoCores: 5e8 },
            memory: { rssBytes: 94_371_840, availableBytes: 268_435_456 - 100_663_296 },
            rootfs: { usedBytes: 1024, capacityBytes: 1000 },
            logs: { usedBytes: 4096 },
          },
        ],
        volume: [
          {
            name: "files",
            usedBytes: 20,
            inodesUsed: 1,
            pvcRef: { name: "data", namespace: "default" },
          },
        ],
      },
    ],
  });
  const query = new URLSearchParams("only_cpu_and_memory=true");
  const short = JSON.parse((await all.page("/stats/summary", query)).text) as {
    readonly node: object;
    readonly pods: readonly object[];
  };
  t.same(Object.keys(short.node), ["nodeName", "startTime", "cpu", "memory"]);
  t.same(Object.keys(short.pods[0] ?? {}), ["podRef", "startTime", "containers", "cpu", "memory"]);
});

t.test("metrics have the names that dashboards use", async (t) => {
  const { pages: all } = await pages();
  const cadvisor = (await all.page("/metrics/cadvisor", NO_QUERY)).text.split("\n");
  const labels = String.raw`container="main",id="/podu1/c1",image="busybox:\"1\"",name="c1",namespace="default",pod="web-0"`;
  const at = 1_700_000_020_000;
  for (const line of [
    `container_cpu_usage_seconds_total{${labels},cpu="total"} 10 ${at}`,
    `container_memory_working_set_bytes{${labels}} 100663296 ${at}`,
    `container_memory_failures_total{${labels},failure_type="pgmajfault",scope="hierarchy"} 1 ${at}`,
    `container_spec_memory_limit_bytes{${labels}} 268435456 ${at}`,
    `container_start_time_seconds{${labels}} 1700000000`,
    `container_network_transmit_bytes_total{container="",id="/podu1",image="",interface="eth0",name="",namespace="default",pod="web-0"} 52428800 ${at}`,
    `container_fs_usage_bytes{${labels},device=""} 5120 ${at}`,
    `container_fs_limit_bytes{${labels},device=""} 1000 ${at}`,
    `container_fs_writes_total{${labels},device=""} 7 ${at}`,
    "machine_cpu_cores 2",
    "# TYPE container_memory_rss gauge",
  ])
    t.ok(cadvisor.includes(line), line);
  const resource = (await all.page("/metrics/resource", NO_QUERY)).text.split("\n");
  for (const line of [
    `container_cpu_usage_seconds_total{container="main",namespace="default",pod="web-0"} 10 ${at}`,
    `pod_memory_working_set_bytes{namespace="default",pod="web-0"} 100663296 ${at}`,
    `node_cpu_usage_seconds_total 10 ${at}`,
    "resource_scrape_error 0",
  ])
    t.ok(resource.includes(line), line);
  const agent = (await all.page("/metrics", NO_QUERY)).text.split("\n");
  const claim = 'namespace="default",persistentvolumeclaim="data"';
  for (const line of [
    `kubelet_volume_stats_capacity_bytes{${claim}} 100`,
    `kubelet_volume_stats_used_bytes{${claim}} 20`,
    `kubelet_volume_stats_inodes_used{${claim}} 1`,
  ])
    t.ok(agent.includes(line), line);
  const probes = (await all.page("/metrics/probes", NO_QUERY)).text;
  const of = `container="main",namespace="default",pod="web-0",pod_uid="u1"`;
  t.match(probes, `prober_probe_total{${of},probe_type="Liveness",result="successful"} 2\n`);
  t.match(probes, `prober_probe_total{${of},probe_type="Readiness",result="failed"} 1\n`);
  t.notMatch(probes, "u2");
  const own = (await all.page("/metrics", NO_QUERY)).text;
  t.match(own, 'kubelet_runtime_operations_total{operation_type="list_podsandbox"} 1');
  t.match(own, 'kubelet_runtime_operations_errors_total{operation_type="stop_container"} 1');
  t.match(own, 'kubelet_node_name{node="node-1"} 1');
  t.match(own, "process_cpu_seconds_total");
});

t.test("labels are escaped", (t) => {
  const series = [{ labels: { a: 'x"y\\z\n' }, value: 0.5 }];
  t.equal(
    metricText([{ name: "m", type: "gauge", help: "h", series }]),
    '# HELP m h\n# TYPE m gauge\nm{a="x\\"y\\\\z\\n"} 0.5\n',
  );
  t.equal(metricText([{ name: "m", type: "gauge", help: "h", series: [] }]), "");
  t.end();
});
