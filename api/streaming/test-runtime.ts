import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { CommandStreams } from "./remote-command.js";
import { SPDY_COMMAND_PROTOCOLS, negotiateProtocol } from "./remote-command.js";
import { spdyCommandServer } from "./spdy-command.js";
import { SpdySession } from "./spdy-session.js";
import type { SpdyStream } from "./spdy-stream.js";
import { realClock } from "./test-clock.js";
import { runLocalCommand } from "./test-shell.js";
import { acceptSpdy, offeredProtocols } from "./upgrade.js";

/**
 * Stands for a container runtime's streaming server: commands run on this machine, ports are this
 * machine's.
 */
export interface TestRuntime {
  /** The URL of a stream that runs `command`. */
  commandUrl(command: readonly string[], streams: CommandStreams): string;
  portForwardUrl(): string;
  /** Connections open now. */
  connections(): number;
  close(): Promise<void>;
}

/** Starts one on any port of loopback. It speaks SPDY/3.1 only, as runtimes do. */
export async function startTestRuntime(): Promise<TestRuntime> {
  const sockets = new Set<Duplex>();
  const server = createServer();
  server.on("connection", (socket: Duplex) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.on("upgrade", (request, socket: Duplex, head: Buffer) => {
    socket.on("error", () => socket.destroy());
    if (request.url === "/portforward") servePorts(socket, head);
    else void serveCommand(request, socket, head);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    commandUrl: (command, streams) =>
      `${base}/exec?request=${encodeURIComponent(JSON.stringify({ command, streams }))}`,
    portForwardUrl: () => `${base}/portforward`,
    connections: () => sockets.size,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function serveCommand(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
  const query = new URL(request.url ?? "", "http://runtime").searchParams;
  const { command, streams } = JSON.parse(query.get("request") ?? "{}") as {
    command: string[];
    streams: CommandStreams;
  };
  const protocol = negotiateProtocol(offeredProtocols(request), SPDY_COMMAND_PROTOCOLS);
  if (protocol === null) return void socket.destroy();
  const transport = acceptSpdy(socket, head, protocol);
  const options = { streams, protocol, clock: realClock, timeoutMs: 5_000 };
  const end = await spdyCommandServer(transport, options).catch(() => null);
  if (end !== null) await runLocalCommand(end, command);
}

function servePorts(socket: Duplex, head: Buffer): void {
  const errors = new Map<string, SpdyStream>();
  const onStream = (stream: SpdyStream): void => {
    const { streamtype, port, requestid = "" } = stream.headers;
    if (streamtype === "error") {
      stream.resume();
      errors.set(requestid, stream);
      return;
    }
    const target = connect(Number(port), "127.0.0.1");
    const error = errors.get(requestid);
    errors.delete(requestid);
    target.once("error", (cause) => error?.end(`cannot connect: ${cause.message}`));
    void pipeline(stream, target, stream)
      .catch(() => {})
      .then(() => {
        error?.end();
        stream.destroy();
        target.destroy();
      });
  };
  const transport = acceptSpdy(socket, head, "portforward.k8s.io");
  void new SpdySession(transport, { role: "server", clock: realClock, onStream }).closed;
}
