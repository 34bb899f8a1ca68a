import { randomInt } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { badRequest, failure } from "../../api/machinery/status.js";
import { refuseUpgrade } from "../../api/streaming/upgrade.js";
import { unreachable } from "../../base/assert.js";
import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/logger.js";
import { ApiFailure } from "../server/api-failure.js";
import type {
  ApiResponse,
  ObjectReader,
  SubresourceHandler,
  UpgradeHandler,
} from "../server/http-types.js";
import { AgentCredentials, type AgentClientFiles } from "./agent-credentials.js";
import { streamFailure } from "./agent-status.js";
import { servePodCommand, type StreamDeps } from "./pod-command.js";
import { PodLocator } from "./pod-locator.js";
import { PodLogHandler, PodLogs } from "./pod-log.js";
import { serveLogSocket } from "./pod-log-socket.js";
import { servePodPortForward } from "./pod-port-forward.js";
import { ServiceDialer } from "./service-dialer.js";
import { ProtocolRefused, type StreamConnection } from "./stream-connection.js";
import { ProxyHandler } from "./proxy-handler.js";
import { parsePodStreamPath, type PodStreamTarget } from "./stream-path.js";

/** What the streams of pods need. */
export interface PodStreamingDeps {
  readonly reader: ObjectReader;
  /** The identity with which agents are called. */
  readonly kubeletClient: AgentClientFiles;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What plugs into the API server: log, exec, attach and portforward of pods. */
export interface PodStreaming {
  readonly upgradeHandler: UpgradeHandler;
  readonly subresourceHandlers: readonly SubresourceHandler[];
  /** Connects to Services on behalf of the server itself. */
  readonly services: ServiceDialer;
  /** Cuts off every stream. */
  close(): void;
}

const STREAMS_MAX = 10_000;

export function createPodStreaming(deps: PodStreamingDeps): PodStreaming {
  const { clock } = deps;
  const locator = new PodLocator(deps.reader);
  const credentials = new AgentCredentials(deps.kubeletClient, { clock });
  const logs = new PodLogs({ locator, credentials, clock });
  const choose = (count: number): number => randomInt(count);
  const proxied = { locator, credentials, clock, reader: deps.reader, choose };
  const upgrades = new PodStreamUpgrades({
    locator,
    credentials,
    clock,
    logs,
    logger: deps.logger,
  });
  return {
    upgradeHandler: upgrades,
    subresourceHandlers: [
      new PodLogHandler(logs),
      ...["exec", "attach", "portforward"].map(upgradeRequired),
      ...(["pods", "services", "nodes"] as const).map((of) => new ProxyHandler(of, proxied)),
    ],
    services: new ServiceDialer(proxied),
    close: () => {
      upgrades.close();
      logs.close();
    },
  };
}

/** The same path without an upgrade. */
function upgradeRequired(subresource: string): SubresourceHandler {
  return {
    resource: "pods",
    subresource,
    handle: (): Promise<ApiResponse> =>
      Promise.reject(new ApiFailure(badRequest("Upgrade request required"))),
  };
}

class PodStreamUpgrades implements UpgradeHandler {
  private readonly deps: StreamDeps & { readonly logs: PodLogs; readonly logger: Logger };
  private readonly sockets = new Set<Duplex>();

  constructor(deps: StreamDeps & { logs: PodLogs; logger: Logger }) {
    this.deps = deps;
  }

  matches(path: string): boolean {
    return parsePodStreamPath(path) !== null;
  }

  handle(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", () => socket.destroy());
    if (this.sockets.size >= STREAMS_MAX)
      return refuseUpgrade(socket, failure(429, "TooManyRequests", "too many open streams"));
    this.sockets.add(socket);
    socket.once("close", () => this.sockets.delete(socket));
    const [path = "", ...query] = (request.url ?? "").split("?");
    const connection = { request, socket, head, query: new URLSearchParams(query.join("?")) };
    this.serve(connection, decodePath(path)).catch((error: unknown) => {
      this.deps.logger.debug("stream refused", { path, error });
      const accepted = error instanceof ProtocolRefused ? error.accepted : [];
      refuseUpgrade(socket, streamFailure(error), accepted);
    });
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  private async serve(connection: StreamConnection, path: string): Promise<void> {
    const target = parsePodStreamPath(path);
    if (target === null) throw new ApiFailure(badRequest("malformed path"));
    await this.serveTarget(connection, target);
  }

  private serveTarget(connection: StreamConnection, target: PodStreamTarget): Promise<void> {
    const { kind } = target;
    switch (kind) {
      case "exec":
      case "attach":
        return servePodCommand(connection, { ...target, kind }, this.deps);
      case "portforward":
        return servePodPortForward(connection, target, this.deps);
      case "log":
        return serveLogSocket(connection, target, this.deps.logs);
      default:
        return unreachable(kind);
    }
  }
}

/** "" for a path with a stray percent sign. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return "";
  }
}
