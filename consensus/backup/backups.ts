import { linkSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/logger.js";
import type { SavedSnapshot } from "../store-api.js";

/** Where and how often backups are made. */
export interface BackupOptions {
  readonly folder: string;
  readonly everyMs: number;
  /** How many are kept: the newest. */
  readonly kept: number;
}

/** After one that failed; a server without a leader cannot make any. */
const RETRY_MS = 60_000;
const NAME = /^raftsman-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\.snap$/;

/** When the backup of that name was made, in milliseconds since 1970; null: it is none of ours. */
export function timeOfBackup(name: string): number | null {
  const [, year, month, day, hour, minute, second] = NAME.exec(name) ?? [];
  if (year === undefined) return null;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

/** Such as raftsman-20260102T030405Z.snap. Names sort by time. */
export function backupName(nowMs: number): string {
  const text = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, "");
  return `raftsman-${text}.snap`;
}

/** How long to wait for the next backup. Pure; one in the future does not count. */
export function nextBackupInMs(
  names: readonly string[],
  { nowMs, everyMs }: { readonly nowMs: number; readonly everyMs: number },
): number {
  const times = names.flatMap((name) => timeOfBackup(name) ?? []);
  const newest = Math.max(...times.filter((time) => time <= nowMs), Number.NEGATIVE_INFINITY);
  return Math.max(0, newest + everyMs - nowMs);
}

/** Makes a backup of the store every so often, and removes the oldest. */
export class Backups {
  private readonly options: BackupOptions;
  private readonly deps: {
    readonly clock: Clock;
    readonly logger: Logger;
    readonly snapshot: () => Promise<SavedSnapshot>;
  };
  private cancel: (() => void) | null = null;
  private isStopped = false;
  private running: Promise<void> | null = null;

  constructor(options: BackupOptions, deps: Backups["deps"]) {
    this.options = options;
    this.deps = deps;
  }

  start(): void {
    const { folder, everyMs } = this.options;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const nowMs = this.deps.clock.nowMs();
    this.schedule(nextBackupInMs(readdirSync(folder), { nowMs, everyMs }));
  }

  /** Waits for the one being made. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.cancel?.();
    await this.running;
  }

  private schedule(delayMs: number): void {
    if (this.isStopped) return;
    this.cancel = this.deps.clock.schedule(delayMs, () => {
      this.running = this.make();
    });
  }

  private async make(): Promise<void> {
    const { folder, everyMs, kept } = this.options;
    const { clock, logger } = this.deps;
    try {
      const { path, sizeBytes } = await this.deps.snapshot();
      const file = join(folder, backupName(clock.nowMs()));
      // The same bytes under a second name: the first goes when later snapshots were taken.
      linkSync(path, file);
      logger.info("made a backup", { file, sizeBytes });
      const backups = readdirSync(folder).filter((name) => timeOfBackup(name) !== null);
      for (const old of backups.sort().reverse().slice(kept)) rmSync(join(folder, old));
      this.schedule(everyMs);
    } catch (error) {
      logger.warn("no backup could be made; it is tried again", { folder, error });
      this.schedule(Math.min(RETRY_MS, everyMs));
    }
  }
}
