import type { IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { failure } from "../../api/machinery/status.js";
import type { Clock } from "../../base/clock.js";
import { ApiFailure } from "../server/api-failure.js";
import type { ApiRequest, ApiResponse, Identity } from "../server/http-types.js";
import type { ClientCredentials } from "../streaming/client-credentials.js";
import { exchange, streamedAnswer } from "../streaming/forwarded-call.js";
import type { ServiceDialer, ServicePort } from "../streaming/service-dialer.js";
import { type DialedOptions, DialingAgent } from "../webhooks/https-agent.js";
import { believing, reasonOf, toService } from "../webhooks/service-connection.js";
import type { AggregatedService } from "./aggregated-services.js";
import { remoteHeaders, withoutClaims } from "./remote-identity.js";

export interface ExtensionServersDeps {
  readonly services: ServiceDialer;
  /** Changes with the Service and its endpoints. */
  readonly revisionOf: (service: ServicePort) => string;
  /** With which this server proves to be the front proxy. */
  readonly credentials: ClientCredentials;
  readonly clock: Clock;
}

/** Calls extension API servers in the name of whoever called here; one for the server's life. */
export class ExtensionServers {
  private readonly deps: ExtensionServersDeps;
  private readonly kept = new DialingAgent();
  /** What must not be sent twice goes over no connection that may be closing at the other end. */
  private readonly fresh = new DialingAgent({ keepAlive: false });

  constructor(deps: ExtensionServersDeps) {
    this.deps = deps;
  }

  /**
   * Hands a request on and its answer back. `path` is with its query. Throws 503 when the server
   * cannot be reached and 502 when it sends the client elsewhere.
   */
  async forward(
    target: AggregatedService,
    request: ApiRequest,
    path: string,
  ): Promise<ApiResponse> {
    const answer = await this.send(target, request, path).catch((error: unknown) => {
      if (error instanceof ApiFailure) throw error;
      throw unreachable(target, error);
    });
    const { statusCode = 0 } = answer;
    // As Kubernetes does (CVE-2022-3172): a redirect would take the client's credentials along.
    if (statusCode >= 300 && statusCode <= 399 && answer.headers.location !== undefined) {
      answer.destroy();
      throw new ApiFailure(failure(502, "ServiceUnavailable", REDIRECTED));
    }
    return streamedAnswer(answer);
  }

  /**
   * Asks on the server's own behalf. Rejects with an Error that says why there is no answer, or
   * none that can be read.
   */
  async ask(
    target: AggregatedService,
    { path, accept, signal }: OwnQuestion,
  ): Promise<{ readonly status: number; readonly body: unknown }> {
    const request: ApiRequest = {
      method: "GET",
      path,
      query: new URLSearchParams(),
      headers: { accept },
      identity: AGGREGATOR,
      requestId: `aggregation-${target.name}`,
      signal,
      receivedMs: this.deps.clock.nowMs(),
      readBody: () => Promise.resolve(Buffer.alloc(0)),
    };
    try {
      const answer = await this.send(target, request, path);
      return { status: answer.statusCode ?? 0, body: await readDocument(answer) };
    } catch (cause) {
      throw new Error(reasonOf(cause), { cause });
    }
  }

  /** For an upgrade: a connection of its own, which whoever opens it takes over. */
  upgradeOptions(target: AggregatedService): Promise<DialedOptions> {
    return this.options(target, this.fresh);
  }

  close(): void {
    this.kept.destroy();
    this.fresh.destroy();
  }

  private async send(
    target: AggregatedService,
    request: ApiRequest,
    path: string,
  ): Promise<IncomingMessage> {
    const headers = { ...remoteHeaders(request.identity), "audit-id": request.requestId };
    const call = {
      request: { ...request, headers: withoutClaims(request.headers) },
      path,
      headers,
    };
    const isRead = request.method === "GET" || request.method === "HEAD";
    const options = await this.options(target, isRead ? this.kept : this.fresh);
    return exchange(httpsRequest, options, call, this.deps);
  }

  private async options(target: AggregatedService, agent: DialingAgent): Promise<DialedOptions> {
    const { services, credentials, revisionOf } = this.deps;
    const { cert, key } = await credentials.read();
    const { dialing, ...place } = toService(target.service, services);
    // A connection that was kept may lead to what is no endpoint any more.
    const own = `${dialing.key}@${revisionOf(target.service)}`;
    return {
      ...place,
      dialing: { ...dialing, key: own },
      ...believing(target.caBundle),
      ...(target.skipsVerification ? { rejectUnauthorized: false } : {}),
      cert,
      key,
      agent,
    };
  }
}

/** What the server wants to know itself. */
export interface OwnQuestion {
  readonly path: string;
  readonly accept: string;
  readonly signal: AbortSignal;
}

const DOCUMENT_BYTES_MAX = 16 * 1024 * 1024;

/** An answer's JSON; undefined when it is none. Rejects when it is too large or breaks off. */
async function readDocument(answer: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > DOCUMENT_BYTES_MAX) throw new Error("the answer is too large");
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    return undefined;
  }
}

const REDIRECTED = "the backend attempted to redirect this request, which is not permitted";

/** As whom the server asks about an extension API server itself. */
export const AGGREGATOR: Identity = {
  name: "system:kube-aggregator",
  uid: "",
  groups: ["system:masters"],
  extra: {},
};

/** 503, with the reason. */
export function unreachable({ service }: AggregatedService, cause: unknown): ApiFailure {
  const { namespace, name } = service;
  const text = `error trying to reach service ${namespace}/${name}: ${reasonOf(cause)}`;
  return new ApiFailure(failure(503, "ServiceUnavailable", text));
}
