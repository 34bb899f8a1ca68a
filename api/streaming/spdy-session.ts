import type { Duplex } from "node:stream";
import type { Clock } from "../../base/clock.js";
import {
  dataHead,
  encodeSpdyFrame,
  RST_STATUS,
  SETTING_INITIAL_WINDOW,
  type SpdyFrame,
  SpdyFrameReader,
} from "./spdy-frame.js";
import {
  SpdyHeaderDecoder,
  SpdyHeaderEncoder,
  type SpdyHeaders,
  SpdyProtocolError,
} from "./spdy-headers.js";
import { SpdyStream, SpdyStreamClosed, type SpdyStreamPort } from "./spdy-stream.js";

const INITIAL_WINDOW_BYTES = 64 * 1024;
const FRAME_BYTES_MAX = 32 * 1024;
const STREAMS_MAX = 4096;
/** What all streams of a session may hold together before the connection is no longer read. */
const SESSION_BUFFER_BYTES = 4 * 1024 * 1024;
const STREAM_BUFFER_BYTES_MAX = 256 * 1024;
const STREAM_BUFFER_BYTES_MIN = 16 * 1024;
const CONTROL_BACKLOG_BYTES_MAX = 4 * 1024 * 1024;
const PING_EVERY_MS = 30_000;
const GOAWAY_FLUSH_MS = 5_000;

/** How a session is made. */
export interface SpdySessionOptions {
  readonly role: "client" | "server";
  readonly clock: Clock;
  /**
   * Called for each stream the peer opens; it was already accepted. Without it, such streams are
   * refused.
   */
  readonly onStream?: (stream: SpdyStream) => void;
}

/**
 * One end of a SPDY/3.1 connection over any duplex byte stream, which it owns from now on.
 *
 * Flow control: windows count only once the peer has shown, by a WINDOW_UPDATE or SETTINGS frame,
 * that it plays the game. The Go peers of this ecosystem never do; they close the connection right
 * after their last data, and a grant written to a closed connection would make the kernel throw
 * away what we have not read yet. Whatever the peer does, a reader that does not keep up stops the
 * reading of the connection: memory stays bounded.
 */
export class SpdySession implements SpdyStreamPort {
  /** Resolves when the connection is gone; never rejects. */
  readonly closed: Promise<void>;
  private readonly transport: Duplex;
  private readonly options: SpdySessionOptions;
  private readonly reader = new SpdyFrameReader();
  private readonly encoder = new SpdyHeaderEncoder();
  private readonly decoder = new SpdyHeaderDecoder();
  private readonly streams = new Map<number, SpdyStream>();
  private readonly blocked = new Set<SpdyStream>();
  private readonly replies = new Map<number, (opened: boolean) => void>();
  private writers: (() => void)[] = [];
  private windowWaiters: { readonly stream: SpdyStream; readonly resume: () => void }[] = [];
  private obeysWindows = false;
  private peerInitialWindow = INITIAL_WINDOW_BYTES;
  private sendWindow = INITIAL_WINDOW_BYTES;
  private unackedBytes = 0;
  private nextStreamId: number;
  private lastPeerStreamId = 0;
  private goingAway = false;
  private ended = false;
  private heardSincePing = true;
  private cancelPing: () => void = () => {};
  private resolveClosed: () => void = () => {};

  constructor(transport: Duplex, options: SpdySessionOptions) {
    this.transport = transport;
    this.options = options;
    this.nextStreamId = options.role === "client" ? 1 : 2;
    this.closed = new Promise((resolve) => {
      this.resolveClosed = resolve;
    });
    transport.on("data", (chunk: Buffer) => this.receive(chunk));
    transport.on("drain", () => this.resumeWriters());
    transport.on("end", () => this.destroy());
    transport.on("error", () => this.destroy());
    transport.on("close", () => this.destroy());
    this.schedulePing();
    if (transport.destroyed) this.destroy();
  }

  /** Streams open now. */
  get streamCount(): number {
    return this.streams.size;
  }

  /**
   * Opens a stream. It can be written at once; `opened` resolves to false when the peer refused it
   * or did not answer before the session ended.
   */
  open(headers: SpdyHeaders): { readonly stream: SpdyStream; readonly opened: Promise<boolean> } {
    const id = this.nextStreamId;
    this.nextStreamId += 2;
    const stream = this.addStream(id, headers);
    const opened = new Promise<boolean>((resolve) => {
      if (this.ended || this.goingAway) resolve(false);
      else this.replies.set(id, resolve);
    });
    if (this.ended || this.goingAway) this.dropStream(id);
    else {
      const headerBlock = this.encoder.encode(headers);
      const fin = false;
      this.send({ type: "SYN_STREAM", streamId: id, fin, unidirectional: false, headerBlock });
    }
    return { stream, opened };
  }

