import { assert } from "../base/assert.js";
import { CodedError } from "../base/errors.js";

const HIGH = 0x1_0000_0000;

/** Thrown when bytes from a disk or a socket are not what their format says. */
export class MalformedError extends CodedError<"Malformed"> {
  override readonly name: string = "MalformedError";
  constructor(message: string) {
    super("Malformed", message);
  }
}

/** Writes numbers and bytes one after the other, big-endian, into a buffer that grows. */
export class ByteWriter {
  private buffer: Buffer;
  private end = 0;

  constructor(sizeHint = 256) {
    this.buffer = Buffer.allocUnsafe(sizeHint);
  }

  /** A writer of memory that nothing else is in, so that it can be handed to another thread. */
  static owning(sizeHint: number): ByteWriter {
    const writer = new ByteWriter(0);
    writer.buffer = Buffer.allocUnsafeSlow(sizeHint);
    return writer;
  }

  get length(): number {
    return this.end;
  }

  u8(value: number): this {
    this.reserve(1);
    this.buffer[this.end] = value;
    this.end += 1;
    return this;
  }

  u32(value: number): this {
    this.reserve(4);
    this.end = this.buffer.writeUInt32BE(value, this.end);
    return this;
  }

  /** A safe integer that is not negative, in eight bytes. */
  u53(value: number): this {
    assert(Number.isSafeInteger(value) && value >= 0, `not an unsigned safe integer: ${value}`);
    this.reserve(8);
    this.end = this.buffer.writeUInt32BE(Math.floor(value / HIGH), this.end);
    this.end = this.buffer.writeUInt32BE(value % HIGH, this.end);
    return this;
  }

  /** A safe integer of either sign, in nine bytes. */
  signed(value: number): this {
    return this.u8(value < 0 ? 1 : 0).u53(Math.abs(value));
  }

  bool(value: boolean): this {
    return this.u8(value ? 1 : 0);
  }

  /** The bytes, preceded by how many they are. */
  bytes(value: Uint8Array): this {
    return this.u32(value.length).raw(value);
  }

  raw(value: Uint8Array): this {
    this.reserve(value.length);
    this.buffer.set(value, this.end);
    this.end += value.length;
    return this;
  }

  text(value: string): this {
    return this.bytes(Buffer.from(value, "utf8"));
  }

  /** Writes over an earlier number. */
  patchU32(at: number, value: number): void {
    assert(at + 4 <= this.end, `patch at ${at} of ${this.end}`);
    this.buffer.writeUInt32BE(value, at);
  }

  /** What was written; the writer must not be used any more. */
  finish(): Buffer {
    return this.buffer.subarray(0, this.end);
  }

  private reserve(size: number): void {
    const needed = this.end + size;
    if (needed <= this.buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(grown, 0, 0, this.end);
    this.buffer = grown;
  }
}

/**
 * Reads what ByteWriter wrote; every method throws MalformedError beyond the end. Bytes are views,
 * not copies.
 */
export class ByteReader {
  private readonly buffer: Buffer;
  private at: number;

  constructor(bytes: Uint8Array, offset = 0) {
    this.buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = offset;
  }

  get offset(): number {
    return this.at;
  }

  get remaining(): number {
    return this.buffer.length - this.at;
  }

  u8(): number {
    return this.buffer[this.take(1)] as number;
  }

  u32(): number {
    return this.buffer.readUInt32BE(this.take(4));
  }

  u53(): number {
    const at = this.take(8);
    const value = this.buffer.readUInt32BE(at) * HIGH + this.buffer.readUInt32BE(at + 4);
    if (!Number.isSafeInteger(value)) throw new MalformedError(`number ${value} is too large`);
    return value;
  }

  signed(): number {
    return this.bool() ? -this.u53() : this.u53();
  }

  bool(): boolean {
    const value = this.u8();
    if (value > 1) throw new MalformedError(`${value} is not a truth value`);
    return value === 1;
  }

  bytes(): Buffer {
    return this.raw(this.u32());
  }

  raw(length: number): Buffer {
    const at = this.take(length);
    return this.buffer.subarray(at, at + length);
  }

  text(): string {
    return this.bytes().toString("utf8");
  }

  /** What is left; the reader is then at its end. */
  rest(): Buffer {
    return this.raw(this.remaining);
  }

  /** Throws unless everything was read. */
  end(): void {
    if (this.remaining !== 0) throw new MalformedError(`${this.remaining} bytes too many`);
  }

  private take(size: number): number {
    const at = this.at;
    if (size > this.buffer.length - at)
      throw new MalformedError(`${size} bytes expected at ${at}, ${this.buffer.length - at} there`);
    this.at = at + size;
    return at;
  }
}

/** True when nothing but these bytes, and what was reserved behind them, is in their memory. */
export function ownsMemory(bytes: Uint8Array): boolean {
  return bytes.byteOffset === 0 && bytes.buffer.byteLength !== Buffer.poolSize;
}
