import http2 from "node:http2";
import { CodedError, messageOf } from "../../base/errors.js";

/** One request as it goes on the wire. */
export interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
}

/** An answer whose body is still to be read. */
export interface WireAnswer {
  readonly statusCode: number;
  readonly headers: http2.IncomingHttpHeaders;
  readonly body: http2.ClientHttp2Stream;
}

/** The request or its answer was lost; `details.sent` says whether the server may have seen it. */
export class ConnectionLostError extends CodedError<"ConnectionLost"> {
  readonly sent: boolean;
  constructor(message: string, options: { sent: boolean; cause?: unknown }) {
    super("ConnectionLost", message, { details: { sent: options.sent }, cause: options.cause });
    this.sent = options.sent;
  }
}

/**
 * Sends one request; resolves with the headers of the answer. Rejects with ConnectionLostError, or
 * the signal's reason.
 */
export function exchange(
  session: http2.ClientHttp2Session,
  request: WireRequest,
  signal: AbortSignal,
): Promise<WireAnswer> {
  return new Promise((resolve, reject) => {
    const stream = openStream(session, request);
    if (stream === null)
      return reject(new ConnectionLostError("the connection is closed", { sent: false }));
    const abort = (): void => {
      stream.close(http2.constants.NGHTTP2_CANCEL);
      reject(signal.reason);
    };
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    let cause: unknown;
    let isAnswered = false;
    // Stays for the stream's life: who reads the body learns of the error from "close".
    stream.on("error", (error) => {
      cause = error;
    });
    stream.once("response", (headers) => {
      isAnswered = true;
      resolve({ statusCode: headers[":status"] ?? 0, headers, body: stream });
    });
    stream.once("close", () => {
      signal.removeEventListener("abort", abort);
      if (isAnswered) return;
      // Streams beyond the last one a closing server names were not looked at (RFC 9113 §6.8).
      const sent = !stream.pending && stream.rstCode !== http2.constants.NGHTTP2_REFUSED_STREAM;
      const why = cause === undefined ? `stream closed (${stream.rstCode})` : messageOf(cause);
      reject(new ConnectionLostError(why, { sent, cause }));
    });
  });
}

function openStream(
  session: http2.ClientHttp2Session,
  request: WireRequest,
): http2.ClientHttp2Stream | null {
  if (session.closed || session.destroyed) return null;
  const headers = { ...request.headers, ":method": request.method, ":path": request.path };
  try {
    if (request.body === null) return session.request(headers, { endStream: true });
    const sized = { ...headers, "content-length": request.body.length };
    // Said aloud, because Node takes a DELETE to have no body.
    const stream = session.request(sized, { endStream: false });
    stream.end(request.body);
    return stream;
  } catch {
    return null; // A session that is going away takes no new streams.
  }
}

/**
 * The whole body. Rejects with ConnectionLostError when it breaks off, or is larger than
 * `bytesMax`.
 */
export async function readBody(answer: WireAnswer, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of readChunks(answer)) {
    sizeBytes += chunk.length;
    if (sizeBytes > bytesMax)
      throw new ConnectionLostError(`the answer exceeds ${bytesMax} bytes`, { sent: true });
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

/**
 * The body as it comes in. Rejects with ConnectionLostError when it breaks off. Leaving the loop
 * ends the stream.
 */
export async function* readChunks(answer: WireAnswer): AsyncGenerator<Buffer, void, void> {
  const stream = answer.body;
  let complete = false;
  try {
    for await (const chunk of stream) yield chunk as Buffer;
    complete = true;
  } catch (error) {
    throw new ConnectionLostError(messageOf(error), { sent: true, cause: error });
  } finally {
    if (!complete && !stream.closed) stream.close(http2.constants.NGHTTP2_CANCEL);
  }
  // A stream that is reset, or whose session goes, ends like one that is whole.
  if (stream.rstCode !== http2.constants.NGHTTP2_NO_ERROR)
    throw new ConnectionLostError(`stream closed (${stream.rstCode})`, { sent: true });
}
