import { join } from "node:path";
import type { Entry, HardState, LogStart } from "raft-ts";
import { assert, present } from "../../base/assert.js";
import type { Clock } from "../../base/clock.js";
import { toDiskError } from "../consensus-errors.js";
import type { DiskRunner } from "./disk-runner.js";
import type { FileSystem } from "./file-system.js";
import { encodeBatch, type WalRecord } from "./record.js";
import { assembleLog, type LogScan, scanSegment } from "./recovery.js";

export interface WalConfig {
  readonly folder: string;
  readonly memberId: string;
  /** A segment is complete once it is larger. */
  readonly segmentSizeBytes: number;
  /** For tests alone; see HostBug. */
  readonly plantedBug?: string | null;
}

/** Tells of a disk that takes long. */
export interface DiskWatchdog {
  readonly clock: Clock;
  /**
   * Called every half second while the disk has not done yet what it was asked `waitedMs` ago:
   * entries to `upTo`.
   */
  readonly onSlow: (waitedMs: number, upTo: number) => void;
  /** Called once the disk has done what it was asked. */
  readonly onWritten: (tookMs: number) => void;
}

/** How often a write that takes long is looked at. */
const LOOK_MS = 500;

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const SEGMENT = /^(\d{16})\.wal$/;

/** The write-ahead log: everything appended while the disk is busy shares the next fdatasync. */
export class Wal {
  private readonly config: WalConfig;
  private readonly runner: DiskRunner;
  private readonly watchdog: DiskWatchdog | null;
  /** Oldest first; the last is being written. */
  private segments: { readonly name: string; readonly firstIndex: number }[];
  private segmentBytes: number;
  private batch: number;
  private lastIndex: number;
  private hardState: HardState;
  private restart: LogStart | null = null;
  private pending: WalRecord[] = [];
  private removals: string[] = [];
  private waiters: Waiter[] = [];
  private busy: Promise<void> | null = null;
  private failure: Error | null = null;

  constructor(
    config: WalConfig,
    deps: {
      readonly runner: DiskRunner;
      readonly found: FoundLog;
      readonly watchdog?: DiskWatchdog;
    },
  ) {
    this.config = config;
    this.runner = deps.runner;
    this.watchdog = deps.watchdog ?? null;
    this.segments = [...deps.found.segments];
    this.segmentBytes = deps.found.lastSegmentBytes;
    this.batch = deps.found.scan.lastBatch;
    this.lastIndex = deps.found.scan.lastIndex ?? 0;
    this.hardState = deps.found.scan.hardState;
  }

  /** Bytes on the disk, about. */
  get sizeBytes(): number {
    return Math.max(0, this.segments.length - 1) * this.config.segmentSizeBytes + this.segmentBytes;
  }

  /**
   * Where the log begins after everything in it was dropped: the next entry is the one after
   * `index`.
   */
  startAfter(index: number): void {
    assert(this.pending.length === 0 && this.busy === null, "startAfter() on a log in use");
    this.lastIndex = Math.max(this.lastIndex, index);
  }

  /**
   * A snapshot up to `start` takes the place of everything in the log: with the next append, which
   * begins a segment that says so. Earlier segments go once that is durable.
   */
  restartAt(start: LogStart): void {
    this.restart = start;
    this.lastIndex = start.index;
    // What waits to be written is not part of the log any more.
    this.pending = this.pending.filter((record) => record.kind !== "entry");
  }

  /**
   * Resolves once hardState and entries are durable. Rejects with DiskFull or DiskFailed: the
   * process must end.
   */
  append(hardState: HardState | null, entries: readonly Entry[]): Promise<void> {
    if (this.failure !== null) return Promise.reject(this.failure);
    if (hardState !== null) {
      this.hardState = hardState;
      this.pending.push({ kind: "hardState", hardState });
    }
    for (const entry of entries) {
      assert(entry.index <= this.lastIndex + 1, `append ${entry.index} after ${this.lastIndex}`);
      this.pending.push({ kind: "entry", entry });
      this.lastIndex = entry.index;
    }
    if (this.pending.length === 0 && this.busy === null) return Promise.resolve();
    const durable = this.enqueue();
    return this.config.plantedBug === "LogAckBeforeFsync" ? Promise.resolve() : durable;
  }

  /** Removes segments that hold nothing after `index`, up to which a verified snapshot reaches. */
  dropBelow(index: number): Promise<void> {
    if (this.failure !== null) return Promise.reject(this.failure);
    let count = 0;
    while ((this.segments[count + 1]?.firstIndex ?? Number.POSITIVE_INFINITY) <= index + 1)
      count += 1;
    if (count === 0) return Promise.resolve();
    this.removals.push(...this.segments.splice(0, count).map((segment) => segment.name));
    return this.enqueue();
  }

