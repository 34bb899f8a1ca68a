import { negotiateProtocol } from "../../api/streaming/remote-command.js";
import { acceptWebSocket } from "../../api/streaming/upgrade.js";
import type { PodLogs } from "./pod-log.js";
import { ProtocolRefused, type StreamConnection, wantedUpgrade } from "./stream-connection.js";

const PROTOCOLS = ["binary.k8s.io", "base64.binary.k8s.io"] as const;

/**
 * Serves a log over a WebSocket: a message for each piece, as bytes or in base64. Throws while
 * still unanswered.
 */
export async function serveLogSocket(
  connection: StreamConnection,
  target: { readonly namespace: string; readonly pod: string },
  logs: PodLogs,
): Promise<void> {
  const { upgrade, offered } = wantedUpgrade(connection.request);
  const protocol = upgrade === "websocket" ? negotiateProtocol(offered, PROTOCOLS) : null;
  if (protocol === null && offered.length > 0) throw new ProtocolRefused(offered, PROTOCOLS);
  const gone = new AbortController();
  connection.socket.once("close", () => gone.abort());
  const log = await logs.open(target, connection.query, gone.signal);
  const webSocket = await acceptWebSocket(connection, protocol);
  if (webSocket === null) return void log?.destroy();
  webSocket.on("error", () => webSocket.terminate());
  const base64 = protocol === "base64.binary.k8s.io";
  try {
    for await (const chunk of (log ?? []) as AsyncIterable<Buffer>) {
      const message = base64 ? chunk.toString("base64") : chunk;
      await new Promise<void>((resolve, reject) => {
        webSocket.send(message, { binary: !base64 }, (error) =>
          error === undefined || error === null ? resolve() : reject(error),
        );
      });
    }
    webSocket.close(1000);
  } catch {
    webSocket.terminate(); // The client or the agent went away in the middle.
  }
}
