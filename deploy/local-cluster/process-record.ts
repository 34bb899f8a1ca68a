import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { readTextIfPresent, writePrivateFile } from "../pki/private-files.js";

/**
 * A process that was started, told apart from a later one that got the same pid by its start time.
 */
export interface ProcessRecord {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat (clock ticks since boot), or null where there is no /proc. */
  readonly startTime: string | null;
}

/** Writes `<runDir>/<name>.pid` for a running process. */
export function recordProcess(runDir: string, name: string, pid: number): void {
  const record: ProcessRecord = { pid, startTime: startTimeOf(pid) };
  writePrivateFile(join(runDir, `${name}.pid`), `${JSON.stringify(record)}\n`);
}

/** Forgets a process that ended. */
export function forgetProcess(runDir: string, name: string): void {
  rmSync(join(runDir, `${name}.pid`), { force: true });
}

/** The pid of the recorded process if that very process still runs, otherwise null. */
export function livePid(runDir: string, name: string): number | null {
  const text = readTextIfPresent(join(runDir, `${name}.pid`));
  if (text === null) return null;
  const record = parseRecord(text);
  return record !== null && isAlive(record) ? record.pid : null;
}

/** True while the recorded process runs; a zombie does not. */
export function isAlive(record: ProcessRecord): boolean {
  try {
    process.kill(record.pid, 0);
  } catch (error) {
    // EPERM: it runs, but belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  return record.startTime === null || startTimeOf(record.pid) === record.startTime;
}

/**
 * When the process started, in ticks since boot; null when it is gone, a zombie, or the system has
 * no /proc.
 */
export function startTimeOf(pid: number): string | null {
  const fields = statOf(pid);
  return fields[0] === "Z" || fields[0] === "X" ? null : (fields[19] ?? null);
}

/** True when the process stands still in its tracks (SIGSTOP); false where there is no /proc. */
export function isStopped(pid: number): boolean {
  return statOf(pid)[0] === "T";
}

/** The fields of /proc/PID/stat from the third on, the state; none when there is no such file. */
function statOf(pid: number): readonly string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command name is in parentheses and may hold spaces: count from the last one.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}

/** Parses a record: JSON, or a bare pid as other programs write it. */
export function parseRecord(text: string): ProcessRecord | null {
  const bare = /^\s*(\d+)\s*$/.exec(text)?.[1];
  if (bare !== undefined) return { pid: Number(bare), startTime: startTimeOf(Number(bare)) };
  try {
    const value = JSON.parse(text) as Partial<Record<keyof ProcessRecord, unknown>>;
    if (typeof value.pid !== "number") return null;
    return {
      pid: value.pid,
      startTime: typeof value.startTime === "string" ? value.startTime : null,
    };
  } catch {
    return null;
  }
}
