import { parseLogLine, sortableTimestamp } from "./log-line.js";

/** What of a log is shown, and how. */
export interface LogFormat {
  readonly timestamps: boolean;
  /** Records before it are left out (sortableTimestamp's form); null: none is. */
  readonly since: string | null;
  /** Stop after this much output; null: never. */
  readonly limitBytes: number | null;
}

const LINE_FEED = 0x0a;
const NEW_LINE = Buffer.of(LINE_FEED);
/** No runtime writes records of this length: whatever it is, it is not kept in memory. */
const RECORD_BYTES_MAX = 1024 * 1024;

/**
 * Turns the bytes of CRI log files into what a user reads. Feed it chunk by chunk, file after file.
 */
export class LogFormatter {
  private readonly format: LogFormat;
  private rest: Buffer = Buffer.alloc(0);
  private atLineStart = true;
  private leftBytes: number;
  private linesToSkip = 0;

  constructor(format: LogFormat) {
    this.format = format;
    this.leftBytes = format.limitBytes ?? Number.POSITIVE_INFINITY;
  }

  /** True once `limitBytes` were given out. */
  get exhausted(): boolean {
    return this.leftBytes <= 0;
  }

  /** The next `lines` whole lines are left out. */
  skipLines(lines: number): void {
    this.linesToSkip = lines;
  }

  /** The output that these bytes of the file give. */
  feed(chunk: Buffer): Buffer {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const output: Buffer[] = [];
    let start = 0;
    for (;;) {
      const feed = bytes.indexOf(LINE_FEED, start);
      if (feed < 0) break;
      this.formatLine(bytes.subarray(start, feed), output);
      start = feed + 1;
    }
    const rest = bytes.subarray(start);
    this.rest = rest.length > RECORD_BYTES_MAX ? Buffer.alloc(0) : Buffer.from(rest);
    return this.limited(Buffer.concat(output));
  }

  /** A file ended: half a record at its end will never be completed. */
  endOfFile(): void {
    this.rest = Buffer.alloc(0);
  }

  private formatLine(line: Buffer, output: Buffer[]): void {
    const record = parseLogLine(line);
    if (record === null) return;
    if (this.linesToSkip > 0) {
      if (!record.partial) this.linesToSkip -= 1;
      return;
    }
    if (this.isBeforeSince(record.timestamp)) return;
    if (this.format.timestamps && this.atLineStart)
      output.push(Buffer.from(`${sortableTimestamp(record.timestamp) ?? record.timestamp} `));
    output.push(record.content);
    if (!record.partial) output.push(NEW_LINE);
    this.atLineStart = !record.partial;
  }

  private isBeforeSince(timestamp: string): boolean {
    const { since } = this.format;
    if (since === null) return false;
    const sortable = sortableTimestamp(timestamp);
    return sortable !== null && sortable < since;
  }

  private limited(output: Buffer): Buffer {
    if (this.leftBytes === Number.POSITIVE_INFINITY) return output;
    const allowed = output.subarray(0, Math.max(0, this.leftBytes));
    this.leftBytes -= allowed.length;
    return allowed;
  }
}
