import { readFileSync } from "node:fs";
import type { PeerCertificate } from "node:tls";
import { type CertMeta, WebSocket } from "ws";
import type { Clock } from "../../base/clock.js";
import { UNMASKED } from "../../base/unmasked.js";
import type { Logger } from "../../base/logger.js";
import {
  greetingHeaders,
  memberOfCertificate,
  MESSAGES_PATH,
  PEER_SUBPROTOCOL,
  type PeerGreeting,
  type PeerTls,
} from "./peer-identity.js";

/** How long TCP, TLS and the upgrade may take together. */
const HANDSHAKE_MS = 2_000;
const RETRY_MIN_MS = 50;
const RETRY_MAX_MS = 1_000;
/** The same trouble is told again after this. */
const REPEAT_LOG_MS = 60_000;
export const PEER_FRAME_MAX_BYTES = 64 * 1024 * 1024;

/** Opens a WebSocket to a peer; it must show a certificate that names it. */
export function openPeerSocket(
  url: string,
  options: { readonly path: string; readonly greeting: PeerGreeting; readonly tls: PeerTls },
): WebSocket {
  const { greeting, tls } = options;
  return new WebSocket(new URL(options.path, url), PEER_SUBPROTOCOL, {
    headers: greetingHeaders(greeting),
    ca: readFileSync(tls.caFile),
    cert: readFileSync(tls.certFile),
    key: readFileSync(tls.keyFile),
    // The address it has today is no part of who it is.
    checkServerIdentity: checkMember(greeting.to),
    handshakeTimeout: HANDSHAKE_MS,
    perMessageDeflate: false,
    maxPayload: PEER_FRAME_MAX_BYTES,
    ...UNMASKED,
    minVersion: "TLSv1.3",
  });
}

/** The types of ws say that this returns a truth value; Node's TLS, which calls it, an error. */
function checkMember(id: string): (host: string, certificate: CertMeta) => boolean {
  const check = (_host: string, certificate: PeerCertificate): Error | undefined =>
    memberOfCertificate(certificate) === id
      ? undefined
      : new Error(`whoever listens there is not the member ${id}`);
  return check as unknown as (host: string, certificate: CertMeta) => boolean;
}

export interface PeerClientEvents {
  onOpen(socket: WebSocket): void;
  /** The peer says that we were removed from the group. */
  onRemoved(why: string): void;
}

/** Keeps one connection to a peer open, trying again for as long as it is wanted. */
export class PeerClient {
  private readonly url: string;
  private readonly greeting: PeerGreeting;
  private readonly deps: {
    readonly tls: PeerTls;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly events: PeerClientEvents;
  };
  private socket: WebSocket | null = null;
  private cancelRetry: () => void = () => {};
  private retryMs = RETRY_MIN_MS;
  private lastTrouble = "";
  private loggedAtMs = Number.NEGATIVE_INFINITY;
  private isClosed = false;

  constructor(url: string, greeting: PeerGreeting, deps: PeerClient["deps"]) {
    this.url = url;
    this.greeting = greeting;
    this.deps = deps;
    this.connect();
  }

  /** True when this is the connection that such a record asks for. */
  leadsTo(url: string): boolean {
    return this.url === url;
  }

  close(): void {
    this.isClosed = true;
    this.cancelRetry();
    this.socket?.terminate();
  }

  private connect(): void {
    if (this.isClosed) return;
    let socket: WebSocket;
    try {
      const { greeting } = this;
      socket = openPeerSocket(this.url, { path: MESSAGES_PATH, greeting, tls: this.deps.tls });
    } catch (error) {
      // A certificate that is being replaced, or an address that is none.
      this.trouble(String(error));
      return this.retry();
    }
    this.socket = socket;
    socket.on("open", () => {
      this.retryMs = RETRY_MIN_MS;
      this.lastTrouble = "";
      this.deps.events.onOpen(socket);
    });
    socket.on("unexpected-response", (request, response) => {
      const why = `${response.statusCode ?? 0} ${response.statusMessage ?? ""}`;
      if (response.statusCode === 410) this.deps.events.onRemoved(response.statusMessage ?? "");
      this.trouble(why);
      request.destroy();
      this.lost(socket);
    });
    socket.on("error", (error) => this.trouble(error.message));
    socket.on("close", () => this.lost(socket));
  }

  private lost(socket: WebSocket): void {
    if (this.socket !== socket) return;
    this.socket = null;
    this.retry();
  }

  private retry(): void {
    if (this.isClosed) return;
    this.cancelRetry = this.deps.clock.schedule(this.retryMs, () => this.connect());
    this.retryMs = Math.min(RETRY_MAX_MS, this.retryMs * 2);
  }

  private trouble(why: string): void {
    const nowMs = this.deps.clock.monotonicMs();
    if (this.isClosed || (why === this.lastTrouble && nowMs - this.loggedAtMs < REPEAT_LOG_MS))
      return;
    this.lastTrouble = why;
    this.loggedAtMs = nowMs;
    const fields = { peer: this.greeting.to, url: this.url, why };
    this.deps.logger.warn("a peer cannot be reached; it is tried again", fields);
  }
}
