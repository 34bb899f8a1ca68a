import { pipeline } from "node:stream/promises";
import { createWebSocketStream } from "ws";
import { failure } from "../../api/machinery/status.js";
import { negotiateProtocol } from "../../api/streaming/remote-command.js";
import { acceptWebSocket, dialSpdy, offeredProtocols } from "../../api/streaming/upgrade.js";
import { openSignal, type UpgradeConnection } from "./container-commands.js";
import type { PodStreams } from "./pod-streams.js";
import { podNotFound, StreamRefused } from "./stream-failure.js";

const PORT_FORWARD_PROTOCOL = "portforward.k8s.io";
/**
 * A WebSocket whose messages are the bytes of a SPDY/3.1 connection that speaks portforward.k8s.io.
 * By the name that kubectl uses, and by one that WebSocket libraries do not refuse for its slash.
 */
const TUNNEL_PROTOCOLS = ["SPDY/3.1+portforward.k8s.io", PORT_FORWARD_PROTOCOL] as const;

/**
 * Serves one port-forward: the client's SPDY connection, which comes through the tunnel, is joined
 * byte for byte with the runtime's. Resolves when it is over; throws (see toStreamStatus) while the
 * connection is still unanswered.
 */
export async function servePortForward(
  connection: UpgradeConnection,
  target: { readonly namespace: string; readonly pod: string },
  streams: PodStreams,
): Promise<void> {
  const protocol = negotiateProtocol(offeredProtocols(connection.request), TUNNEL_PROTOCOLS);
  if (protocol === null)
    throw new StreamRefused(
      failure(400, "BadRequest", `only ${TUNNEL_PROTOCOLS.join(", ")} are spoken here`),
    );
  const pod = streams.pod(target.namespace, target.pod);
  if (pod === null) throw podNotFound(target.pod);
  const signal = openSignal(connection.socket);
  const url = await streams.portForward(pod, signal);
  const runtime = await dialSpdy({
    url: new URL(url),
    protocols: [PORT_FORWARD_PROTOCOL],
    signal,
  });
  const webSocket = await acceptWebSocket(connection, protocol);
  if (webSocket === null) return void runtime.transport.destroy();
  const tunnel = createWebSocketStream(webSocket);
  // Either side's end is the other's: a broken tunnel is nobody's failure.
  await pipeline(tunnel, runtime.transport, tunnel).catch(() => {});
  runtime.transport.destroy();
  tunnel.destroy();
}
