import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import type { Logger } from "../../base/logger.js";
import { GRPC, GrpcError, grpcErrorOf } from "./grpc-status.js";

/** One request, one answer. */
export type UnaryHandler = (request: Buffer) => Promise<Buffer>;

/** A call whose ends both send messages; `onMessage` may throw GrpcError. */
export interface CallEvents {
  onMessage(message: Buffer): void;
  /** The client sends no more. */
  onHalfClose(): void;
  /** The call is over; nothing can be sent any more. */
  onClose(): void;
}

/** The server's end of a streaming call. */
export interface GrpcCall {
  /** Bytes that wait to be sent. */
  readonly bufferedBytes: number;
  /** Resolves once what was sent is with the system, or the call is over. */
  drained(): Promise<void>;
  send(message: Buffer): void;
  /** Ends the call; without an error as it should. */
  end(error?: unknown): void;
}

export type StreamHandler = (call: GrpcCall) => CallEvents;

export interface GrpcMethods {
  readonly unary: ReadonlyMap<string, UnaryHandler>;
  readonly streams: ReadonlyMap<string, StreamHandler>;
}

const MESSAGE_BYTES_MAX = 4 << 20;
const PREFIX_BYTES = 5;
const STREAM_WINDOW_BYTES = 1 << 20;
const CONNECTION_WINDOW_BYTES = 16 << 20;
const CONNECTIONS_MAX = 1000;
const STREAMS_MAX = 10_000;

/**
 * gRPC on HTTP/2 without TLS (PROTOCOL-HTTP2.md of the gRPC project), over node:http2: no
 * compression, no deadlines of its own. Only for loopback.
 */
export class GrpcServer {
  private readonly server: http2.Http2Server;
  private readonly sessions = new Set<http2.ServerHttp2Session>();
  private readonly methods: GrpcMethods;
  private readonly logger: Logger;

  private constructor(methods: GrpcMethods, logger: Logger) {
    this.methods = methods;
    this.logger = logger;
    this.server = http2.createServer({
      settings: { initialWindowSize: STREAM_WINDOW_BYTES, maxConcurrentStreams: STREAMS_MAX },
    });
    this.server.maxConnections = CONNECTIONS_MAX;
    this.server.on("session", (session) => {
      session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
      this.sessions.add(session);
      session.once("close", () => this.sessions.delete(session));
      session.on("error", (error) =>
        this.logger.debug("an etcd client's connection broke", { error }),
      );
    });
    this.server.on("stream", (stream, headers) => this.accept(stream, headers));
  }

