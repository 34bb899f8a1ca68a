import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { signalProcess } from "../../../deploy/local-cluster/host-processes.js";
import { isAlive, startTimeOf } from "../../../deploy/local-cluster/process-record.js";
import type { ChaosServer } from "../chaos-cluster.js";

const POLL_MS = 10;
const GONE_MS = 30_000;
/** The unit of times in /proc (USER_HZ). */
const TICKS_PER_SECOND = 100;

export type ServerProcess = "consensus" | "api";

/** Sends a signal and waits until the process is gone. False when it is still there after 30 s. */
export async function endBySignal(pid: number, signal: NodeJS.Signals): Promise<boolean> {
  const record = { pid, startTime: startTimeOf(pid) };
  signalProcess(pid, signal);
  const deadlineMs = performance.now() + GONE_MS;
  while (isAlive(record)) {
    if (performance.now() > deadlineMs) return false;
    await delay(POLL_MS);
  }
  return true;
}

/** The letter of /proc/PID/stat: T is stopped. "" when there is no such process. */
export function stateOf(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2, text.lastIndexOf(")") + 3);
  } catch {
    return "";
  }
}

/** The time on a core that the process has used; 0 when there is none. */
export function cpuSecondsOf(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return 0;
  }
}

/** Waits a while, or until the signal aborts. */
export async function hold(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {});
}

/** The processes of that name that run, with their servers. */
export function pidsOf(
  servers: readonly ChaosServer[],
  names: readonly ServerProcess[],
): { readonly server: ChaosServer; readonly name: ServerProcess; readonly pid: number }[] {
  return servers.flatMap((server) =>
    names.flatMap((name) => {
      const pid = server.pid(name);
      return pid === null ? [] : [{ server, name, pid }];
    }),
  );
}
