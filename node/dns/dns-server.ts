import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { CodedError, messageOf } from "../../base/errors.js";
import type { Logger } from "../../base/logger.js";
import { TCP_BYTES_MAX } from "./message.js";
import type { Transport } from "./resolver.js";
import { withLength } from "./upstream.js";

/**
 * AddressTaken: another program listens there; ListenFailed: the address does not exist or may not
 * be used.
 */
export type DnsServerErrorCode = "AddressTaken" | "ListenFailed";

export interface DnsServerOptions {
  readonly address: string;
  /** 0: one that is free, the same for UDP and TCP. */
  readonly port: number;
  readonly handle: (
    bytes: Buffer,
    transport: Transport,
    signal: AbortSignal,
  ) => Promise<Buffer | null>;
  readonly logger: Logger;
}

export interface RunningDnsServer {
  readonly port: number;
  close(): Promise<void>;
}

const CONNECTIONS_MAX = 256;
const IDLE_MS = 10_000;
/** Questions of one connection that are worked on at a time; reading pauses above it. */
const QUESTIONS_MAX = 32;

/** Listens on UDP and TCP. Rejects with CodedError (DnsServerErrorCode). */
export async function startDnsServer(options: DnsServerOptions): Promise<RunningDnsServer> {
  const stopper = new AbortController();
  const tcp = createServer();
  const udp = createSocket({ type: "udp4" });
  try {
    const port = await listenTcp(tcp, options);
    await bindUdp(udp, { address: options.address, port });
    serveTcp(tcp, options, stopper.signal);
    serveUdp(udp, options, stopper.signal);
    return {
      port,
      close: async () => {
        stopper.abort();
        udp.close();
        tcp.close();
        await once(tcp, "close");
      },
    };
  } catch (error) {
    tcp.close();
    udp.close();
    throw error;
  }
}

async function listenTcp(server: Server, { address, port }: DnsServerOptions): Promise<number> {
  server.maxConnections = CONNECTIONS_MAX;
  server.listen(port, address);
  await once(server, "listening").catch((error: unknown) => {
    throw listenError(error, { address, port, protocol: "TCP" });
  });
  const bound = server.address();
  return typeof bound === "object" && bound !== null ? bound.port : port;
}

async function bindUdp(
  socket: UdpSocket,
  { address, port }: { address: string; port: number },
): Promise<void> {
  socket.bind({ address, port, exclusive: true });
  await once(socket, "listening").catch((error: unknown) => {
    throw listenError(error, { address, port, protocol: "UDP" });
  });
}

function serveUdp(
  socket: UdpSocket,
  { handle, logger }: DnsServerOptions,
  signal: AbortSignal,
): void {
  socket.on("error", (error) => logger.warn("DNS over UDP", { error: messageOf(error) }));
  socket.on("message", (bytes, from) => {
    void handle(bytes, "udp", signal).then((answer) => {
      // A client that is gone, or a full buffer: it will ask again.
      if (answer !== null && !signal.aborted)
        socket.send(answer, from.port, from.address, () => {});
    });
  });
}

function serveTcp(server: Server, options: DnsServerOptions, signal: AbortSignal): void {
  server.on("error", (error) => options.logger.warn("DNS over TCP", { error: messageOf(error) }));
  server.on("connection", (socket) => serveConnection(socket, options, signal));
}

function serveConnection(socket: Socket, options: DnsServerOptions, signal: AbortSignal): void {
  let received = Buffer.alloc(0);
  let underWay = 0;
  const end = (): void => {
    socket.destroy();
  };
  signal.addEventListener("abort", end, { once: true });
  socket.setTimeout(IDLE_MS, end);
  socket.on("error", end);
  socket.on("close", () => signal.removeEventListener("abort", end));
  const takeMessages = (): void => {
    while (underWay < QUESTIONS_MAX && received.length >= 2) {
      const length = received.readUInt16BE(0);
      if (received.length < 2 + length) return;
      const message = received.subarray(2, 2 + length);
      received = received.subarray(2 + length);
      underWay += 1;
      void options.handle(message, "tcp", signal).then((answer) => {
        underWay -= 1;
        if (answer === null || answer.length > TCP_BYTES_MAX) return end();
        if (!socket.destroyed) socket.write(withLength(answer));
        takeMessages();
        if (underWay < QUESTIONS_MAX) socket.resume();
      });
    }
    if (underWay >= QUESTIONS_MAX) socket.pause();
  };
  socket.on("data", (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    takeMessages();
  });
}

function listenError(
  cause: unknown,
  where: { address: string; port: number; protocol: string },
): CodedError<DnsServerErrorCode> {
  const taken = (cause as NodeJS.ErrnoException).code === "EADDRINUSE";
  const place = `${where.address}, ${where.protocol} port ${where.port}`;
  return taken
    ? new CodedError("AddressTaken", `another program answers on ${place}`, {
        details: where,
        cause,
      })
    : new CodedError("ListenFailed", `cannot listen on ${place}`, { details: where, cause });
}
