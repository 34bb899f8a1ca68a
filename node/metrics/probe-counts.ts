import type { MetricFamily } from "./metric-text.js";

/** How a probe ended, in the kubelet's words. */
export type ProbeResult = "successful" | "failed" | "unknown";

/** Which probe of which container. */
export interface ProbedContainer {
  readonly namespace: string;
  readonly pod: string;
  readonly uid: string;
  readonly container: string;
  /** Liveness, Readiness or Startup. */
  readonly probe: string;
}

interface Count extends ProbedContainer {
  readonly result: ProbeResult;
  value: number;
}

/** Counts how probes ended, for as long as their pods are here. */
export class ProbeCounts {
  /** By the pod's uid, then by container, probe and result. */
  private readonly pods = new Map<string, Map<string, Count>>();

  count(of: ProbedContainer, result: ProbeResult): void {
    const counts = this.pods.get(of.uid) ?? new Map<string, Count>();
    this.pods.set(of.uid, counts);
    const key = `${of.container}/${of.probe}/${result}`;
    const known = counts.get(key);
    if (known === undefined) counts.set(key, { ...of, result, value: 1 });
    else known.value += 1;
  }

  /** The pod is gone: so are its series. */
  forget(uid: string): void {
    this.pods.delete(uid);
  }

  /** What the kubelet tells at /metrics/probes. */
  families(): readonly MetricFamily[] {
    const counts = [...this.pods.values()].flatMap((each) => [...each.values()]);
    return [
      {
        name: "prober_probe_total",
        type: "counter",
        help: "Probes by how they ended.",
        series: counts.map(({ namespace, pod, uid, container, probe, result, value }) => ({
          labels: { container, namespace, pod, pod_uid: uid, probe_type: probe, result },
          value,
        })),
      },
    ];
  }
}
