import { spawn } from "node:child_process";
import { closeSync, openSync, renameSync, statSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { hasErrno } from "../errno.js";
import { killProcess } from "../kill-process.js";

const LOG_BYTES_MAX = 16 * 1024 * 1024;

/** Where one containerd instance keeps the files by which it is found again. */
export interface ContainerdFiles {
  readonly binary: string;
  readonly configFile: string;
  readonly pidFile: string;
  readonly logFile: string;
}

/**
 * The pid of the instance that runs with this configuration file, or null. The pid file is a hint:
 * a recycled pid is not taken for containerd, and an instance whose pid file was never written
 * (the agent was killed in between) is found by its command line.
 */
export async function findContainerd(files: ContainerdFiles): Promise<number | null> {
  const noted = Number(await readFile(files.pidFile, "utf8").catch(() => ""));
  if (Number.isSafeInteger(noted) && noted > 1 && (await runsConfig(noted, files.configFile)))
    return noted;
  for (const entry of await readdir("/proc")) {
    const pid = Number(entry);
    if (!Number.isSafeInteger(pid) || pid <= 1) continue;
    if (!(await runsConfig(pid, files.configFile))) continue;
    await writeFile(files.pidFile, `${pid}\n`);
    return pid;
  }
  return null;
}

/** Starts containerd in a session of its own, so that it outlives the agent. Returns its pid. */
export async function spawnContainerd(files: ContainerdFiles): Promise<number> {
  rotateLog(files.logFile);
  const log = openSync(files.logFile, "a", 0o640);
  try {
    const child = spawn(files.binary, ["--config", files.configFile], {
      detached: true,
      stdio: ["ignore", log, log],
    });
    const pid = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("spawn", () => resolve(child.pid as number));
    });
    child.unref();
    await writeFile(files.pidFile, `${pid}\n`);
    return pid;
  } finally {
    closeSync(log);
  }
}

/** Ends the instance and waits until it is gone; containers and their shims go on. */
export async function stopContainerdProcess(files: ContainerdFiles): Promise<void> {
  const pid = await findContainerd(files);
  if (pid !== null) {
    killProcess(pid, "SIGTERM");
    if (!(await goneWithin(pid, files.configFile, 10_000))) {
      killProcess(pid, "SIGKILL");
      await goneWithin(pid, files.configFile, 5_000);
    }
  }
  await rm(files.pidFile, { force: true });
}

/** The last lines of the log, for an error message. */
export async function logTail(logFile: string): Promise<string> {
  const text = await readFile(logFile, "utf8").catch(() => "");
  const lines = text.trimEnd().split("\n");
  const telling = lines.filter((line) => /level=(error|fatal)|^containerd:|panic/.test(line));
  return (telling.length > 0 ? telling : lines).slice(-5).join("\n");
}

async function runsConfig(pid: number, configFile: string): Promise<boolean> {
  try {
    const args = (await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0");
    if (args[1] !== "--config" || args[2] !== configFile) return false;
    // A zombie keeps its pid but not its work.
    return !/^State:\s+[ZX]/m.test(await readFile(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false; // Gone between listing and reading.
  }
}

async function goneWithin(pid: number, configFile: string, timeoutMs: number): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < timeoutMs; waitedMs += 50) {
    if (!(await runsConfig(pid, configFile))) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

function rotateLog(logFile: string): void {
  try {
    if (statSync(logFile).size > LOG_BYTES_MAX) renameSync(logFile, `${logFile}.1`);
  } catch (error) {
    if (!hasErrno(error, "ENOENT")) throw error;
  }
}
