import { WebSocket } from "ws";
import type { Clock } from "../base/clock.js";
import { messageOf } from "../base/errors.js";
import { decodeFrame, encodeFrame, FRAME_BYTES_MAX, type Frame } from "./frame-codec.js";

/** Path and subprotocol of the link between an agent and a server. */
export const AGENT_LINK_PATH = "/raftsman/v1/agent";
export const AGENT_LINK_PROTOCOL = "raftsman.agent.v1";

/**
 * Default rhythm: a crashed node is noticed within four seconds and a bit, and one that stands
 * still for three is not called dead, though it may have stopped just before its next heartbeat.
 */
export const HEARTBEAT_MS = 500;
export const SILENCE_MS = 4000;
/**
 * How long a server keeps a link over which nothing comes. The node is called dead long before; but
 * whoever is only slow would have to make another one, which costs him as much as twenty seconds of
 * heartbeats, and would be slower still.
 */
export const KEPT_MS = 60_000;

/**
 * Reasons for which a link is closed, as WebSocket close codes (4000–4999 are for applications).
 */
export const CLOSE_CODES = {
  normal: 1000,
  badFrame: 4400,
  /** The certificate speaks for another node than the hello. */
  forbidden: 4403,
  silent: 4408,
  /** A newer link of the same node took its place. */
  replaced: 4409,
  /** The server has no quorum: another one may have. */
  notServing: 4410,
  /** The other side does not read what we send. */
  slow: 4413,
} as const;

/** What is waiting to be sent at most; a peer behind that is cut off. */
const BUFFERED_BYTES_MAX = 4 << 20;
const REASON_MAX_BYTES = 120;

/** Told of what comes in. None may throw. */
export interface GossipSocketEvents {
  frame(frame: Frame): void;
  /** Called once; nothing comes after it. */
  closed(why: { readonly code: number; readonly reason: string }): void;
}

/**
 * One end of a WebSocket that carries frames, of an agent or of a server alike. It gives the link
 * up when nothing came for `silenceMs`: a peer that vanished without closing its socket is noticed
 * on both sides.
 */
export class GossipSocket {
  private readonly socket: WebSocket;
  private readonly clock: Clock;
  private readonly events: GossipSocketEvents;
  private readonly silenceMs: number;
  /** Until the first frame: what making a link may take. */
  private patienceMs: number;
  private cancelWatch: () => void;
  private heardMs: number;
  private lookedMs: number;
  private isClosed = false;

  /** `socket` is open, or will be: the first frame must come within `openMs`. */
  constructor(
    socket: WebSocket,
    options: {
      readonly clock: Clock;
      readonly events: GossipSocketEvents;
      readonly silenceMs: number;
      readonly openMs: number;
    },
  ) {
    const { clock, silenceMs } = options;
    this.socket = socket;
    this.clock = clock;
    this.events = options.events;
    this.silenceMs = silenceMs;
    this.patienceMs = options.openMs;
    this.heardMs = clock.monotonicMs();
    this.lookedMs = this.heardMs;
    this.cancelWatch = clock.schedule(silenceMs / 4, () => this.watch());
    socket.binaryType = "nodebuffer";
    socket.on("message", (data, isBinary) => this.receive(data, isBinary));
    socket.on("error", (error) => this.finish(1006, messageOf(error)));
    socket.on("close", (code, reason) => this.finish(code, reason.toString("utf8")));
  }

  /**
   * Sends a frame; dropped when the link is not open or the frame larger than either side takes. A
   * peer that does not read is cut off.
   */
  send(frame: Frame): void {
    if (this.isClosed || this.socket.readyState !== WebSocket.OPEN) return;
    if (this.socket.bufferedAmount > BUFFERED_BYTES_MAX)
      return this.close(CLOSE_CODES.slow, "does not read");
    const bytes = encodeFrame(frame);
    // The other side would cut the link. Only what is told again and again can be that large.
    if (bytes.length <= FRAME_BYTES_MAX) this.socket.send(bytes);
  }

  /** Ends the link, at once for us; `closed` is called before it returns. */
  close(code: number, reason: string): void {
    if (this.isClosed) return;
    const { socket } = this;
    this.finish(code, reason);
    socket.close(code, reason.slice(0, REASON_MAX_BYTES));
    // ws waits for the other side's close frame; a dead peer never sends one.
    const cancel = this.clock.schedule(1000, () => socket.terminate());
    socket.once("close", cancel);
  }

  private receive(data: unknown, isBinary: boolean): void {
    if (this.isClosed) return;
    this.heardMs = this.clock.monotonicMs();
    this.patienceMs = this.silenceMs;
    try {
      if (!isBinary || !Buffer.isBuffer(data)) return this.close(CLOSE_CODES.badFrame, "text");
      const frame = decodeFrame(data);
      if (frame !== null) this.events.frame(frame);
    } catch (error) {
      this.close(CLOSE_CODES.badFrame, messageOf(error));
    }
  }

  private watch(): void {
    const nowMs = this.clock.monotonicMs();
    const intervalMs = this.silenceMs / 4;
    // A look that comes late means that we were asleep: what was sent meanwhile is still waiting
    // to be read.
    const asleepMs = Math.max(0, nowMs - this.lookedMs - 1.25 * intervalMs);
    this.heardMs = Math.min(nowMs, this.heardMs + asleepMs);
    this.lookedMs = nowMs;
    if (nowMs - this.heardMs >= this.patienceMs) {
      this.finish(CLOSE_CODES.silent, `nothing heard for ${this.patienceMs} ms`);
      this.socket.terminate();
      return;
    }
    this.cancelWatch = this.clock.schedule(intervalMs, () => this.watch());
  }

  private finish(code: number, reason: string): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.cancelWatch();
    this.events.closed({ code, reason });
  }
}
