import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { ProbeCounts } from "./probe-counts.js";
import type { SampledPod } from "./linux-sampler.js";

const SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const STATES = ["created", "running", "exited", "unknown"] as const;

/** What an agent counts of its own work, under the kubelet's names. */
export class AgentMetrics {
  readonly probes = new ProbeCounts();
  private readonly registry = new Registry();
  private readonly calls: Counter;
  private readonly failures: Counter;
  private readonly callSeconds: Histogram;
  private readonly relistSeconds: Histogram;
  private observesProcess = false;

  constructor(nodeName: string) {
    const registers = [this.registry];
    const labelNames = ["operation_type"];
    this.calls = new Counter({
      name: "kubelet_runtime_operations_total",
      help: "Calls to the container runtime by operation.",
      labelNames,
      registers,
    });
    this.failures = new Counter({
      name: "kubelet_runtime_operations_errors_total",
      help: "Calls to the container runtime that failed, by operation.",
      labelNames,
      registers,
    });
    this.callSeconds = new Histogram({
      name: "kubelet_runtime_operations_duration_seconds",
      help: "How long calls to the container runtime took, by operation.",
      labelNames,
      buckets: SECONDS,
      registers,
    });
    this.relistSeconds = new Histogram({
      name: "kubelet_pleg_relist_duration_seconds",
      help: "How long it took to list what the container runtime has.",
      buckets: SECONDS,
      registers,
    });
    const help = "The node's name; the value is always 1.";
    const labels = { name: "kubelet_node_name", help, labelNames: ["node"], registers };
    new Gauge(labels).set({ node: nodeName }, 1);
  }

  /** A call of the container runtime, such as ListContainers, ended. */
  runtimeCall(method: string, ended: { readonly tookMs: number; readonly failed: boolean }): void {
    const operation = { operation_type: snakeCase(method) };
    this.calls.inc(operation);
    // Also 0: a rate needs something to grow from.
    this.failures.inc(operation, ended.failed ? 1 : 0);
    this.callSeconds.observe(operation, ended.tookMs / 1000);
  }

  /** All of the runtime was listed. */
  relisted(tookMs: number): void {
    this.relistSeconds.observe(tookMs / 1000);
  }

  /** Shows how many of these pods and containers there are. To be called once. */
  showPods(pods: () => Iterable<SampledPod>): void {
    const registers = [this.registry];
    new Gauge({
      name: "kubelet_running_pods",
      help: "Pods with a sandbox that runs.",
      registers,
      collect() {
        const running = [...pods()].filter(({ runtime }) => runtime.sandboxes[0]?.ready === true);
        this.set(running.length);
      },
    });
    new Gauge({
      name: "kubelet_running_containers",
      help: "Containers by their state.",
      labelNames: ["container_state"],
      registers,
      collect() {
        const states = [...pods()].flatMap(({ runtime }) =>
          runtime.containers.map(({ state }) => state),
        );
        for (const state of STATES)
          this.set({ container_state: state }, states.filter((each) => each === state).length);
      },
    });
  }

  /** Everything in Prometheus' text format, and its media type. */
  async text(): Promise<{ readonly contentType: string; readonly text: string }> {
    // Only who is scraped pays for it: many simulated agents share a process.
    if (!this.observesProcess)
      collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: 100 });
    this.observesProcess = true;
    return { contentType: this.registry.contentType, text: await this.registry.metrics() };
  }
}

/** ListPodSandbox → list_podsandbox, as the kubelet writes it. */
function snakeCase(method: string): string {
  return method
    .replace("PodSandbox", "Podsandbox")
    .replaceAll(/(?!^)([A-Z])/g, "_$1")
    .toLowerCase();
}
