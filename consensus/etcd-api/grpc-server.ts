import type { Logger } from "../../base/logger.js";
import { encodeHeaders, type HeaderList } from "../http2/hpack.js";
import { Http2Listener } from "../http2/listener.js";
import type { RequestHead } from "../http2/request.js";
import type { ServerStream } from "../http2/stream.js";
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
const CONNECTIONS_MAX = 1000;
const LIMITS = {
  streamsMax: 10_000,
  streamWindowBytes: 1 << 20,
  connectionWindowBytes: 16 << 20,
  backlogBytesMax: 1 << 20,
};
/** Calls that have no answer yet, those among them whose client has given up. */
const RUNNING_MAX = 50_000;
const NOTHING = Buffer.alloc(0);

const OPEN = encodeHeaders([
  [":status", "200"],
  ["content-type", "application/grpc"],
]);
const OK = encodeHeaders([["grpc-status", String(GRPC.ok)]]);
const NOT_GRPC = encodeHeaders([[":status", "415"]]);
const HEADERS_TOO_LARGE = encodeHeaders([[":status", "431"]]);

/**
 * Serves gRPC on HTTP/2 without TLS (PROTOCOL-HTTP2.md of the gRPC project), over consensus/http2:
 * no compression, no deadlines of its own. Only for loopback. Resolves once it listens; rejects
 * with the system's error.
 */
export function listenGrpc(
  methods: GrpcMethods,
  { host, port, logger }: { host: string; port: number; logger: Logger },
): Promise<Http2Listener> {
  const calls = new GrpcCalls(methods, logger);
  return Http2Listener.listen({
    host,
    port,
    connectionsMax: CONNECTIONS_MAX,
    limits: LIMITS,
    onStream: (stream, request) => calls.accept(stream, request),
    onBroken: (error) => logger.debug("an etcd client's connection broke", { error }),
  });
}

class GrpcCalls {
  private readonly methods: GrpcMethods;
  private readonly logger: Logger;
  private running = 0;

  constructor(methods: GrpcMethods, logger: Logger) {
    this.methods = methods;
    this.logger = logger;
  }

  accept(stream: ServerStream, request: RequestHead | null): void {
    if (request === null) return stream.headers(HEADERS_TOO_LARGE, { end: true });
    const { method, path, headers } = request;
    const type = headers.find(([name]) => name === "content-type")?.[1] ?? "";
    if (method !== "POST" || !type.startsWith("application/grpc"))
      return stream.headers(NOT_GRPC, { end: true });
    const unary = this.methods.unary.get(path);
    if (unary !== undefined) return this.serveUnary(stream, unary);
    const handler = this.methods.streams.get(path);
    if (handler !== undefined) return this.serveStream(stream, handler);
    fail(stream, new GrpcError(GRPC.unimplemented, `unknown method ${path}`));
  }

  private serveUnary(stream: ServerStream, handler: UnaryHandler): void {
    const reader = new MessageReader();
    let request: Buffer | null = null;
    stream.events = {
      onData: (chunk) => {
        try {
          for (const message of reader.push(chunk)) request = message;
        } catch (error) {
          fail(stream, error);
        }
      },
      onEnd: () => {
        if (stream.isEnded) return;
        if (request === null)
          return fail(stream, new GrpcError(GRPC.invalidArgument, "no message came"));
        void this.answer(stream, handler, request);
      },
      onClose: () => {},
    };
  }

  /** Never rejects. */
  private async answer(
    stream: ServerStream,
    handler: UnaryHandler,
    request: Buffer,
  ): Promise<void> {
    if (this.running >= RUNNING_MAX)
      return fail(stream, new GrpcError(GRPC.resourceExhausted, "etcdserver: too many requests"));
    this.running += 1;
    try {
      const answer = await handler(request);
      stream.whole(OPEN, framed(answer), OK);
    } catch (error) {
      this.refuse(stream, error);
    } finally {
      this.running -= 1;
    }
  }

  private serveStream(stream: ServerStream, handler: StreamHandler): void {
    const reader = new MessageReader();
    let opened = false;
    const open = (): void => {
      if (!opened) stream.headers(OPEN);
      opened = true;
    };
    const end = (error?: unknown): void => {
      if (stream.isEnded) return;
      if (error !== undefined && !opened) return this.refuse(stream, error);
      open();
      stream.end(error === undefined ? OK : encodeHeaders(trailersOf(grpcErrorOf(error))));
    };
    const call: GrpcCall = {
      get bufferedBytes() {
        return stream.bufferedBytes;
      },
      drained: () => stream.drained(),
      send: (message) => {
        open();
        stream.data(framed(message));
      },
      end,
    };
    const events = handler(call);
    stream.events = {
      onData: (chunk) => {
        try {
          for (const message of reader.push(chunk)) events.onMessage(message);
        } catch (error) {
          end(error);
        }
      },
      onEnd: () => events.onHalfClose(),
      onClose: () => events.onClose(),
    };
  }

  private refuse(stream: ServerStream, error: unknown): void {
    const known = grpcErrorOf(error);
    if (known.status === GRPC.internal)
      this.logger.error("a call of the etcd-compatible API failed", { error });
    fail(stream, known);
  }
}

/** Cuts a stream of bytes into messages. Throws GrpcError for what it does not take. */
class MessageReader {
  private rest: Buffer = NOTHING;

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

/** Headers and trailers in one, as gRPC has it for a call without an answer. */
function fail(stream: ServerStream, error: unknown): void {
  const head: HeaderList = [
    [":status", "200"],
    ["content-type", "application/grpc"],
  ];
  stream.headers(encodeHeaders([...head, ...trailersOf(grpcErrorOf(error))]), { end: true });
}

function trailersOf({ status, message }: GrpcError): HeaderList {
  // Percent-encoding as PROTOCOL-HTTP2.md has it: printable ASCII stays, but for the percent sign.
  const text = message.replace(/[^\x20-\x24\x26-\x7e]/g, (at) =>
    [...Buffer.from(at)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""),
  );
  return [
    ["grpc-status", String(status)],
    ["grpc-message", text],
  ];
}

function framed(message: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  bytes[0] = 0;
  bytes.writeUInt32BE(message.length, 1);
  message.copy(bytes, PREFIX_BYTES);
  return bytes;
}
