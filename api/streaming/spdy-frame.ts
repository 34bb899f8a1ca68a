import { assert } from "../../base/assert.js";
import { SpdyProtocolError } from "./spdy-headers.js";

/** Why a stream was reset (SPDY/3.1 section 2.6.3). */
export const RST_STATUS = {
  protocolError: 1,
  invalidStream: 2,
  refusedStream: 3,
  cancel: 5,
  flowControlError: 7,
  streamInUse: 8,
} as const;

/** SETTINGS_INITIAL_WINDOW_SIZE. */
export const SETTING_INITIAL_WINDOW = 7;

/**
 * Frames as parsed. `headerBlock` is still compressed: the session must decode every one, in order.
 */
export type SpdyFrame =
  | {
      readonly type: "SYN_STREAM";
      readonly streamId: number;
      readonly fin: boolean;
      readonly unidirectional: boolean;
      readonly headerBlock: Buffer;
    }
  | {
      readonly type: "SYN_REPLY" | "HEADERS";
      readonly streamId: number;
      readonly fin: boolean;
      readonly headerBlock: Buffer;
    }
  | { readonly type: "RST_STREAM"; readonly streamId: number; readonly status: number }
  | { readonly type: "SETTINGS"; readonly values: ReadonlyMap<number, number> }
  | { readonly type: "PING"; readonly id: number }
  | { readonly type: "GOAWAY"; readonly lastStreamId: number; readonly status: number }
  | { readonly type: "WINDOW_UPDATE"; readonly streamId: number; readonly delta: number }
  | {
      readonly type: "DATA";
      readonly streamId: number;
      readonly fin: boolean;
      readonly data: Buffer;
    };

type ControlType = Exclude<SpdyFrame["type"], "DATA">;

const TYPE_CODES: Readonly<Record<ControlType, number>> = {
  SYN_STREAM: 1,
  SYN_REPLY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PING: 6,
  GOAWAY: 7,
  HEADERS: 8,
  WINDOW_UPDATE: 9,
};
const TYPES_BY_CODE = new Map<number, ControlType>(
  (Object.keys(TYPE_CODES) as ControlType[]).map((type) => [TYPE_CODES[type], type]),
);

const VERSION = 3;
const FLAG_FIN = 1;
const FLAG_UNIDIRECTIONAL = 2;
const HEAD_BYTES = 8;
const CONTROL_BYTES_MAX = 64 * 1024;
const DATA_BYTES_MAX = 0xffffff;

/** The bytes of one frame. */
export function encodeSpdyFrame(frame: SpdyFrame): Buffer {
  switch (frame.type) {
    case "DATA":
      return Buffer.concat([dataHead(frame), frame.data]);
    case "SYN_STREAM":
      return control(frame.type, synFlags(frame), [words(frame.streamId, 0), EMPTY_SLOT, frame]);
    case "SYN_REPLY":
    case "HEADERS":
      return control(frame.type, frame.fin ? FLAG_FIN : 0, [words(frame.streamId), frame]);
    case "RST_STREAM":
      return control(frame.type, 0, [words(frame.streamId, frame.status)]);
    case "PING":
      return control(frame.type, 0, [words(frame.id)]);
    case "GOAWAY":
      return control(frame.type, 0, [words(frame.lastStreamId, frame.status)]);
    case "WINDOW_UPDATE":
      return control(frame.type, 0, [words(frame.streamId, frame.delta)]);
    case "SETTINGS": {
      const entries = [...frame.values].flatMap(([id, value]) => [id & 0xffffff, value]);
      return control(frame.type, 0, [words(frame.values.size, ...entries)]);
    }
  }
}

/** Only the eight bytes in front of the data, so that large data needs no copy. */
export function dataHead(frame: { streamId: number; fin: boolean; data: Buffer }): Buffer {
  assert(frame.data.length <= DATA_BYTES_MAX, `data frame of ${frame.data.length} bytes`);
  return words(frame.streamId, (frame.fin ? FLAG_FIN << 24 : 0) | frame.data.length);
}

const EMPTY_SLOT = Buffer.alloc(2); // Priority 0, credential slot 0.

function synFlags(frame: { fin: boolean; unidirectional: boolean }): number {
  return (frame.fin ? FLAG_FIN : 0) | (frame.unidirectional ? FLAG_UNIDIRECTIONAL : 0);
}

function control(
  type: ControlType,
  flags: number,
  parts: readonly (Buffer | { headerBlock: Buffer })[],
): Buffer {
  const body = Buffer.concat(parts.map((p) => (Buffer.isBuffer(p) ? p : p.headerBlock)));
  assert(body.length <= CONTROL_BYTES_MAX, `control frame of ${body.length} bytes`);
  const head = words(0x80000000 | (VERSION << 16) | TYPE_CODES[type], (flags << 24) | body.length);
  return Buffer.concat([head, body]);
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(4 * values.length);
  values.forEach((value, i) => bytes.writeUInt32BE(value >>> 0, 4 * i));
  return bytes;
}

