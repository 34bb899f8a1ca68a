import { join } from "node:path";
import type { Message, MsgSnap, PeerId } from "raft-ts";
import type { WebSocket } from "ws";
import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/logger.js";
import type { PeerTransport } from "../raft-host.js";
import type { PeerAnswer } from "./codec.js";
import { openPeerSocket, PeerClient } from "./peer-client.js";
import { type PeerTls, SNAPSHOT_PATH } from "./peer-identity.js";
import { PeerLink } from "./peer-link.js";
import { PeerServer } from "./peer-server.js";
import { SnapshotReceiver } from "./snapshot-receiver.js";
import { sendSnapshot } from "./snapshot-sender.js";
import type { DiskOptions } from "../wal/fsync-record.js";

export interface PeerNetworkConfig {
  readonly clusterId: string;
  readonly memberId: PeerId;
  readonly listen: { readonly host: string; readonly port: number };
  readonly tls: PeerTls;
  /** Where snapshots lie and are received. */
  readonly snapshotFolder: string;
  readonly disk: DiskOptions;
}

export interface PeerNetworkDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  /** A peer has answered a ping. */
  readonly onRoundTrip: (peer: PeerId, tookMs: number) => void;
}

/** What the member of this process does with what comes in. */
export interface PeerNetworkHandler {
  /** Their sender is who it says. */
  onMessage(message: Message): void;
  onRequest(from: PeerId, method: string, body: unknown): Promise<PeerAnswer>;
  /** A message to the peer was dropped, or the way to it closed. */
  onUnreachable(peer: PeerId): void;
  onSnapshotSent(peer: PeerId, status: "SnapshotFinish" | "SnapshotFailure"): void;
  hasLeft(id: PeerId): boolean;
  /** A peer says that this member was removed. */
  onRemoved(why: string): void;
}

/** The way to the peers as a member uses it: connections, or what a simulation makes up. */
export interface MemberNetwork extends PeerTransport {
  /** What comes in goes there from now on; null: nowhere. */
  attach(handler: PeerNetworkHandler | null): void;
  /** Connects to these, and to nobody else. */
  setPeers(addresses: readonly PeerAddress[]): void;
  /** Asks a peer; never rejects: what fails is an answer too. */
  request(to: PeerId, method: string, body: unknown, timeoutMs: number): Promise<PeerAnswer>;
  /** Something was heard of it within the last seconds. */
  isConnected(id: PeerId): boolean;
  /** What went over each way, for metrics. */
  figures?(): PeerFigures[];
}

/** Where a peer listens. */
export interface PeerAddress {
  readonly id: PeerId;
  readonly peerUrl: string;
}

/** Figures of the way to and from one peer. */
export interface PeerFigures {
  readonly id: PeerId;
  readonly isConnected: boolean;
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

const SNAPSHOT_RETRY_MS = 1_000;

interface Peer {
  url: string | null;
  client: PeerClient | null;
  /** Opened by us, and by the peer. */
  outgoing: PeerLink | null;
  incoming: PeerLink | null;
  isSnapshotUnderWay: boolean;
  /** Of links that are closed. */
  sentBytes: number;
  receivedBytes: number;
}

/**
 * All ways to the peers. Each server opens one connection to each of the others; what a server says
 * goes over its own or, while that is not open, over the one that the peer opened.
 */
export class PeerNetwork implements MemberNetwork {
  private readonly config: PeerNetworkConfig;
  private readonly clock: Clock;
  private readonly logger: Logger;
  private readonly onRoundTrip: PeerNetworkDeps["onRoundTrip"];
  private readonly peers = new Map<PeerId, Peer>();
  private readonly receiver: SnapshotReceiver;
  private server: PeerServer | null = null;
  private handler: PeerNetworkHandler | null = null;
  private isClosed = false;

