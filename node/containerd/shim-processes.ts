import { readdir, readFile } from "node:fs/promises";
import { killProcess } from "../kill-process.js";
import { descendantsOf, type ProcessLine } from "../plan/process-tree.js";

const POLL_MS = 50;

/** How a shim is told where its containerd is. */
function isShimOf(socketPath: string): (line: ProcessLine) => boolean {
  return ({ args }) =>
    /\/?containerd-shim/.test(args[0] ?? "") && args[args.indexOf("-address") + 1] === socketPath;
}

/** The shims of the containerd on that socket: one for each pod that runs, starts or ends. */
export async function shimsOf(socketPath: string): Promise<readonly number[]> {
  return (await allProcesses()).filter(isShimOf(socketPath)).map(({ pid }) => pid);
}

/**
 * Kills the shims of a containerd that does not run any more, with all that they started. Rejects
 * when something is still there after `timeoutMs`.
 */
export async function killShims(socketPath: string, timeoutMs: number): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    // Looked at anew each time: what is being started may have got children meanwhile.
    const pids = descendantsOf(await allProcesses(), isShimOf(socketPath));
    if (pids.length === 0) return;
    if (performance.now() > endMs)
      throw new Error(`processes of pods could not be killed: ${pids.join(", ")}`);
    // Stopped first, they start nothing more; then children before their parents, since of a dead
    // shim's children it could not be told any more whose they were.
    for (const pid of [...pids].reverse()) killProcess(pid, "SIGSTOP");
    for (const pid of pids) killProcess(pid);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** What runs now; zombies do not. */
async function allProcesses(): Promise<readonly ProcessLine[]> {
  const pids = (await readdir("/proc")).map(Number).filter(Number.isSafeInteger);
  const lines = await Promise.all(pids.map(processLine));
  return lines.filter((line) => line !== null);
}

async function processLine(pid: number): Promise<ProcessLine | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // The command name is in parentheses and may hold spaces: count from the last one.
    const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z" || state === "X") return null;
    const args = (await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0");
    return { pid, parentPid: Number(parent), args };
  } catch {
    return null; // Gone between listing and reading.
  }
}