  /**
   * Says goodbye, lets what was handed over reach the peer, and ends the connection; what arrives
   * from now on is dropped. Await the `finish` of streams whose last bytes matter first.
   */
  close(): void {
    if (this.ended || this.goingAway) return;
    this.goingAway = true;
    this.send({ type: "GOAWAY", lastStreamId: this.lastPeerStreamId, status: 0 });
    this.transport.end();
    // The peer answers the end of our side by ending its own; one that never does is cut off.
    this.cancelPing();
    this.cancelPing = this.options.clock.schedule(GOAWAY_FLUSH_MS, () => this.destroy());
    this.dropStreams();
    this.transport.resume();
  }

  /** Drops the connection. Streams end as if the peer had reset them. */
  destroy(): void {
    if (this.ended) return;
    this.ended = true;
    this.cancelPing();
    this.transport.destroy();
    this.dropStreams();
    this.resumeWriters();
    this.resolveClosed();
  }

  /** Part of SpdyStreamPort. */
  sendAllowance(stream: SpdyStream): number {
    if (!this.obeysWindows) return FRAME_BYTES_MAX;
    return Math.min(FRAME_BYTES_MAX, stream.sendWindow, this.sendWindow);
  }

  /** Part of SpdyStreamPort. */
  waitForWindow(stream: SpdyStream, resume: () => void): void {
    this.windowWaiters.push({ stream, resume });
  }

  /** Part of SpdyStreamPort. */
  sendData(
    stream: SpdyStream,
    data: Buffer,
    options: { fin: boolean; done: (error?: Error) => void },
  ): void {
    if (this.ended) return options.done(new SpdyStreamClosed());
    if (this.transport.writableNeedDrain) {
      this.writers.push(() => this.sendData(stream, data, options));
      return;
    }
    stream.sendWindow -= data.length;
    this.sendWindow -= data.length;
    const { fin } = options;
    this.transport.cork();
    this.transport.write(dataHead({ streamId: stream.id, fin, data }));
    if (data.length > 0) this.transport.write(data);
    this.transport.uncork();
    if (this.transport.writableNeedDrain) this.writers.push(() => options.done());
    else options.done();
  }

  /** Part of SpdyStreamPort. */
  consumed(stream: SpdyStream): void {
    this.grant(stream);
    if (!this.blocked.delete(stream) || this.blocked.size > 0 || this.ended) return;
    this.transport.resume();
  }

  /** Part of SpdyStreamPort. */
  finished(stream: SpdyStream, abandoned: boolean): void {
    if (this.streams.delete(stream.id) && abandoned && !this.ended)
      this.reset(stream.id, RST_STATUS.cancel);
    this.settleReply(stream.id, false);
    this.windowWaiters = this.windowWaiters.filter((waiter) => {
      if (waiter.stream !== stream) return true;
      waiter.resume();
      return false;
    });
    this.consumed(stream);
  }

  private receive(chunk: Buffer): void {
    this.heardSincePing = true;
    try {
      for (const frame of this.reader.read(chunk)) this.handle(frame);
    } catch (error) {
      if (!(error instanceof SpdyProtocolError)) throw error;
      // There is no way to find the next frame.
      this.send({ type: "GOAWAY", lastStreamId: this.lastPeerStreamId, status: 1 });
      this.destroy();
    }
  }

  private handle(frame: SpdyFrame): void {
    if (this.ended) return;
    switch (frame.type) {
      case "SYN_STREAM":
        return this.handleSynStream(frame.streamId, frame);
      case "SYN_REPLY":
      case "HEADERS":
        // Decoded even if nobody wants them: the peer's compressor counts on it.
        this.decoder.decode(frame.headerBlock);
        this.settleReply(frame.streamId, true);
        if (frame.fin) this.streams.get(frame.streamId)?.receive(Buffer.alloc(0), true);
        return;
      case "DATA":
        return this.handleData(frame);
      case "RST_STREAM":
        this.settleReply(frame.streamId, false);
        return this.dropStream(frame.streamId);
      case "PING":
        // Ours have our parity; only the peer's are answered.
        if ((frame.id & 1) !== (this.nextStreamId & 1)) this.send(frame);
        return;
      case "GOAWAY":
        this.goingAway = true;
        return;
      case "WINDOW_UPDATE":
        return this.handleWindowUpdate(frame.streamId, frame.delta);
      case "SETTINGS":
        return this.handleSettings(frame.values);
    }
  }

  private handleSynStream(
    id: number,
    frame: {
      readonly fin: boolean;
      readonly unidirectional: boolean;
      readonly headerBlock: Buffer;
    },
  ): void {
    const headers = this.decoder.decode(frame.headerBlock);
    const theirs = (id & 1) !== (this.nextStreamId & 1);
    if (!theirs || id <= this.lastPeerStreamId) return this.reset(id, RST_STATUS.protocolError);
    this.lastPeerStreamId = id;
    const { onStream } = this.options;
    if (onStream === undefined || this.goingAway || this.streams.size >= STREAMS_MAX)
      return this.reset(id, RST_STATUS.refusedStream);
    const stream = this.addStream(id, headers);
    const headerBlock = this.encoder.encode({});
    if (!frame.unidirectional)
      this.send({ type: "SYN_REPLY", streamId: id, fin: false, headerBlock });
    onStream(stream);
    if (frame.fin) stream.receive(Buffer.alloc(0), true);
  }

