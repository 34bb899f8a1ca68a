import {
  ERROR,
  FLAG,
  FRAME,
  FRAME_BYTES_MAX,
  FRAME_HEADER_BYTES,
  frameOf,
  numberFrame,
  WINDOW_BYTES_MAX,
  writeFrameHeader,
} from "./frame.js";

/** What the peer does with a stream. None is called after `onClose`. */
export interface StreamEvents {
  /** Into the bytes that came: whoever keeps it for long copies it. */
  onData(bytes: Buffer): void;
  /** The peer sends no more. */
  onEnd(): void;
  /** Nothing can be sent any more: all was, or either side gave up. */
  onClose(): void;
}

/** What a stream asks of its connection. */
export interface StreamHost {
  send(bytes: Buffer): void;
  /** How many bytes of data may be sent now, by the connection's window and what the peer reads. */
  room(): number;
  /** So many are sent. */
  spend(bytes: number): void;
  /** The stream has data that could not be sent. */
  hold(stream: ServerStream): void;
  /** The stream is closed; `hasReset`: by us, before the peer had ended it. */
  forget(stream: ServerStream, hasReset: boolean): void;
}

/** The server's end of one stream (RFC 9113 §5). Header blocks are handed over encoded. */
export class ServerStream {
  readonly id: number;
  events: StreamEvents | null = null;
  /** What the peer may still send on this stream. */
  receiveWindow: number;
  private readonly host: StreamHost;
  private sendWindow: number;
  private readonly waiting: Buffer[] = [];
  private waitingBytes = 0;
  private trailers: Buffer | null = null;
  private expectedBytes: number | null;
  private hasReset = false;
  private peerEnded = false;
  private ended = false;
  private closed = false;
  private onDrained: (() => void)[] = [];

  constructor(
    id: number,
    host: StreamHost,
    start: {
      readonly sendWindow: number;
      readonly receiveWindow: number;
      /** How much data the peer has announced; null: it has not. */
      readonly contentLength: number | null;
    },
  ) {
    this.id = id;
    this.host = host;
    this.sendWindow = start.sendWindow;
    this.receiveWindow = start.receiveWindow;
    this.expectedBytes = start.contentLength;
  }

  /** True once nothing can be sent any more. */
  get isClosed(): boolean {
    return this.closed;
  }

  /** True once everything to be sent was handed over. */
  get isEnded(): boolean {
    return this.ended || this.closed;
  }

  get bufferedBytes(): number {
    return this.waitingBytes;
  }

  /** Headers; with `end` they are all there is. */
  headers(block: Buffer, { end = false } = {}): void {
    if (this.isEnded) return;
    const flags = FLAG.endHeaders | (end ? FLAG.endStream : 0);
    this.host.send(frameOf(FRAME.headers, { flags, streamId: this.id }, block));
    if (end) this.finish();
  }

  /** Data in its order, as the windows allow. */
  data(bytes: Buffer): void {
    if (this.isEnded || bytes.length === 0) return;
    this.waiting.push(bytes);
    this.waitingBytes += bytes.length;
    this.pump();
  }

  /** Ends the stream behind the data that waits. */
  end(trailers: Buffer): void {
    if (this.isEnded) return;
    this.ended = true;
    this.trailers = trailers;
    this.pump();
  }

  /** Headers, data and trailers at once; in one piece of memory where the windows allow. */
  whole(head: Buffer, data: Buffer, trailers: Buffer): void {
    if (this.isEnded) return;
    const length = data.length;
    if (length > Math.min(FRAME_BYTES_MAX, this.sendWindow, this.host.room())) {
      this.headers(head);
      this.data(data);
      this.end(trailers);
      return;
    }
    this.spend(length);
    const streamId = this.id;
    const sizeBytes = 3 * FRAME_HEADER_BYTES + head.length + length + trailers.length;
    const bytes = Buffer.allocUnsafe(sizeBytes);
    const open = { type: FRAME.headers, flags: FLAG.endHeaders, streamId, length: head.length };
    let at = writeFrameHeader(bytes, 0, open);
    at += head.copy(bytes, at);
    at = writeFrameHeader(bytes, at, { type: FRAME.data, flags: 0, streamId, length });
    at += data.copy(bytes, at);
    const flags = FLAG.endHeaders | FLAG.endStream;
    const close = { type: FRAME.headers, flags, streamId, length: trailers.length };
    at = writeFrameHeader(bytes, at, close);
    trailers.copy(bytes, at);
    this.host.send(bytes);
    this.finish();
  }

  /** Gives up; `code` is one of ERROR. */
  reset(code: number): void {
    if (this.closed) return;
    this.hasReset = true;
    this.host.send(numberFrame(FRAME.reset, this.id, code));
    this.close();
  }

  /** Resolves once nothing waits any more, or the stream is closed. */
  drained(): Promise<void> {
    if (this.closed || this.waitingBytes === 0) return Promise.resolve();
    return new Promise((resolve) => this.onDrained.push(resolve));
  }

  takeData(bytes: Buffer): void {
    if (this.expectedBytes !== null) this.expectedBytes -= bytes.length;
    if (bytes.length > 0) this.events?.onData(bytes);
  }

  /** The peer sends no more. */
  takeEnd(): void {
    if (this.peerEnded || this.closed) return;
    if ((this.expectedBytes ?? 0) !== 0) return this.reset(ERROR.protocol);
    this.peerEnded = true;
    this.events?.onEnd();
  }

  get hasPeerEnded(): boolean {
    return this.peerEnded;
  }

  /** The peer allows so many bytes more, or fewer. False: more than the protocol allows. */
  widen(bytes: number): boolean {
    this.sendWindow += bytes;
    return this.sendWindow <= WINDOW_BYTES_MAX;
  }

  /** Sends what the windows allow. */
  pump(): void {
    while (this.waitingBytes > 0) {
      const [first] = this.waiting;
      if (first === undefined || this.closed) return;
      const size = Math.min(first.length, FRAME_BYTES_MAX, this.sendWindow, this.host.room());
      if (size <= 0) return this.host.hold(this);
      this.spend(size);
      this.waitingBytes -= size;
      if (size === first.length) this.waiting.shift();
      else this.waiting[0] = first.subarray(size);
      this.host.send(frameOf(FRAME.data, { streamId: this.id }, first.subarray(0, size)));
    }
    const waiters = this.onDrained;
    this.onDrained = [];
    for (const resolve of waiters) resolve();
    if (this.trailers === null || this.closed) return;
    const flags = FLAG.endHeaders | FLAG.endStream;
    this.host.send(frameOf(FRAME.headers, { flags, streamId: this.id }, this.trailers));
    this.finish();
  }

  /** Closes without a word to the peer. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.waiting.length = 0;
    this.waitingBytes = 0;
    this.host.forget(this, this.hasReset);
    for (const resolve of this.onDrained) resolve();
    this.onDrained = [];
    this.events?.onClose();
  }

  private spend(bytes: number): void {
    this.sendWindow -= bytes;
    this.host.spend(bytes);
  }

  /** All was sent. A peer that still sends is told that nobody listens (RFC 9113 §8.1). */
  private finish(): void {
    this.ended = true;
    if (this.peerEnded) this.close();
    else this.reset(ERROR.none);
  }
}
