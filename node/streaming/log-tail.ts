import type { FileHandle } from "node:fs/promises";
import { parseLogLine } from "./log-line.js";

const BLOCK_BYTES = 64 * 1024;
const LINE_FEED = 0x0a;

/** Where the last lines of a file begin. */
export interface TailStart {
  readonly offset: number;
  /** How many whole lines follow it: fewer than asked for when the file has no more. */
  readonly lines: number;
}

/**
 * Finds the last `lines` whole lines of a file by reading it backwards. A line that the runtime
 * wrote in several records counts once.
 */
export async function findTailStart(
  file: FileHandle,
  sizeBytes: number,
  lines: number,
): Promise<TailStart> {
  let position = sizeBytes;
  let carry: Buffer = Buffer.alloc(0);
  let seen = 0;
  while (position > 0) {
    const start = Math.max(0, position - BLOCK_BYTES);
    const text = Buffer.concat([await readBlock(file, start, position - start), carry]);
    position = start;
    let lineEnd = text.length;
    for (;;) {
      const feed = lineEnd < 2 ? -1 : text.lastIndexOf(LINE_FEED, lineEnd - 2);
      if (feed < 0 && position > 0) break; // The line's beginning is further up.
      if (lineEnd === 0) break;
      if (endsLine(text.subarray(feed + 1, lineEnd))) {
        if (seen === lines) return { offset: position + lineEnd, lines };
        seen += 1;
      }
      lineEnd = feed + 1;
    }
    carry = text.subarray(0, lineEnd);
  }
  return { offset: 0, lines: seen };
}

async function readBlock(file: FileHandle, start: number, sizeBytes: number): Promise<Buffer> {
  const block = Buffer.allocUnsafe(sizeBytes);
  const { bytesRead } = await file.read(block, 0, sizeBytes, start);
  return block.subarray(0, bytesRead);
}

function endsLine(line: Buffer): boolean {
  const end = line.at(-1) === LINE_FEED ? line.length - 1 : line.length;
  const record = parseLogLine(line.subarray(0, end));
  return record !== null && !record.partial;
}
