import { ByteReader, ByteWriter, MalformedError } from "../bytes.js";

/**
 * What travels on the socket between api and consensus process:
 *
 *     frame    u32 length of what follows, u8 version, messages
 *     message  u8 type, u32 id, u32 length, payload
 *
 * A frame carries everything that became due in one turn of the sender's event loop.
 */
export const SOCKET_VERSION = 1;

/**
 * A larger frame is garbage. Answers come in parts; only the events of one revision cannot be
 * parted.
 */
const FRAME_MAX_BYTES = 256 * 1024 * 1024;
/** A frame is sent once it is so large, even within a turn. */
const FLUSH_BYTES = 256 * 1024;
const LENGTH_BYTES = 4;

export interface SocketMessage {
  readonly type: number;
  readonly id: number;
  /** A view into what was received. */
  readonly payload: Buffer;
}

/** Puts received bytes together into messages. */
export class FrameDecoder {
  private readonly onMessage: (message: SocketMessage) => void;
  /** A frame of which only a part has come; its length first. */
  private partial: Buffer | null = null;
  private filled = 0;
  private readonly length = Buffer.alloc(LENGTH_BYTES);
  private lengthFilled = 0;

  constructor(onMessage: (message: SocketMessage) => void) {
    this.onMessage = onMessage;
  }

  /** Takes in what was received. Throws MalformedError: the connection is then of no use. */
  push(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.partial === null) rest = this.begin(rest);
      else rest = this.fill(this.partial, rest);
    }
  }

  /** At the begin of a frame: handles it in place when it is whole. */
  private begin(chunk: Buffer): Buffer {
    const missing = LENGTH_BYTES - this.lengthFilled;
    const taken = chunk.copy(this.length, this.lengthFilled, 0, missing);
    this.lengthFilled += taken;
    if (this.lengthFilled < LENGTH_BYTES) return chunk.subarray(taken);
    this.lengthFilled = 0;
    const length = this.length.readUInt32BE(0);
    if (length === 0 || length > FRAME_MAX_BYTES)
      throw new MalformedError(`a frame of ${length} bytes`);
    const rest = chunk.subarray(taken);
    if (rest.length >= length) {
      this.take(rest.subarray(0, length));
      return rest.subarray(length);
    }
    this.partial = Buffer.allocUnsafeSlow(length);
    this.filled = 0;
    return rest;
  }

  private fill(partial: Buffer, chunk: Buffer): Buffer {
    const taken = chunk.copy(partial, this.filled);
    this.filled += taken;
    if (this.filled === partial.length) {
      this.partial = null;
      this.take(partial);
    }
    return chunk.subarray(taken);
  }

  private take(frame: Buffer): void {
    const reader = new ByteReader(frame);
    const version = reader.u8();
    if (version !== SOCKET_VERSION)
      throw new MalformedError(`frame version ${version} is not known`);
    while (reader.remaining > 0)
      this.onMessage({ type: reader.u8(), id: reader.u32(), payload: reader.bytes() });
  }
}

/** Collects messages and hands them on as one frame at the end of the turn. */
export class FrameEncoder {
  private readonly write: (frame: Buffer) => void;
  private frame: ByteWriter | null = null;

  constructor(write: (frame: Buffer) => void) {
    this.write = write;
  }

  /** Adds a message whose payload `fill` writes. */
  send(type: number, id: number, fill: (writer: ByteWriter) => void): void {
    const writer = this.begin();
    writer.u8(type).u32(id).u32(0);
    const start = writer.length;
    fill(writer);
    writer.patchU32(start - LENGTH_BYTES, writer.length - start);
    if (writer.length >= FLUSH_BYTES) this.flush();
  }

  flush(): void {
    const writer = this.frame;
    if (writer === null) return;
    this.frame = null;
    writer.patchU32(0, writer.length - LENGTH_BYTES);
    this.write(writer.finish());
  }

  private begin(): ByteWriter {
    if (this.frame !== null) return this.frame;
    this.frame = new ByteWriter(4096).u32(0).u8(SOCKET_VERSION);
    setImmediate(() => this.flush());
    return this.frame;
  }
}
