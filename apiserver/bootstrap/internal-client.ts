import { allowManyListeners } from "../../api/client/waiting.js";
import type { Clock } from "../../base/clock.js";
import type { ApiResponse, Identity, ResponseSink } from "../server/http-types.js";
import type { Router } from "../server/router.js";

export interface InternalAnswer {
  readonly status: number;
  readonly headers: ApiResponse["headers"];
  /** Decoded JSON, or the text where it is none. */
  readonly body: unknown;
}

/** Sends requests to the router without a socket: for the server's own objects, and for tests. */
export class InternalClient {
  private readonly router: Router;
  private readonly identity: Identity;
  private readonly clock: Clock;
  private sequence = 0;

  constructor(router: Router, identity: Identity, clock: Clock) {
    this.router = router;
    this.identity = identity;
    this.clock = clock;
  }

  /** `path` may carry a query. A body that is no string or Buffer is sent as JSON. */
  async send(
    method: string,
    path: string,
    options: {
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
      readonly signal?: AbortSignal;
    } = {},
  ): Promise<InternalAnswer> {
    const question = path.indexOf("?");
    const bytes = bytesOf(options.body);
    const signal = options.signal ?? new AbortController().signal;
    allowManyListeners(options.signal);
    this.sequence += 1;
    const response = await this.router.serve({
      method,
      path: question < 0 ? path : path.slice(0, question),
      query: new URLSearchParams(question < 0 ? "" : path.slice(question + 1)),
      headers: { accept: "application/json", ...options.headers },
      identity: this.identity,
      requestId: `internal-${this.sequence}`,
      signal,
      receivedMs: this.clock.nowMs(),
      readBody: () => Promise.resolve(bytes),
    });
    return {
      status: response.status,
      headers: response.headers,
      body: await readAll(response, signal),
    };
  }
}

function bytesOf(body: unknown): Buffer {
  if (body === undefined) return Buffer.alloc(0);
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
}

async function readAll(response: ApiResponse, signal: AbortSignal): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  if (response.body.type === "bytes") chunks.push(...response.body.chunks);
  else {
    const sink: ResponseSink = {
      write: (chunk) => void chunks.push(chunk),
      bufferedBytes: 0,
      drained: () => Promise.resolve(),
      signal,
    };
    await response.body.run(sink);
  }
  const text = Buffer.concat(chunks).toString();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
