import { createReadStream, watch } from "node:fs";
import { type FileHandle, open, readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { createGunzip } from "node:zlib";
import type { Clock } from "../../base/clock.js";
import { type LogFormat, LogFormatter } from "./log-formatter.js";
import { findTailStart } from "./log-tail.js";

/** Which log to read. */
export interface LogRequest extends LogFormat {
  /** The file the runtime writes now. */
  readonly path: string;
  /** Only the last lines; null: all. */
  readonly tailLines: number | null;
  /** Go on as the file grows, until the container has ended. */
  readonly follow: boolean;
}

/** What reading a log needs. */
export interface LogReaderDeps {
  readonly clock: Clock;
  /** Whether the container may still write. Asked when the end of the file is reached. */
  readonly isRunning: () => Promise<boolean>;
  readonly signal: AbortSignal;
}

const CHUNK_BYTES = 64 * 1024;
/**
 * fs.watch tells at once; where it does not work (some overlay and network file systems), this
 * does.
 */
const POLL_MS = 1000;

/** A part of the log: rotated files first, the current one last. */
interface LogPart {
  readonly path: string;
  readonly compressed: boolean;
}
interface PlannedPart extends LogPart {
  readonly offset: number;
  readonly skipLines: number;
}

/**
 * Yields what the user reads of a container's log, rotated files included. Ends when the signal
 * aborts.
 */
export async function* readLog(
  request: LogRequest,
  deps: LogReaderDeps,
): AsyncGenerator<Buffer, void, undefined> {
  const formatter = new LogFormatter(request);
  const rotated = await rotatedParts(request.path);
  const current = await open(request.path, "r").catch(ignoreMissing);
  try {
    const plan = await planParts(rotated, { current, request });
    for (const part of plan.rotated) {
      formatter.skipLines(part.skipLines);
      yield* readRotated(part, formatter, deps.signal);
      if (formatter.exhausted || deps.signal.aborted) return;
    }
    // Who does not follow gets what was there when they asked, however fast the log grows.
    const end = request.follow ? Infinity : plan.currentSize;
    const log = { file: current, offset: plan.currentOffset, end };
    yield* readCurrent(log, formatter, request, deps);
  } finally {
    await current?.close();
  }
}

/** Oldest first. Their names end in the time of the rotation, which sorts as text. */
async function rotatedParts(path: string): Promise<readonly LogPart[]> {
  const prefix = `${basename(path)}.`;
  const names = await readdir(dirname(path)).catch(() => []);
  return names
    .filter((name) => name.startsWith(prefix) && !name.endsWith(".tmp"))
    .sort()
    .map((name) => ({ path: join(dirname(path), name), compressed: name.endsWith(".gz") }));
}

/** Decides where reading starts: with a tail, as few files as have that many lines. */
async function planParts(
  rotated: readonly LogPart[],
  { current, request }: { current: FileHandle | null; request: LogRequest },
): Promise<{
  readonly rotated: readonly PlannedPart[];
  readonly currentOffset: number;
  readonly currentSize: number;
}> {
  const { tailLines } = request;
  const currentSize = current === null ? 0 : (await current.stat()).size;
  if (tailLines === null)
    return {
      rotated: rotated.map((part) => ({ ...part, offset: 0, skipLines: 0 })),
      currentOffset: 0,
      currentSize,
    };
  let wanted = tailLines;
  let currentOffset = 0;
  if (current !== null) {
    const start = await findTailStart(current, currentSize, wanted);
    currentOffset = start.offset;
    wanted -= start.lines;
  }
  const plan: PlannedPart[] = [];
  for (const part of [...rotated].reverse()) {
    if (wanted <= 0) break;
    const start = await tailOfPart(part, wanted);
    plan.unshift({ ...part, offset: start.offset, skipLines: start.skipLines });
    wanted -= start.lines;
  }
  return { rotated: plan, currentOffset, currentSize };
}

async function tailOfPart(
  part: LogPart,
  wanted: number,
): Promise<{ offset: number; skipLines: number; lines: number }> {
  if (part.compressed) {
    const total = await countLines(part);
    return { offset: 0, skipLines: Math.max(0, total - wanted), lines: Math.min(total, wanted) };
  }
  const file = await open(part.path, "r").catch(ignoreMissing);
  if (file === null) return { offset: 0, skipLines: 0, lines: 0 };
  try {
    const { size } = await file.stat();
    return { ...(await findTailStart(file, size, wanted)), skipLines: 0 };
  } finally {
    await file.close();
  }
}

async function countLines(part: LogPart): Promise<number> {
  const counter = new LogFormatter({ timestamps: false, since: null, limitBytes: null });
  let total = 0;
  for await (const chunk of partBytes(part, 0)) {
    const text = counter.feed(chunk);
    for (let at = text.indexOf(0x0a); at >= 0; at = text.indexOf(0x0a, at + 1)) total += 1;
  }
  return total;
}

async function* readRotated(
  part: PlannedPart,
  formatter: LogFormatter,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  for await (const chunk of partBytes(part, part.offset)) {
    const output = formatter.feed(chunk);
    if (output.length > 0) yield output;
    if (formatter.exhausted || signal.aborted) return;
  }
  formatter.endOfFile();
}

/** A rotated file may be compressed or removed while we look: what is gone reads as empty. */
async function* partBytes(part: LogPart, offset: number): AsyncGenerator<Buffer, void, undefined> {
  const source = createReadStream(part.path, { start: offset, highWaterMark: CHUNK_BYTES });
  const bytes = part.compressed ? source.pipe(createGunzip()) : source;
  source.on("error", (error) => bytes.destroy(error));
  try {
    for await (const chunk of bytes as AsyncIterable<Buffer>) yield chunk;
  } catch (error) {
    ignoreMissing(error);
  } finally {
    source.destroy();
  }
}

interface OpenLog {
  file: FileHandle | null;
  offset: number;
  /** Where reading ends, if not at the end of the file. */
  readonly end: number;
}

async function* readCurrent(
  log: OpenLog,
  formatter: LogFormatter,
  request: LogRequest,
  deps: LogReaderDeps,
): AsyncGenerator<Buffer, void, undefined> {
  if (!request.follow) return yield* drain(log, formatter, deps.signal);
  const first = log.file;
  const change = watchFile(request.path, deps.clock, deps.signal);
  try {
    for (;;) {
      // Asked before reading: what an ended container wrote is then all there.
      const running = await deps.isRunning();
      const seen = change.count();
      yield* drain(log, formatter, deps.signal);
      const successor = await reopenIfRotated(request.path, log.file);
      if (successor !== null) {
        // Since the new file exists the old one no longer grows: now it can be read to its end.
        yield* drain(log, formatter, deps.signal);
        if (log.file !== first) await log.file?.close();
        Object.assign(log, { file: successor, offset: 0 });
        formatter.endOfFile();
      } else if (!running || formatter.exhausted || deps.signal.aborted) return;
      else await change.next(seen);
    }
  } finally {
    change.stop();
    if (log.file !== first) await log.file?.close();
  }
}

/** Reads on to the present end of the file. */
async function* drain(
  log: OpenLog,
  formatter: LogFormatter,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  while (log.file !== null && !formatter.exhausted && !signal.aborted) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const length = Math.min(CHUNK_BYTES, log.end - log.offset);
    if (length <= 0) return;
    const { bytesRead } = await log.file.read(chunk, 0, length, log.offset);
    if (bytesRead === 0) return;
    log.offset += bytesRead;
    const output = formatter.feed(chunk.subarray(0, bytesRead));
    if (output.length > 0) yield output;
  }
}

