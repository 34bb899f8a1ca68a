import { Duplex } from "node:stream";
import { CodedError } from "../../base/errors.js";
import type { SpdyHeaders } from "./spdy-headers.js";

/** What a stream asks of its session. */
export interface SpdyStreamPort {
  /** How many bytes the stream may send now; 0: `waitForWindow` calls back when that changes. */
  sendAllowance(stream: SpdyStream): number;
  waitForWindow(stream: SpdyStream, resume: () => void): void;
  /**
   * Sends data; calls back when the connection can take more, or with the reason why it never will.
   */
  sendData(
    stream: SpdyStream,
    data: Buffer,
    options: { fin: boolean; done: (error?: Error) => void },
  ): void;
  /** The reader took what was buffered: the peer may send more. */
  consumed(stream: SpdyStream): void;
  /** The stream is over. `abandoned`: the peer does not know yet. */
  finished(stream: SpdyStream, abandoned: boolean): void;
}

/** Small: what a session may hold for all its streams is the session's business. */
const READ_BUFFER_BYTES = 16 * 1024;
const WRITE_BUFFER_BYTES = 64 * 1024;

/** The connection or the stream went away while something was to be written. */
export class SpdyStreamClosed extends CodedError<"SpdyStreamClosed"> {
  constructor() {
    super("SpdyStreamClosed", "the stream was closed by the peer");
  }
}

/**
 * One stream of a SPDY session. `end()` half-closes it (FIN), `destroy()` resets it. A reset by the
 * peer, or the loss of the connection, reads as an end after the data that had arrived: Go's peers
 * reset streams to close them.
 */
export class SpdyStream extends Duplex {
  readonly id: number;
  /** What the opener said of the stream. */
  readonly headers: SpdyHeaders;
  /** Bytes the peer allows us to send (only if it does flow control at all). */
  sendWindow: number;
  /** Bytes received and not yet granted again. */
  unackedBytes = 0;
  private readonly port: SpdyStreamPort;
  private finReceived = false;
  private finSent = false;
  private gone = false;

  constructor(
    identity: { readonly id: number; readonly headers: SpdyHeaders },
    options: { port: SpdyStreamPort; sendWindow: number },
  ) {
    super({
      readableHighWaterMark: READ_BUFFER_BYTES,
      writableHighWaterMark: WRITE_BUFFER_BYTES,
      allowHalfOpen: true,
    });
    this.id = identity.id;
    this.headers = identity.headers;
    this.port = options.port;
    this.sendWindow = options.sendWindow;
    // A stream torn off in mid-write reports it to the writer; nobody else need listen.
    this.on("error", () => {});
  }

  /** Called by the session: data from the peer. */
  receive(data: Buffer, fin: boolean): void {
    if (this.finReceived || this.destroyed) return;
    if (data.length > 0) this.push(data);
    if (fin) this.receiveEnd();
  }

  /** Called by the session: the peer will neither send nor read any more. */
  peerGone(): void {
    if (this.gone) return;
    this.gone = true;
    this.receiveEnd();
    if (this.readableEnded || this.destroyed) this.destroy();
    else this.once("end", () => this.destroy());
  }

  /** True when neither side can send on this stream again. */
  get closedByPeer(): boolean {
    return this.gone;
  }

  override _read(): void {
    this.port.consumed(this);
  }

  override _write(
    chunk: Buffer,
    _encoding: BufferEncoding,
    done: (error?: Error | null) => void,
  ): void {
    if (this.gone || this.destroyed) return done(new SpdyStreamClosed());
    const allowed = this.port.sendAllowance(this);
    if (allowed <= 0) return this.port.waitForWindow(this, () => this._write(chunk, "utf8", done));
    const now = chunk.subarray(0, allowed);
    const later = chunk.subarray(now.length);
    const next = (error?: Error): void => {
      if (error !== undefined || later.length === 0) done(error);
      else this._write(later, "utf8", done);
    };
    this.port.sendData(this, now, { fin: false, done: next });
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.gone) return done();
    this.finSent = true;
    this.port.sendData(this, Buffer.alloc(0), { fin: true, done: () => done() });
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const closed = this.gone || (this.finReceived && this.finSent);
    this.gone = true;
    this.port.finished(this, !closed);
    done(error);
  }

  private receiveEnd(): void {
    if (this.finReceived) return;
    this.finReceived = true;
    this.push(null);
  }
}
