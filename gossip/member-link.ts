import type { WebSocket } from "ws";
import type { Clock } from "../base/clock.js";
import { CodedError, messageOf } from "../base/errors.js";
import { MEMBER_CLOSE_CODES } from "./member-names.js";
import { decodeHello, decodeSwim, encodeHello, encodeSwim } from "./swim-codec.js";
import type { SwimMessage } from "./swim/types.js";

/** Messages that wait for a link that is being made; what comes after is lost, as on a bad network. */
const WAITING_MAX = 32;
/** What is waiting to be sent at most; beyond that messages are lost. */
const BUFFERED_BYTES_MAX = 1 << 20;
const REASON_MAX_BYTES = 120;
const CLOSE_MS = 1_000;

export interface MemberLinkEvents {
  /** The other end said who it is, and may say so. */
  named(name: string): void;
  message(message: SwimMessage): void;
  /** Called once; nothing comes after it. */
  closed(why: { readonly code: number; readonly reason: string }): void;
}

/** What a link needs to know of its two ends. */
export interface MemberLinkEnds {
  readonly self: string;
  /** This end made the link. */
  readonly isOurs: boolean;
  /** Whether the certificate of the other end may speak under this name. */
  readonly maySpeakAs: (name: string) => boolean;
}

/**
 * One WebSocket between two members. Each end first says its name; whatever comes after that was
 * said by who proved to have that name, and by nobody else.
 */
export class MemberLink {
  /** Null until the other end said it. */
  name: string | null = null;
  /** Of the monotonic clock; its owner keeps it. */
  usedMs: number;
  /** When the other end last said something, or the link was begun; its owner keeps it, too. */
  heardMs: number;
  private readonly socket: WebSocket;
  private readonly clock: Clock;
  private readonly ends: MemberLinkEnds;
  private readonly events: MemberLinkEvents;
  private waiting: Buffer[] = [];
  private isClosed = false;

  /** `socket` is open, or will be. */
  constructor(
    socket: WebSocket,
    { ends, events, clock }: { ends: MemberLinkEnds; events: MemberLinkEvents; clock: Clock },
  ) {
    this.socket = socket;
    this.ends = ends;
    this.events = events;
    this.clock = clock;
    this.usedMs = clock.monotonicMs();
    this.heardMs = this.usedMs;
    socket.binaryType = "nodebuffer";
    const greet = (): void => socket.send(encodeHello(ends.self));
    if (socket.readyState === socket.OPEN) greet();
    else socket.once("open", greet);
    socket.on("message", (data, isBinary) => this.receive(data, isBinary));
    socket.on("error", (error) => this.finish(1006, messageOf(error)));
    socket.on("close", (code, reason) => this.finish(code, reason.toString("utf8")));
  }

  get isOurs(): boolean {
    return this.ends.isOurs;
  }

  get isOpen(): boolean {
    return !this.isClosed;
  }

  /** What cannot be sent soon is lost: what matters is said again. */
  send(message: SwimMessage): void {
    if (this.isClosed) return;
    const bytes = encodeSwim(message);
    if (this.name === null) {
      if (this.waiting.length < WAITING_MAX) this.waiting.push(bytes);
    } else if (this.socket.bufferedAmount < BUFFERED_BYTES_MAX) this.socket.send(bytes);
  }

  /** Ends the link, at once for us; `closed` is called before it returns. */
  close(code: number, reason: string): void {
    if (this.isClosed) return;
    this.finish(code, reason);
    this.socket.close(code, reason.slice(0, REASON_MAX_BYTES));
    // ws waits for the other end's close frame; a dead one never sends it.
    const cancel = this.clock.schedule(CLOSE_MS, () => this.socket.terminate());
    this.socket.once("close", cancel);
  }

  /** Ends the link to a member that is gone: there is nobody to say goodbye to. */
  drop(reason: string): void {
    this.finish(1006, reason);
    this.socket.terminate();
  }

  private receive(data: unknown, isBinary: boolean): void {
    if (this.isClosed) return;
    try {
      if (!isBinary || !Buffer.isBuffer(data))
        return this.close(MEMBER_CLOSE_CODES.badFrame, "text");
      if (this.name === null) return this.takeName(decodeHello(data));
      const message = decodeSwim(data);
      if (message !== null) this.events.message(message);
    } catch (error) {
      // Only what the other end sent is its fault; our own mistakes end the process.
      if (!(error instanceof CodedError)) throw error;
      this.close(MEMBER_CLOSE_CODES.badFrame, error.message);
    }
  }

  private takeName(name: string): void {
    if (!this.ends.maySpeakAs(name) || name === this.ends.self)
      return this.close(MEMBER_CLOSE_CODES.forbidden, "the certificate is another member's");
    this.name = name;
    this.events.named(name);
    for (const bytes of this.waiting) this.socket.send(bytes);
    this.waiting = [];
  }

  private finish(code: number, reason: string): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.waiting = [];
    this.events.closed({ code, reason });
  }
}