  /** Waits for what was appended, then lets go of the files. */
  async close(): Promise<void> {
    await this.busy;
    await this.runner.close();
  }

  private enqueue(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiters.push({ resolve, reject });
      this.busy ??= this.work();
    });
  }

  private async work(): Promise<void> {
    while (this.waiters.length > 0) {
      const waiters = this.waiters;
      const records = this.pending;
      this.waiters = [];
      this.pending = [];
      try {
        if (records.length > 0) await this.watched(this.write(records));
        const names = this.removals.splice(0);
        if (names.length > 0) await this.runner.run({ type: "remove", names });
      } catch (error) {
        this.failure = toDiskError(error, this.config.folder);
        for (const waiter of [...waiters, ...this.waiters]) waiter.reject(this.failure);
        this.waiters = [];
        break;
      }
      for (const waiter of waiters) waiter.resolve();
    }
    this.busy = null;
  }

  private async watched(write: Promise<void>): Promise<void> {
    const { watchdog } = this;
    if (watchdog === null) return write;
    const startedMs = watchdog.clock.monotonicMs();
    const upTo = this.lastIndex;
    let waitedMs = 0;
    let cancel = (): void => {};
    const wait = (): void => {
      cancel = watchdog.clock.schedule(LOOK_MS, () => {
        waitedMs += LOOK_MS;
        watchdog.onSlow(waitedMs, upTo);
        wait();
      });
    };
    wait();
    try {
      await write;
      watchdog.onWritten(watchdog.clock.monotonicMs() - startedMs);
    } finally {
      cancel();
    }
  }

  private async write(records: readonly WalRecord[]): Promise<void> {
    this.batch += 1;
    const { restart } = this;
    const isFull = this.segmentBytes >= this.config.segmentSizeBytes;
    if (restart === null && this.segments.length > 0 && !isFull) {
      const bytes = encodeBatch(records, this.batch);
      this.segmentBytes += bytes.length;
      return this.runner.run({ type: "append", bytes });
    }
    const firstEntry = records.find((record) => record.kind === "entry");
    const next = firstEntry?.kind === "entry" ? firstEntry.entry.index : this.lastIndex + 1;
    const firstIndex = restart === null ? next : restart.index + 1;
    const { memberId } = this.config;
    const head: WalRecord = { kind: "head", head: { memberId, firstIndex } };
    const begin: WalRecord[] = restart === null ? [] : [{ kind: "restart", start: restart }];
    // The newest hard state opens every segment, so that older ones can be removed.
    const hardState: WalRecord = { kind: "hardState", hardState: this.hardState };
    const bytes = encodeBatch([head, ...begin, ...records, hardState], this.batch);
    const last = this.segments.at(-1)?.name ?? "";
    const name = segmentName(1 + Number(SEGMENT.exec(last)?.[1] ?? 0));
    if (restart !== null) this.removals.push(...this.segments.splice(0).map((one) => one.name));
    this.restart = null;
    this.segments.push({ name, firstIndex });
    this.segmentBytes = bytes.length;
    return this.runner.run({ type: "create", name, bytes });
  }
}

/** What is in the folder of a log. */
export interface FoundLog {
  readonly scan: LogScan;
  readonly segments: readonly { readonly name: string; readonly firstIndex: number }[];
  readonly lastSegmentBytes: number;
}

/**
 * Reads the log in `folder` (made when it is not there) and cuts a torn tail off. Throws
 * MalformedError on unknown formats.
 */
export function readLog(files: FileSystem, folder: string): FoundLog {
  files.makeFolder(folder);
  const names = files.readdir(folder).filter((name) => SEGMENT.test(name));
  let batch = 0;
  const scanned = names.map((name) => {
    const scan = scanSegment(files.read(join(folder, name)), batch);
    batch = Math.max(batch, scan.lastBatch);
    return { name, scan };
  });
  const scan = assembleLog(scanned);
  if (scan.damage !== null) return { scan, segments: [], lastSegmentBytes: 0 };
  const kept = scanned.filter((segment) => segment.scan.head !== null);
  const headless = scanned.filter((segment) => segment.scan.head === null);
  for (const segment of headless) files.remove(join(folder, segment.name));
  const last = kept.at(-1);
  if (scan.cut !== null && scan.cut.segment === last?.name)
    files.truncate(join(folder, scan.cut.segment), scan.cut.validBytes);
  if (headless.length > 0) files.fsyncFolder(folder);
  return {
    scan,
    segments: kept.map((segment) => ({
      name: segment.name,
      firstIndex: present(segment.scan.head, "the head of a kept segment").firstIndex,
    })),
    lastSegmentBytes: last?.scan.validBytes ?? 0,
  };
}

function segmentName(sequence: number): string {
  return `${String(sequence).padStart(16, "0")}.wal`;
}
