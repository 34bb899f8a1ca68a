import { METRIC_PATHS, type MetricPath } from "../metrics/metric-pages.js";
import type { StreamRequest } from "./pod-streams.js";

/** What a request to the agent's port asks for. */
export type StreamTarget =
  | { readonly type: "healthz" }
  | { readonly type: "pods" }
  | { readonly type: "metrics"; readonly path: MetricPath }
  /** A folder of the agent's volumes, to be deleted. */
  | { readonly type: "localVolume"; readonly name: string }
  | { readonly type: "portForward"; readonly namespace: string; readonly pod: string }
  | {
      readonly type: "containerLogs" | "exec" | "attach";
      readonly namespace: string;
      readonly pod: string;
      readonly container: string;
    };

/** How a log is asked for. */
export interface LogQuery {
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tailLines: number | null;
  readonly limitBytes: number | null;
  /** Milliseconds since 1970; null: from the beginning. */
  readonly sinceMs: number | null;
}

/** Null for a path that is not ours. */
export function parseStreamTarget(path: string): StreamTarget | null {
  if (path === "/healthz") return { type: "healthz" };
  if (path === "/pods" || path === "/pods/") return { type: "pods" };
  const page = METRIC_PATHS.find((known) => known === path.replace(/\/$/, ""));
  if (page !== undefined) return { type: "metrics", path: page };
  const [empty, type, ...rest] = path.split("/");
  const names = rest.map(decodeSegment);
  if (empty !== "" || names.some((name) => name === null || name === "")) return null;
  const [namespace = "", pod = "", container = ""] = names as string[];
  if (type === "localVolumes" && names.length === 1)
    return { type: "localVolume", name: namespace };
  if (type === "portForward" && names.length === 2) return { type, namespace, pod };
  if (type === "containerLogs" || type === "exec" || type === "attach")
    return names.length === 3 ? { type, namespace, pod, container } : null;
  return null;
}

/**
 * The streams that an exec or attach request wants. With a terminal there is no separate stderr.
 */
export function parseStreamRequest(query: URLSearchParams): StreamRequest {
  const tty = isTrue(query, "tty");
  return {
    stdin: isTrue(query, "stdin"),
    stdout: isTrue(query, "stdout"),
    stderr: isTrue(query, "stderr") && !tty,
    tty,
  };
}

/** Null when a number or time is malformed. `nowMs`: what sinceSeconds counts from. */
export function parseLogQuery(query: URLSearchParams, nowMs: number): LogQuery | null {
  const tailLines = count(query, "tailLines");
  const limitBytes = count(query, "limitBytes");
  const sinceSeconds = count(query, "sinceSeconds");
  const sinceTime = query.get("sinceTime");
  const sinceTimeMs = sinceTime === null ? null : Date.parse(sinceTime);
  if (tailLines === undefined || limitBytes === undefined || sinceSeconds === undefined)
    return null;
  if (sinceTimeMs !== null && Number.isNaN(sinceTimeMs)) return null;
  return {
    follow: isTrue(query, "follow"),
    previous: isTrue(query, "previous"),
    timestamps: isTrue(query, "timestamps"),
    tailLines,
    limitBytes,
    sinceMs: sinceSeconds === null ? sinceTimeMs : nowMs - sinceSeconds * 1000,
  };
}

/** As Kubernetes reads booleans in a query: present is true unless it says "false" or "0". */
function isTrue(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value !== null && value !== "false" && value !== "0";
}

/** Null when absent, undefined when not a number. */
function count(query: URLSearchParams, name: string): number | null | undefined {
  const value = query.get(name);
  if (value === null) return null;
  return /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}

function decodeSegment(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null; // A stray percent sign.
  }
}
