import {
  ConnectionError,
  ERROR,
  FLAG,
  FRAME,
  FRAME_BYTES_MAX,
  type Frame,
  FrameReader,
  frameOf,
  numberFrame,
  SETTING,
  settingsFrame,
  WINDOW_BYTES,
  WINDOW_BYTES_MAX,
} from "./frame.js";
import { HpackDecoder } from "./hpack.js";
import { type RequestHead, requestOf } from "./request.js";
import { ServerStream, type StreamHost } from "./stream.js";

export interface ConnectionLimits {
  /** Streams that the peer may have open at a time. */
  readonly streamsMax: number;
  /** What the peer may send on a stream, and on all of them, before it is read. */
  readonly streamWindowBytes: number;
  readonly connectionWindowBytes: number;
  /** What may wait for the peer to read before data is held back. */
  readonly backlogBytesMax: number;
}

/** What a connection needs of its socket and of whoever serves its streams. */
export interface ConnectionHooks {
  /** Bytes for the peer, in their order. */
  readonly send: (bytes: Buffer) => void;
  /** Bytes that were sent and wait for the peer to read. */
  readonly backlogBytes: () => number;
  /** A request begins; sets `stream.events`. `null`: its headers were too large to be taken. */
  readonly onStream: (stream: ServerStream, request: RequestHead | null) => void;
}

const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");
const HEADER_LIST_BYTES_MAX = 16_384;
/** Of a block that comes in several frames. */
const HEADER_BLOCK_BYTES_MAX = 65_536;
const CONTINUATIONS_MAX = 16;
/** Streams we gave up of which frames may still be on their way. */
const RESET_KEPT = 1000;
const PRIORITY_BYTES = 5;

/** A header block of which the end has not come yet. */
interface OpenBlock {
  readonly streamId: number;
  readonly endStream: boolean;
  readonly parts: Buffer[];
  bytes: number;
}

/**
 * The server's side of HTTP/2 on one connection, as far as gRPC needs it (RFC 9113; no push, no
 * priorities): bytes in, streams out. No socket, no clock. Header blocks of answers are encoded by
 * whoever serves, without state (`encodeHeaders`).
 */
export class ServerConnection implements StreamHost {
  private readonly hooks: ConnectionHooks;
  private readonly limits: ConnectionLimits;
  private readonly frames = new FrameReader();
  private readonly headerDecoder = new HpackDecoder(HEADER_LIST_BYTES_MAX);
  private readonly streams = new Map<number, ServerStream>();
  /** Streams with data that could not be sent, in the order in which they stopped. */
  private readonly held = new Set<ServerStream>();
  /** Streams that we reset, the newest last: what the peer had sent by then is no fault of its. */
  private readonly resetByUs = new Set<number>();
  private prefaceBytes = 0;
  private lastStreamId = 0;
  private openBlock: OpenBlock | null = null;
  private sendWindow = WINDOW_BYTES;
  private streamSendWindow = WINDOW_BYTES;
  private receiveWindow: number;
  private isOver = false;

  constructor(limits: ConnectionLimits, hooks: ConnectionHooks) {
    this.limits = limits;
    this.hooks = hooks;
    const { streamsMax, streamWindowBytes, connectionWindowBytes } = limits;
    this.receiveWindow = connectionWindowBytes;
    hooks.send(
      settingsFrame([
        [SETTING.maxConcurrentStreams, streamsMax],
        [SETTING.initialWindowSize, streamWindowBytes],
        [SETTING.maxHeaderListSize, HEADER_LIST_BYTES_MAX],
      ]),
    );
    hooks.send(numberFrame(FRAME.windowUpdate, 0, connectionWindowBytes - WINDOW_BYTES));
  }

  /**
   * Takes bytes from the peer. False: it broke the protocol, was told so, and the connection has to
   * be closed.
   */
  receive(chunk: Buffer): boolean {
    if (this.isOver) return false;
    try {
      const rest = this.takePreface(chunk);
      this.frames.push(rest, (frame) => this.takeFrame(frame));
      return true;
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      this.goAway(error.code, error.message);
      return false;
    }
  }

