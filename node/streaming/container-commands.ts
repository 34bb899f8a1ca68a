import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { failure } from "../../api/machinery/status.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import {
  COMMAND_PROTOCOLS,
  negotiateProtocol,
  relayCommand,
  SPDY_COMMAND_PROTOCOLS,
  type CommandProtocol,
} from "../../api/streaming/remote-command.js";
import { spdyCommandClient } from "../../api/streaming/spdy-command.js";
import { acceptWebSocket, dialSpdy, offeredProtocols } from "../../api/streaming/upgrade.js";
import { webSocketCommandServer } from "../../api/streaming/websocket-command.js";
import type { Clock } from "../../base/clock.js";
import { runningContainerId } from "./log-container.js";
import type { PodStreams, StreamRequest } from "./pod-streams.js";
import { podNotFound, StreamRefused, toStreamStatus } from "./stream-failure.js";
import { parseStreamRequest } from "./stream-target.js";

/** One upgrade request, not yet answered. */
export interface UpgradeConnection {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** What serving commands needs. */
export interface CommandDeps {
  readonly streams: PodStreams;
  readonly clock: Clock;
}

const AGENT_PROTOCOL: CommandProtocol = "v5.channel.k8s.io";
const OPEN_TIMEOUT_MS = 15_000;
const CREATE_STREAMS_TIMEOUT_MS = 30_000;

/**
 * Serves one exec or attach: asks the runtime for a stream, connects to it, and only then accepts
 * the client, so that a refusal reaches it as a Status. Resolves when the command is over; throws
 * (see toStreamStatus) while the connection is still unanswered.
 */
export async function serveCommand(
  connection: UpgradeConnection,
  target: {
    readonly type: "exec" | "attach";
    readonly namespace: string;
    readonly pod: string;
    readonly container: string;
    readonly query: URLSearchParams;
  },
  deps: CommandDeps,
): Promise<void> {
  if (!offeredProtocols(connection.request).includes(AGENT_PROTOCOL))
    throw new StreamRefused(failure(400, "BadRequest", `only ${AGENT_PROTOCOL} is spoken here`));
  const pod = deps.streams.pod(target.namespace, target.pod);
  if (pod === null) throw podNotFound(target.pod);
  const streams = parseStreamRequest(target.query);
  const signal = openSignal(connection.socket);
  const url = await streamUrl(pod, { ...target, streams }, { ...deps, signal });
  const runtime = await dialSpdy({
    url: new URL(url),
    protocols: SPDY_COMMAND_PROTOCOLS,
    signal,
  });
  const protocol = negotiateProtocol([runtime.protocol], COMMAND_PROTOCOLS);
  if (protocol === null || connection.socket.destroyed) {
    runtime.transport.destroy();
    throw new StreamRefused(
      failure(500, "InternalError", `the runtime speaks "${runtime.protocol}"`),
    );
  }
  const webSocket = await acceptWebSocket(connection, AGENT_PROTOCOL);
  if (webSocket === null) return void runtime.transport.destroy();
  const server = webSocketCommandServer(
    webSocket,
    { version: AGENT_PROTOCOL, base64: false },
    streams,
  );
  try {
    const client = await spdyCommandClient(runtime.transport, {
      streams,
      protocol,
      clock: deps.clock,
      timeoutMs: CREATE_STREAMS_TIMEOUT_MS,
    });
    await relayCommand(server, client);
  } catch (error) {
    // The client was accepted already: the command's outcome is all that can still tell it.
    server.finish(JSON.stringify(toStreamStatus(error)));
  }
}

/** Aborts when the client leaves or the runtime takes too long. */
export function openSignal(socket: Duplex): AbortSignal {
  const gone = new AbortController();
  socket.once("close", () => gone.abort());
  if (socket.destroyed) gone.abort();
  return AbortSignal.any([gone.signal, AbortSignal.timeout(OPEN_TIMEOUT_MS)]);
}

async function streamUrl(
  pod: Pod,
  target: {
    readonly type: "exec" | "attach";
    readonly container: string;
    readonly query: URLSearchParams;
    readonly streams: StreamRequest;
  },
  { streams: podStreams, signal }: { streams: PodStreams; signal: AbortSignal },
): Promise<string> {
  const { container, streams, query } = target;
  const id = runningContainerId(pod.status, container);
  if (id === null)
    throw new StreamRefused(failure(500, "InternalError", `container not found ("${container}")`));
  if (target.type === "attach") return podStreams.attach(id, streams, signal);
  return podStreams.exec(id, { ...streams, command: query.getAll("command") }, signal);
}
