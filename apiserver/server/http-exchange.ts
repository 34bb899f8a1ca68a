import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse, ServerHttp2Stream } from "node:http2";
import { constants, createGzip } from "node:zlib";
import { requestTooLarge } from "../../api/machinery/status.js";
import { assert } from "../../base/assert.js";
import { ApiFailure } from "./api-failure.js";
import type { ApiResponse, ResponseSink } from "./http-types.js";

export type NodeRequest = IncomingMessage | Http2ServerRequest;
export type NodeResponse = ServerResponse | Http2ServerResponse;

/** Headers that belong to one HTTP/1.1 connection and may not appear in HTTP/2. */
const CONNECTION_HEADERS = new Set(["connection", "keep-alive", "transfer-encoding", "upgrade"]);

/**
 * Reads a body to its end. Throws an ApiFailure: 413 above the limit, 400 when the client broke
 * off.
 */
export function readBody(request: NodeRequest, limitBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let isWhole = false;
    const tooLarge = (): void => {
      request.removeAllListeners("data");
      // What follows is read and thrown away, so that the answer can be sent.
      request.resume();
      reject(new ApiFailure(requestTooLarge(limitBytes)));
    };
    if (Number(request.headers["content-length"] ?? 0) > limitBytes) {
      tooLarge();
      return;
    }
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > limitBytes) tooLarge();
      else chunks.push(chunk);
    });
    request.once("end", () => {
      isWhole = true;
      resolve(chunks.length === 1 ? firstOf(chunks) : Buffer.concat(chunks));
    });
    request.once("error", reject);
    request.once("close", () => {
      // Every request closes at last, and an error costs as much as a tenth of a small request.
      if (!isWhole) reject(new Error("the client closed the connection"));
    });
  });
}

function firstOf(chunks: readonly Buffer[]): Buffer {
  const [first] = chunks;
  assert(first !== undefined, "one chunk");
  return first;
}

/**
 * Sends an answer; resolves when it was handed over or the client went away. Never rejects for a
 * client's fault.
 */
export async function sendResponse(
  exchange: { readonly request: NodeRequest; readonly response: NodeResponse },
  answer: ApiResponse,
  options: { readonly signal: AbortSignal; readonly gzip: boolean },
): Promise<void> {
  const { request, response } = exchange;
  const head = request.method === "HEAD";
  const gzip = options.gzip && answer.body.type === "stream" && !head;
  for (const [name, value] of Object.entries(answer.headers)) {
    if (request.httpVersionMajor >= 2 && CONNECTION_HEADERS.has(name)) continue;
    response.setHeader(name, typeof value === "string" ? value : [...value]);
  }
  response.statusCode = answer.status;
  if (gzip) response.setHeader("content-encoding", "gzip");
  if (answer.body.type === "bytes") {
    sendBytes(response, answer.body.chunks, head);
    return;
  }
  if (head) {
    response.end();
    return;
  }
  const { run, runGzip } = answer.body;
  const compresses = gzip && runGzip === undefined;
  // The client of a watch waits for the headers before the first event, and what writes to HTTP/2's
  // own stream does not send them: they go out at once.
  if (!compresses) flushHeaders(response);
  const sink = compresses
    ? gzipSink(response, options.signal)
    : plainSink(response, options.signal);
  try {
    await (gzip && runGzip !== undefined ? runGzip : run)(sink);
    sink.end();
  } catch (error) {
    // The status line is out: cutting the connection off is the only way left to say that it
    // failed.
    destroy(response);
    if (!options.signal.aborted) throw error;
  }
}

function sendBytes(response: NodeResponse, chunks: readonly Uint8Array[], head: boolean): void {
  const size = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  if (size > 0 || response.statusCode !== 304) response.setHeader("content-length", size);
  if (head || size === 0) {
    response.end();
    return;
  }
  const last = chunks.length - 1;
  for (const chunk of chunks.slice(0, last)) write(response, chunk);
  const final = chunks[last];
  assert(final !== undefined, "a body of bytes has a last chunk");
  (response as ServerResponse).end(final);
}

interface EndingSink extends ResponseSink {
  end(): void;
}

function plainSink(response: NodeResponse, signal: AbortSignal): EndingSink {
  // HTTP/2's own stream: the layer above it that imitates HTTP/1.1 costs as much again per write.
  const stream = streamOf(response);
  if (stream === null) return http1Sink(response, signal);
  return {
    write: (chunk) => {
      if (!stream.writableEnded && !stream.destroyed) stream.write(chunk);
    },
    get bufferedBytes() {
      return stream.writableLength;
    },
    drained: () => drained(stream, signal),
    signal,
    end: () => response.end(),
  };
}

function http1Sink(response: NodeResponse, signal: AbortSignal): EndingSink {
  return {
    write: (chunk) => write(response, chunk),
    get bufferedBytes() {
      return (response as ServerResponse).writableLength;
    },
    drained: () => drained(response, signal),
    signal,
    end: () => response.end(),
  };
}

/** Null for HTTP/1.1, and for a stream that is gone. */
function streamOf(response: NodeResponse): ServerHttp2Stream | null {
  return ("stream" in response ? response.stream : null) ?? null;
}

function gzipSink(response: NodeResponse, signal: AbortSignal): EndingSink {
  const gzip = createGzip({ level: constants.Z_BEST_SPEED });
  gzip.on("data", (chunk: Buffer) => write(response, chunk));
  gzip.once("end", () => response.end());
  signal.addEventListener("abort", () => gzip.destroy(), { once: true });
  return {
    write: (chunk) => void gzip.write(chunk),
    get bufferedBytes() {
      return gzip.writableLength + bufferedBytesOf(response);
    },
    drained: async () => {
      await drained(gzip, signal);
      await drained(response, signal);
    },
    signal,
    end: () => void gzip.end(),
  };
}

function write(response: NodeResponse, chunk: Uint8Array): void {
  // The two classes share their methods, but not a type that can be called.
  if (!response.writableEnded) (response as ServerResponse).write(chunk);
}

function bufferedBytesOf(response: NodeResponse): number {
  return "stream" in response && response.stream !== undefined && response.stream !== null
    ? ((response.stream as { writableLength?: number }).writableLength ?? 0)
    : (response as ServerResponse).writableLength;
}

interface Drainable {
  readonly writableNeedDrain?: boolean;
  once(event: string, listener: () => void): unknown;
  removeListener(event: string, listener: () => void): unknown;
}

/** Resolves when `stream` asks for more, at once when it never asked to stop. */
function drained(stream: NodeResponse | Drainable, signal: AbortSignal): Promise<void> {
  const source = stream as Drainable;
  const needsDrain =
    source.writableNeedDrain ??
    (stream as { stream?: { writableNeedDrain?: boolean } }).stream?.writableNeedDrain;
  if (signal.aborted || needsDrain !== true) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      source.removeListener("drain", done);
      source.removeListener("close", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    source.once("drain", done);
    source.once("close", done);
    signal.addEventListener("abort", done);
  });
}

function flushHeaders(response: NodeResponse): void {
  if (response.headersSent) return;
  (response as ServerResponse).flushHeaders();
}

function destroy(response: NodeResponse): void {
  if ("stream" in response && response.stream !== undefined && response.stream !== null) {
    (response.stream as { destroy(): void }).destroy();
  } else (response as ServerResponse).destroy();
}
