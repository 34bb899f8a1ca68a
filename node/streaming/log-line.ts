/** One record of a log file in CRI format: `2026-10-06T00:17:09.669794202Z stdout F text`. */
export interface LogRecord {
  /** As written by the runtime: RFC 3339 with nanoseconds. */
  readonly timestamp: string;
  readonly stream: "stdout" | "stderr";
  /** The runtime cut a long line here: the next record of the stream goes on with it. */
  readonly partial: boolean;
  /** Without the line feed. */
  readonly content: Buffer;
}

const SPACE = 0x20;

/**
 * Parses one line without its line feed; null when it is not in CRI format (torn by a crash, or
 * foreign).
 */
export function parseLogLine(line: Buffer): LogRecord | null {
  const first = line.indexOf(SPACE);
  const second = first < 0 ? -1 : line.indexOf(SPACE, first + 1);
  if (second < 0) return null;
  const stream = line.toString("latin1", first + 1, second);
  if (stream !== "stdout" && stream !== "stderr") return null;
  const third = line.indexOf(SPACE, second + 1);
  const tagsEnd = third < 0 ? line.length : third;
  // Tags are separated by colons; only the first one is defined.
  const tag = line.toString("latin1", second + 1, tagsEnd).split(":", 1)[0];
  if (tag !== "P" && tag !== "F") return null;
  const content = third < 0 ? line.subarray(line.length) : line.subarray(third + 1);
  return { timestamp: line.toString("latin1", 0, first), stream, partial: tag === "P", content };
}

/**
 * A timestamp as text that sorts as time does: UTC, nine digits of fraction. Null when it is not a
 * timestamp. Needed because runtimes write local offsets and drop trailing zeros.
 */
export function sortableTimestamp(timestamp: string): string | null {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(
    timestamp,
  );
  if (match === null) return null;
  const [, seconds = "", fraction = "", zone = ""] = match;
  const utcMs = Date.parse(`${seconds}${zone}`);
  if (Number.isNaN(utcMs)) return null;
  const utcSeconds = new Date(utcMs).toISOString().slice(0, 19);
  return `${utcSeconds}.${fraction.padEnd(9, "0")}Z`;
}