  /** What was sent has gone: goes on with what was held back. */
  resume(): void {
    // One that has to stop again goes to the end of the queue.
    for (let tries = this.held.size; tries > 0 && this.room() > 0; tries -= 1) {
      const [stream] = this.held;
      if (stream === undefined) return;
      this.held.delete(stream);
      stream.pump();
    }
  }

  /** Says goodbye and closes every stream. */
  goAway(code: number = ERROR.none, reason = ""): void {
    if (!this.isOver) {
      const payload = Buffer.alloc(8 + Buffer.byteLength(reason));
      payload.writeUInt32BE(this.lastStreamId, 0);
      payload.writeUInt32BE(code, 4);
      payload.write(reason, 8);
      this.hooks.send(frameOf(FRAME.goAway, {}, payload));
    }
    this.close();
  }

  /** The connection is gone. */
  close(): void {
    this.isOver = true;
    for (const stream of this.streams.values()) stream.close();
  }

  private takePreface(chunk: Buffer): Buffer {
    if (this.prefaceBytes === PREFACE.length) return chunk;
    const wanted = PREFACE.subarray(this.prefaceBytes, this.prefaceBytes + chunk.length);
    if (chunk.compare(wanted, 0, wanted.length, 0, wanted.length) !== 0)
      throw new ConnectionError(ERROR.protocol, "this is not HTTP/2");
    this.prefaceBytes += wanted.length;
    return chunk.subarray(wanted.length);
  }

  private takeFrame(frame: Frame): void {
    const { openBlock } = this;
    const continues = frame.type === FRAME.continuation;
    if (continues !== (openBlock !== null) || (continues && openBlock?.streamId !== frame.streamId))
      throw new ConnectionError(ERROR.protocol, "frames amid a header block");
    switch (frame.type) {
      case FRAME.data:
        return this.takeData(frame);
      case FRAME.headers:
        return this.takeHeaders(frame);
      case FRAME.continuation:
        return this.takeContinuation(frame);
      case FRAME.windowUpdate:
        return this.takeWindowUpdate(frame);
      case FRAME.settings:
        return this.takeSettings(frame);
      case FRAME.ping:
        return this.takePing(frame);
      case FRAME.reset:
        expectBytes(frame, 4);
        this.streams.get(this.known(frame.streamId))?.close();
        return;
      case FRAME.priority:
        expectBytes(frame, PRIORITY_BYTES);
        return checkPriority(frame.streamId, frame.payload);
      case FRAME.goAway:
        if (frame.streamId === 0) return;
        throw new ConnectionError(ERROR.protocol, "the goodbye of a stream");
      case FRAME.pushPromise:
        throw new ConnectionError(ERROR.protocol, "clients push nothing");
      // Unknown frames are skipped (RFC 9113 §5.5).
    }
  }

  private takeData(frame: Frame): void {
    const { streamId, flags, payload } = frame;
    const stream = this.streams.get(this.known(streamId));
    // Padding counts, and so does data of a stream that is no more (RFC 9113 §6.9).
    this.receiveWindow -= payload.length;
    if (this.receiveWindow < 0) throw new ConnectionError(ERROR.flowControl, "too much data");
    this.receiveWindow = this.regrant(0, this.receiveWindow, this.limits.connectionWindowBytes);
    const data = withoutPadding(frame, 0);
    if (stream === undefined) {
      if (!this.resetByUs.has(streamId))
        this.hooks.send(numberFrame(FRAME.reset, streamId, ERROR.streamClosed));
      return;
    }
    if (stream.hasPeerEnded) return stream.reset(ERROR.streamClosed);
    stream.receiveWindow -= payload.length;
    if (stream.receiveWindow < 0) return stream.reset(ERROR.flowControl);
    stream.takeData(data);
    if (stream.isClosed) return;
    if ((flags & FLAG.endStream) !== 0) return stream.takeEnd();
    const { streamWindowBytes } = this.limits;
    stream.receiveWindow = this.regrant(streamId, stream.receiveWindow, streamWindowBytes);
  }

