import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { type WebSocket, WebSocketServer } from "ws";
import { type Connections, connectionsOf } from "../../base/connections.js";
import { ConsensusError } from "../consensus-errors.js";
import { PEER_FRAME_MAX_BYTES } from "./peer-client.js";
import {
  judgeGreeting,
  memberOfCertificate,
  MESSAGES_PATH,
  PEER_SUBPROTOCOL,
  type PeerTls,
  readGreeting,
  type Refusal,
  SNAPSHOT_PATH,
} from "./peer-identity.js";

export interface PeerServerEvents {
  onMessages(socket: WebSocket, from: string): void;
  onSnapshot(socket: WebSocket, from: string): void;
  hasLeft(id: string): boolean;
}

/** Where peers connect. Who shows no certificate of the cluster is turned away by TLS. */
export class PeerServer {
  private readonly server: Server;
  private readonly connections: Connections;
  private readonly sockets: WebSocketServer;
  private readonly tls: PeerTls;
  private readonly here: { readonly clusterId: string; readonly memberId: string };
  private readonly events: PeerServerEvents;

  private constructor(
    tls: PeerTls,
    here: { readonly clusterId: string; readonly memberId: string },
    events: PeerServerEvents,
  ) {
    this.tls = tls;
    this.here = here;
    this.events = events;
    this.server = createServer({
      ...readTls(tls),
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: "TLSv1.3",
    });
    this.connections = connectionsOf(this.server);
    this.sockets = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload: PEER_FRAME_MAX_BYTES,
      handleProtocols: (offered) => (offered.has(PEER_SUBPROTOCOL) ? PEER_SUBPROTOCOL : false),
    });
    this.server.on("request", (_request, response) => response.writeHead(426).end());
    this.server.on("upgrade", (request, socket, head) => this.upgrade(request, socket, head));
    // Scanners and peers that go away are nobody's fault.
    this.server.on("tlsClientError", () => {});
    this.server.on("clientError", (_error, socket) => socket.destroy());
  }

  /** Resolves once it listens. Throws ConsensusError "PeerAddressInUse". */
  static async listen(
    options: {
      readonly listen: { readonly host: string; readonly port: number };
      readonly tls: PeerTls;
      readonly clusterId: string;
      readonly memberId: string;
    },
    events: PeerServerEvents,
  ): Promise<PeerServer> {
    const { listen, tls, clusterId, memberId } = options;
    const peer = new PeerServer(tls, { clusterId, memberId }, events);
    await new Promise<void>((resolve, reject) => {
      peer.server.once("error", (cause) => {
        const where = `${listen.host}:${listen.port}`;
        reject(
          new ConsensusError("PeerAddressInUse", `cannot listen for peers at ${where}: ${cause}`, {
            details: { ...listen },
            cause,
          }),
        );
      });
      peer.server.listen(listen.port, listen.host, resolve);
    });
    return peer;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Takes certificate and key anew from their files. */
  renewCertificate(): void {
    this.server.setSecureContext(readTls(this.tls));
  }

  async close(): Promise<void> {
    for (const socket of this.sockets.clients) socket.terminate();
    const closed = new Promise<void>((resolve) => {
      this.server.close(() => resolve());
    });
    this.connections.destroy();
    await closed;
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", () => socket.destroy());
    const greeting = readGreeting(request.headers);
    const certified = memberOfCertificate((request.socket as TLSSocket).getPeerCertificate());
    const hasLeft = (id: string): boolean => this.events.hasLeft(id);
    const refusal = judgeGreeting(greeting, { ...this.here, certified, hasLeft });
    const { url } = request;
    if (refusal !== null) return refuse(socket, refusal);
    if (url !== MESSAGES_PATH && url !== SNAPSHOT_PATH)
      return refuse(socket, { status: 426, why: `${url ?? ""} is not known here` });
    this.sockets.handleUpgrade(request, socket, head, (opened) => {
      if (url === MESSAGES_PATH) this.events.onMessages(opened, greeting.from);
      else this.events.onSnapshot(opened, greeting.from);
    });
  }
}

function readTls(tls: PeerTls): { ca: Buffer; cert: Buffer; key: Buffer } {
  return {
    ca: readFileSync(tls.caFile),
    cert: readFileSync(tls.certFile),
    key: readFileSync(tls.keyFile),
  };
}

function refuse(socket: Duplex, { status, why }: Refusal): void {
  socket.end(`HTTP/1.1 ${status} ${why}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
