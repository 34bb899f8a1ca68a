import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { readTextIfPresent } from "../pki/private-files.js";
import type { HostState } from "./cluster-state.js";
import { netnsPath } from "./host-network.js";
import type { HostFolders } from "./layout.js";
import { isAlive, livePid, parseRecord } from "./process-record.js";

/** The processes of a host, main one first. */
export type ProcessName = "consensus" | "api" | "agent" | "containerd" | "dns";

const POLL_MS = 25;

/**
 * The process that stands for the host: the others of it end with it, except containerd and DNS.
 */
export function mainProcessOf(host: HostState): "consensus" | "agent" {
  return host.role === "server" ? "consensus" : "agent";
}

/** What runs of a host now. */
export function runningProcesses(
  host: HostState,
  folders: HostFolders,
): { readonly name: ProcessName; readonly pid: number }[] {
  const names: readonly ProcessName[] =
    host.role === "server" ? ["consensus", "api"] : ["agent", "containerd", "dns"];
  return names.flatMap((name) => {
    const pid = livePid(folders.run, name);
    return pid === null ? [] : [{ name, pid }];
  });
}

/**
 * Starts `raftsman server|agent --config FILE` as a process that outlives this one; what it prints
 * goes to the host's log. Returns its pid.
 */
export function spawnHost(host: HostState, folders: HostFolders, configFile: string): number {
  mkdirSync(folders.log, { recursive: true, mode: 0o700 });
  const log = openSync(logFileOf(host, folders), "a", 0o600);
  try {
    const entry = join(import.meta.dirname, "../../../deploy/raftsman.js");
    const verb = host.role === "server" ? "server" : "agent";
    // nsenter becomes the program: the pid is the same.
    const enter = host.netns === null ? [] : ["nsenter", `--net=${netnsPath(host.netns)}`];
    const command = [...enter, process.execPath, entry, verb, "--config", configFile];
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

/** The file that holds what the host's main process printed. */
export function logFileOf(host: HostState, folders: HostFolders): string {
  return join(folders.log, `${host.role}.log`);
}

/** The last lines of a host's log, for an error message. */
export function logTail(host: HostState, folders: HostFolders, lines = 12): string {
  const text = readTextIfPresent(logFileOf(host, folders)) ?? "";
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