  /** Grants a window that is half used up anew; returns what is granted now. */
  private regrant(streamId: number, left: number, whole: number): number {
    if (left > whole / 2) return left;
    this.hooks.send(numberFrame(FRAME.windowUpdate, streamId, whole - left));
    return whole;
  }

  private takeHeaders(frame: Frame): void {
    const { streamId, flags } = frame;
    if (streamId % 2 === 0) throw new ConnectionError(ERROR.protocol, `a request ${streamId}`);
    const endStream = (flags & FLAG.endStream) !== 0;
    const hasPriority = (flags & FLAG.priority) !== 0;
    if (hasPriority) checkPriority(streamId, withoutPadding(frame, 0));
    const block = withoutPadding(frame, hasPriority ? PRIORITY_BYTES : 0);
    if ((flags & FLAG.endHeaders) !== 0) return this.takeBlock(streamId, block, endStream);
    // Copied: what it lies in is not kept for as long as the peer likes to take.
    const parts = [Buffer.from(block)];
    this.openBlock = { streamId, endStream, parts, bytes: block.length };
  }

  private takeContinuation({ flags, payload }: Frame): void {
    const { openBlock } = this;
    if (openBlock === null) return;
    openBlock.parts.push(Buffer.from(payload));
    openBlock.bytes += payload.length;
    if (openBlock.bytes > HEADER_BLOCK_BYTES_MAX || openBlock.parts.length > CONTINUATIONS_MAX)
      throw new ConnectionError(ERROR.enhanceYourCalm, "headers without an end");
    if ((flags & FLAG.endHeaders) === 0) return;
    this.openBlock = null;
    const { streamId, parts, endStream } = openBlock;
    this.takeBlock(streamId, Buffer.concat(parts), endStream);
  }

  private takeBlock(streamId: number, block: Buffer, endStream: boolean): void {
    // Also of a stream that is no more: the next block builds on it.
    const headers = this.headerDecoder.decode(block);
    const known = this.streams.get(streamId);
    if (known !== undefined) {
      // Trailers, of which gRPC's clients send none.
      if (!endStream || known.hasPeerEnded) return known.reset(ERROR.protocol);
      return known.takeEnd();
    }
    if (streamId <= this.lastStreamId) return this.takeLateBlock(streamId);
    this.lastStreamId = streamId;
    const request = headers === null ? null : requestOf(headers);
    const stream = new ServerStream(streamId, this, {
      sendWindow: this.streamSendWindow,
      receiveWindow: this.limits.streamWindowBytes,
      contentLength: request?.contentLength ?? null,
    });
    if (headers !== null && request === null) return stream.reset(ERROR.protocol);
    if (this.streams.size >= this.limits.streamsMax) return stream.reset(ERROR.refusedStream);
    this.streams.set(streamId, stream);
    this.hooks.onStream(stream, request);
    if (endStream) stream.takeEnd();
  }

  /** Headers of a stream that is no more, or that was skipped. */
  private takeLateBlock(streamId: number): void {
    if (this.resetByUs.has(streamId)) return;
    const code = streamId === this.lastStreamId ? ERROR.streamClosed : ERROR.protocol;
    throw new ConnectionError(code, `stream ${streamId} is closed`);
  }

  private takeWindowUpdate(frame: Frame): void {
    expectBytes(frame, 4);
    const { streamId, payload } = frame;
    const bytes = payload.readUInt32BE(0) & WINDOW_BYTES_MAX;
    if (streamId === 0) {
      if (bytes === 0) throw new ConnectionError(ERROR.protocol, "a window of nothing");
      this.sendWindow += bytes;
      if (this.sendWindow > WINDOW_BYTES_MAX)
        throw new ConnectionError(ERROR.flowControl, "a window too large");
      return this.resume();
    }
    const stream = this.streams.get(this.known(streamId));
    if (stream === undefined) return;
    if (bytes === 0) return stream.reset(ERROR.protocol);
    if (!stream.widen(bytes)) return stream.reset(ERROR.flowControl);
    stream.pump();
  }

