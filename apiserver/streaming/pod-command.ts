import { badRequest, internalError } from "../../api/machinery/status.js";
import {
  type CommandServerEnd,
  type CommandStreams,
  negotiateProtocol,
  relayCommand,
  SPDY_COMMAND_PROTOCOLS,
} from "../../api/streaming/remote-command.js";
import { spdyCommandServer } from "../../api/streaming/spdy-command.js";
import { acceptSpdy, acceptWebSocket, dialWebSocket } from "../../api/streaming/upgrade.js";
import {
  readyForOutput,
  UNNAMED_COMMAND_PROTOCOL,
  WEBSOCKET_COMMAND_PROTOCOLS,
  webSocketCommandClient,
  webSocketCommandServer,
} from "../../api/streaming/websocket-command.js";
import type { Clock } from "../../base/clock.js";
import { ApiFailure } from "../server/api-failure.js";
import type { AgentCredentials } from "./agent-credentials.js";
import { chooseContainer } from "./container-choice.js";
import { agentUrl } from "./node-endpoint.js";
import type { PodLocator } from "./pod-locator.js";
import {
  openingSignal,
  ProtocolRefused,
  type StreamConnection,
  wantedUpgrade,
} from "./stream-connection.js";
import { queryFlag } from "./stream-path.js";

/** What opening streams to agents needs. */
export interface StreamDeps {
  readonly locator: PodLocator;
  readonly credentials: AgentCredentials;
  readonly clock: Clock;
}

const AGENT_PROTOCOL = "v5.channel.k8s.io";
const CREATE_STREAMS_TIMEOUT_MS = 30_000;

/** Accepts the client, in the protocol that was negotiated; null when it left meanwhile. */
type Accept = () => Promise<CommandServerEnd | null>;

/**
 * Serves exec and attach in whatever protocol the client speaks, by the one that agents speak. The
 * agent is asked first, so that its refusal reaches the client as a Status. Resolves when the
 * command is over; throws (see streamFailure) while the client is still unanswered.
 */
export async function servePodCommand(
  connection: StreamConnection,
  target: { readonly kind: "exec" | "attach"; readonly namespace: string; readonly pod: string },
  deps: StreamDeps,
): Promise<void> {
  const streams = commandStreams(connection.query);
  const accept = negotiate(connection, streams, deps.clock);
  const command = connection.query.getAll("command");
  if (target.kind === "exec" && command.length === 0)
    throw new ApiFailure(badRequest("you must specify at least one command for the container"));
  const pod = await deps.locator.pod(target.namespace, target.pod);
  const choice = chooseContainer(pod, connection.query.get("container") ?? "");
  if (choice.type === "refused") throw new ApiFailure(choice.status);
  const endpoint = await deps.locator.agentOf(pod);
  const path = ["", target.kind, target.namespace, target.pod, choice.name]
    .map(encodeURIComponent)
    .join("/");
  const agent = await dialWebSocket({
    url: agentUrl(endpoint, path, agentQuery(streams, target.kind === "exec" ? command : [])),
    protocols: [AGENT_PROTOCOL],
    tls: await deps.credentials.forNode(endpoint.node),
    signal: openingSignal(connection.socket),
  });
  const server = await accept().catch(() => null);
  if (server === null) return agent.terminate();
  await relayCommand(server, webSocketCommandClient(agent, streams));
}

function commandStreams(query: URLSearchParams): CommandStreams {
  const tty = queryFlag(query, "tty");
  const streams = {
    stdin: queryFlag(query, "stdin"),
    stdout: queryFlag(query, "stdout"),
    stderr: queryFlag(query, "stderr") && !tty,
    tty,
  };
  if (!streams.stdin && !streams.stdout && !streams.stderr)
    throw new ApiFailure(badRequest("you must specify at least 1 of stdin, stdout, stderr"));
  return streams;
}

function agentQuery(streams: CommandStreams, command: readonly string[]): URLSearchParams {
  const query = new URLSearchParams();
  for (const word of command) query.append("command", word);
  for (const name of ["stdin", "stdout", "stderr", "tty"] as const)
    if (streams[name]) query.set(name, "true");
  return query;
}

function negotiate(connection: StreamConnection, streams: CommandStreams, clock: Clock): Accept {
  const { upgrade, offered } = wantedUpgrade(connection.request);
  if (upgrade === "spdy") {
    const protocol = negotiateProtocol(offered, SPDY_COMMAND_PROTOCOLS);
    if (protocol === null) throw new ProtocolRefused(offered, SPDY_COMMAND_PROTOCOLS);
    const timeoutMs = CREATE_STREAMS_TIMEOUT_MS;
    return () => {
      const transport = acceptSpdy(connection.socket, connection.head, protocol);
      return spdyCommandServer(transport, { streams, protocol, clock, timeoutMs });
    };
  }
  const accepted = [...WEBSOCKET_COMMAND_PROTOCOLS.keys()];
  const name = offered.length === 0 ? null : negotiateProtocol(offered, accepted);
  if (name === null && offered.length > 0) throw new ProtocolRefused(offered, accepted);
  const protocol = name === null ? UNNAMED_COMMAND_PROTOCOL : WEBSOCKET_COMMAND_PROTOCOLS.get(name);
  if (protocol === undefined) throw new ApiFailure(internalError(`no codec for ${name}`));
  return async () => {
    const webSocket = await acceptWebSocket(connection, name);
    if (webSocket === null) return null;
    const ready = readyForOutput(webSocket, clock);
    return webSocketCommandServer(webSocket, protocol, streams, ready);
  };
}
