import { ConnectionError, ERROR } from "./frame.js";
import { decodeHuffman } from "./huffman.js";

/** Names and values as they came, in their order. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/** RFC 7541, Appendix A: `name` or `name: value`, from index 1 on. */
const STATIC = `\
:authority
:method: GET
:method: POST
:path: /
:path: /index.html
:scheme: http
:scheme: https
:status: 200
:status: 204
:status: 206
:status: 304
:status: 400
:status: 404
:status: 500
accept-charset
accept-encoding: gzip, deflate
accept-language
accept-ranges
accept
access-control-allow-origin
age
allow
authorization
cache-control
content-disposition
content-encoding
content-language
content-length
content-location
content-range
content-type
cookie
date
etag
expect
expires
from
host
if-match
if-modified-since
if-none-match
if-range
if-unmodified-since
last-modified
link
location
max-forwards
proxy-authenticate
proxy-authorization
range
referer
refresh
retry-after
server
set-cookie
strict-transport-security
transfer-encoding
user-agent
vary
via
www-authenticate`
  .split("\n")
  .map((text): readonly [string, string] => {
    const at = text.indexOf(": ", 1);
    return at === -1 ? [text, ""] : [text.slice(0, at), text.slice(at + 2)];
  });
/** RFC 7541 §4.1: what an entry counts for beyond its characters. */
const ENTRY_BYTES = 32;
/** The default, and what we stay with. */
const TABLE_BYTES_MAX = 4096;
/** Beyond this a number of a header block is nonsense. */
const NUMBER_MAX = 1 << 24;

/** Reads the header blocks of one connection, in the order in which they came. */
export class HpackDecoder {
  private readonly listBytesMax: number;
  /** The newest first. */
  private readonly table: (readonly [string, string])[] = [];
  private tableBytes = 0;
  private tableBytesMax = TABLE_BYTES_MAX;
  private block: Buffer = Buffer.alloc(0);
  private at = 0;

  /** `listBytesMax`: a larger list (names, values and 32 bytes each) is refused. */
  constructor(listBytesMax: number) {
    this.listBytesMax = listBytesMax;
  }

  /**
   * The headers of a whole block. Null when they are larger than is taken: the block was read all
   * the same, since the next one builds on it. Throws ConnectionError (COMPRESSION_ERROR).
   */
  decode(block: Buffer): HeaderList | null {
    this.block = block;
    this.at = 0;
    const headers: (readonly [string, string])[] = [];
    let listBytes = 0;
    while (this.at < block.length) {
      const first = block[this.at] ?? 0;
      if ((first & 0xe0) === 0x20) {
        if (headers.length > 0) throw malformed("a table is resized amid a block");
        this.resize(this.number(5));
        continue;
      }
      const header = this.header(first);
      listBytes += header[0].length + header[1].length + ENTRY_BYTES;
      if (listBytes <= this.listBytesMax) headers.push(header);
    }
    return listBytes <= this.listBytesMax ? headers : null;
  }

  private header(first: number): readonly [string, string] {
    if ((first & 0x80) !== 0) return this.entry(this.number(7));
    const isKept = (first & 0x40) !== 0;
    const index = this.number(isKept ? 6 : 4);
    const name = index === 0 ? this.text() : this.entry(index)[0];
    const header = [name, this.text()] as const;
    if (isKept) this.keep(header);
    return header;
  }

  private entry(index: number): readonly [string, string] {
    const found = STATIC[index - 1] ?? this.table[index - 1 - STATIC.length];
    if (index === 0 || found === undefined) throw malformed(`no header ${index} is known`);
    return found;
  }

  private keep(header: readonly [string, string]): void {
    this.table.unshift(header);
    this.tableBytes += sizeOf(header);
    this.evict();
  }

  private resize(bytes: number): void {
    if (bytes > TABLE_BYTES_MAX) throw malformed(`a table of ${bytes} bytes`);
    this.tableBytesMax = bytes;
    this.evict();
  }

  private evict(): void {
    while (this.tableBytes > this.tableBytesMax) {
      const oldest = this.table.pop();
      if (oldest === undefined) return;
      this.tableBytes -= sizeOf(oldest);
    }
  }

  /** RFC 7541 §5.1, with a prefix of so many bits. */
  private number(prefixBits: number): number {
    const mask = 2 ** prefixBits - 1;
    let value = this.byte() & mask;
    if (value < mask) return value;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (value > NUMBER_MAX || scale > NUMBER_MAX) throw malformed("a number beyond any use");
      if ((byte & 0x80) === 0) return value;
    }
  }

  private text(): string {
    const isCoded = ((this.block[this.at] ?? 0) & 0x80) !== 0;
    const length = this.number(7);
    const end = this.at + length;
    if (end > this.block.length) throw malformed("a string ends behind its block");
    const { at } = this;
    this.at = end;
    if (!isCoded) return this.block.toString("latin1", at, end);
    const decoded = decodeHuffman(this.block.subarray(at, end));
    if (decoded === null) throw malformed("a string is no Huffman code");
    return decoded.toString("latin1");
  }

  private byte(): number {
    const byte = this.block[this.at];
    if (byte === undefined) throw malformed("a block ends amid a header");
    this.at += 1;
    return byte;
  }
}

function sizeOf([name, value]: readonly [string, string]): number {
  return name.length + value.length + ENTRY_BYTES;
}

/**
 * A block that neither side has to remember, so that it can be kept and sent again: literals that
 * are not indexed, and what the static table has as a whole.
 */
export function encodeHeaders(headers: HeaderList): Buffer {
  const parts: Buffer[] = [];
  for (const [name, value] of headers) {
    const whole = STATIC.findIndex((known) => known[0] === name && known[1] === value);
    if (whole !== -1) {
      parts.push(number(0x80, 7, whole + 1));
      continue;
    }
    const named = STATIC.findIndex((known) => known[0] === name);
    parts.push(number(0, 4, named + 1));
    if (named === -1) parts.push(text(name));
    parts.push(text(value));
  }
  return Buffer.concat(parts);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, "latin1");
  return Buffer.concat([number(0, 7, bytes.length), bytes]);
}

function number(pattern: number, prefixBits: number, value: number): Buffer {
  const mask = 2 ** prefixBits - 1;
  if (value < mask) return Buffer.from([pattern | value]);
  const bytes = [pattern | mask];
  let rest = value - mask;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}

function malformed(message: string): ConnectionError {
  return new ConnectionError(ERROR.compression, message);
}
