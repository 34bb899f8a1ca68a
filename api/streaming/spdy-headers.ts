import { constants, inflateRawSync } from "node:zlib";
import { CodedError } from "../../base/errors.js";
import { SPDY_DICTIONARY, SPDY_DICTIONARY_ID } from "./spdy-dictionary.js";

/**
 * Headers of a SPDY stream. Names are lower case; several values of one name are joined by NUL on
 * the wire.
 */
export type SpdyHeaders = Readonly<Record<string, string>>;

/**
 * A peer broke the protocol: the session cannot go on, because both ends no longer agree on its
 * state.
 */
export class SpdyProtocolError extends CodedError<"SpdyProtocolError"> {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super("SpdyProtocolError", message, options);
  }
}

const WINDOW_BYTES = 32 * 1024;
/** Far above what stream headers need; a bomb is refused before it is unpacked. */
const BLOCK_BYTES_MAX = 256 * 1024;
const HEADERS_MAX = 256;
const STORED_BYTES_MAX = 0xffff;
const FLUSH_MARKER = Buffer.of(0x00, 0x00, 0x00, 0xff, 0xff);

/**
 * Compresses header blocks into one continuous zlib stream. It uses stored blocks only: stream
 * headers are a few dozen bytes, and a deflate state for each of thousands of sessions would cost
 * 256 KB each and save nothing.
 */
export class SpdyHeaderEncoder {
  private started = false;

  /**
   * The bytes of the next header block. Blocks must be sent in the order in which they were
   * encoded.
   */
  encode(headers: SpdyHeaders): Buffer {
    const parts: Buffer[] = [];
    if (!this.started) parts.push(zlibPreamble());
    this.started = true;
    const block = plainBlock(headers);
    for (let at = 0; at < block.length; at += STORED_BYTES_MAX) {
      const stored = block.subarray(at, at + STORED_BYTES_MAX);
      const head = Buffer.alloc(5); // A first byte of 0: stored, and not the last block.
      head.writeUInt16LE(stored.length, 1);
      head.writeUInt16LE(~stored.length & 0xffff, 3);
      parts.push(head, stored);
    }
    // Go's inflater hands out a stored block only when it meets the empty one that a flush leaves.
    parts.push(FLUSH_MARKER);
    return Buffer.concat(parts);
  }
}

/**
 * Undoes the peer's header compression. Peers flush after every block (they have to, or the other
 * side could not read it), so each block is a run of whole deflate blocks on its own, whose only
 * memory is the last 32 KB of plain text: it is unpacked synchronously with that text as
 * dictionary, and nothing native stays allocated between two frames.
 */
export class SpdyHeaderDecoder {
  private history: Buffer = SPDY_DICTIONARY;
  private started = false;

  /** Blocks must be given in the order in which they arrived. Throws SpdyProtocolError. */
  decode(block: Buffer): SpdyHeaders {
    const deflated = this.started ? block : withoutPreamble(block);
    this.started = true;
    const plain = inflate(deflated, this.history);
    this.history = Buffer.concat([this.history, plain]).subarray(-WINDOW_BYTES);
    return parseBlock(plain);
  }
}

function zlibPreamble(): Buffer {
  const bytes = Buffer.alloc(6);
  bytes.writeUInt16BE(0x7820 + (31 - (0x7820 % 31))); // RFC 1950: FDICT set, divisible by 31.
  bytes.writeUInt32BE(SPDY_DICTIONARY_ID, 2);
  return bytes;
}

function withoutPreamble(block: Buffer): Buffer {
  if (block.length < 6) throw new SpdyProtocolError("header block is too short");
  const header = block.readUInt16BE(0);
  const sane = (header & 0x0f00) === 0x0800 && header % 31 === 0;
  if (!sane || (header & 0x20) === 0 || block.readUInt32BE(2) !== SPDY_DICTIONARY_ID)
    throw new SpdyProtocolError("header block does not use the SPDY/3 dictionary");
  return block.subarray(6);
}

function inflate(deflated: Buffer, history: Buffer): Buffer {
  try {
    return inflateRawSync(deflated, {
      dictionary: history,
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: BLOCK_BYTES_MAX,
    });
  } catch (cause) {
    throw new SpdyProtocolError("header block cannot be decompressed", { cause });
  }
}

function plainBlock(headers: SpdyHeaders): Buffer {
  const entries = Object.entries(headers);
  const parts = [uint32(entries.length)];
  for (const [name, value] of entries) {
    const nameBytes = Buffer.from(name.toLowerCase());
    const valueBytes = Buffer.from(value);
    parts.push(uint32(nameBytes.length), nameBytes, uint32(valueBytes.length), valueBytes);
  }
  return Buffer.concat(parts);
}

function parseBlock(plain: Buffer): SpdyHeaders {
  let at = 0;
  const number = (): number => {
    if (at + 4 > plain.length) throw new SpdyProtocolError("header block is cut short");
    at += 4;
    return plain.readUInt32BE(at - 4);
  };
  const text = (): string => {
    const length = number();
    if (at + length > plain.length) throw new SpdyProtocolError("header block is cut short");
    at += length;
    return plain.toString("utf8", at - length, at);
  };
  const count = number();
  if (count > HEADERS_MAX) throw new SpdyProtocolError(`${count} headers in one block`);
  const headers = new Map<string, string>();
  for (let i = 0; i < count; i += 1) {
    const name = text().toLowerCase();
    if (name === "" || headers.has(name))
      throw new SpdyProtocolError("empty or repeated header name");
    headers.set(name, text());
  }
  return Object.fromEntries(headers);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
