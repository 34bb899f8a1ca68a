import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/logger.js";
import { FRAME_BYTES_MAX, type Frame } from "../../gossip/frame-codec.js";
import {
  AGENT_LINK_PATH,
  AGENT_LINK_PROTOCOL,
  CLOSE_CODES,
  GossipSocket,
  HEARTBEAT_MS,
  KEPT_MS,
  SILENCE_MS,
} from "../../gossip/gossip-socket.js";
import { livenessLine } from "../../gossip/liveness-line.js";
import type { Identity, RawHandler, UpgradeHandler } from "../server/http-types.js";
import type { Overlay } from "../storage/overlay.js";
import { nodeHeartbeatOverlay, nodeLeaseOverlay } from "./heartbeat-overlay.js";
import { HEARD_MS, livenessHandler } from "./liveness-handler.js";
import { LivenessTable, type NodeWitnesses } from "./liveness-table.js";
import { livenessFeed, usageFeed } from "./relay-feeds.js";
import { type ServerRelayDeps, followOtherServers } from "./server-relay.js";
import { usageHandler } from "./usage-handler.js";
import { UsageTable } from "./usage-table.js";

const NODE_PREFIX = "system:node:";
const NODE_GROUP = "system:nodes";
const CHECK_MS = 250;

export interface AgentHubOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Who else knows of nodes; absent: their links alone decide. */
  readonly witnesses?: NodeWitnesses;
  /** Told to agents in the welcome. */
  readonly serverVersion: string;
}

/** The server's end of all agents' links, and what it knows from them. */
export interface AgentHub {
  /** Takes over connections for the agent link. */
  readonly upgrade: UpgradeHandler;
  /** Answers GET /raftsman/v1/liveness. */
  readonly liveness: RawHandler;
  /** Answers GET /raftsman/v1/usage. */
  readonly usageFeed: RawHandler;
  /** What nodes used lately, wherever they are linked. */
  readonly usage: UsageTable;
  /** Node heartbeats and node Leases, as read through the API. */
  readonly overlays: readonly Overlay[];
  /** Nodes linked to this server now. */
  readonly linkedNodes: number;
  /**
   * Whether this server can serve at all. While it cannot, agents are sent to another server: they
   * would take what it last knew for the truth.
   */
  setServing(serving: boolean): void;
  /** Hears of the nodes that are linked to other servers, until the signal aborts. */
  relay(deps: ServerRelayDeps, signal: AbortSignal): Promise<void>;
  /** Cuts all links, so that agents go to another server. */
  close(): void;
}

/** Makes the hub; it acts once the API server hands connections to `upgrade`. */
export function createAgentHub(options: AgentHubOptions): AgentHub {
  return new Hub(options);
}

