import { Readable, Writable } from "node:stream";
import type { RawData, WebSocket } from "ws";
import { CHANNEL } from "./remote-command.js";

/** How channels are laid into the messages of one WebSocket. */
export interface WebSocketChannelsOptions {
  /**
   * Text messages: a digit for the channel, then base64. Otherwise binary: a byte for the channel,
   * then the data.
   */
  readonly base64: boolean;
  /**
   * Which ends of channels are told by the message 255, channel (v5): those the peer sends on,
   * those we send on, or none. Only the side that gives commands may use it: clients take it for a
   * protocol error.
   */
  readonly halfClose: "incoming" | "outgoing" | "none";
  /** Channels the peer sends on. What it sends on others is dropped. */
  readonly readable: readonly number[];
}

const BUFFER_BYTES = 64 * 1024;

/**
 * Several byte channels over one WebSocket, as streams. The WebSocket is not read while one of the
 * channels has more than its reader takes, and a writer waits until its message was handed to the
 * network.
 */
export class WebSocketChannels {
  /** Resolves when the WebSocket is gone; never rejects. */
  readonly closed: Promise<void>;
  private readonly socket: WebSocket;
  private readonly options: WebSocketChannelsOptions;
  private readonly incoming = new Map<number, Readable>();
  private readonly outgoing = new Set<Writable>();
  private readonly blocked = new Set<number>();
  private closing = false;

  constructor(socket: WebSocket, options: WebSocketChannelsOptions) {
    this.socket = socket;
    this.options = options;
    for (const channel of options.readable) this.incoming.set(channel, this.makeReadable(channel));
    socket.on("message", (data: RawData) => this.receive(data));
    socket.on("error", () => socket.terminate());
    this.closed = new Promise((resolve) => {
      socket.once("close", () => {
        this.release();
        resolve();
      });
      if (socket.readyState === socket.CLOSED) {
        this.release();
        resolve();
      }
    });
    socket.resume();
  }

  /**
   * What the peer sends on a channel; ends when it says so or goes. Null for a channel that is not
   * readable.
   */
  readable(channel: number): Readable | null {
    return this.incoming.get(channel) ?? null;
  }

  /** What is written goes to the peer; `end()` is told to it where the protocol can. */
  writable(channel: number): Writable {
    const stream = new Writable({
      highWaterMark: BUFFER_BYTES,
      write: (chunk: Buffer, _encoding, done) => this.send(channel, chunk, done),
      final: (done) => {
        if (this.options.halfClose === "outgoing")
          this.send(CHANNEL.close, Buffer.of(channel), done);
        else done();
      },
      destroy: (error, done) => {
        this.outgoing.delete(stream);
        done(error);
      },
    });
    stream.on("error", () => {}); // Reported to the writer; nobody else need listen.
    this.outgoing.add(stream);
    return stream;
  }

  /** Sends one message on a channel. Dropped when the WebSocket is closed; `done` learns of it. */
  send(channel: number, data: Buffer, done: (error?: Error | null) => void = () => {}): void {
    if (this.options.base64)
      this.socket.send(`${channel}${data.toString("base64")}`, { binary: false }, done);
    else this.socket.send(Buffer.concat([Buffer.of(channel), data]), { binary: true }, done);
  }

  /**
   * Sends a last message on a channel (null: none) and ends the WebSocket once the network has
   * taken everything, however long a slow peer takes over it. What arrives from now on is dropped.
   */
  finish(last: { readonly channel: number; readonly data: Buffer } | null): void {
    this.closing = true;
    this.blocked.clear();
    this.socket.resume();
    const close = (): void => this.socket.close(1000);
    // A ping is the empty message that every protocol allows: written, all before it was written.
    if (last === null) this.socket.ping(undefined, undefined, close);
    else this.send(last.channel, last.data, close);
  }

  /** Drops the connection. */
  destroy(): void {
    this.socket.terminate();
  }

  private makeReadable(channel: number): Readable {
    return new Readable({
      highWaterMark: BUFFER_BYTES,
      read: () => this.unblock(channel),
      destroy: (error, done) => {
        this.unblock(channel);
        done(error);
      },
    });
  }

  private receive(raw: RawData): void {
    if (this.closing) return;
    const message = this.decode(asBuffer(raw));
    if (message === null) return;
    const { channel, data } = message;
    if (channel === CHANNEL.close && this.options.halfClose === "incoming")
      return this.endChannel(data[0]);
    const stream = this.incoming.get(channel);
    if (stream === undefined || stream.destroyed || stream.readableEnded || data.length === 0)
      return;
    if (stream.push(data)) return;
    this.blocked.add(channel);
    this.socket.pause();
  }

  /** Null for an empty message, which means nothing, and for one that is not in this form. */
  private decode(bytes: Buffer): { readonly channel: number; readonly data: Buffer } | null {
    const first = bytes[0];
    if (first === undefined) return null;
    if (!this.options.base64) return { channel: first, data: bytes.subarray(1) };
    const channel = first - 0x30;
    if (channel < 0 || channel > 9) return null;
    return { channel, data: Buffer.from(bytes.toString("latin1", 1), "base64") };
  }

  private endChannel(channel: number | undefined): void {
    const stream = channel === undefined ? undefined : this.incoming.get(channel);
    if (stream === undefined || stream.destroyed) return;
    this.incoming.delete(channel as number);
    stream.push(null);
  }

  private unblock(channel: number): void {
    if (this.blocked.delete(channel) && this.blocked.size === 0) this.socket.resume();
  }

  private release(): void {
    for (const stream of this.incoming.values()) stream.push(null);
    this.incoming.clear();
    for (const stream of this.outgoing) stream.destroy();
    this.outgoing.clear();
  }
}

function asBuffer(raw: RawData): Buffer {
  if (Buffer.isBuffer(raw)) return raw;
  return Array.isArray(raw) ? Buffer.concat(raw) : Buffer.from(raw);
}
