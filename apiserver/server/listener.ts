import { type Http2SecureServer, type ServerHttp2Session, createSecureServer } from "node:http2";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { unauthorized } from "../../api/machinery/status.js";
import type { Clock } from "../../base/clock.js";
import { type Connections, connectionsOf } from "../../base/connections.js";
import { CodedError } from "../../base/errors.js";
import type { Logger } from "../../base/logger.js";
import { bearerTokenOf, bearerTokenOfProtocols } from "../auth/bearer-token.js";
import { ANONYMOUS, identityOfCertificate } from "../auth/identity.js";
import { ApiFailure, toApiFailure } from "./api-failure.js";
import { type NodeRequest, type NodeResponse, readBody, sendResponse } from "./http-exchange.js";
import type { ApiRequest, ApiResponse, Identity } from "./http-types.js";
import { asksToImpersonate, separateHeaders } from "./impersonation.js";
import { failureResponse } from "./responses.js";

export interface TlsMaterial {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Client certificates signed by these are believed. */
  readonly clientCa: Buffer;
}

/** What the listener asks for every request. */
export interface RequestService {
  serve(request: ApiRequest): Promise<ApiResponse>;
  /** Takes over the connection or throws an ApiFailure, which is then sent. */
  upgrade(
    request: ApiRequest,
    raw: { message: IncomingMessage; socket: Duplex; head: Buffer },
  ): Promise<void>;
}

export interface ListenerDeps {
  readonly service: RequestService;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly newRequestId: () => string;
  /** Whose a bearer token is; null when it is not good. */
  readonly authenticate: (token: string) => Identity | null | Promise<Identity | null>;
}

/** `ListenFailed`: the address is taken, or not ours. */
export type ListenerErrorCode = "ListenFailed";

/** Answers that are being compressed at once: each costs a share of a thread. */
const GZIP_MAX = 4;
/** How long what was answered may take to be sent once the listener closes. */
const FLUSH_MS = 2_000;
/** Made once: each would carry a stack. */
const CLIENT_GONE = new DOMException("the client went away", "AbortError");
const CLOSING = new DOMException("the server ends", "AbortError");

/** HTTPS: HTTP/2 for plain calls, HTTP/1.1 for upgrades and old clients, one port for both. */
export class Listener {
  private readonly server: Http2SecureServer;
  private readonly connections: Connections;
  private readonly deps: ListenerDeps;
  private readonly sessions = new Set<ServerHttp2Session>();
  private readonly sockets = new Set<TLSSocket>();
  private readonly closing = new AbortController();
  /** Of the exchanges that are under way: aborted when the client is gone, or the server goes. */
  private readonly underWay = new Set<AbortController>();
  /** By connection: reading a certificate takes longer than many a request. */
  private readonly identities = new WeakMap<object, Identity>();
  private active = 0;
  private compressing = 0;
  private idle: (() => void) | null = null;
  private closed: Promise<void> | null = null;

  constructor(tls: TlsMaterial, deps: ListenerDeps) {
    this.deps = deps;
    this.server = createSecureServer({
      ...secureContext(tls),
      allowHTTP1: true,
      requestCert: true,
      // A bad certificate is answered with 401 in words that kubectl prints, not with a TLS alert.
      rejectUnauthorized: false,
      minVersion: "TLSv1.2",
      settings: { maxConcurrentStreams: 1_000 },
    });
    this.connections = connectionsOf(this.server);
    this.server.on("request", (request, response) => void this.exchange(request, response));
    this.server.on("upgrade", (message, socket, head) => void this.upgrade(message, socket, head));
    this.server.on("session", (session) => {
      this.sessions.add(session);
      session.once("close", () => this.sessions.delete(session));
    });
    this.server.on("secureConnection", (socket) => {
      this.sockets.add(socket);
      socket.once("close", () => this.sockets.delete(socket));
    });
    this.server.on("sessionError", (error) => this.deps.logger.debug("session failed", { error }));
    this.server.on("tlsClientError", (error) => this.deps.logger.debug("no TLS", { error }));
  }

  /** Resolves with the port. Throws "ListenFailed". */
  listen(address: { readonly host: string; readonly port: number }): Promise<number> {
    return new Promise((resolve, reject) => {
      const failed = (cause: Error): void => {
        const message = `cannot listen on ${address.host}:${address.port}: ${cause.message}`;
        reject(new CodedError<ListenerErrorCode>("ListenFailed", message, { cause }));
      };
      this.server.once("error", failed);
      this.server.listen(address.port, address.host, () => {
        this.server.removeListener("error", failed);
        this.server.on("error", (error) => this.deps.logger.error("listener failed", { error }));
        resolve((this.server.address() as AddressInfo).port);
      });
    });
  }

  /** New connections use these from now on; open ones keep theirs. */
  reload(tls: TlsMaterial): void {
    this.server.setSecureContext(secureContext(tls));
  }

  /**
   * Takes no new connection, ends streams, lets short requests finish for at most `graceMs`, then
   * cuts the rest. Called again, it waits for the first call, whatever the time.
   */
  close(graceMs: number): Promise<void> {
    this.closed ??= this.end(graceMs);
    return this.closed;
  }