  private takeSettings({ flags, streamId, payload }: Frame): void {
    if (streamId !== 0) throw new ConnectionError(ERROR.protocol, "settings of a stream");
    const isAck = (flags & FLAG.ack) !== 0;
    if (payload.length % 6 !== 0 || (isAck && payload.length > 0))
      throw new ConnectionError(ERROR.frameSize, `settings of ${payload.length} bytes`);
    if (isAck) return;
    for (let at = 0; at < payload.length; at += 6)
      this.takeSetting(payload.readUInt16BE(at), payload.readUInt32BE(at + 2));
    this.hooks.send(frameOf(FRAME.settings, { flags: FLAG.ack }));
    this.resume();
  }

  /** What else a peer may set is about headers that we do not index and frames we keep small. */
  private takeSetting(id: number, value: number): void {
    if (id === SETTING.enablePush && value > 1)
      throw new ConnectionError(ERROR.protocol, `ENABLE_PUSH ${value}`);
    if (id === SETTING.maxFrameSize && (value < FRAME_BYTES_MAX || value >= 1 << 24))
      throw new ConnectionError(ERROR.protocol, `MAX_FRAME_SIZE ${value}`);
    if (id !== SETTING.initialWindowSize) return;
    if (value > WINDOW_BYTES_MAX)
      throw new ConnectionError(ERROR.flowControl, `INITIAL_WINDOW_SIZE ${value}`);
    const more = value - this.streamSendWindow;
    this.streamSendWindow = value;
    for (const stream of this.streams.values())
      if (!stream.widen(more)) throw new ConnectionError(ERROR.flowControl, "a window too large");
  }

  private takePing(frame: Frame): void {
    expectBytes(frame, 8);
    if (frame.streamId !== 0) throw new ConnectionError(ERROR.protocol, "a ping of a stream");
    if ((frame.flags & FLAG.ack) !== 0) return;
    this.hooks.send(frameOf(FRAME.ping, { flags: FLAG.ack }, frame.payload));
  }

  /** The id of a stream that the peer has opened, now or before. */
  private known(streamId: number): number {
    if (streamId === 0 || streamId > this.lastStreamId)
      throw new ConnectionError(ERROR.protocol, `a frame of stream ${streamId}, which is idle`);
    return streamId;
  }

  // What a stream asks of its connection (StreamHost).

  send(bytes: Buffer): void {
    this.hooks.send(bytes);
  }

  room(): number {
    if (this.hooks.backlogBytes() > this.limits.backlogBytesMax) return 0;
    return Math.max(0, this.sendWindow);
  }

  spend(bytes: number): void {
    this.sendWindow -= bytes;
  }

  hold(stream: ServerStream): void {
    this.held.add(stream);
  }

  forget(stream: ServerStream, hasReset: boolean): void {
    this.held.delete(stream);
    this.streams.delete(stream.id);
    if (!hasReset) return;
    this.resetByUs.add(stream.id);
    const [oldest] = this.resetByUs;
    if (this.resetByUs.size > RESET_KEPT && oldest !== undefined) this.resetByUs.delete(oldest);
  }
}

function expectBytes({ payload }: Frame, length: number): void {
  if (payload.length !== length)
    throw new ConnectionError(ERROR.frameSize, `${payload.length} bytes instead of ${length}`);
}

/** Priorities are not used, but a stream that depends on itself is a fault (RFC 7540 §5.3.1). */
function checkPriority(streamId: number, payload: Buffer): void {
  if (streamId === 0 || payload.length < PRIORITY_BYTES)
    throw new ConnectionError(ERROR.protocol, "a priority of nothing");
  if ((payload.readUInt32BE(0) & WINDOW_BYTES_MAX) === streamId)
    throw new ConnectionError(ERROR.protocol, "a stream depends on itself");
}

/** The payload behind what the flags put before it, without its padding (RFC 9113 §6.1, §6.2). */
function withoutPadding({ flags, payload }: Frame, skip: number): Buffer {
  const isPadded = (flags & FLAG.padded) !== 0;
  const padding = isPadded ? (payload[0] ?? 0) : 0;
  const start = (isPadded ? 1 : 0) + skip;
  if (start + padding > payload.length)
    throw new ConnectionError(ERROR.protocol, "more padding than there is");
  return payload.subarray(start, payload.length - padding);
}
