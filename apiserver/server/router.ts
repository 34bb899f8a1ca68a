import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import {
  badRequest,
  forbidden,
  methodNotAllowedHere,
  pathNotFound,
  timeout,
  tooManyRequests,
} from "../../api/machinery/status.js";
import { upgradeOf } from "../../api/streaming/upgrade.js";
import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/logger.js";
import { type Attributes, type Authorizer, refusalText } from "../auth/authorizer.js";
import { ApiFailure, toApiFailure } from "./api-failure.js";
import { type FlowClass, type FlowControl, flowClassOf } from "./flow-control.js";
import type {
  ApiRequest,
  ApiResponse,
  RawHandler,
  ResponseBody,
  UpgradeHandler,
} from "./http-types.js";
import type { RequestService } from "./listener.js";
import type { RequestMetrics } from "./request-metrics.js";
import { asksToImpersonate, impersonatedIdentity } from "./impersonation.js";
import { type RequestInfo, type ResourceRequestInfo, parseRequestInfo } from "./request-info.js";
import { prettified } from "./pretty.js";
import { failureResponse, headerOf, withHeaders } from "./responses.js";
import { serveWatchSocket } from "./watch-socket.js";

/** Answers requests for objects; throws ApiFailure. */
export interface ResourceRouter {
  handle(request: ApiRequest, info: ResourceRequestInfo): Promise<ApiResponse>;
  /** Asked before a connection is taken over. */
  admitUpgrade(request: ApiRequest, info: ResourceRequestInfo): Promise<void>;
}

export interface RouterDeps {
  readonly authorizer: Authorizer;
  readonly flow: FlowControl;
  readonly resources: ResourceRouter;
  /** Asked in order; the first that matches answers. */
  readonly raw: readonly RawHandler[];
  readonly upgrades: readonly UpgradeHandler[];
  readonly metrics: RequestMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
}

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]);
/** A request that is answered at once may take this long. */
const DEADLINE_MS = 60_000;
/** Subresources that take over the connection, and that are a creation whatever the method. */
const CONNECTS = new Set(["exec", "attach", "portforward"]);
const COLLECTION_VERBS = new Set(["list", "watch", "deletecollection"]);

/**
 * The way of every request: what it is about, whether its sender may, whether there is room, who
 * answers.
 */
export class Router implements RequestService {
  private readonly deps: RouterDeps;

  constructor(deps: RouterDeps) {
    this.deps = deps;
  }

  /** Never rejects: every failure is an answer. */
  async serve(request: ApiRequest): Promise<ApiResponse> {
    const startedMs = this.deps.clock.monotonicMs();
    const info = parseRequestInfo(request);
    const observe = this.deps.metrics.start(info, request);
    let response: ApiResponse;
    try {
      if (info.type === "bad") throw new ApiFailure(badRequest(info.message));
      response = await this.admit(this.impersonated(request), info);
    } catch (error) {
      response = this.refusal(request, error);
    }
    observe(response, this.deps.clock.monotonicMs() - startedMs);
    return withHeaders(prettified(request, response), {
      "audit-id": request.requestId,
      "cache-control": response.headers["cache-control"] ?? "no-cache, private",
    });
  }

  async upgrade(
    request: ApiRequest,
    raw: { readonly message: IncomingMessage; readonly socket: Duplex; readonly head: Buffer },
  ): Promise<void> {
    const info = parseRequestInfo(request);
    if (info.type === "bad") throw new ApiFailure(badRequest(info.message));
    if (isWatchSocket(info, raw.message)) {
      void serveWatchSocket(request, raw, (watch) => this.serve(watch));
      return;
    }
    const asked = this.impersonated(request);
    this.authorize(asked, info);
    const path = decodedPath(request);
    const handler = this.deps.upgrades.find((candidate) => candidate.matches(path));
    if (handler === undefined) throw new ApiFailure(pathNotFound());
    if (info.type === "resource") await this.deps.resources.admitUpgrade(asked, info);
    handler.handle(raw.message, raw.socket, raw.head, asked.identity);
  }

  private async admit(request: ApiRequest, info: RequestInfo): Promise<ApiResponse> {
    const proxied = info.type === "resource" && info.subresource === "proxy";
    if (!METHODS.has(request.method) && !(proxied && request.method === "OPTIONS"))
      throw new ApiFailure(methodNotAllowedHere(), ALLOW);
    const kind = info.type === "resource" ? flowClassOf(info) : pathFlowClass(request);
    const leave = this.deps.flow.enter(kind);
    if (leave === null) throw new ApiFailure(BUSY, { "retry-after": "1" });
    let handedOver = false;
    try {
      this.authorize(request, info);
      const response =
        kind === "stream"
          ? await this.dispatch(request, info)
          : await this.withDeadline(request, (bounded) => this.dispatch(bounded, info));
      if (response.body.type !== "stream") return response;
      // The seat is kept until the last byte is written.
      handedOver = true;
      return { ...response, body: leavingAtTheEnd(response.body, leave) };
    } finally {
      if (!handedOver) leave();
    }
  }

  /** The request as that of whoever it is to be treated as. Throws 400 and 403. */
  private impersonated(request: ApiRequest): ApiRequest {
    if (!asksToImpersonate(request.headers)) return request;
    return { ...request, identity: impersonatedIdentity(request, this.deps.authorizer) };
  }

