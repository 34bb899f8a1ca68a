import { CodedError } from "../../base/errors.js";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Thrown when bytes from outside are no protobuf, or say something that cannot be kept exactly. */
export class ProtobufError extends CodedError<"ProtobufInvalid"> {
  constructor(message: string, cause?: unknown) {
    super("ProtobufInvalid", message, cause === undefined ? {} : { cause });
  }
}

/** Reads protobuf from the beginning to the end. Everything throws ProtobufError. */
export class ProtobufReader {
  private readonly buffer: Uint8Array;
  private readonly end: number;
  private at: number;

  constructor(buffer: Uint8Array, start = 0, end = buffer.length) {
    this.buffer = buffer;
    this.at = start;
    this.end = end;
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  /** The next field's tag and how its value is written. */
  key(): { readonly tag: number; readonly wireType: number } {
    const key = this.unsigned();
    const tag = Math.floor(key / 8);
    if (tag === 0) throw new ProtobufError(`illegal tag ${tag}`);
    return { tag, wireType: key % 8 };
  }

  /** A signed 64-bit number. Throws when it is beyond ±2⁵³: it could not be kept exactly. */
  int64(): number {
    const start = this.at;
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 7; i += 1) {
      const byte = this.byte();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      factor *= 128;
    }
    this.at = start;
    const exact = Number(this.bigint());
    if (!Number.isSafeInteger(exact)) throw new ProtobufError(`number ${exact} is too large`);
    return exact;
  }

  int32(): number {
    return Number(BigInt.asIntN(32, BigInt(this.int64())));
  }

  double(): number {
    const at = this.take(8);
    return new DataView(this.buffer.buffer, this.buffer.byteOffset).getFloat64(at, true);
  }

  bytes(): Uint8Array {
    const length = this.unsigned();
    const at = this.take(length);
    return this.buffer.subarray(at, at + length);
  }

  string(): string {
    const length = this.unsigned();
    const at = this.take(length);
    if (length < 48) {
      const short = this.shortAscii(at, length);
      if (short !== null) return short;
    }
    try {
      return utf8.decode(this.buffer.subarray(at, at + length));
    } catch (cause) {
      throw new ProtobufError("invalid UTF-8 in string", cause);
    }
  }

  /** A reader for the message that comes next. */
  message(): ProtobufReader {
    const length = this.unsigned();
    const at = this.take(length);
    return new ProtobufReader(this.buffer, at, at + length);
  }

  ignore(wireType: number): void {
    if (wireType === 0) this.bigint();
    else if (wireType === 1) this.take(8);
    else if (wireType === 2) this.take(this.unsigned());
    else if (wireType === 5) this.take(4);
    else throw new ProtobufError(`illegal wireType ${wireType}`);
  }

  /** For short texts faster than TextDecoder; null when there is more than ASCII in it. */
  private shortAscii(at: number, length: number): string | null {
    let text = "";
    for (let i = at; i < at + length; i += 1) {
      const byte = this.buffer[i] ?? 0;
      if (byte >= 128) return null;
      text += String.fromCharCode(byte);
    }
    return text;
  }

  private unsigned(): number {
    const value = this.int64();
    if (value < 0) throw new ProtobufError("negative length");
    return value;
  }

  private bigint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return BigInt.asIntN(64, value);
    }
    throw new ProtobufError("integer overflow");
  }

  private byte(): number {
    const byte = this.buffer[this.take(1)];
    return byte ?? 0;
  }

  private take(length: number): number {
    const at = this.at;
    if (length > this.end - at) throw new ProtobufError("unexpected EOF");
    this.at = at + length;
    return at;
  }
}
