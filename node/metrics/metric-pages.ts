import { type Machine, cadvisorMetrics } from "./cadvisor-metrics.js";
import type { AgentMetrics } from "./agent-metrics.js";
import { METRIC_TEXT_TYPE, type MetricFamily, metricText } from "./metric-text.js";
import { resourceMetrics } from "./resource-metrics.js";
import { statsSummary } from "./stats-summary.js";
import { volumeMetrics } from "./volume-metrics.js";
import type { UsageCollector } from "./usage-collector.js";

/** The paths of the agent's port at which it tells of itself, as the kubelet does. */
export const METRIC_PATHS = [
  "/metrics",
  "/metrics/cadvisor",
  "/metrics/probes",
  "/metrics/resource",
  "/stats/summary",
] as const;
export type MetricPath = (typeof METRIC_PATHS)[number];

/** What is answered. */
export interface MetricPage {
  readonly contentType: string;
  readonly text: string;
}

/** The node that the pages are of. */
export interface MetricPagesConfig extends Machine {
  readonly nodeName: string;
  /** When the machine started, in milliseconds since 1970. */
  readonly bootedAtMs: number;
}

/** Makes the pages from the newest samples: nothing is measured because somebody asks. */
export class MetricPages {
  private readonly config: MetricPagesConfig;
  private readonly collector: UsageCollector;
  private readonly metrics: AgentMetrics;

  constructor(
    config: MetricPagesConfig,
    deps: { readonly collector: UsageCollector; readonly metrics: AgentMetrics },
  ) {
    this.config = config;
    this.collector = deps.collector;
    this.metrics = deps.metrics;
  }

  async page(path: MetricPath, query: URLSearchParams): Promise<MetricPage> {
    const samples = this.collector.latest;
    const newest = samples.at(-1) ?? null;
    switch (path) {
      case "/metrics":
        return withFamilies(await this.metrics.text(), volumeMetrics(newest));
      case "/metrics/cadvisor":
        return textPage(cadvisorMetrics(newest, this.config));
      case "/metrics/probes":
        return textPage(this.metrics.probes.families());
      case "/metrics/resource":
        return textPage(resourceMetrics(newest));
      case "/stats/summary": {
        const onlyCpuAndMemory = query.get("only_cpu_and_memory") === "true";
        const summary = statsSummary(samples, { ...this.config, onlyCpuAndMemory });
        return { contentType: "application/json", text: `${JSON.stringify(summary)}\n` };
      }
    }
  }
}

/** prom-client forgets no series, and volumes come and go: they are written beside it. */
function withFamilies(page: MetricPage, families: readonly MetricFamily[]): MetricPage {
  return { ...page, text: `${page.text}${metricText(families)}` };
}

function textPage(families: readonly MetricFamily[]): MetricPage {
  return { contentType: METRIC_TEXT_TYPE, text: metricText(families) };
}
