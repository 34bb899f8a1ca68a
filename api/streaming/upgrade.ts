import { type IncomingMessage, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Duplex } from "node:stream";
import type { Socket } from "node:net";
import type { SecureContextOptions, ConnectionOptions } from "node:tls";
import { type ClientOptions, WebSocket, WebSocketServer } from "ws";
import type { StatusBody } from "../machinery/status.js";
import { CodedError } from "../../base/errors.js";

/** The header by which SPDY clients offer protocols and servers choose one. */
export const STREAM_PROTOCOL_HEADER = "x-stream-protocol-version";
const ACCEPTED_PROTOCOLS_HEADER = "X-Accepted-Stream-Protocol-Versions";
const SPDY_31 = "SPDY/3.1";
const KEEP_ALIVE_MS = 15_000;
const REFUSAL_BYTES_MAX = 64 * 1024;
/** As Go's servers of this protocol: some clients send a whole file in one message. */
const MESSAGE_BYTES_MAX = 32 * 1024 * 1024;

/** The other side answered the handshake with an ordinary response. */
export class UpgradeRefused extends CodedError<"UpgradeRefused"> {
  readonly statusCode: number;
  readonly body: string;

  constructor(statusCode: number, body: string) {
    super("UpgradeRefused", `the upgrade was refused with status ${statusCode}`);
    this.statusCode = statusCode;
    this.body = body;
  }
}

/** Which upgrade a request asks for; null when none that we know. */
export function upgradeOf(request: IncomingMessage): "spdy" | "websocket" | null {
  const upgrade = (request.headers.upgrade ?? "").toLowerCase();
  if (upgrade === "websocket") return "websocket";
  return upgrade === "spdy/3.1" ? "spdy" : null;
}

/** The stream protocols a request offers, in its order: of SPDY's header or WebSocket's. */
export function offeredProtocols(request: IncomingMessage): readonly string[] {
  const name =
    upgradeOf(request) === "websocket" ? "sec-websocket-protocol" : STREAM_PROTOCOL_HEADER;
  const value = request.headers[name];
  const values = value === undefined ? [] : Array.isArray(value) ? value : [value];
  return values
    .flatMap((list) => list.split(","))
    .map((p) => p.trim())
    .filter((p) => p !== "");
}

