import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import type { Clock } from "../../base/clock.js";
import type { ApiRequest, ApiResponse, ResponseSink } from "../server/http-types.js";
import { type ProxiedAnswer, seenThroughProxy } from "./proxied-answer.js";
import type { ProxiedPlace } from "./proxied-links.js";

/** A client's request that goes on to another server. */
export interface ForwardedCall {
  readonly request: ApiRequest;
  /** With its query. */
  readonly path: string;
  /** Sent beside the client's own headers, and instead of those of these names. */
  readonly headers?: Record<string, string | string[]>;
}

/** `request` of node:http or of node:https. */
export type Requester = (
  options: RequestOptions,
  onResponse: (response: IncomingMessage) => void,
) => ClientRequest;

const BODY_BYTES_MAX = 64 * 1024 * 1024;
const BACKLOG_BYTES = 256 * 1024;
const ANSWER_TIMEOUT_MS = 60_000;
/** Belong to one connection, or say who the caller is: neither goes further. */
const NOT_FORWARDED =
  /^(:.*|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|host|authorization|impersonate-.*|content-length|http2-settings)$/u;

/** Sends the call on; resolves with the head of the answer. Rejects when there is none in time. */
export async function exchange(
  requester: Requester,
  options: RequestOptions,
  call: ForwardedCall,
  { clock }: { readonly clock: Clock },
): Promise<IncomingMessage> {
  const { request } = call;
  const body = await request.readBody(BODY_BYTES_MAX);
  const late = new AbortController();
  const cancel = clock.schedule(ANSWER_TIMEOUT_MS, () => late.abort());
  const headers = {
    ...forwardedHeaders(request.headers),
    ...call.headers,
    "content-length": String(body.length),
  };
  const { method } = request;
  const signal = AbortSignal.any([request.signal, late.signal]);
  const asked = { ...options, path: call.path, method, headers, signal };
  try {
    for (;;) {
      const sent = await send(requester, asked, body);
      if (sent.answer !== null) return sent.answer;
      if (late.signal.aborted) throw new Error("no answer in time", { cause: sent.error });
      // A connection that was kept had been closed meanwhile at the other end.
      if (!sent.reused || method !== "GET" || signal.aborted) throw sent.error;
    }
  } finally {
    cancel();
  }
}

type Sent =
  | { readonly answer: IncomingMessage }
  | { readonly answer: null; readonly reused: boolean; readonly error: unknown };

function send(requester: Requester, options: RequestOptions, body: Buffer): Promise<Sent> {
  return new Promise((resolve) => {
    const outgoing = requester(options, (answer) => resolve({ answer }));
    outgoing.once("error", (error) =>
      resolve({ answer: null, reused: outgoing.reusedSocket, error }),
    );
    outgoing.end(body);
  });
}

/** The headers that concern the other side of a proxy. */
export function forwardedHeaders(
  headers: ApiRequest["headers"],
): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || NOT_FORWARDED.test(name)) continue;
    kept[name] = typeof value === "string" ? value : [...value];
  }
  return kept;
}

/**
 * The answer of another server as one of ours, handed on as it comes. With a place, its links lead
 * there.
 */
export function streamedAnswer(
  answer: IncomingMessage,
  place: ProxiedPlace | null = null,
): ApiResponse {
  const sent: ProxiedAnswer = {
    headers: forwardedHeaders(answer.headers),
    chunks: answer as AsyncIterable<Buffer>,
  };
  const { headers, chunks } = place === null ? sent : seenThroughProxy(sent, place);
  const run = async (sink: ResponseSink): Promise<void> => {
    const stop = (): void => void answer.destroy();
    sink.signal.addEventListener("abort", stop, { once: true });
    try {
      for await (const chunk of chunks) {
        sink.write(chunk);
        if (sink.bufferedBytes > BACKLOG_BYTES) await sink.drained();
      }
    } finally {
      sink.signal.removeEventListener("abort", stop);
    }
  };
  return { status: answer.statusCode ?? 502, headers, body: { type: "stream", run } };
}

/** The query as it is sent on; "" when there is none. */
export function queryOf({ query }: Pick<ApiRequest, "query">): string {
  return query.size === 0 ? "" : `?${query.toString()}`;
}
