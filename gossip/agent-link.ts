import { readFile } from "node:fs/promises";
import { WebSocket } from "ws";
import type { Clock } from "../base/clock.js";
import { messageOf } from "../base/errors.js";
import type { Logger } from "../base/logger.js";
import type { Random } from "../base/random.js";
import type { ServerList } from "../base/server-list.js";
import { UNMASKED } from "../base/unmasked.js";
import { FRAME_BYTES_MAX, type Frame } from "./frame-codec.js";
import type { NodeUsage } from "./usage.js";
import {
  AGENT_LINK_PATH,
  AGENT_LINK_PROTOCOL,
  CLOSE_CODES,
  GossipSocket,
  HEARTBEAT_MS,
  SILENCE_MS,
} from "./gossip-socket.js";

const RETRY_MIN_MS = 100;
const RETRY_MAX_MS = 5000;
/**
 * A link that was given up half-made has cost both ends nearly all of it: once each server was
 * tried it gets more time. Not much more, for a host that is gone takes as long.
 */
const OPEN_AGAIN_MS = 2 * SILENCE_MS;

export interface AgentLinkOptions {
  readonly nodeName: string;
  readonly agentVersion: string;
  /** Shared with the API client of the process: both move together. */
  readonly serverList: ServerList;
  /** Read again for every connection: certificates rotate. */
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Called when a server has accepted the link (its URL), and with null when the link is lost. */
  readonly onChange?: (server: string | null) => void;
}

/** The agent's end of its one WebSocket to a server. */
export interface AgentLink {
  /** The server that accepted the link; null while there is none. */
  readonly server: string | null;
  /** Tells the server what was measured; dropped while there is no link. */
  sendUsage(usage: NodeUsage): void;
  /** Says goodbye and ends. */
  close(): void;
}

/**
 * Keeps one link to one of the servers and sends heartbeats over it: the node counts as alive as
 * long as they arrive. A lost or silent link is made anew, with the next server, after a jittered
 * back-off. A server that says that it cannot serve is left by the whole process.
 */
export function startAgentLink(options: AgentLinkOptions): AgentLink {
  return new ReconnectingLink(options);
}

class ReconnectingLink implements AgentLink {
  server: string | null = null;
  private readonly options: AgentLinkOptions;
  private failures = 0;
  private socket: GossipSocket | null = null;
  private cancelTimer: () => void = () => {};
  private sequence = 0;
  private heartbeatMs = HEARTBEAT_MS;
  private closed = false;
  private readonly endLeaving: () => void;

  constructor(options: AgentLinkOptions) {
    this.options = options;
    this.endLeaving = options.serverList.onLeave((url) => {
      if (url === this.server) this.socket?.close(CLOSE_CODES.normal, "goes to another server");
    });
    this.connect();
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.endLeaving();
    this.cancelTimer();
    this.socket?.send({ type: "bye" });
    this.socket?.close(CLOSE_CODES.normal, "agent stops");
  }

  sendUsage(usage: NodeUsage): void {
    if (this.server !== null) this.socket?.send({ type: "usage", usage });
  }

  /** Each server is tried once before the waits grow: a node without a link soon counts as dead. */
  private get rounds(): number {
    return Math.floor(this.failures / this.options.serverList.urls().length);
  }

  private connect(): void {
    const { serverList, logger } = this.options;
    const server = serverList.urls()[0] ?? "";
    this.open(server).catch((error: unknown) => {
      logger.warn("the link to the server cannot be opened", { server, error: messageOf(error) });
      this.retry(server);
    });
  }

  private async open(server: string): Promise<void> {
    const { caFile, certFile, keyFile, clock } = this.options;
    const [ca, cert, key] = await Promise.all([caFile, certFile, keyFile].map((f) => readFile(f)));
    if (this.closed) return;
    const url = new URL(AGENT_LINK_PATH, server);
    url.protocol = "wss:";
    const openMs = this.rounds === 0 ? SILENCE_MS : OPEN_AGAIN_MS;
    const socket = new WebSocket(url, AGENT_LINK_PROTOCOL, {
      ca,
      cert,
      key,
      maxPayload: FRAME_BYTES_MAX,
      perMessageDeflate: false,
      handshakeTimeout: openMs,
      ...UNMASKED,
    });
    const link = new GossipSocket(socket, {
      clock,
      silenceMs: SILENCE_MS,
      openMs,
      events: {
        frame: (frame) => this.receive(frame, server),
        closed: ({ code, reason }) => this.lost(server, { code, reason }),
      },
    });
    this.socket = link;
    const { nodeName: node, agentVersion } = this.options;
    socket.on("open", () => link.send({ type: "hello", node, agentVersion }));
  }

  private receive(frame: Frame, server: string): void {
    if (frame.type !== "welcome" || this.server !== null) return;
    this.server = server;
    this.failures = 0;
    this.heartbeatMs = frame.heartbeatMs;
    this.options.logger.info("linked to the server", { server });
    this.options.onChange?.(server);
    this.beat();
  }

  private beat(): void {
    this.sequence += 1;
    this.socket?.send({ type: "heartbeat", sequence: this.sequence });
    if (!this.closed && this.socket !== null)
      this.cancelTimer = this.options.clock.schedule(this.heartbeatMs, () => this.beat());
  }

  private lost(server: string, why: { readonly code: number; readonly reason: string }): void {
    const wasLinked = this.server !== null;
    this.cancelTimer();
    this.socket = null;
    this.server = null;
    if (this.closed) return;
    this.options.logger.warn("the link to the server is lost", { server, ...why });
    if (wasLinked) this.options.onChange?.(null);
    if (why.code === CLOSE_CODES.notServing) this.options.serverList.leave(server);
    this.retry(server);
  }

  private retry(server: string): void {
    if (this.closed) return;
    this.options.serverList.demote(server);
    const ceilingMs = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** Math.min(this.rounds, 10));
    this.failures += 1;
    // Full jitter would let some wait for nothing at all: half of the delay is fixed.
    const delayMs = ceilingMs / 2 + this.options.random.below(Math.ceil(ceilingMs / 2) + 1);
    this.cancelTimer = this.options.clock.schedule(delayMs, () => this.connect());
  }
}