  private handleData(frame: { streamId: number; fin: boolean; data: Buffer }): void {
    const stream = this.streams.get(frame.streamId);
    this.unackedBytes += frame.data.length;
    if (stream === undefined) {
      // Late data of a stream we have reset. It still counts for the session's window.
      this.grantSession();
      return;
    }
    stream.unackedBytes += frame.data.length;
    stream.receive(frame.data, frame.fin);
    if (stream.readableLength < this.streamBufferBytes()) return this.grant(stream);
    this.blocked.add(stream);
    this.transport.pause();
  }

  private handleWindowUpdate(streamId: number, delta: number): void {
    this.obeysWindows = true;
    if (streamId === 0) this.sendWindow += delta;
    else {
      const stream = this.streams.get(streamId);
      if (stream !== undefined) stream.sendWindow += delta;
    }
    this.resumeWindowWaiters();
  }

  private handleSettings(values: ReadonlyMap<number, number>): void {
    this.obeysWindows = true;
    const initial = values.get(SETTING_INITIAL_WINDOW);
    if (initial !== undefined) {
      const change = initial - this.peerInitialWindow;
      this.peerInitialWindow = initial;
      for (const stream of this.streams.values()) stream.sendWindow += change;
    }
    this.resumeWindowWaiters();
  }

  private addStream(id: number, headers: SpdyHeaders): SpdyStream {
    const stream = new SpdyStream(
      { id, headers },
      { port: this, sendWindow: this.peerInitialWindow },
    );
    this.streams.set(id, stream);
    return stream;
  }

  private dropStream(id: number): void {
    const stream = this.streams.get(id);
    if (stream === undefined) return;
    this.streams.delete(id);
    stream.peerGone();
    this.resumeWindowWaiters();
  }

  private dropStreams(): void {
    for (const resolve of this.replies.values()) resolve(false);
    this.replies.clear();
    const streams = [...this.streams.values()];
    this.streams.clear();
    this.blocked.clear();
    for (const stream of streams) stream.peerGone();
    this.resumeWindowWaiters();
  }

  private settleReply(id: number, opened: boolean): void {
    const resolve = this.replies.get(id);
    this.replies.delete(id);
    resolve?.(opened);
  }

  private streamBufferBytes(): number {
    const share = SESSION_BUFFER_BYTES / Math.max(1, this.streams.size);
    return Math.max(STREAM_BUFFER_BYTES_MIN, Math.min(STREAM_BUFFER_BYTES_MAX, share));
  }

  /**
   * Lets the peer send again what the reader has taken. In lumps: a frame for each chunk would
   * double the traffic.
   */
  private grant(stream: SpdyStream): void {
    if (!this.obeysWindows) return;
    if (stream.unackedBytes >= INITIAL_WINDOW_BYTES / 2 && this.streams.has(stream.id)) {
      this.send({ type: "WINDOW_UPDATE", streamId: stream.id, delta: stream.unackedBytes });
      stream.unackedBytes = 0;
    }
    this.grantSession();
  }

  private grantSession(): void {
    if (!this.obeysWindows) return;
    if (this.unackedBytes < INITIAL_WINDOW_BYTES / 2) return;
    this.send({ type: "WINDOW_UPDATE", streamId: 0, delta: this.unackedBytes });
    this.unackedBytes = 0;
  }

  private reset(streamId: number, status: number): void {
    this.send({ type: "RST_STREAM", streamId, status });
  }

  private send(frame: SpdyFrame): void {
    if (this.ended || !this.transport.writable) return;
    // A peer that makes us answer (PING, WINDOW_UPDATE) and never reads must not fill our memory.
    if (this.transport.writableLength > CONTROL_BACKLOG_BYTES_MAX) return this.destroy();
    this.transport.write(encodeSpdyFrame(frame));
  }

  private resumeWriters(): void {
    const waiting = this.writers;
    this.writers = [];
    for (const write of waiting) write();
  }

  private resumeWindowWaiters(): void {
    const waiting = this.windowWaiters;
    this.windowWaiters = [];
    for (const { resume } of waiting) resume();
  }

  /**
   * Finds a peer that vanished without a word. Not while reading is paused: answers could not be
   * heard, and the peer may have closed already, behind data that a ping would destroy.
   */
  private schedulePing(): void {
    this.cancelPing = this.options.clock.schedule(PING_EVERY_MS, () => {
      if (this.blocked.size > 0) return this.schedulePing();
      if (!this.heardSincePing) return this.destroy();
      this.heardSincePing = false;
      this.send({ type: "PING", id: this.nextStreamId });
      this.schedulePing();
    });
  }
}
