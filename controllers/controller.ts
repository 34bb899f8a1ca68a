import { allowManyListeners } from "../api/client/waiting.js";
import { AssertionError } from "../base/assert.js";
import type { Clock } from "../base/clock.js";
import type { Logger } from "../base/logger.js";
import type { Random } from "../base/random.js";
import { isApiError, isConflict } from "../api/client/api-error.js";
import type { ApiClient } from "../api/client/client-types.js";
import type { EventBroadcaster } from "../api/client/event-recorder.js";
import type { InformerSource } from "../api/client/informer-factory.js";
import type { NodePatches } from "./common/node-patches.js";
import type { ObjectKey } from "../api/client/object-key.js";
import { WorkQueue, type WorkQueueMetrics } from "../api/client/workqueue.js";

/** `requeueAfterMs` asks for a later look; to be retried with back-off, throw. */
export interface Result {
  readonly requeueAfterMs?: number;
}

/** The one thing a loop has to write. */
export interface Reconciler<K extends string = ObjectKey> {
  /**
   * Brings the object of this key in line. Level-triggered: compares what is wanted with the cached
   * state and never learns which event woke it. Called for one key at a time, for different keys
   * concurrently.
   */
  reconcile(key: K, signal: AbortSignal): Promise<Result>;
}

/** A failure no retry can mend, such as an unsatisfiable spec: logged, dropped. */
export class TerminalError extends Error {
  override readonly name = "TerminalError";
}

/**
 * What a loop is given when this process becomes the leader. Nothing of it outlives the leadership.
 */
export interface LoopContext {
  /** Every write through it carries the fence of the leadership. */
  readonly client: ApiClient;
  /** Shared by all loops: ask for every informer before the LoopFactory returns. */
  readonly informers: InformerSource;
  readonly events: EventBroadcaster;
  /** For what more than one loop has to say of a new Node. */
  readonly nodePatches: NodePatches;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Metrics hooks for the queue of this name; null: nobody asked for metrics. */
  readonly queueMetrics: ((name: string) => WorkQueueMetrics) | null;
}

/** A loop that is made but not started. */
export interface Loop {
  /** Such as `replicaset`; names its queue, its metrics and its log lines. */
  readonly name: string;
  /**
   * Runs until the signal aborts; called when the informers that the loop asked for have synced.
   */
  run(signal: AbortSignal): Promise<void>;
}

/** Makes a loop for one leadership: asks for informers, adds handlers; starts nothing. */
export type LoopFactory = (context: LoopContext) => Loop;

/** A queue of keys as loops use it: named, with the metrics of the context. */
export function newQueue<K extends string = ObjectKey>(
  context: LoopContext,
  name: string,
): WorkQueue<K> {
  const metrics = context.queueMetrics?.(name);
  return new WorkQueue<K>(context.clock, metrics === undefined ? {} : { metrics });
}

/** How keys are worked off. */
export interface QueueLoopOptions<K extends string> {
  readonly name: string;
  readonly queue: WorkQueue<K>;
  readonly reconciler: Reconciler<K>;
  /** Keys worked on at the same time. Default 8: a loop waits for the API most of the time. */
  readonly workers?: number;
}

/** The usual loop: `workers` workers that take keys from the queue and reconcile them. */
export function queueLoop<K extends string>(
  context: LoopContext,
  options: QueueLoopOptions<K>,
): Loop {
  const { name, queue, reconciler, workers = 8 } = options;
  const logger = context.logger.with({ controller: name });
  return {
    name,
    run: async (signal) => {
      const stop = (): void => queue.shutDown();
      allowManyListeners(signal);
      if (signal.aborted) stop();
      signal.addEventListener("abort", stop, { once: true });
      const all = Array.from({ length: workers }, () =>
        runWorker(queue, reconciler, { logger, signal }),
      );
      await Promise.all(all);
      signal.removeEventListener("abort", stop);
    },
  };
}

/** One worker. The queue never hands one key to two workers, so reconcile needs no lock. */
export async function runWorker<K extends string>(
  queue: WorkQueue<K>,
  reconciler: Reconciler<K>,
  { logger, signal }: { logger: Logger; signal: AbortSignal },
): Promise<void> {
  for (let key = await queue.get(); key !== null; key = await queue.get()) {
    try {
      // What is still queued at the end of a leadership is left to the next leader.
      if (signal.aborted) continue;
      const { requeueAfterMs } = await reconciler.reconcile(key, signal);
      queue.forget(key);
      if (requeueAfterMs !== undefined) queue.addAfter(key, requeueAfterMs);
    } catch (error) {
      if (!signal.aborted) handleFailure(queue, key, { error, logger });
    } finally {
      queue.done(key);
    }
  }
}

function handleFailure<K extends string>(
  queue: WorkQueue<K>,
  key: K,
  { error, logger }: { error: unknown; logger: Logger },
): void {
  if (error instanceof AssertionError) throw error;
  if (error instanceof TerminalError) {
    queue.forget(key);
    logger.error("reconcile failed for good", { key, error });
    return;
  }
  const retries = queue.failuresOf(key);
  queue.addRateLimited(key);
  // A conflict means that the cache was behind: the next look sees the newer object.
  if (isConflict(error)) logger.debug("reconcile met a newer object", { key, retries });
  else if (isApiError(error)) logger.warn("reconcile failed", { key, retries, error });
  else logger.error("reconcile failed", { key, retries, error });
}
