import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { readTextIfPresent } from "../pki/private-files.js";
import { type HostPart, type HostState, partsOf } from "./cluster-state.js";
import { netnsPath } from "./host-network.js";
import type { HostFolders } from "./layout.js";
import { isAlive, livePid, parseRecord } from "./process-record.js";

/** The processes of a host, main one first. */
export type ProcessName = "consensus" | "api" | "agent" | "containerd" | "dns";

const POLL_MS = 25;

const PROCESSES: Readonly<Record<HostPart, readonly ProcessName[]>> = {
  server: ["consensus", "api"],
  agent: ["agent", "containerd", "dns"],
};

/** The process that stands for a part: the others end with it, except containerd and DNS. */
export function mainProcessOf(part: HostPart): "consensus" | "agent" {
  return part === "server" ? "consensus" : "agent";
}

/** What runs of a host now, or of some of its parts. */
export function runningProcesses(
  host: HostState,
  folders: HostFolders,
  parts: readonly HostPart[] = partsOf(host),
): { readonly name: ProcessName; readonly pid: number }[] {
  return parts
    .flatMap((part) => PROCESSES[part])
    .flatMap((name) => {
      const pid = livePid(folders.run, name);
      return pid === null ? [] : [{ name, pid }];
    });
}

/**
 * Starts `raftsman server|agent --config FILE` as a process that outlives this one; what it prints
 * goes to the host's log. Returns its pid.
 */
export function spawnHost(
  host: HostState,
  folders: HostFolders,
  { part, configFile }: { readonly part: HostPart; readonly configFile: string },
): number {
  mkdirSync(folders.log, { recursive: true, mode: 0o700 });
  const log = openSync(logFileOf(part, folders), "a", 0o600);
  try {
    const entry = join(import.meta.dirname, "../../../deploy/raftsman.js");
    // nsenter becomes the program: the pid is the same.
    const enter = host.netns === null ? [] : ["nsenter", `--net=${netnsPath(host.netns)}`];
    const command = [...enter, process.execPath, entry, part, "--config", configFile];
    const child = spawn(command[0] ?? "", command.slice(1), {
      detached: true,
      stdio: ["ignore", log, log],
      cwd: "/",
    });
    child.unref();
    return child.pid ?? 0;
  } finally {
    closeSync(log);
  }
}

/** The file that holds what the part's main process printed. */
export function logFileOf(part: HostPart, folders: HostFolders): string {
  return join(folders.log, `${part}.log`);
}

/** The last lines of a part's log, for an error message. */
export function logTail(part: HostPart, folders: HostFolders, lines = 12): string {
  const text = readTextIfPresent(logFileOf(part, folders)) ?? "";
  return text.trimEnd().split("\n").slice(-lines).join("\n");
}

/**
 * Asks one process to end and waits until it is gone; SIGKILL after `graceMs`, at once when that is
 * 0. Gone already is fine.
 */
export async function endProcess(pid: number, options: { graceMs: number }): Promise<void> {
  const record = parseRecord(String(pid));
  if (record === null || !isAlive(record)) return;
  signalProcess(pid, options.graceMs > 0 ? "SIGTERM" : "SIGKILL");
  // A paused process would not hear of it.
  signalProcess(pid, "SIGCONT");
  const deadlineMs = performance.now() + options.graceMs;
  while (isAlive(record)) {
    if (performance.now() > deadlineMs) signalProcess(pid, "SIGKILL");
    await delay(POLL_MS);
  }
}

/** Sends a signal; a process that is gone already is fine. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
