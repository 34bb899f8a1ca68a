/**
 * Requests and answers as plain values. Every handler works on these, so that a test can hand a
 * request to the router without a socket, and HTTP/1.1 and HTTP/2 look the same from inside.
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

/** Who sent a request, as the authenticators found out. */
export interface Identity {
  /** `system:anonymous` for a caller without credentials. */
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** Header names are lower case. A header that came several times is an array. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface ApiRequest {
  /** Upper case. */
  readonly method: string;
  /** As sent, percent-encoding kept, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: RequestHeaders;
  readonly identity: Identity;
  /** Names the request in logs and in the `Audit-ID` header. */
  readonly requestId: string;
  /** Aborts when the client went away, the deadline passed or the server closes. */
  readonly signal: AbortSignal;
  /** Milliseconds since 1970 when the request arrived. */
  readonly receivedMs: number;
  /** Reads the whole body. Throws an ApiFailure (413) when it is larger than `limitBytes`. */
  readBody(limitBytes: number): Promise<Buffer>;
}

/** Where a streamed answer is written. */
export interface ResponseSink {
  /**
   * Hands bytes to the connection. Never blocks; look at `bufferedBytes` and await `drained()` to
   * keep memory bounded.
   */
  write(chunk: Uint8Array): void;
  /** Bytes written that the connection has not taken yet. */
  readonly bufferedBytes: number;
  /** Resolves when the connection took what was written, or the signal aborted. */
  drained(): Promise<void>;
  /** Aborts when the client went away or the server closes. */
  readonly signal: AbortSignal;
}

/**
 * - bytes: sent with a Content-Length; several chunks are sent one after another without being
 *   copied together.
 * - stream: called after the headers were sent; the answer ends when it resolves, and is cut off
 *   when it rejects.
 */
export type ResponseBody =
  | { readonly type: "bytes"; readonly chunks: readonly Uint8Array[] }
  | {
      readonly type: "stream";
      readonly run: (sink: ResponseSink) => Promise<void>;
      /** Writes the same compressed, for less than compressing what `run` writes. */
      readonly runGzip?: (sink: ResponseSink) => Promise<void>;
    };

export interface ApiResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: ResponseBody;
  /** True for a large streamed body that is worth gzip. */
  readonly compressible?: boolean;
}

/**
 * A path outside the resource tree, such as /raftsman/v1/liveness. Called after authorization of
 * the path.
 */
export interface RawHandler {
  /** `path` is decoded and without the query. */
  matches(path: string): boolean;
  handle(request: ApiRequest): Promise<ApiResponse>;
}

/**
 * Takes over a connection (WebSocket, SPDY). Called after authentication and authorization; from
 * then on the handler owns the socket, answers the handshake or its refusal, and ends it.
 */
export interface UpgradeHandler {
  /**
   * `path` is decoded and without the query. The first handler that matches gets the connection.
   */
  matches(path: string): boolean;
  /** Must not throw. Four arguments because `ws` takes the first three as they are. */
  handle(request: IncomingMessage, socket: Duplex, head: Buffer, identity: Identity): void;
}

/** A subresource of one object that answers in its own way, such as pods/log. */
export interface SubresourceTarget {
  readonly namespace: string;
  readonly name: string;
  /** Such as `log` or `proxy`. */
  readonly subresource: string;
  /**
   * What follows the subresource in the path, such as the path of a proxied call; "" when nothing.
   */
  readonly rest: string;
}
export interface SubresourceHandler {
  /** Plural of the resource in the core group, such as `pods`. */
  readonly resource: string;
  readonly subresource: string;
  handle(request: ApiRequest, target: SubresourceTarget): Promise<ApiResponse>;
}

/** What plugged-in handlers may ask of the store. */
export interface ObjectReader {
  /** The newest object (JSON, decoded), or null. `resource` is the plural, `group` "" for core. */
  get(
    resource: { readonly group: string; readonly resource: string },
    key: { readonly namespace: string; readonly name: string },
  ): Promise<unknown>;
}
