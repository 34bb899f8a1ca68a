import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { kindByResource } from "../../api/schema/kinds.js";
import type { ApiRequest, ApiResponse } from "./http-types.js";
import type { BadPath, RequestInfo } from "./request-info.js";

/** Counts requests under the names that operators know from Kubernetes. */
export class RequestMetrics {
  private readonly total: Counter;
  private readonly duration: Histogram;
  private readonly longRunning: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    this.total = new Counter({
      name: "apiserver_request_total",
      help: "Requests by verb, resource and status code.",
      labelNames: ["verb", "group", "version", "resource", "subresource", "code"],
      registers,
    });
    this.duration = new Histogram({
      name: "apiserver_request_duration_seconds",
      help: "Time to the answer; for streams to its first byte.",
      labelNames: ["verb", "group", "resource", "subresource"],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
      registers,
    });
    this.longRunning = new Gauge({
      name: "apiserver_longrunning_requests",
      help: "Watches and other streams that are open.",
      labelNames: ["verb", "group", "resource"],
      registers,
    });
  }

  /** Call the result with the answer and how long it took. */
  start(
    info: RequestInfo | BadPath,
    request: ApiRequest,
  ): (response: ApiResponse, durationMs: number) => void {
    const labels = labelsOf(info, request);
    return (response, durationMs) => {
      const { verb, group, version, resource, subresource } = labels;
      const code = String(response.status);
      this.total.inc({ verb, group, version, resource, subresource, code });
      this.duration.observe({ verb, group, resource, subresource }, durationMs / 1000);
      if (response.body.type !== "stream" || verb !== "WATCH") return;
      const open = { verb, group, resource };
      this.longRunning.inc(open);
      const closed = (): void => this.longRunning.dec(open);
      request.signal.addEventListener("abort", closed, { once: true });
    };
  }
}

interface RequestLabels {
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
}

const NOWHERE = { group: "", version: "", resource: "", subresource: "" };

/**
 * What a client can make up (paths, unknown resources) is no label: their number must stay small.
 */
function labelsOf(info: RequestInfo | BadPath, request: ApiRequest): RequestLabels {
  if (info.type !== "resource") return { verb: request.method, ...NOWHERE };
  const { group, version, resource } = info;
  const kind = kindByResource(group, version, resource);
  if (kind === null) return { verb: request.method, ...NOWHERE };
  const known = kind.subresources.some(({ name }) => name === info.subresource);
  const subresource = known ? info.subresource : "";
  return { verb: info.verb.toUpperCase(), group, version, resource, subresource };
}