  private authorize(request: ApiRequest, info: RequestInfo): void {
    const attributes = attributesOf(info, request);
    const { allowed, reason } = this.deps.authorizer.authorize(request.identity, attributes);
    if (allowed) return;
    const text = refusalText(request.identity, attributes);
    const full = reason === "" ? text : `${text}: ${reason}`;
    throw new ApiFailure(
      attributes.type === "path"
        ? forbidden({ group: "", resource: "" }, "", full)
        : forbidden(attributes, attributes.name, full),
    );
  }

  private async dispatch(request: ApiRequest, info: RequestInfo): Promise<ApiResponse> {
    if (info.type === "resource") return this.deps.resources.handle(request, info);
    const handler = this.deps.raw.find((candidate) => candidate.matches(info.path));
    if (handler === undefined) throw new ApiFailure(pathNotFound());
    return handler.handle(request);
  }

  /** Answers 504 when `work` takes too long; its signal aborts, so that it stops as well. */
  private async withDeadline(
    request: ApiRequest,
    work: (bounded: ApiRequest) => Promise<ApiResponse>,
  ): Promise<ApiResponse> {
    // One of its own, since AbortSignal.any costs a tenth of a request. It goes on to follow the
    // request's while an answer is streamed.
    const bounded = new AbortController();
    const { signal } = bounded;
    const follow = (): void => bounded.abort(request.signal.reason);
    if (request.signal.aborted) follow();
    else request.signal.addEventListener("abort", follow, { once: true });
    let cancel = (): void => {};
    const deadline = new Promise<never>((_resolve, reject) => {
      cancel = this.deps.clock.schedule(deadlineMs(request), () => {
        bounded.abort();
        reject(new ApiFailure(TOO_LATE));
      });
    });
    let follows = false;
    try {
      const response = await Promise.race([work({ ...request, signal }), deadline]);
      follows = response.body.type === "stream";
      return response;
    } finally {
      cancel();
      if (!follows) request.signal.removeEventListener("abort", follow);
    }
  }

  private refusal(request: ApiRequest, error: unknown): ApiResponse {
    const failure = toApiFailure(error);
    if (failure.status.reason === "InternalError" && !request.signal.aborted) {
      const { path, method, requestId } = request;
      this.deps.logger.error("a request failed", { path, method, requestId, error });
    }
    return failureResponse(failure, headerOf(request, "accept"));
  }
}

const ALLOW = { allow: [...METHODS].join(", ") };
function isWatchSocket(info: RequestInfo, message: IncomingMessage): boolean {
  return info.type === "resource" && info.verb === "watch" && upgradeOf(message) === "websocket";
}

type StreamBody = Extract<ResponseBody, { readonly type: "stream" }>;

const BUSY = tooManyRequests("Too many requests, please try again later.", 1);
const TOO_LATE = timeout("request did not complete within the allotted timeout", 0);

/** The same body, of which one of its forms is written once; then `leave` is called. */
function leavingAtTheEnd(body: StreamBody, leave: () => void): StreamBody {
  const { run, runGzip } = body;
  const compressed = runGzip === undefined ? {} : { runGzip: leaving(runGzip, leave) };
  return { ...body, run: leaving(run, leave), ...compressed };
}

function leaving<Arguments extends readonly unknown[]>(
  run: (...given: Arguments) => Promise<void>,
  leave: () => void,
): (...given: Arguments) => Promise<void> {
  return async (...given) => {
    try {
      await run(...given);
    } finally {
      leave();
    }
  };
}

/** What rules are asked about. */
export function attributesOf(info: RequestInfo, request: Pick<ApiRequest, "query">): Attributes {
  if (info.type === "path") return { type: "path", verb: info.verb, path: info.path };
  const { group, resource, subresource, namespace } = info;
  const verb = CONNECTS.has(subresource) ? "create" : info.verb;
  const name = info.name === "" ? selectedName(info, request) : info.name;
  const asked = { type: "resource", verb, group, resource, subresource, namespace, name } as const;
  const fieldSelector = COLLECTION_VERBS.has(verb) ? request.query.get("fieldSelector") : null;
  return fieldSelector === null ? asked : { ...asked, fieldSelector };
}

/** A list or watch of one name is allowed to whoever may read that name. */
function selectedName(info: ResourceRequestInfo, request: Pick<ApiRequest, "query">): string {
  if (!["list", "watch", "deletecollection"].includes(info.verb)) return "";
  return (
    /^metadata\.name==?([a-z0-9.-]+)$/u.exec(request.query.get("fieldSelector") ?? "")?.[1] ?? ""
  );
}

function pathFlowClass(request: ApiRequest): FlowClass {
  return request.query.has("watch") ? "stream" : "read";
}

/** The client's own limit (`timeout=32s`) where it is shorter than ours. */
function deadlineMs(request: ApiRequest): number {
  const match = /^(\d{1,6})(ms|s|m)$/u.exec(request.query.get("timeout") ?? "");
  if (match === null) return DEADLINE_MS;
  const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };
  const asked = Number(match[1]) * (units[match[2] ?? ""] ?? 1);
  return asked === 0 ? DEADLINE_MS : Math.min(asked, DEADLINE_MS);
}

/** The path was parsed before: its segments decode. */
function decodedPath(request: ApiRequest): string {
  return request.path.split("/").map(decodeURIComponent).join("/");
}