  private constructor(config: PeerNetworkConfig, deps: PeerNetworkDeps) {
    this.config = config;
    this.clock = deps.clock;
    this.logger = deps.logger;
    this.onRoundTrip = deps.onRoundTrip;
    this.receiver = new SnapshotReceiver({
      folder: config.snapshotFolder,
      disk: config.disk,
      logger: deps.logger,
      onReceived: (message) => this.handler?.onMessage(message),
    });
  }

  /** Resolves once peers can connect. Throws ConsensusError "PeerAddressInUse". */
  static async listen(config: PeerNetworkConfig, deps: PeerNetworkDeps): Promise<PeerNetwork> {
    const network = new PeerNetwork(config, deps);
    const to = config.memberId;
    network.server = await PeerServer.listen(config, {
      onMessages: (socket, from) => network.opened(from, socket, "incoming"),
      onSnapshot: (socket, from) => network.receiver.accept(socket, { from, to }),
      hasLeft: (id) => network.handler?.hasLeft(id) ?? false,
    });
    return network;
  }

  get port(): number {
    return this.server?.port ?? 0;
  }

  /** From now on this member gets what comes in; null: it is dropped. */
  attach(handler: PeerNetworkHandler | null): void {
    this.handler = handler;
  }

  /** Connects to these, and to nobody else. */
  setPeers(addresses: readonly PeerAddress[]): void {
    if (this.isClosed) return;
    const wanted = new Map(addresses.map(({ id, peerUrl }) => [id, peerUrl]));
    wanted.delete(this.config.memberId);
    for (const [id, peer] of this.peers)
      if (peer.client !== null && wanted.get(id) !== peer.url) {
        peer.client.close();
        peer.client = null;
        peer.url = null;
      }
    for (const [id, url] of wanted) {
      const peer = this.peerOf(id);
      if (peer.client === null) this.connect(id, peer, url);
    }
  }

  send(messages: readonly Message[]): void {
    const byPeer = new Map<PeerId, Message[]>();
    for (const message of messages) {
      if (message.type === "MsgSnap") {
        void this.sendSnapshot(message);
        continue;
      }
      const some = byPeer.get(message.to);
      if (some === undefined) byPeer.set(message.to, [message]);
      else some.push(message);
    }
    for (const [id, some] of byPeer) {
      const link = this.linkTo(id);
      if (link?.send(some) === true) continue;
      // Entries that were lost are sent again only when it is known; all else is repeated anyway.
      if (some.some(({ type }) => type === "MsgApp"))
        queueMicrotask(() => this.handler?.onUnreachable(id));
    }
  }

  /** Asks a peer; never rejects: what fails is an answer too. */
  request(to: PeerId, method: string, body: unknown, timeoutMs: number): Promise<PeerAnswer> {
    const link = this.linkTo(to);
    if (link !== null) return link.request(method, body, timeoutMs);
    const message = `there is no connection to ${to}`;
    return Promise.resolve({ ok: false, code: "Unreachable", message });
  }

  /** Something was heard of it within the last seconds. */
  isConnected(id: PeerId): boolean {
    return this.linkTo(id) !== null;
  }

  figures(): PeerFigures[] {
    return [...this.peers].map(([id, peer]) => {
      const links = [peer.outgoing, peer.incoming].filter((link) => link !== null);
      const sum = (of: (link: PeerLink) => number): number =>
        links.reduce((total, link) => total + of(link), 0);
      return {
        id,
        isConnected: links.length > 0,
        sentBytes: peer.sentBytes + sum((link) => link.sentBytes),
        receivedBytes: peer.receivedBytes + sum((link) => link.receivedBytes),
      };
    });
  }

  /** Takes certificate and key anew from their files, for connections from now on. */
  renewCertificate(): void {
    this.server?.renewCertificate();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.handler = null;
    for (const peer of this.peers.values()) {
      peer.client?.close();
      peer.outgoing?.destroy();
      peer.incoming?.destroy();
    }
    await this.server?.close();
    await this.receiver.close();
  }

