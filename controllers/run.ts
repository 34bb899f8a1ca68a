import type { ApiClient } from "../api/client/client-types.js";
import {
  type ElectedOptions,
  type RunningElected,
  startElected,
} from "../api/client/elected-work.js";
import { EventBroadcaster } from "../api/client/event-recorder.js";
import { InformerFactory, InformerScope } from "../api/client/informer-factory.js";
import { NODES } from "../api/client/resource-types.js";
import type { WorkQueueMetrics } from "../api/client/workqueue.js";
import type { Clock } from "../base/clock.js";
import type { Logger } from "../base/logger.js";
import type { Random } from "../base/random.js";
import { NodePatches } from "./common/node-patches.js";
import { type ControllerName, type ControlLoopsConfig, controlLoops } from "./control-loops.js";
import type { LoopFactory } from "./controller.js";

/** What the control loops need of their process. */
export interface ControllersOptions extends ElectedOptions, ControlLoopsConfig {
  /** Loops that are not run, as with `--controllers=*,-NAME`. */
  readonly without?: readonly ControllerName[];
  readonly queueMetrics?: (name: string) => WorkQueueMetrics;
  /** Tests: cached objects are frozen, so that a write to one throws. */
  readonly freezeCaches?: boolean;
}

/**
 * Takes part in the election for the Lease `kube-controller-manager` and runs every loop while it
 * leads. Connects as system:kube-controller-manager.
 */
export function startControllers(options: ControllersOptions): RunningElected {
  const { client, without = [] } = options;
  const named = { ...options, logger: options.logger.with({ component: "controllers" }) };
  const factories = Object.entries(controlLoops(options))
    .filter(([name]) => !without.includes(name as ControllerName))
    .map(([, create]) => create);
  return startElected("kube-controller-manager", named, (signal, fence) =>
    runLoops(factories, { ...named, client: client.fencedBy(fence) }, signal),
  );
}

/** What the loops of one leadership work with. */
export interface LeadershipDeps {
  /** Every write through it carries the fence of the leadership. */
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly queueMetrics?: (name: string) => WorkQueueMetrics;
  readonly freezeCaches?: boolean;
}

/**
 * One leadership: everything is made anew, so that nothing of an earlier one is left. Resolves when
 * the signal has aborted and every loop has ended; rejects when one failed by a fault of ours.
 */
export async function runLoops(
  factories: readonly LoopFactory[],
  deps: LeadershipDeps,
  signal: AbortSignal,
): Promise<void> {
  const { client, clock, random, logger, queueMetrics = null } = deps;
  const events = new EventBroadcaster({ client, clock, logger });
  const informers = new InformerFactory(
    client,
    { clock, random, logger },
    { freeze: deps.freezeCaches ?? false },
  );
  const nodePatches = new NodePatches(client.resource(NODES), clock);
  const context = { client, events, nodePatches, clock, random, logger, queueMetrics };
  const loops = factories.map((create) => {
    const scope = new InformerScope(informers);
    return { loop: create({ ...context, informers: scope }), scope };
  });
  const own = new AbortController();
  const stop = (): void => own.abort();
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  try {
    informers.start(own.signal);
    const running = loops.map(async ({ loop, scope }) => {
      if (await scope.whenSynced(own.signal)) await loop.run(own.signal);
    });
    await Promise.all([...running, informers.whenStopped(), events.run(own.signal)]);
  } finally {
    stop(); // When one loop fails by a fault of ours, the others end too.
    signal.removeEventListener("abort", stop);
  }
}
