import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { messageOf } from "../../base/errors.js";
import type { SeedRequest } from "./seed-worker.js";
import type { SimulationOptions, SimulationResult } from "./simulation.js";
import { noTotals } from "./totals.js";

export interface SeedRange extends SimulationOptions {
  readonly from: number;
  readonly count: number;
  /** Threads; as many as there are cores when absent. */
  readonly workers?: number;
  /** Called with each result as it comes; true: enough. */
  readonly onResult?: (result: SimulationResult) => boolean | void;
}

/** A seed leaves little behind and throws much away: a larger nursery is collected less often. */
const WORKER_OPTIONS = { resourceLimits: { maxYoungGenerationSizeMb: 64 } };

/** Runs seeds from … from + count - 1 in threads; the results are in the order of the seeds. */
export async function runSeeds(range: SeedRange): Promise<SimulationResult[]> {
  const { from, count, workers = availableParallelism(), onResult, ...options } = range;
  const results: SimulationResult[] = [];
  let next = from;
  let isEnough = false;
  const work = async (): Promise<void> => {
    let worker: Worker | null = null;
    while (next < from + count && !isEnough) {
      const seed = next;
      next += 1;
      worker ??= new Worker(new URL("./seed-worker.js", import.meta.url), WORKER_OPTIONS);
      const result = await runOne(worker, { ...options, seed });
      if (result.hasDied) worker = null;
      results.push(result.result);
      if (onResult?.(result.result) === true) isEnough = true;
    }
    await worker?.terminate();
  };
  await Promise.all(Array.from({ length: Math.min(workers, count) }, work));
  return results.sort((a, b) => a.seed - b.seed);
}

/** What ends a worker, such as a rejection that nobody took, is a failure of its seed. */
function runOne(
  worker: Worker,
  request: SeedRequest,
): Promise<{ readonly result: SimulationResult; readonly hasDied: boolean }> {
  return new Promise((resolve) => {
    const onMessage = (result: SimulationResult): void => {
      worker.off("error", onError);
      resolve({ result, hasDied: false });
    };
    const onError = (error: unknown): void => {
      worker.off("message", onMessage);
      const text = error instanceof Error ? (error.stack ?? error.message) : messageOf(error);
      const failure = `the process would have ended: ${text}`;
      const rest = { totals: noTotals(), trace: "", story: [] };
      resolve({ result: { seed: request.seed, failure, ...rest }, hasDied: true });
    };
    worker.once("message", onMessage);
    worker.once("error", onError);
    worker.postMessage(request);
  });
}
