import { Registry } from "prom-client";
import { TestServer } from "../../apiserver/test-server.js";
import { workQueueMetrics } from "../../controllers/workqueue-metrics.js";
import { AgentMetrics } from "../../node/metrics/agent-metrics.js";
import { cadvisorMetrics } from "../../node/metrics/cadvisor-metrics.js";
import { volumeMetrics } from "../../node/metrics/volume-metrics.js";
import type { NodeSample } from "../../node/metrics/node-sample.js";
import { schedulerMetrics } from "../../scheduler/scheduler-metrics.js";

/** Of a node on which nothing runs. */
const EMPTY = {
  atMs: 0,
  stats: {},
  fileSystem: {},
  network: [],
  pods: [],
} as unknown as NodeSample;

/** Words of an expression that must be metrics: no function, keyword, label or time. */
export function metricsIn(expr: string): readonly string[] {
  const bare = expr
    .replaceAll(/\{[^}]*\}|\[[^\]]*\]|"[^"]*"/g, "")
    .replaceAll(/\b(by|without|on|ignoring) ?\([^)]*\)/g, "");
  return [...bare.matchAll(/[A-Za-z_][A-Za-z0-9_:]*(?![A-Za-z0-9_:]| *\()/g)]
    .map(([word]) => word)
    .filter((word) => !/^(and|or|unless|by|without)$/.test(word));
}

/** Every metric that servers and agents export, those without series included. */
export async function exportedMetrics(): Promise<ReadonlySet<string>> {
  const server = await TestServer.start();
  const api = (await server.send("GET", "/metrics")).bytes.toString();
  const state = (await server.send("GET", "/metrics/state")).bytes.toString();
  await server.close();
  const loops = new Registry();
  workQueueMetrics(loops);
  schedulerMetrics(loops);
  const metrics = new AgentMetrics("n");
  metrics.showPods(() => []);
  const { text: agent } = await metrics.text();
  const names = [api, state, await loops.metrics(), agent].flatMap((text) =>
    [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = "", type]) =>
      type === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  );
  const containers = cadvisorMetrics(EMPTY, { cpuMilli: 1, memoryBytes: 1 });
  const others = [...containers, ...volumeMetrics(EMPTY)].map(({ name }) => name);
  return new Set([...names, ...others, "up", "prober_probe_total"]);
}
