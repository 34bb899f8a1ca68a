import type { ResourceRequestInfo } from "./request-info.js";

export interface FlowLimits {
  /** Requests that change nothing and are answered at once. */
  readonly readsMax: number;
  readonly writesMax: number;
  /** Watches, logs and other answers that go on. */
  readonly streamsMax: number;
}

/**
 * Kubernetes' own limits for requests; streams are bounded by memory: a quiet one costs a few
 * kilobytes.
 */
export const DEFAULT_FLOW_LIMITS: FlowLimits = {
  readsMax: 400,
  writesMax: 200,
  streamsMax: 50_000,
};

export type FlowClass = "read" | "write" | "stream";

/**
 * Counts requests that are being served and refuses those above a limit, so that load cannot take
 * all memory.
 */
export class FlowControl {
  private readonly limits: Readonly<Record<FlowClass, number>>;
  private readonly counts: Record<FlowClass, number> = { read: 0, write: 0, stream: 0 };

  constructor(limits: FlowLimits = DEFAULT_FLOW_LIMITS) {
    this.limits = { read: limits.readsMax, write: limits.writesMax, stream: limits.streamsMax };
  }

  inFlight(kind: FlowClass): number {
    return this.counts[kind];
  }

  /** A seat, given back by calling the result once; null when all are taken. */
  enter(kind: FlowClass): (() => void) | null {
    if (this.counts[kind] >= this.limits[kind]) return null;
    this.counts[kind] += 1;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.counts[kind] -= 1;
    };
  }
}

const STREAMING_SUBRESOURCES = new Set(["log", "exec", "attach", "portforward", "proxy"]);

/** Whether a request for objects is answered at once or goes on. */
export function flowClassOf(info: Pick<ResourceRequestInfo, "verb" | "subresource">): FlowClass {
  if (info.verb === "watch" || STREAMING_SUBRESOURCES.has(info.subresource)) return "stream";
  return info.verb === "get" || info.verb === "list" ? "read" : "write";
}