  private async end(graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.closing.abort();
    for (const exchange of this.underWay) exchange.abort(CLOSING);
    for (const session of this.sessions) session.close();
    await this.untilIdle(graceMs);
    // What was answered may still wait to be sent: a session closes once its streams have ended.
    for (const socket of this.sockets) if (socket.alpnProtocol !== "h2") socket.destroySoon();
    const cancel = this.deps.clock.schedule(Math.min(graceMs, FLUSH_MS), () => {
      for (const session of this.sessions) session.destroy();
      this.connections.destroy();
    });
    await closed;
    cancel();
  }

  private untilIdle(graceMs: number): Promise<void> {
    if (this.active === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.deps.clock.schedule(graceMs, resolve);
      this.idle = () => {
        cancel();
        resolve();
      };
    });
  }

  private async exchange(request: NodeRequest, response: NodeResponse): Promise<void> {
    this.active += 1;
    const controller = new AbortController();
    const { signal } = controller;
    let isGone = false;
    const gone = (): void => {
      isGone = true;
      // Also at its end: a connection to somebody else that it was handed on by closes with it.
      controller.abort(CLIENT_GONE);
    };
    response.once("close", gone);
    response.on("error", gone);
    // AbortSignal.any would leave something of every request behind on a signal of the server's.
    if (this.closing.signal.aborted) controller.abort(CLOSING);
    this.underWay.add(controller);
    let gzip = false;
    try {
      const answer = await this.answer(request, signal);
      gzip = this.compressing < GZIP_MAX && wantsGzip(request, answer);
      if (gzip) this.compressing += 1;
      if (!isGone) await sendResponse({ request, response }, answer, { signal, gzip });
    } catch (error) {
      this.deps.logger.warn("an answer was cut off", { path: request.url, error });
    } finally {
      this.underWay.delete(controller);
      if (gzip) this.compressing -= 1;
      this.active -= 1;
      if (this.active === 0) this.idle?.();
    }
  }

  private async answer(request: NodeRequest, signal: AbortSignal): Promise<ApiResponse> {
    try {
      const identity = this.identify(request);
      const known = identity instanceof Promise ? await identity : identity;
      return await this.deps.service.serve(this.toApiRequest(request, known, signal));
    } catch (error) {
      const { accept = null } = request.headers;
      return failureResponse(toApiFailure(error), accept);
    }
  }

  private async upgrade(message: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on("error", () => socket.destroy());
    try {
      const identity = await this.identify(message);
      if (socket.destroyed) return;
      const request = this.toApiRequest(message, identity, this.closing.signal);
      await this.deps.service.upgrade(request, { message, socket, head });
    } catch (error) {
      refuseUpgrade(socket, toApiFailure(error));
    }
  }

  private toApiRequest(request: NodeRequest, identity: Identity, signal: AbortSignal): ApiRequest {
    const url = request.url ?? "/";
    const question = url.indexOf("?");
    return {
      method: request.method ?? "GET",
      path: question < 0 ? url : url.slice(0, question),
      query: new URLSearchParams(question < 0 ? "" : url.slice(question + 1)),
      headers: asksToImpersonate(request.headers)
        ? separateHeaders(request.rawHeaders)
        : request.headers,
      identity,
      requestId: this.deps.newRequestId(),
      signal,
      receivedMs: this.deps.clock.nowMs(),
      readBody: (limitBytes) => readBody(request, limitBytes),
    };
  }

  /**
   * Throws 401 for credentials that are not believed; no credentials at all make an anonymous
   * caller.
   */
  private identify(request: NodeRequest): Identity | Promise<Identity> {
    const { authorization } = request.headers;
    // As in Kubernetes, a certificate counts before a token.
    const identity = this.identifyConnection(request);
    const inProtocol = bearerTokenOfProtocols(request.headers["sec-websocket-protocol"]);
    const asked = authorization !== undefined || inProtocol !== null;
    if (!asked || identity !== ANONYMOUS) return identity;
    const token = authorization === undefined ? inProtocol : bearerTokenOf(authorization);
    const owner = token === null ? null : this.deps.authenticate(token);
    return owner instanceof Promise ? owner.then(orUnauthorized) : orUnauthorized(owner);
  }

  private identifyConnection(request: NodeRequest): Identity {
    // HTTP/2 gives every request a socket object of its own; its session is one.
    const session = "stream" in request ? request.stream.session : undefined;
    const connection = session ?? request.socket;
    const known = this.identities.get(connection);
    if (known !== undefined) return known;
    const identity = identifySocket(request.socket as TLSSocket);
    if (identity === null) throw new ApiFailure(unauthorized());
    this.identities.set(connection, identity);
    return identity;
  }
}

function orUnauthorized(identity: Identity | null): Identity {
  if (identity === null) throw new ApiFailure(unauthorized());
  return identity;
}

function identifySocket(socket: TLSSocket): Identity | null {
  const certificate = socket.getPeerCertificate();
  // An empty object says that the client sent none.
  if (Object.keys(certificate).length === 0) return ANONYMOUS;
  return socket.authorized ? identityOfCertificate(certificate) : null;
}

function secureContext(tls: TlsMaterial): { cert: Buffer; key: Buffer; ca: Buffer } {
  return { cert: tls.cert, key: tls.key, ca: tls.clientCa };
}

function wantsGzip(request: NodeRequest, answer: ApiResponse): boolean {
  const accepted = String(request.headers["accept-encoding"] ?? "");
  return answer.compressible === true && /\bgzip\b/u.test(accepted);
}

function refuseUpgrade(socket: Duplex, failure: ApiFailure): void {
  const body = JSON.stringify(failure.status);
  const head = [
    `HTTP/1.1 ${failure.status.code ?? 500} Refused`,
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}
