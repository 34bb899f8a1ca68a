import type { IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP } from "node:net";
import type { JsonValue } from "../../api/schema/wire-types.js";
import type { Clock } from "../../base/clock.js";
import { messageOf } from "../../base/errors.js";
import type { WebhookClient as ClientConfig } from "../registry/common/validate-webhook-client.js";
import type { ServiceDialer } from "../streaming/service-dialer.js";
import { type DialedOptions, DialingAgent } from "./https-agent.js";
import { believing, reasonOf, serviceHost, toService } from "./service-connection.js";

/** Where a webhook is, as its configuration says it; the CA is PEM in base64. */
export type WebhookAddress = ClientConfig & { readonly caBundle?: string };

export interface WebhookClientDeps {
  readonly services: ServiceDialer;
  readonly clock: Clock;
  /** Sent as User-Agent. */
  readonly userAgent: string;
}

/** An answer larger than this is none. */
const ANSWER_BYTES_MAX = 6 * 1024 * 1024;
const SERVICE_PORT = 443;

/** Asks webhooks over HTTPS; one for the life of the server. */
export class WebhookClient {
  private readonly deps: WebhookClientDeps;
  private readonly agent = new DialingAgent();

  constructor(deps: WebhookClientDeps) {
    this.deps = deps;
  }

  /**
   * POSTs a document and returns the answer's. Throws an Error in the reference's words when the
   * webhook cannot be reached, takes longer than `timeoutSeconds`, or answers with a failure.
   */
  async ask(
    address: WebhookAddress,
    document: unknown,
    about: { readonly timeoutSeconds: number; readonly signal: AbortSignal },
  ): Promise<JsonValue> {
    const { timeoutSeconds, signal } = about;
    const late = new AbortController();
    const cancel = this.deps.clock.schedule(timeoutSeconds * 1000, () => late.abort());
    const both = AbortSignal.any([signal, late.signal]);
    const url = urlOf(address, timeoutSeconds);
    try {
      return await this.post(address, { url, body: Buffer.from(JSON.stringify(document)) }, both);
    } catch (error) {
      if (error instanceof AnswerRefused) throw error;
      const why = late.signal.aborted
        ? "context deadline exceeded"
        : signal.aborted
          ? "context canceled"
          : reasonOf(error);
      throw new Error(`Post ${JSON.stringify(url)}: ${why}`, { cause: error });
    } finally {
      cancel();
    }
  }

  close(): void {
    this.agent.destroy();
  }

  /** Once more when a connection that was kept had been closed meanwhile at the other end. */
  private async post(
    address: WebhookAddress,
    call: { readonly url: string; readonly body: Buffer },
    signal: AbortSignal,
  ): Promise<JsonValue> {
    for (;;) {
      const sent = await this.exchange(this.optionsFor(address, call, signal), call.body);
      if (sent.answer !== null) return documentOf(sent.answer);
      if (!sent.reused || signal.aborted) throw sent.error;
    }
  }

  private optionsFor(
    address: WebhookAddress,
    { url, body }: { readonly url: string; readonly body: Buffer },
    signal: AbortSignal,
  ): DialedOptions {
    const { hostname, port, pathname, search } = new URL(url);
    const { service, caBundle = "" } = address;
    const host = hostname.replace(/^\[|\]$/gu, "");
    const place: DialedOptions =
      service === undefined
        ? {
            host,
            port: port === "" ? SERVICE_PORT : Number(port),
            ...(isIP(host) === 0 ? { servername: host } : {}),
          }
        : toService({ ...service, port: service.port ?? SERVICE_PORT }, this.deps.services);
    return {
      ...place,
      ...believing(caBundle),
      method: "POST",
      path: `${pathname}${search}`,
      agent: this.agent,
      signal,
      headers: {
        "content-type": "application/json",
        accept: "application/json, */*",
        "content-length": String(body.length),
        "user-agent": this.deps.userAgent,
      },
    };
  }

  private exchange(options: DialedOptions, body: Buffer): Promise<Sent> {
    return new Promise((resolve) => {
      const outgoing = httpsRequest(options, (answer) => {
        readAnswer(answer).then(
          (read) => resolve({ answer: read, reused: false, error: null }),
          (error: unknown) => resolve({ answer: null, reused: false, error }),
        );
      });
      outgoing.once("error", (error) =>
        resolve({ answer: null, reused: outgoing.reusedSocket, error }),
      );
      outgoing.end(body);
    });
  }
}

interface Answer {
  readonly status: number;
  readonly text: string;
}
type Sent =
  | { readonly answer: Answer; readonly reused: false; readonly error: null }
  | { readonly answer: null; readonly reused: boolean; readonly error: unknown };

/** The webhook was reached and answered with something that is no review. */
class AnswerRefused extends Error {
  override readonly name = "AnswerRefused";
}

async function readAnswer(answer: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > ANSWER_BYTES_MAX) throw new AnswerRefused("the answer is too large");
    chunks.push(chunk);
  }
  return { status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() };
}

const SHOWN_MAX = 1_000;

function documentOf({ status, text }: Answer): JsonValue {
  if (status < 200 || status > 299) throw new AnswerRefused(statusText(status, text));
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    throw new AnswerRefused(`the answer is no JSON: ${messageOf(error)}`);
  }
}

/** What client-go makes of a status code, whoever answered with it. */
function statusText(status: number, text: string): string {
  const known = STATUS_TEXTS[status];
  if (known !== undefined) return known;
  const shown = JSON.stringify(text.trim().slice(0, SHOWN_MAX));
  if (status >= 500)
    return `an error on the server (${shown}) has prevented the request from succeeding`;
  return `the server responded with the status code ${status} but did not return more information`;
}

const STATUS_TEXTS: Readonly<Record<number, string>> = {
  400: "the server rejected our request for an unknown reason",
  401: "the server has asked for the client to provide credentials",
  403: "forbidden",
  404: "the server could not find the requested resource",
  405: "the server does not allow this method on the requested resource",
  429: "the server has received too many requests and has asked us to try again later",
};

/** A Service is asked under the name that its certificate must have. */
export function urlOf({ url, service }: WebhookAddress, timeoutSeconds: number): string {
  const query = `?timeout=${timeoutSeconds}s`;
  if (service === undefined) return `${url ?? ""}${query}`;
  const { namespace, name, path = "", port = SERVICE_PORT } = service;
  const slash = path.startsWith("/") || path === "" ? "" : "/";
  return `https://${serviceHost({ namespace, name })}:${port}${slash}${path}${query}`;
}
