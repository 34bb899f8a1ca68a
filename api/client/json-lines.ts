import { CodedError } from "../../base/errors.js";

const NEWLINE = 10;

/**
 * Cuts a byte stream into lines, each looked at once: bytes of an unfinished line are kept as they
 * came and joined when its end arrives.
 */
export class LineSplitter {
  private parts: Uint8Array[] = [];
  private partsBytes = 0;
  private readonly lineBytesMax: number;

  constructor(lineBytesMax: number) {
    this.lineBytesMax = lineBytesMax;
  }

  /**
   * The lines that `chunk` completes, without their ends; empty lines are left out. Throws
   * CodedError LineTooLong.
   */
  push(chunk: Uint8Array): string[] {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const line = this.finish(chunk.subarray(start, end));
      if (line !== "") lines.push(line);
      start = end + 1;
    }
    if (start < chunk.length) this.keep(chunk.subarray(start));
    return lines;
  }

  /** Bytes of a line whose end has not come yet. */
  get unfinishedBytes(): number {
    return this.partsBytes;
  }

  private finish(tail: Uint8Array): string {
    if (this.parts.length === 0) return text(tail);
    this.keep(tail);
    const line = text(Buffer.concat(this.parts, this.partsBytes));
    this.parts = [];
    this.partsBytes = 0;
    return line;
  }

  private keep(part: Uint8Array): void {
    this.partsBytes += part.length;
    if (this.partsBytes > this.lineBytesMax)
      throw new CodedError("LineTooLong", "a line of the stream exceeds the limit", {
        details: { lineBytesMax: this.lineBytesMax },
      });
    this.parts.push(part);
  }
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}
