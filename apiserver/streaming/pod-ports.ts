import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { createWebSocketStream } from "ws";
import { SpdySession } from "../../api/streaming/spdy-session.js";
import { dialWebSocket } from "../../api/streaming/upgrade.js";
import { agentUrl } from "./node-endpoint.js";
import type { StreamDeps } from "./pod-command.js";

/** The agent knows the tunnel by this name too, which is a legal one. */
const AGENT_PROTOCOL = "portforward.k8s.io";

/** Opens the tunnel to the agent of a pod: SPDY bytes in a WebSocket. Throws see streamFailure. */
export async function dialPodPorts(
  target: { readonly namespace: string; readonly pod: string },
  deps: StreamDeps,
  signal: AbortSignal,
): Promise<Duplex> {
  const pod = await deps.locator.pod(target.namespace, target.pod);
  const endpoint = await deps.locator.agentOf(pod);
  const path = ["", "portForward", target.namespace, target.pod].map(encodeURIComponent).join("/");
  const agent = await dialWebSocket({
    url: agentUrl(endpoint, path, new URLSearchParams()),
    protocols: [AGENT_PROTOCOL],
    tls: await deps.credentials.forNode(endpoint.node),
    signal,
  });
  return createWebSocketStream(agent);
}

/** One connection to a port of a pod. */
export interface PodPort {
  readonly data: Duplex;
  /**
   * What went wrong at the other end; "" when nothing did. Resolves when the connection is over.
   */
  readonly error: Promise<string>;
}

/** Connections to the ports of one pod, all through one tunnel. */
export class PodPorts {
  private readonly session: SpdySession;
  private nextId = 0;

  constructor(tunnel: Duplex, deps: Pick<StreamDeps, "clock">) {
    tunnel.on("error", () => tunnel.destroy());
    this.session = new SpdySession(tunnel, { role: "client", clock: deps.clock });
  }

  /** Resolves when the tunnel is gone. */
  get closed(): Promise<void> {
    return this.session.closed;
  }

  /** Connects to a port; that nobody listens there is told by `error`. */
  connect(port: number): PodPort {
    const common = { port: String(port), requestid: String(this.nextId) };
    this.nextId += 1;
    const error = this.session.open({ ...common, streamtype: "error" }).stream;
    error.end();
    const data = this.session.open({ ...common, streamtype: "data" }).stream;
    data.on("error", () => data.destroy());
    // A tunnel that breaks off says nothing more.
    return { data, error: text(error).catch(() => "") };
  }

  close(): void {
    this.session.destroy();
  }
}
