import { Client, credentials, Metadata } from "@grpc/grpc-js";
import protobuf from "protobufjs";
import { assert, present } from "../../base/assert.js";

/** One request, one answer. The real one is gRPC; nothing above it knows. */
export interface UnaryCall {
  <Req extends object, Res extends object>(
    method: string,
    request: Req,
    options: { readonly signal: AbortSignal },
  ): Promise<Res>;
}

/** One request, then messages until the server ends the stream or the signal aborts. */
export interface StreamCall {
  <Req extends object, Res extends object>(
    method: string,
    request: Req,
    options: { readonly signal: AbortSignal; readonly onMessage: (message: Res) => void },
  ): Promise<void>;
}

interface MethodCodec {
  readonly path: string;
  readonly encode: (value: object) => Buffer;
  readonly decode: (bytes: Buffer) => object;
}

/** Which request and response message belongs to a method. */
export type MethodTable = Readonly<
  Record<string, { readonly service: string; readonly request: string; readonly response: string }>
>;

const READABLE = {
  longs: Number,
  enums: String,
  defaults: true,
  arrays: true,
  objects: true,
} as const;
const MESSAGE_BYTES_MAX = 16 * 1024 * 1024;

/** A gRPC connection that encodes by the given protobuf definitions. */
export class GrpcChannel {
  private readonly client: Client;
  private readonly codecs: ReadonlyMap<string, MethodCodec>;
  private readonly metadata: Metadata;

  constructor(
    config: {
      /** As gRPC names it: `unix:/path` or `host:port`. */
      readonly target: string;
      readonly metadata?: Readonly<Record<string, string>>;
    },
    deps: { readonly root: protobuf.Root; readonly methods: MethodTable },
  ) {
    this.client = new Client(config.target, credentials.createInsecure(), {
      "grpc.max_receive_message_length": MESSAGE_BYTES_MAX,
      "grpc.max_send_message_length": MESSAGE_BYTES_MAX,
      // A runtime that was restarted must be found again within a second.
      "grpc.initial_reconnect_backoff_ms": 50,
      "grpc.max_reconnect_backoff_ms": 500,
      "grpc.default_authority": "localhost",
    });
    this.codecs = new Map(
      Object.entries(deps.methods).map(([method, row]) => [
        method,
        codecFor(deps.root, method, row),
      ]),
    );
    this.metadata = new Metadata();
    for (const [key, value] of Object.entries(config.metadata ?? {})) this.metadata.set(key, value);
  }

  /** Rejects with what gRPC says, or with the signal's reason when it aborted. */
  readonly unary: UnaryCall = <Req extends object, Res extends object>(
    method: string,
    request: Req,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<Res> => {
    const codec = this.codec(method);
    return new Promise<Res>((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const call = this.client.makeUnaryRequest(
        codec.path,
        codec.encode,
        codec.decode,
        request,
        this.metadata,
        {},
        (error, response) => {
          signal.removeEventListener("abort", cancel);
          if (error === null) resolve(present(response, "response") as Res);
          else reject(signal.aborted ? (signal.reason as Error) : error);
        },
      );
      const cancel = (): void => call.cancel();
      signal.addEventListener("abort", cancel, { once: true });
    });
  };

  /** Resolves when the server ends the stream or the signal aborts. */
  readonly stream: StreamCall = <Req extends object, Res extends object>(
    method: string,
    request: Req,
    options: { readonly signal: AbortSignal; readonly onMessage: (message: Res) => void },
  ): Promise<void> => {
    const codec = this.codec(method);
    const { signal } = options;
    return new Promise<void>((resolve, reject) => {
      if (signal.aborted) return resolve();
      const call = this.client.makeServerStreamRequest(
        codec.path,
        codec.encode,
        codec.decode,
        request,
        this.metadata,
      );
      const cancel = (): void => call.cancel();
      signal.addEventListener("abort", cancel, { once: true });
      call.on("data", (message: Res) => options.onMessage(message));
      call.on("error", (error) => {
        signal.removeEventListener("abort", cancel);
        if (signal.aborted) resolve();
        else reject(error);
      });
      call.on("end", () => {
        signal.removeEventListener("abort", cancel);
        resolve();
      });
    });
  };

  close(): void {
    this.client.close();
  }

  private codec(method: string): MethodCodec {
    return present(this.codecs.get(method), `codec of ${method}`);
  }
}

function codecFor(root: protobuf.Root, method: string, row: MethodTable[string]): MethodCodec {
  const [packageName] = row.service.split(/\.(?=[^.]+$)/);
  assert(packageName !== undefined, `service ${row.service}`);
  const request = root.lookupType(`${packageName}.${row.request}`);
  const response = root.lookupType(`${packageName}.${row.response}`);
  return {
    path: `/${row.service}/${method}`,
    encode: (value) => Buffer.from(request.encode(request.fromObject(value)).finish()),
    decode: (bytes) => response.toObject(response.decode(bytes), READABLE),
  };
}

/** Parses protobuf definitions; called once per text. */
export function parseProto(text: string): protobuf.Root {
  return protobuf.parse(text).root;
}
