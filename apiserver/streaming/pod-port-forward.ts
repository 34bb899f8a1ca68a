import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createWebSocketStream } from "ws";
import { negotiateProtocol } from "../../api/streaming/remote-command.js";
import { acceptSpdy, acceptWebSocket } from "../../api/streaming/upgrade.js";
import type { StreamDeps } from "./pod-command.js";
import { PORT_CHANNELS_PROTOCOL, parsePorts, servePortChannels } from "./pod-port-channels.js";
import { PodPorts, dialPodPorts } from "./pod-ports.js";
import {
  openingSignal,
  ProtocolRefused,
  type StreamConnection,
  wantedUpgrade,
} from "./stream-connection.js";

const SPDY_PROTOCOL = "portforward.k8s.io";
const TUNNEL_PROTOCOL = "SPDY/3.1+portforward.k8s.io";

/**
 * Serves port-forward: the client's SPDY bytes, bare or tunnelled in a WebSocket, go through a
 * tunnel to the agent and back; nobody on the way looks into them. Clients that speak channels are
 * served connection by connection. Resolves when it is over; throws (see streamFailure) while the
 * client is still unanswered.
 */
export async function servePodPortForward(
  connection: StreamConnection,
  target: { readonly namespace: string; readonly pod: string },
  deps: StreamDeps,
): Promise<void> {
  const { upgrade, offered } = wantedUpgrade(connection.request);
  const { socket, head } = connection;
  const known = upgrade === "spdy" ? [SPDY_PROTOCOL] : [TUNNEL_PROTOCOL, PORT_CHANNELS_PROTOCOL];
  const protocol = negotiateProtocol(offered, known);
  if (protocol === null) throw new ProtocolRefused(offered, known);
  const ports = protocol === PORT_CHANNELS_PROTOCOL ? parsePorts(connection.query) : [];
  const tunnel = await dialPodPorts(target, deps, openingSignal(socket));
  if (upgrade === "spdy") return join(acceptSpdy(socket, head, protocol), tunnel);
  const client = await acceptWebSocket(connection, protocol);
  if (client === null) return void tunnel.destroy();
  if (protocol === TUNNEL_PROTOCOL) return join(createWebSocketStream(client), tunnel);
  await servePortChannels(client, ports, new PodPorts(tunnel, deps));
}

async function join(client: Duplex, tunnel: Duplex): Promise<void> {
  // A connection that breaks off is the normal end of a port-forward.
  await pipeline(client, tunnel, client).catch(() => {});
  client.destroy();
  tunnel.destroy();
}
