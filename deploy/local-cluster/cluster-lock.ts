import { linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { CommandError } from "../cli/output.js";
import { readTextIfPresent } from "../pki/private-files.js";
import type { ClusterLayout } from "./layout.js";
import { isAlive, parseRecord, startTimeOf } from "./process-record.js";

const POLL_MS = 100;
const WAIT_MS = 300_000;

/** How to wait for another command. */
export interface LockOptions {
  readonly signal: AbortSignal;
  /** Told once, with the pid of whoever is at work. */
  readonly onWait?: (pid: number) => void;
  /** Default: five minutes. */
  readonly waitMs?: number;
}

/**
 * Runs `work` while no other command starts or removes hosts of the cluster; waits for one that is
 * at work. A command that was killed holds nothing. Throws CommandError when the wait takes too
 * long.
 */
export async function withClusterLock<T>(
  layout: ClusterLayout,
  options: LockOptions,
  work: () => Promise<T>,
): Promise<T> {
  await takeLock(layout.lockFile, options);
  try {
    return await work();
  } finally {
    rmSync(layout.lockFile, { force: true });
  }
}

async function takeLock(path: string, options: LockOptions): Promise<void> {
  const { signal, onWait, waitMs = WAIT_MS } = options;
  const deadlineMs = performance.now() + waitMs;
  let told = false;
  for (let holder = tryLock(path); holder !== null; holder = tryLock(path)) {
    if (!told) onWait?.(holder);
    told = true;
    if (performance.now() > deadlineMs)
      throw new CommandError("Failed", `another raftsman (pid ${holder}) works on this cluster`, {
        hint: "Wait until it has ended, or end it.",
      });
    await delay(POLL_MS, undefined, { signal });
  }
}

/** Null: the lock is ours; otherwise the pid of its holder. */
function tryLock(path: string): number | null {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const own = `${path}.${process.pid}`;
  const mine = JSON.stringify({ pid: process.pid, startTime: startTimeOf(process.pid) });
  writeFileSync(own, mine, { mode: 0o600 });
  try {
    // Unlike a rename, a link never replaces what is there.
    linkSync(own, path);
    return null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(own, { force: true });
  }
  const text = readTextIfPresent(path);
  const record = text === null ? null : parseRecord(text);
  if (record !== null && isAlive(record)) return record.pid;
  if (text !== null) removeStale(path, text);
  return record?.pid ?? 0;
}

/** Removes the lock of a dead process, unless somebody else took it over a moment ago. */
function removeStale(path: string, stale: string): void {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  if (readTextIfPresent(aside) !== stale) linkSync(aside, path);
  rmSync(aside, { force: true });
}