  private peerOf(id: PeerId): Peer {
    const known = this.peers.get(id);
    if (known !== undefined) return known;
    const links = { client: null, outgoing: null, incoming: null };
    const figures = { isSnapshotUnderWay: false, sentBytes: 0, receivedBytes: 0 };
    const peer: Peer = { url: null, ...links, ...figures };
    this.peers.set(id, peer);
    return peer;
  }

  private connect(id: PeerId, peer: Peer, url: string): void {
    const { clusterId, memberId: from } = this.config;
    const { clock, logger } = this;
    peer.url = url;
    peer.client = new PeerClient(
      url,
      { clusterId, from, to: id },
      {
        tls: this.config.tls,
        clock,
        logger,
        events: {
          onOpen: (socket) => this.opened(id, socket, "outgoing"),
          onRemoved: (why) => this.handler?.onRemoved(why),
        },
      },
    );
  }

  private opened(id: PeerId, socket: WebSocket, side: "outgoing" | "incoming"): void {
    const peer = this.peerOf(id);
    const parties = { from: id, to: this.config.memberId };
    // One of each: a peer that connects anew has lost what it had.
    peer[side]?.destroy();
    const link: PeerLink = new PeerLink(socket, parties, {
      clock: this.clock,
      logger: this.logger,
      handler: {
        onMessages: (messages) => {
          for (const message of messages) this.handler?.onMessage(message);
        },
        onRequest: async (method, body) =>
          this.handler === null
            ? { ok: false, code: "Unreachable", message: "this member is starting" }
            : this.handler.onRequest(id, method, body),
        onRoundTrip: (tookMs) => this.onRoundTrip(id, tookMs),
        onClose: () => this.closed(id, link, side),
      },
    });
    peer[side] = link;
  }

  private closed(id: PeerId, link: PeerLink, side: "outgoing" | "incoming"): void {
    const peer = this.peerOf(id);
    peer.sentBytes += link.sentBytes;
    peer.receivedBytes += link.receivedBytes;
    if (peer[side] === link) peer[side] = null;
    // A connection that is replaced is no news; that none is left is.
    if (this.linkTo(id) === null && !this.isClosed) this.handler?.onUnreachable(id);
  }

  private linkTo(id: PeerId): PeerLink | null {
    const peer = this.peers.get(id);
    return peer?.outgoing ?? peer?.incoming ?? null;
  }

  private async sendSnapshot({ to, term, snapshot }: MsgSnap): Promise<void> {
    const peer = this.peerOf(to);
    const status = await this.trySnapshot(to, peer, { term, snapshot });
    const report = (): void => this.handler?.onSnapshotSent(to, status);
    if (status === "SnapshotFinish") return report();
    // The core would try again at once.
    this.clock.schedule(SNAPSHOT_RETRY_MS, report);
  }

  private async trySnapshot(
    to: PeerId,
    peer: Peer,
    { term, snapshot }: Pick<MsgSnap, "term" | "snapshot">,
  ): Promise<"SnapshotFinish" | "SnapshotFailure"> {
    const { clusterId, memberId: from, tls, snapshotFolder } = this.config;
    if (peer.url === null || peer.isSnapshotUnderWay) return "SnapshotFailure";
    const { index, term: indexTerm, confState, data } = snapshot;
    const file = Buffer.from(data).toString("utf8");
    peer.isSnapshotUnderWay = true;
    try {
      const greeting = { clusterId, from, to };
      const socket = openPeerSocket(peer.url, { path: SNAPSHOT_PATH, greeting, tls });
      const head = { term, index, indexTerm, confState };
      const { sizeBytes } = await sendSnapshot(socket, join(snapshotFolder, file), head);
      this.logger.info("a peer has a snapshot of ours", { peer: to, index, sizeBytes });
      return "SnapshotFinish";
    } catch (error) {
      this.logger.warn("a peer did not take a snapshot", { peer: to, index, error });
      return "SnapshotFailure";
    } finally {
      peer.isSnapshotUnderWay = false;
    }
  }
}