class Hub implements AgentHub {
  readonly upgrade: UpgradeHandler;
  readonly liveness: RawHandler;
  readonly usageFeed: RawHandler;
  readonly usage = new UsageTable();
  readonly overlays: readonly Overlay[];
  private readonly options: AgentHubOptions;
  private readonly table: LivenessTable;
  private readonly links = new Map<string, GossipSocket>();
  private readonly unnamed = new Set<GossipSocket>();
  private serving = true;
  private readonly webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: FRAME_BYTES_MAX,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(AGENT_LINK_PROTOCOL) ? AGENT_LINK_PROTOCOL : false),
  });
  private readonly stopper = new AbortController();
  private cancelCheck: () => void;
  /** Other servers that follow what is heard here. */
  private readonly heardListeners = new Set<(message: Buffer) => void>();
  private heardNodes = new Set<string>();
  private cancelTell: () => void;

  constructor(options: AgentHubOptions) {
    this.options = options;
    this.table = new LivenessTable(SILENCE_MS, options.witnesses);
    this.upgrade = {
      matches: (path) => path === AGENT_LINK_PATH,
      handle: (request, socket, head, identity) =>
        this.handleUpgrade({ request, socket, head }, identity),
    };
    const heard = {
      subscribe: (listener: (message: Buffer) => void): (() => void) => {
        this.heardListeners.add(listener);
        return () => this.heardListeners.delete(listener);
      },
    };
    this.liveness = livenessHandler({ table: this.table, heard }, this.stopper.signal);
    const { clock } = options;
    this.usageFeed = usageHandler({ table: this.usage, clock }, this.stopper.signal);
    const lookup = (node: string): number | null => this.table.lastHeartbeatMs(node);
    this.overlays = [nodeHeartbeatOverlay(lookup), nodeLeaseOverlay(lookup)];
    this.cancelCheck = options.clock.schedule(CHECK_MS, () => this.check());
    this.cancelTell = options.clock.schedule(HEARD_MS, () => this.tellHeard());
  }

  get linkedNodes(): number {
    return this.links.size;
  }

  setServing(serving: boolean): void {
    if (serving === this.serving) return;
    this.serving = serving;
    if (serving) return;
    this.options.logger.warn("agents are sent to other servers: there is no quorum here");
    for (const link of [...this.links.values(), ...this.unnamed])
      link.close(CLOSE_CODES.notServing, "no quorum");
  }

  relay(deps: ServerRelayDeps, signal: AbortSignal): Promise<void> {
    const { clock } = this.options;
    const feeds = [livenessFeed(this.table, clock), usageFeed(this.usage, clock)];
    return followOtherServers(feeds, deps, signal);
  }

  close(): void {
    this.cancelCheck();
    this.cancelTell();
    this.stopper.abort();
    for (const link of [...this.links.values(), ...this.unnamed])
      link.close(CLOSE_CODES.normal, "server stops");
    this.webSockets.close();
  }

  private check(): void {
    const { clock } = this.options;
    const nowMs = clock.monotonicMs();
    this.table.check(nowMs, clock.nowMs());
    this.usage.prune(nowMs);
    this.cancelCheck = this.options.clock.schedule(CHECK_MS, () => this.check());
  }

  /** Encoded once for all other servers; the empty line says that this one is there. */
  private tellHeard(): void {
    this.cancelTell = this.options.clock.schedule(HEARD_MS, () => this.tellHeard());
    const nodes = this.heardNodes;
    this.heardNodes = new Set();
    if (this.heardListeners.size === 0) return;
    const lastHeartbeatMs = this.options.clock.nowMs();
    const lines = [...nodes].map((node) => livenessLine({ node, state: "alive", lastHeartbeatMs }));
    this.tell(`${lines.join("")}\n`);
  }

  private tell(text: string): void {
    const message = Buffer.from(text);
    for (const listener of this.heardListeners) listener(message);
  }

  private handleUpgrade(
    { request, socket, head }: { request: IncomingMessage; socket: Duplex; head: Buffer },
    identity: Identity,
  ): void {
    const node = nodeOf(identity);
    if (node === null) return refuse(socket, "403 Forbidden", "only nodes may open this link");
    const offered = request.headers["sec-websocket-protocol"] ?? "";
    if (!offered.split(",").some((name) => name.trim() === AGENT_LINK_PROTOCOL))
      return refuse(socket, "400 Bad Request", `the subprotocol is ${AGENT_LINK_PROTOCOL}`);
    this.webSockets.handleUpgrade(request, socket, head, (webSocket) =>
      this.accept(webSocket, node),
    );
  }

  private accept(webSocket: WebSocket, node: string): void {
    const { clock } = this.options;
    const link: GossipSocket = new GossipSocket(webSocket, {
      clock,
      silenceMs: KEPT_MS,
      openMs: KEPT_MS,
      events: {
        frame: (frame) => this.receive(link, node, frame),
        closed: (why) => this.forget(link, node, why),
      },
    });
    this.unnamed.add(link);
  }

  private receive(link: GossipSocket, node: string, frame: Frame): void {
    switch (frame.type) {
      case "hello":
        return this.welcome(link, node, frame.node);
      case "heartbeat":
        if (this.links.get(node) !== link)
          return link.close(CLOSE_CODES.badFrame, "heartbeat before hello");
        this.heard(node);
        if (frame.sequence % 2 === 1) link.send(frame);
        return;
      case "usage":
        if (this.links.get(node) !== link)
          return link.close(CLOSE_CODES.badFrame, "usage before hello");
        // Whose usage it is, the certificate says.
        return this.usage.heard({ node, usage: frame.usage }, this.options.clock.monotonicMs());
      case "bye":
        if (this.links.get(node) !== link) return;
        this.table.left(node);
        this.heardNodes.delete(node);
        this.tell(
          livenessLine({ node, state: "left", lastHeartbeatMs: this.options.clock.nowMs() }),
        );
        return link.close(CLOSE_CODES.normal, "bye");
      case "welcome":
        return link.close(CLOSE_CODES.badFrame, "welcome from an agent");
    }
  }

  private welcome(link: GossipSocket, node: string, named: string): void {
    if (named !== node) {
      this.options.logger.warn("an agent spoke for another node", { certificate: node, named });
      return link.close(CLOSE_CODES.forbidden, "the certificate is another node's");
    }
    if (!this.serving) return link.close(CLOSE_CODES.notServing, "no quorum");
    const older = this.links.get(node);
    this.unnamed.delete(link);
    this.links.set(node, link);
    if (older !== undefined && older !== link)
      older.close(CLOSE_CODES.replaced, "a newer link of this node took its place");
    this.options.logger.info("agent linked", { node });
    this.heard(node);
    link.send({
      type: "welcome",
      serverVersion: this.options.serverVersion,
      heartbeatMs: HEARTBEAT_MS,
      silenceMs: SILENCE_MS,
    });
  }

  private heard(node: string): void {
    const { clock } = this.options;
    this.table.heard(node, { wallMs: clock.nowMs(), monotonicMs: clock.monotonicMs() });
    this.heardNodes.add(node);
  }

  /** A closed link is no proof of death: the agent may be making a new one. The silence decides. */
  private forget(
    link: GossipSocket,
    node: string,
    why: { readonly code: number; readonly reason: string },
  ): void {
    this.unnamed.delete(link);
    if (this.links.get(node) !== link) return;
    this.links.delete(node);
    this.options.logger.info("agent link closed", { node, ...why });
  }
}

/** The node a client certificate speaks for, or null when it is no node's. */
function nodeOf({ name, groups }: Identity): string | null {
  const isNode = name.startsWith(NODE_PREFIX) && groups.includes(NODE_GROUP);
  return isNode && name.length > NODE_PREFIX.length ? name.slice(NODE_PREFIX.length) : null;
}

function refuse(socket: Duplex, status: string, message: string): void {
  const body = `${message}\n`;
  socket.on("error", () => socket.destroy());
  const lines = [
    `HTTP/1.1 ${status}`,
    "content-type: text/plain",
    `content-length: ${body.length}`,
    "connection: close",
  ];
  socket.end(`${lines.join("\r\n")}\r\n\r\n${body}`);
}
