import type { Message } from "raft-ts";
import { WebSocket } from "ws";
import { messageOf } from "../../base/errors.js";
import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/logger.js";
import {
  decodeFrame,
  encodeAnswer,
  encodeMessages,
  encodeRequest,
  type Parties,
  type PeerAnswer,
} from "./codec.js";

export interface PeerLinkHandler {
  onMessages(messages: readonly Message[]): void;
  /** Answers a peer's request; what it rejects with is the answer. */
  onRequest(method: string, body: unknown): Promise<PeerAnswer>;
  /** The peer has answered a ping. */
  onRoundTrip(tookMs: number): void;
  /** Called once. */
  onClose(): void;
}

/** Beyond this many bytes that the peer has not taken, what comes is dropped. */
const UNSENT_MAX_BYTES = 64 * 1024 * 1024;
/** Something is heard at least so often on a link that works … */
const CHECK_MS = 1_000;
/** … and one that was silent for so many checks is given up. */
const SILENT_CHECKS_MAX = 3;
const REQUESTS_MAX = 1_024;

interface WaitingRequest {
  readonly settle: (answer: PeerAnswer) => void;
  readonly cancel: () => void;
}

/** One open WebSocket to a peer, whichever side opened it. */
export class PeerLink {
  private readonly socket: WebSocket;
  private readonly parties: Parties;
  private readonly handler: PeerLinkHandler;
  private readonly clock: Clock;
  private readonly requests = new Map<number, WaitingRequest>();
  private lastId = 0;
  private silentChecks = 0;
  private pingedAtMs: number | null = null;
  private cancelCheck: () => void = () => {};
  private isClosed = false;
  sentBytes = 0;
  receivedBytes = 0;

  /** `parties` as seen by what is received: from the peer, to us. */
  constructor(
    socket: WebSocket,
    parties: Parties,
    deps: { readonly handler: PeerLinkHandler; readonly clock: Clock; readonly logger: Logger },
  ) {
    this.socket = socket;
    this.parties = parties;
    this.handler = deps.handler;
    this.clock = deps.clock;
    socket.binaryType = "nodebuffer";
    socket.on("message", (data: Buffer) => {
      this.silentChecks = 0;
      this.receivedBytes += data.length;
      try {
        this.take(data);
      } catch (error) {
        deps.logger.warn("a peer sent what cannot be read", { peer: parties.from, error });
        this.destroy();
      }
    });
    const heard = (): void => {
      this.silentChecks = 0;
    };
    socket.on("ping", heard);
    socket.on("pong", () => {
      heard();
      if (this.pingedAtMs !== null)
        deps.handler.onRoundTrip(deps.clock.monotonicMs() - this.pingedAtMs);
      this.pingedAtMs = null;
    });
    // A close follows.
    socket.on("error", () => {});
    socket.on("close", () => this.closed());
    this.scheduleCheck();
  }

  /** False when some of it was dropped. */
  send(messages: readonly Message[]): boolean {
    for (const frame of encodeMessages(messages)) if (!this.write(frame)) return false;
    return true;
  }

  /** Asks the peer; no answer within the time is one too: `Timeout`. */
  request(method: string, body: unknown, timeoutMs: number): Promise<PeerAnswer> {
    return new Promise((resolve) => {
      const failed = (code: string, message: string): void => resolve({ ok: false, code, message });
      if (this.requests.size >= REQUESTS_MAX) return failed("Overloaded", "too many requests wait");
      this.lastId = this.lastId === 0xffff_ffff ? 1 : this.lastId + 1;
      const id = this.lastId;
      const cancel = this.clock.schedule(timeoutMs, () => {
        this.requests.delete(id);
        failed("Timeout", `the peer did not answer within ${timeoutMs} ms`);
      });
      this.requests.set(id, { settle: resolve, cancel });
      if (this.write(encodeRequest(id, method, body))) return;
      this.settle(id, { ok: false, code: "Unreachable", message: "the peer takes nothing" });
    });
  }

  destroy(): void {
    this.socket.terminate();
  }

  private write(frame: Buffer): boolean {
    if (this.socket.readyState !== WebSocket.OPEN) return false;
    if (this.socket.bufferedAmount > UNSENT_MAX_BYTES) return false;
    this.sentBytes += frame.length;
    this.socket.send(frame);
    return true;
  }

  private take(data: Buffer): void {
    const frame = decodeFrame(data, this.parties);
    switch (frame.kind) {
      case "messages":
        return this.handler.onMessages(frame.messages);
      case "request":
        void this.answer(frame.id, frame.method, frame.body);
        return;
      case "answer":
        return this.settle(frame.id, frame.answer);
      default:
        return this.destroy();
    }
  }

  private async answer(id: number, method: string, body: unknown): Promise<void> {
    let answer: PeerAnswer;
    try {
      answer = await this.handler.onRequest(method, body);
    } catch (error) {
      const { code } = error as { code?: unknown };
      const known = typeof code === "string" ? code : "Internal";
      answer = { ok: false, code: known, message: messageOf(error) };
    }
    this.write(encodeAnswer(id, answer));
  }

  private settle(id: number, answer: PeerAnswer): void {
    const waiting = this.requests.get(id);
    this.requests.delete(id);
    waiting?.cancel();
    waiting?.settle(answer);
  }

  /** TCP notices a lost network after minutes; whoever waits for it waits too long. */
  private scheduleCheck(): void {
    this.cancelCheck = this.clock.schedule(CHECK_MS, () => {
      this.silentChecks += 1;
      if (this.silentChecks > SILENT_CHECKS_MAX) return this.destroy();
      if (this.socket.readyState === WebSocket.OPEN) {
        this.pingedAtMs ??= this.clock.monotonicMs();
        this.socket.ping();
      }
      this.scheduleCheck();
    });
  }

  private closed(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.cancelCheck();
    const lost = { ok: false, code: "Unreachable", message: "the connection was lost" } as const;
    for (const id of this.requests.keys()) this.settle(id, lost);
    this.handler.onClose();
  }
}
