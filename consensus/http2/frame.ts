/** HTTP/2's frames (RFC 9113 §4, §6), as bytes. */

/** The types of frames that are read or written here. */
export const FRAME = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const FLAG = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 32 } as const;

/** RFC 9113 §7. */
export const ERROR = {
  none: 0,
  protocol: 1,
  internal: 2,
  flowControl: 3,
  streamClosed: 5,
  frameSize: 6,
  refusedStream: 7,
  cancel: 8,
  compression: 9,
  enhanceYourCalm: 11,
} as const;

/** RFC 9113 §6.5.2. */
export const SETTING = {
  headerTableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxFrameSize: 5,
  maxHeaderListSize: 6,
} as const;

export const FRAME_HEADER_BYTES = 9;
/** What both sides take before they agree on more; we never ask for more. */
export const FRAME_BYTES_MAX = 16_384;
export const WINDOW_BYTES = 65_535;
export const WINDOW_BYTES_MAX = 2 ** 31 - 1;

/** What ends a connection: the peer broke the protocol. `code` is one of ERROR. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export interface Frame {
  readonly type: number;
  readonly flags: number;
  /** 0: the connection itself. */
  readonly streamId: number;
  /** Into the bytes that came: whoever keeps it for long copies it. */
  readonly payload: Buffer;
}

/** Cuts a stream of bytes into frames. */
export class FrameReader {
  private readonly parts: Buffer[] = [];
  private partBytes = 0;

  /** Calls `take` for each frame that is whole. Throws ConnectionError for one that is too large. */
  push(chunk: Buffer, take: (frame: Frame) => void): void {
    let bytes = chunk;
    if (this.partBytes > 0) {
      this.parts.push(chunk);
      this.partBytes += chunk.length;
      // Joined once all of it is there: a frame that comes in crumbs is not copied for each.
      if (this.partBytes < this.wantedBytes()) return;
      bytes = Buffer.concat(this.parts, this.partBytes);
      this.parts.length = 0;
      this.partBytes = 0;
    }
    let at = 0;
    for (;;) {
      const left = bytes.length - at;
      if (left < FRAME_HEADER_BYTES) break;
      const length = lengthAt(bytes, at);
      if (length > FRAME_BYTES_MAX)
        throw new ConnectionError(ERROR.frameSize, `a frame of ${length} bytes`);
      const end = at + FRAME_HEADER_BYTES + length;
      if (end > bytes.length) break;
      const type = bytes[at + 3] ?? 0;
      const flags = bytes[at + 4] ?? 0;
      const streamId = bytes.readUInt32BE(at + 5) & WINDOW_BYTES_MAX;
      take({ type, flags, streamId, payload: bytes.subarray(at + FRAME_HEADER_BYTES, end) });
      at = end;
    }
    if (at === bytes.length) return;
    this.parts.push(at === 0 ? bytes : bytes.subarray(at));
    this.partBytes = bytes.length - at;
  }

  /** Bytes from the start of the frame that is not whole yet to its end, as far as is known. */
  private wantedBytes(): number {
    const [first] = this.parts;
    if (first === undefined || first.length < FRAME_HEADER_BYTES) return FRAME_HEADER_BYTES;
    return FRAME_HEADER_BYTES + lengthAt(first, 0);
  }
}

function lengthAt(bytes: Buffer, at: number): number {
  return ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
}

/** Writes the header of a frame of `length` bytes into `bytes` at `at`; returns where it ends. */
export function writeFrameHeader(
  bytes: Buffer,
  at: number,
  { type, flags, streamId, length }: Omit<Frame, "payload"> & { readonly length: number },
): number {
  bytes[at] = length >>> 16;
  bytes[at + 1] = (length >>> 8) & 0xff;
  bytes[at + 2] = length & 0xff;
  bytes[at + 3] = type;
  bytes[at + 4] = flags;
  bytes[at + 5] = streamId >>> 24;
  bytes[at + 6] = (streamId >>> 16) & 0xff;
  bytes[at + 7] = (streamId >>> 8) & 0xff;
  bytes[at + 8] = streamId & 0xff;
  return at + FRAME_HEADER_BYTES;
}

/** A whole frame in memory of its own. */
export function frameOf(
  type: number,
  { flags = 0, streamId = 0 }: { readonly flags?: number; readonly streamId?: number },
  payload: Buffer = EMPTY,
): Buffer {
  const bytes = Buffer.allocUnsafe(FRAME_HEADER_BYTES + payload.length);
  const at = writeFrameHeader(bytes, 0, { type, flags, streamId, length: payload.length });
  payload.copy(bytes, at);
  return bytes;
}

/** SETTINGS with these values, in their order. */
export function settingsFrame(settings: readonly (readonly [number, number])[]): Buffer {
  const payload = Buffer.allocUnsafe(settings.length * 6);
  settings.forEach(([id, value], i) => {
    payload.writeUInt16BE(id, i * 6);
    payload.writeUInt32BE(value, i * 6 + 2);
  });
  return frameOf(FRAME.settings, {}, payload);
}

/** A frame whose payload is one number of 32 bits: WINDOW_UPDATE, RST_STREAM. */
export function numberFrame(type: number, streamId: number, value: number): Buffer {
  const payload = Buffer.allocUnsafe(4);
  payload.writeUInt32BE(value, 0);
  return frameOf(type, { streamId }, payload);
}

const EMPTY = Buffer.alloc(0);