/** Answers a SPDY handshake; the connection then belongs to the protocol. */
export function acceptSpdy(socket: Duplex, head: Buffer, protocol: string): Duplex {
  prepare(socket);
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${SPDY_31}\r\n` +
      `X-Stream-Protocol-Version: ${protocol}\r\n\r\n`,
  );
  if (head.length > 0) socket.unshift(head);
  return socket;
}

/**
 * Answers a WebSocket handshake with this subprotocol (null: the client named none). Null when the
 * handshake itself was wrong: it was then refused.
 */
export function acceptWebSocket(
  connection: { readonly request: IncomingMessage; readonly socket: Duplex; readonly head: Buffer },
  protocol: string | null,
): Promise<WebSocket | null> {
  const { request, socket, head } = connection;
  prepare(socket);
  // `ws` refuses the name of the port-forward tunnel, whose slash is no token of RFC 6455: it is
  // told of no protocol.
  delete request.headers["sec-websocket-protocol"];
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MESSAGE_BYTES_MAX,
  });
  server.on("headers", (headers) => {
    if (protocol !== null) headers.push(`Sec-WebSocket-Protocol: ${protocol}`);
  });
  return new Promise((resolve) => {
    socket.once("close", () => resolve(null));
    server.handleUpgrade(request, socket, head, (webSocket) => resolve(webSocket));
  });
}

/**
 * Answers a handshake with a Status instead, and ends the connection. `accepted`: what could have
 * been offered.
 */
export function refuseUpgrade(
  socket: Duplex,
  status: StatusBody,
  accepted: readonly string[] = [],
): void {
  const body = Buffer.from(`${JSON.stringify(status)}\n`);
  const head = [
    `HTTP/1.1 ${status.code ?? 500} ${status.reason ?? "Error"}`,
    "Connection: close",
    "Content-Type: application/json",
    `Content-Length: ${body.length}`,
    ...accepted.map((protocol) => `${ACCEPTED_PROTOCOLS_HEADER}: ${protocol}`),
  ];
  socket.on("error", () => {}); // The client may be gone already: there is nobody left to tell.
  socket.end(Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), body]));
  socket.resume();
}

/** Where and how to connect. */
export interface DialOptions {
  /** http: or https:. */
  readonly url: URL;
  /** Offered, best first. */
  readonly protocols: readonly string[];
  /** Certificates and checks for https. */
  readonly tls?: SecureContextOptions & Pick<ConnectionOptions, "checkServerIdentity">;
  /** Aborts the handshake, not what follows. */
  readonly signal: AbortSignal;
}

/** Opens a SPDY/3.1 connection. Throws UpgradeRefused, or the network's error. */
export function dialSpdy(
  options: DialOptions,
): Promise<{ readonly transport: Duplex; readonly protocol: string }> {
  const { url, protocols, tls, signal } = options;
  const makeRequest = url.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = makeRequest(url, {
      method: "POST",
      agent: false,
      signal,
      headers: {
        Connection: "Upgrade",
        Upgrade: SPDY_31,
        "X-Stream-Protocol-Version": [...protocols],
        "Content-Length": "0",
      },
      ...tls,
    });
    request.once("error", reject);
    request.once("upgrade", (response, socket, head) => {
      prepare(socket);
      if (head.length > 0) socket.unshift(head);
      const chosen = response.headers[STREAM_PROTOCOL_HEADER];
      resolve({ transport: socket, protocol: typeof chosen === "string" ? chosen : "" });
    });
    request.once("response", (response) => rejectWithBody(response, reject));
    request.end();
  });
}

/**
 * Opens a WebSocket; it is paused, so that its first messages wait for a listener. Throws
 * UpgradeRefused, or the network's error.
 */
export function dialWebSocket(options: DialOptions): Promise<WebSocket> {
  const { url, protocols, tls, signal } = options;
  const target = new URL(url);
  target.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return new Promise((resolve, reject) => {
    const clientOptions: ClientOptions = {
      perMessageDeflate: false,
      maxPayload: MESSAGE_BYTES_MAX,
      ...(tls as ClientOptions | undefined),
    };
    const webSocket = new WebSocket(target, [...protocols], clientOptions);
    const abort = (): void => webSocket.terminate();
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    webSocket.once("upgrade", (response) => prepare(response.socket));
    webSocket.once("unexpected-response", (request, response) => {
      signal.removeEventListener("abort", abort);
      rejectWithBody(response, (error) => {
        request.destroy();
        reject(error);
      });
    });
    webSocket.once("error", reject);
    webSocket.once("open", () => {
      signal.removeEventListener("abort", abort);
      webSocket.off("error", reject);
      webSocket.pause();
      resolve(webSocket);
    });
  });
}

function rejectWithBody(response: IncomingMessage, reject: (error: Error) => void): void {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  const finish = (): void => {
    response.destroy();
    reject(new UpgradeRefused(response.statusCode ?? 0, Buffer.concat(chunks).toString("utf8")));
  };
  response.on("data", (chunk: Buffer) => {
    sizeBytes += chunk.length;
    if (sizeBytes > REFUSAL_BYTES_MAX) finish();
    else chunks.push(chunk);
  });
  response.once("end", finish);
  response.once("error", finish);
}

/**
 * A stream may be silent for hours: no time-out, but the kernel asks whether the other side still
 * lives.
 */
function prepare(stream: Duplex): void {
  stream.setMaxListeners(32); // Each layer on the way watches for the end of the connection.
  const socket = stream as Partial<Pick<Socket, "setTimeout" | "setNoDelay" | "setKeepAlive">>;
  socket.setTimeout?.(0);
  socket.setNoDelay?.(true);
  socket.setKeepAlive?.(true, KEEP_ALIVE_MS);
}
