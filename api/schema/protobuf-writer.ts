import { assert } from "../../base/assert.js";

const utf8 = new TextEncoder();

/**
 * Writes protobuf from the end to the beginning: when a message's length is due, it is known. So
 * fields are written in descending order of their tags, and what belongs to a field (value, then
 * length, then tag) backwards too.
 */
export class ProtobufWriter {
  private buffer: Uint8Array;
  private start: number;

  constructor(sizeBytesHint = 1024) {
    this.buffer = new Uint8Array(sizeBytesHint);
    this.start = sizeBytesHint;
  }

  /** Bytes written so far; the difference between two calls is the length of what lies between. */
  get length(): number {
    return this.buffer.length - this.start;
  }

  /** What was written. The writer must not be used afterwards. */
  finish(): Uint8Array {
    return this.buffer.subarray(this.start);
  }

  tag(tag: number, wireType: 0 | 1 | 2 | 5): void {
    this.varint(tag * 8 + wireType);
  }

  /**
   * A number from −2⁵³ to 2⁵³; negative ones take ten bytes, as protobuf wants it for int32 and
   * int64.
   */
  varint(value: number): void {
    assert(Number.isSafeInteger(value), `varint ${value}`);
    if (value < 0) return this.negative(value);
    let bytes = 1;
    for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) bytes += 1;
    const at = this.reserve(bytes);
    let rest = value;
    for (let i = 0; i < bytes - 1; i += 1) {
      this.buffer[at + i] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.buffer[at + bytes - 1] = rest;
  }

  bytes(value: Uint8Array): void {
    // First make room: that may replace the buffer.
    const at = this.reserve(value.length);
    this.buffer.set(value, at);
  }

  string(value: string): void {
    const at = this.reserve(value.length);
    for (let i = 0; i < value.length; i += 1) {
      const code = value.charCodeAt(i);
      if (code >= 128) {
        this.start += value.length;
        return this.bytes(utf8.encode(value));
      }
      this.buffer[at + i] = code;
    }
  }

  double(value: number): void {
    const at = this.reserve(8);
    new DataView(this.buffer.buffer, this.buffer.byteOffset).setFloat64(at, value, true);
  }

  private negative(value: number): void {
    let rest = BigInt.asUintN(64, BigInt(value));
    const at = this.reserve(10);
    for (let i = 0; i < 9; i += 1) {
      this.buffer[at + i] = Number(rest & 127n) | 128;
      rest >>= 7n;
    }
    this.buffer[at + 9] = Number(rest);
  }

  private reserve(bytes: number): number {
    if (this.start < bytes) this.grow(bytes);
    this.start -= bytes;
    return this.start;
  }

  private grow(bytes: number): void {
    const written = this.length;
    const larger = new Uint8Array(Math.max(2 * this.buffer.length, 2 * (written + bytes)));
    larger.set(this.buffer.subarray(this.start), larger.length - written);
    this.start = larger.length - written;
    this.buffer = larger;
  }
}