  /** Resolves once it listens. Rejects with the system's error. */
  static listen(
    methods: GrpcMethods,
    { host, port, logger }: { host: string; port: number; logger: Logger },
  ): Promise<GrpcServer> {
    const made = new GrpcServer(methods, logger);
    return new Promise((resolve, reject) => {
      made.server.once("error", reject);
      made.server.listen(port, host, () => resolve(made));
    });
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      for (const session of this.sessions) session.destroy();
    });
  }

  private accept(stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders): void {
    // A client that hangs up ends its own call alone.
    stream.on("error", () => {});
    const path = headers[":path"] ?? "";
    const type = headers["content-type"] ?? "";
    if (headers[":method"] !== "POST" || !type.startsWith("application/grpc")) {
      stream.respond({ ":status": 415 }, { endStream: true });
      return;
    }
    const unary = this.methods.unary.get(path);
    if (unary !== undefined) return this.serveUnary(stream, unary);
    const handler = this.methods.streams.get(path);
    if (handler !== undefined) return this.serveStream(stream, handler);
    fail(stream, new GrpcError(GRPC.unimplemented, `unknown method ${path}`));
  }

  private serveUnary(stream: http2.ServerHttp2Stream, handler: UnaryHandler): void {
    const reader = new MessageReader();
    let request: Buffer | null = null;
    stream.on("data", (chunk: Buffer) => {
      try {
        for (const message of reader.push(chunk)) request = message;
      } catch (error) {
        fail(stream, error);
      }
    });
    stream.on("end", () => {
      if (stream.destroyed || stream.headersSent) return;
      if (request === null)
        return fail(stream, new GrpcError(GRPC.invalidArgument, "no message came"));
      handler(request).then(
        (answer) => {
          if (stream.destroyed) return;
          open(stream, { "grpc-status": String(GRPC.ok) });
          stream.end(framed(answer));
        },
        (error: unknown) => this.refuse(stream, error),
      );
    });
  }

  private serveStream(stream: http2.ServerHttp2Stream, handler: StreamHandler): void {
    const reader = new MessageReader();
    const trailers: Record<string, string> = { "grpc-status": String(GRPC.ok) };
    let opened = false;
    const send = (message: Buffer): void => {
      if (stream.destroyed || stream.writableEnded) return;
      if (!opened) open(stream, trailers);
      opened = true;
      stream.write(framed(message));
    };
    const end = (error?: unknown): void => {
      if (stream.destroyed || stream.writableEnded) return;
      if (error !== undefined && !opened) return this.refuse(stream, error);
      if (!opened) open(stream, trailers);
      if (error !== undefined) Object.assign(trailers, trailersOf(grpcErrorOf(error)));
      stream.end();
    };
    const call: GrpcCall = {
      get bufferedBytes() {
        return stream.writableLength;
      },
      drained: () =>
        new Promise((resolve) => {
          if (stream.destroyed || !stream.writableNeedDrain) return resolve();
          stream.once("drain", resolve);
          stream.once("close", resolve);
        }),
      send,
      end,
    };
    const events = handler(call);
    stream.on("data", (chunk: Buffer) => {
      try {
        for (const message of reader.push(chunk)) events.onMessage(message);
      } catch (error) {
        end(error);
      }
    });
    stream.on("end", () => events.onHalfClose());
    stream.once("close", () => events.onClose());
  }

  private refuse(stream: http2.ServerHttp2Stream, error: unknown): void {
    const known = grpcErrorOf(error);
    if (known.status === GRPC.internal)
      this.logger.error("a call of the etcd-compatible API failed", { error });
    fail(stream, known);
  }
}

/** Cuts a stream of bytes into messages. Throws GrpcError for what it does not take. */
class MessageReader {
  private rest: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): Buffer[] {
    let bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const messages: Buffer[] = [];
    while (bytes.length >= PREFIX_BYTES) {
      if (bytes[0] !== 0)
        throw new GrpcError(GRPC.unimplemented, "compressed messages are not taken");
      const sizeBytes = bytes.readUInt32BE(1);
      if (sizeBytes > MESSAGE_BYTES_MAX)
        throw new GrpcError(GRPC.resourceExhausted, `a message of ${sizeBytes} bytes`);
      if (bytes.length < PREFIX_BYTES + sizeBytes) break;
      messages.push(bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + sizeBytes));
      bytes = bytes.subarray(PREFIX_BYTES + sizeBytes);
    }
    this.rest = bytes;
    return messages;
  }
}

/** `trailers` is read when the call ends. */
function open(stream: http2.ServerHttp2Stream, trailers: Readonly<Record<string, string>>): void {
  stream.once("wantTrailers", () => stream.sendTrailers(trailers));
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, {
    waitForTrailers: true,
    sendDate: false,
  } as http2.ServerStreamResponseOptions);
}

/** Headers and trailers in one, as gRPC has it for a call without an answer. */
function fail(stream: http2.ServerHttp2Stream, error: unknown): void {
  if (stream.destroyed || stream.headersSent) return;
  const headers = { ":status": 200, "content-type": "application/grpc" };
  stream.respond({ ...headers, ...trailersOf(grpcErrorOf(error)) }, { endStream: true });
}

function trailersOf({ status, message }: GrpcError): Record<string, string> {
  // Percent-encoding as PROTOCOL-HTTP2.md has it: printable ASCII stays, but for the percent sign.
  const text = message.replace(/[^\x20-\x24\x26-\x7e]/g, (at) =>
    [...Buffer.from(at)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""),
  );
  return { "grpc-status": String(status), "grpc-message": text };
}

function framed(message: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  bytes[0] = 0;
  bytes.writeUInt32BE(message.length, 1);
  message.copy(bytes, PREFIX_BYTES);
  return bytes;
}
