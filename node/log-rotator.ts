import { readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { waitMs } from "../api/client/waiting.js";
import type { Clock } from "../base/clock.js";
import type { Logger } from "../base/logger.js";
import type { Runtime } from "./cri/runtime.js";
import type { PodRuntime } from "./plan/pod-runtime.js";

/** When a container's log is rotated. */
export interface LogLimits {
  readonly sizeBytesMax: number;
  /** The file being written counts. */
  readonly filesMax: number;
}

/** The kubelet's defaults. */
export const LOG_LIMITS: LogLimits = { sizeBytesMax: 10 * 2 ** 20, filesMax: 5 };

const CHECK_MS = 10_000;

/**
 * Rotates the logs of running containers by size: `0.log` becomes `0.log.<time>` and the runtime
 * opens a new one.
 */
export class LogRotator {
  private readonly runtime: Runtime;
  private readonly limits: LogLimits;
  private readonly deps: { readonly clock: Clock; readonly logger: Logger };

  constructor(runtime: Runtime, limits: LogLimits, deps: LogRotator["deps"]) {
    this.runtime = runtime;
    this.limits = limits;
    this.deps = deps;
  }

  /** Looks at the logs every 10 s until the signal aborts. */
  async run(pods: () => Iterable<PodRuntime>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await waitMs(this.deps.clock, CHECK_MS, signal);
      for (const pod of pods()) await this.check(pod, signal);
    }
  }

  /** Rotates what of the pod's logs has grown too large. Never throws. */
  async check(pod: PodRuntime, signal: AbortSignal): Promise<void> {
    for (const { id, state, logPath } of pod.containers) {
      if (state !== "running" || logPath === "" || signal.aborted) continue;
      try {
        const { size } = await stat(logPath);
        if (size >= this.limits.sizeBytesMax) await this.rotate(id, logPath, signal);
      } catch (error) {
        if (!signal.aborted) this.deps.logger.warn("log not rotated", { logPath, error });
      }
    }
  }

  private async rotate(id: string, logPath: string, signal: AbortSignal): Promise<void> {
    await removeOldest(logPath, this.limits.filesMax - 2);
    const time = new Date(this.deps.clock.nowMs()).toISOString().replaceAll(/[-:.Z]/g, "");
    const rotated = `${logPath}.${time}`;
    await rename(logPath, rotated);
    try {
      await this.runtime.reopenContainerLog(id, signal);
    } catch (error) {
      // The runtime goes on writing to the file that it has open: give it its name back.
      await rename(rotated, logPath);
      throw error;
    }
  }
}

/** Keeps the newest `keep` rotated files. */
async function removeOldest(logPath: string, keep: number): Promise<void> {
  const prefix = `${basename(logPath)}.`;
  const dir = dirname(logPath);
  const rotated = (await readdir(dir)).filter((name) => name.startsWith(prefix)).sort();
  for (const name of rotated.slice(0, Math.max(0, rotated.length - keep)))
    await rm(join(dir, name), { force: true });
}