interface DataRest {
  readonly streamId: number;
  readonly fin: boolean;
  readonly leftBytes: number;
}

/**
 * Cuts a byte stream into frames. Data is handed on as it arrives, so that a frame of 16 MB is
 * never held: one data frame may come out as several, of which only the last carries `fin`.
 */
export class SpdyFrameReader {
  private pending: Buffer = Buffer.alloc(0);
  private rest: DataRest | null = null;

  /**
   * Takes in bytes and returns the frames they complete. Throws SpdyProtocolError; then the reader
   * is of no more use.
   */
  read(chunk: Buffer): SpdyFrame[] {
    let bytes = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk]);
    const frames: SpdyFrame[] = [];
    for (;;) {
      const taken =
        this.rest === null ? this.readFrame(bytes, frames) : this.readData(bytes, frames);
      if (taken === 0) break;
      bytes = bytes.subarray(taken);
    }
    this.pending = bytes;
    return frames;
  }

  /** How many bytes the next frame took; 0 when it is not complete. */
  private readFrame(bytes: Buffer, frames: SpdyFrame[]): number {
    if (bytes.length < HEAD_BYTES) return 0;
    const first = bytes.readUInt32BE(0);
    const flags = bytes.readUInt8(4);
    const length = bytes.readUIntBE(5, 3);
    if (first >>> 31 === 0) {
      const fin = (flags & FLAG_FIN) !== 0;
      if (length === 0) frames.push({ type: "DATA", streamId: first, fin, data: Buffer.alloc(0) });
      else this.rest = { streamId: first, fin, leftBytes: length };
      return HEAD_BYTES;
    }
    if (length > CONTROL_BYTES_MAX) throw new SpdyProtocolError(`control frame of ${length} bytes`);
    if (bytes.length < HEAD_BYTES + length) return 0;
    const version = (first >>> 16) & 0x7fff;
    if (version !== VERSION) throw new SpdyProtocolError(`SPDY version ${version}`);
    const body = bytes.subarray(HEAD_BYTES, HEAD_BYTES + length);
    const frame = parseControl(first & 0xffff, flags, body);
    if (frame !== null) frames.push(frame);
    return HEAD_BYTES + length;
  }

  private readData(bytes: Buffer, frames: SpdyFrame[]): number {
    const rest = this.rest;
    if (rest === null || bytes.length === 0) return 0;
    const taken = Math.min(bytes.length, rest.leftBytes);
    const leftBytes = rest.leftBytes - taken;
    const fin = rest.fin && leftBytes === 0;
    frames.push({ type: "DATA", streamId: rest.streamId, fin, data: bytes.subarray(0, taken) });
    this.rest = leftBytes === 0 ? null : { ...rest, leftBytes };
    return taken;
  }
}

/**
 * Null for a type this protocol version does not know: such frames must be ignored (SPDY/3.1
 * section 2.2.1).
 */
function parseControl(code: number, flags: number, body: Buffer): SpdyFrame | null {
  const type = TYPES_BY_CODE.get(code);
  if (type === undefined) return null;
  const word = (i: number): number => {
    if (body.length < 4 * i + 4) throw new SpdyProtocolError(`${type} frame is cut short`);
    return body.readUInt32BE(4 * i);
  };
  const streamId = word(0) & 0x7fffffff;
  const fin = (flags & FLAG_FIN) !== 0;
  switch (type) {
    case "SYN_STREAM": {
      if (body.length < 10) throw new SpdyProtocolError(`${type} frame is cut short`);
      const unidirectional = (flags & FLAG_UNIDIRECTIONAL) !== 0;
      return { type, streamId, fin, unidirectional, headerBlock: body.subarray(10) };
    }
    case "SYN_REPLY":
    case "HEADERS":
      return { type, streamId, fin, headerBlock: body.subarray(4) };
    case "RST_STREAM":
      return { type, streamId, status: word(1) };
    case "PING":
      return { type, id: word(0) };
    case "GOAWAY":
      return { type, lastStreamId: streamId, status: word(1) };
    case "WINDOW_UPDATE":
      return { type, streamId, delta: word(1) & 0x7fffffff };
    case "SETTINGS":
      return { type, values: parseSettings(body, word) };
  }
}

function parseSettings(body: Buffer, word: (i: number) => number): ReadonlyMap<number, number> {
  const count = word(0);
  if (body.length !== 4 + 8 * count)
    throw new SpdyProtocolError("SETTINGS frame of a wrong length");
  const values = new Map<number, number>();
  for (let i = 0; i < count; i += 1) values.set(word(1 + 2 * i) & 0xffffff, word(2 + 2 * i));
  return values;
}
