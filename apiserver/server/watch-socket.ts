import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { notAcceptable } from "../../api/machinery/status.js";
import { isBearerProtocol } from "../auth/bearer-token.js";
import { ApiFailure } from "./api-failure.js";
import type { ApiRequest, ApiResponse, ResponseSink } from "./http-types.js";
import { MEDIA_TYPES } from "./negotiation.js";
import { failureResponse } from "./responses.js";

/** A connection on which a client asks to be upgraded. */
export interface RawUpgrade {
  readonly message: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** Clients of a watch have nothing to say. */
const MESSAGE_BYTES_MAX = 4 * 1024;

const SERVER = new WebSocketServer({
  noServer: true,
  clientTracking: false,
  maxPayload: MESSAGE_BYTES_MAX,
  perMessageDeflate: false,
  // The first that is no token, as Kubernetes does: no protocol changes what is sent.
  handleProtocols: (offered) => [...offered].find((name) => !isBearerProtocol(name)) ?? false,
});

/**
 * A watch whose events are messages of a WebSocket, one text each. `serve` answers the request as
 * if it were a plain one; what is no watch by then is the refusal of the upgrade. Never rejects.
 */
export async function serveWatchSocket(
  request: ApiRequest,
  raw: RawUpgrade,
  serve: (request: ApiRequest) => Promise<ApiResponse>,
): Promise<void> {
  const gone = new AbortController();
  raw.socket.once("close", () => gone.abort());
  if (raw.socket.destroyed) gone.abort();
  const signal = AbortSignal.any([request.signal, gone.signal]);
  const response = await serve({ ...request, signal });
  const { body } = response;
  if (response.status !== 200 || body.type !== "stream") return refuse(raw.socket, response);
  if (response.headers["content-type"] !== MEDIA_TYPES.json) {
    const failure = new ApiFailure(notAcceptable([MEDIA_TYPES.json]));
    await endUnused(body, signal);
    return refuse(raw.socket, failureResponse(failure, null));
  }
  if (signal.aborted) return endUnused(body, signal);
  SERVER.handleUpgrade(raw.message, raw.socket, raw.head, (webSocket) => {
    webSocket.on("error", () => webSocket.terminate());
    void sendEvents(webSocket, body, signal);
  });
}

type StreamBody = Extract<ApiResponse["body"], { readonly type: "stream" }>;

async function sendEvents(
  webSocket: WebSocket,
  body: StreamBody,
  signal: AbortSignal,
): Promise<void> {
  try {
    await body.run(new MessageSink(webSocket, signal));
    webSocket.close(1000);
  } catch {
    // As over HTTP, an answer that cannot be finished is cut off.
    webSocket.terminate();
  }
}

/** Gives back what a stream holds that nobody will read. */
async function endUnused(body: StreamBody, signal: AbortSignal): Promise<void> {
  const ended = AbortSignal.any([signal, AbortSignal.abort()]);
  const nothing = { write: () => {}, bufferedBytes: 0, drained: () => Promise.resolve() };
  await body.run({ ...nothing, signal: ended }).catch(() => {});
}

/** One message for each line that is written. */
class MessageSink implements ResponseSink {
  readonly signal: AbortSignal;
  private readonly webSocket: WebSocket;
  private rest = "";
  private sent: Promise<void> = Promise.resolve();

  constructor(webSocket: WebSocket, signal: AbortSignal) {
    this.webSocket = webSocket;
    this.signal = signal;
  }

  get bufferedBytes(): number {
    return this.webSocket.bufferedAmount;
  }

  /** Events are written whole: a chunk never ends inside a character. */
  write(chunk: Uint8Array): void {
    const lines = (this.rest + Buffer.from(chunk).toString()).split("\n");
    this.rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "") continue;
      this.sent = new Promise((resolve) => this.webSocket.send(line, () => resolve()));
    }
  }

  drained(): Promise<void> {
    return this.sent;
  }
}

function refuse(socket: Duplex, { status, headers, body }: ApiResponse): void {
  const content = body.type === "bytes" ? Buffer.concat(body.chunks) : Buffer.alloc(0);
  const lines = [
    `HTTP/1.1 ${status} Refused`,
    ...Object.entries(headers)
      .filter(([name]) => name !== "content-length")
      .flatMap(([name, value]) => [value].flat().map((each) => `${name}: ${each}`)),
    `content-length: ${content.length}`,
    "connection: close",
  ];
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  socket.end(content);
}
