import { hasErrno } from "./errno.js";

/** Sends a signal, SIGKILL unless another is named; a process that is gone already is fine. */
export function killProcess(pid: number, signal: NodeJS.Signals = "SIGKILL"): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!hasErrno(error, "ESRCH")) throw error;
  }
}