/** The new file under the old name, once the runtime has opened it; null while there is none. */
async function reopenIfRotated(path: string, file: FileHandle | null): Promise<FileHandle | null> {
  const now = await stat(path).catch(ignoreMissing);
  if (now === null) return null;
  const before = file === null ? null : await file.stat();
  if (before !== null && before.ino === now.ino && before.dev === now.dev) return null;
  return open(path, "r").catch(ignoreMissing);
}

interface FileChanges {
  /** How many changes were seen so far. */
  count(): number;
  /**
   * Resolves once there were more than `seen` changes, after a poll interval, or when the signal
   * aborts.
   */
  next(seen: number): Promise<void>;
  stop(): void;
}

/** Watches the folder and not the file, because the file is replaced when it is rotated. */
function watchFile(path: string, clock: Clock, signal: AbortSignal): FileChanges {
  let count = 0;
  let wake: () => void = () => {};
  const onChange = (): void => {
    count += 1;
    wake();
  };
  signal.addEventListener("abort", onChange, { once: true });
  const watcher = startWatch(dirname(path), (name) => {
    if (name === null || name === basename(path)) onChange();
  });
  return {
    count: () => count,
    next: (seen) =>
      new Promise((resolve) => {
        if (count > seen || signal.aborted) return resolve();
        const cancel = clock.schedule(POLL_MS, () => wake());
        wake = () => {
          wake = () => {};
          cancel();
          resolve();
        };
      }),
    stop: () => {
      signal.removeEventListener("abort", onChange);
      watcher.close();
      wake();
    },
  };
}

/**
 * Where watching is impossible (no inotify instance left, folder not there yet) polling alone must
 * do.
 */
function startWatch(
  folder: string,
  onChange: (name: string | null) => void,
): { readonly close: () => void } {
  try {
    const watcher = watch(folder, { persistent: false }, (_event, name) => onChange(name));
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    return { close: () => {} };
  }
}

function ignoreMissing(error: unknown): null {
  if ((error as { code?: unknown }).code === "ENOENT") return null;
  throw error;
}
