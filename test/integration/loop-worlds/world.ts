import type { ApiClient, ResourceType } from "../../../api/client/client-types.js";
import { type RunningElected, startElected } from "../../../api/client/elected-work.js";
import { Informer } from "../../../api/client/informer.js";
import { EVENTS, NODES } from "../../../api/client/resource-types.js";
import { systemClock, systemRandom } from "../../../api/client/system-clock.js";
import { allowManyListeners } from "../../../api/client/waiting.js";
import type { WorkQueueMetrics } from "../../../api/client/workqueue.js";
import type { Event } from "../../../api/schema/types/core-v1.gen.js";
import type { KubernetesObject } from "../../../api/schema/wire-types.js";
import type { Clock } from "../../../base/clock.js";
import { silentLogger } from "../../../base/logger.js";
import { NodePatches } from "../../../controllers/common/node-patches.js";
import type { LoopFactory } from "../../../controllers/controller.js";
import { runLoops } from "../../../controllers/run.js";
import { logger } from "../control-plane.js";
import { canonical } from "./canonical.js";
import { countedClient, WriteBudget, worldClient } from "./world-client.js";

/** The loop under test, those it works with, and the clock they read. */
export interface WorldLoops {
  readonly tested: LoopFactory;
  readonly others: readonly LoopFactory[];
  readonly clock: Clock;
}

/** One leadership of the loops of a world. */
export interface Leader {
  /** Writes that the tested loop has made. */
  readonly writes: () => number;
  /** True when every loop runs and no key waits for a worker or is with one. */
  readonly isIdle: () => boolean;
  stop(): Promise<void>;
}

/** Follows the objects of a world and lets leaders come and go in it. */
export class World {
  readonly name: string;
  /** The administrator's, unbounded. */
  readonly admin: ApiClient;
  private readonly informers: readonly Informer<KubernetesObject>[];
  private readonly stopping = new AbortController();
  private readonly running: Promise<unknown>;
  private wake: () => void = () => {};

  private constructor(
    name: string,
    admin: ApiClient,
    kinds: readonly ResourceType<KubernetesObject>[],
  ) {
    this.name = name;
    this.admin = admin;
    allowManyListeners(this.stopping.signal);
    const client = worldClient(admin, name);
    const deps = { clock: systemClock, random: systemRandom, logger: silentLogger };
    const changed = (): void => this.wake();
    this.informers = [...kinds, EVENTS].map((type) => {
      const informer = new Informer(client.resource(type), {}, deps);
      informer.addHandler({ added: changed, updated: changed, deleted: changed });
      return informer;
    });
    this.running = Promise.all(this.informers.map((one) => one.run(this.stopping.signal)));
  }

  static async open(
    name: string,
    admin: ApiClient,
    kinds: readonly ResourceType<KubernetesObject>[],
  ): Promise<World> {
    const world = new World(name, admin, kinds);
    const { signal } = world.stopping;
    await Promise.all(world.informers.map((one) => one.whenSynced(signal)));
    return world;
  }

  /** All objects of the kinds that this world is about. */
  objects(): readonly KubernetesObject[] {
    const ours = this.informers.filter(({ type }) => type.kind !== EVENTS.kind);
    return ours.flatMap((one) => [...one.lister.values()]);
  }

  /** The events of the world so far, as `Type Reason`. */
  events(): ReadonlySet<string> {
    const all = this.informers.find(({ type }) => type.kind === EVENTS.kind)?.lister.values() ?? [];
    return new Set(
      Array.from(all, (event) => {
        const { type, reason } = event as Event;
        return `${type} ${reason}`;
      }),
    );
  }

  /** The objects of one kind, as last heard of. */
  of<T extends KubernetesObject>(type: ResourceType<T>): readonly T[] {
    return this.objects().filter(({ kind }) => kind === type.kind) as unknown as readonly T[];
  }

  /** The state without what differs from run to run. */
  state(): readonly string[] {
    return canonical(this.objects(), this.name);
  }

  /** Resolves when `holds`, looked at after every change; false when it did not in time. */
  async until(holds: () => boolean, limitMs: number): Promise<boolean> {
    if (holds()) return true;
    return new Promise((resolve) => {
      const finish = (answer: boolean): void => {
        this.wake = () => {};
        cancel();
        resolve(answer);
      };
      const cancel = systemClock.schedule(limitMs, () => finish(holds()));
      this.wake = () => {
        if (holds()) finish(true);
      };
    });
  }

  /** Starts a leader whose tested loop dies after `writesMax` writes; `died` is called then. */
  lead(
    client: ApiClient,
    loops: WorldLoops,
    limits?: { writesMax: number; died: () => void },
  ): Leader {
    const { writesMax, died } = limits ?? { writesMax: Infinity, died: () => {} };
    const budget = new WriteBudget(writesMax, died);
    // Of the leadership of now: on a busy computer one may be lost, and another one begins.
    let term = { begun: 0, open: 0 };
    const tested: LoopFactory = (context) => {
      const counted = countedClient(context.client, budget);
      const nodePatches = new NodePatches(counted.resource(NODES), context.clock);
      return loops.tested({ ...context, client: counted, nodePatches });
    };
    const factories = [...loops.others, tested];
    const deps = { clock: loops.clock, random: systemRandom, logger };
    const elected = { client, clock: systemClock, random: systemRandom, logger };
    const identity = `leader-${Math.random()}`;
    const running: RunningElected = startElected(
      `loops-of-${this.name}`,
      { ...elected, identity },
      (signal, fence) => {
        const own = { begun: 0, open: 0 };
        term = own;
        const { queueMetrics, watched } = this.followed(own);
        const narrow = worldClient(client.fencedBy(fence), this.name);
        const followed = { ...deps, queueMetrics, client: narrow, freezeCaches: true };
        return runLoops(factories.map(watched), followed, signal);
      },
    );
    return {
      writes: () => budget.used,
      isIdle: () => term.begun === factories.length && term.open === 0,
      stop: () => running.stop(),
    };
  }

  /** What counts the loops of one leadership that have begun, and keys that are not worked off. */
  private followed(term: { begun: number; open: number }) {
    const changed = (by: number): void => {
      term.open += by;
      // Whoever waits for the queues to be empty looks when the worker has come back.
      if (term.open === 0) setImmediate(() => this.wake());
    };
    const queueMetrics = (): WorkQueueMetrics => ({
      added: () => changed(1),
      done: () => changed(-1),
      depth: () => {},
      started: () => {},
      retried: () => {},
      follow: () => {},
    });
    const watched =
      (create: LoopFactory): LoopFactory =>
      (context) => {
        const loop = create(context);
        const run = (signal: AbortSignal): Promise<void> => {
          const ended = loop.run(signal);
          term.begun += 1;
          changed(0);
          return ended;
        };
        return { name: loop.name, run };
      };
    return { queueMetrics, watched };
  }

  async close(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }
}
