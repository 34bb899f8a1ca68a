import { waitMs } from "../api/client/waiting.js";
import { messageOf } from "../base/errors.js";
import type { ImageCollector } from "./image-collector.js";
import type { NodeSample } from "./metrics/node-sample.js";
import type { NodeContext } from "./node-context.js";
import {
  CALM,
  type EvictionPlan,
  isRelieved,
  type Observations,
  planEviction,
  type PressureCondition,
  type Starvation,
} from "./plan/eviction.js";
import type { EvictionConfig } from "./plan/eviction-thresholds.js";
import {
  EVICTED,
  evictionGraceSeconds,
  type EvictionNote,
  evictionNote,
  exceededLocalLimit,
  hasLocalLimit,
  IMMEDIATE_GRACE_SECONDS,
  rankVictims,
} from "./plan/eviction-victims.js";
import { isCriticalPod } from "./plan/pod-role.js";
import { consumptionOf, type WantedConsumption } from "./pod-consumption.js";
import { recordNodeEvent } from "./pod-events.js";
import type { PodWorker } from "./pod-worker.js";

interface EvictionManagerDeps {
  readonly context: NodeContext;
  readonly images: Pick<ImageCollector, "removeUnused">;
  readonly workers: () => Iterable<PodWorker>;
  readonly readSignals: () => Promise<Observations>;
  /** What pods used last; null: not known yet. */
  readonly sample: () => NodeSample | null;
  /** The node has got into, or out of, a want. */
  readonly onConditions: () => void;
}

/** The kubelet's intervals. */
const LOOK_MS = 10_000;
const CLEANUP_MAX_MS = 30_000;

/**
 * Keeps the node from running out of memory, disk and process ids: says so in its conditions, makes
 * room, and if that is not enough ends pods, one at a time. Also ends pods that use more local
 * storage than they may.
 */
export class EvictionManager {
  private readonly config: EvictionConfig;
  private readonly deps: EvictionManagerDeps;
  private plan: EvictionPlan = { state: CALM, conditions: new Set(), reclaim: null };
  private begun: Promise<unknown> | null = null;

  constructor(config: EvictionConfig, deps: EvictionManagerDeps) {
    this.config = config;
    this.deps = deps;
  }

  /** What the node was short of at the last look. */
  get conditions(): ReadonlySet<PressureCondition> {
    return this.plan.conditions;
  }

  /** The same, after a first look: nothing is said of a node that nobody has looked at. */
  async firstConditions(): Promise<ReadonlySet<PressureCondition>> {
    this.begun ??= this.observe().catch((error: unknown) => this.unreadable(error));
    await this.begun;
    return this.conditions;
  }

  /** Looks every 10 s until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.synchronize(signal);
      } catch (error) {
        if (!signal.aborted) this.unreadable(error);
      }
      await waitMs(this.deps.context.clock, LOOK_MS, signal);
    }
  }

  /** One look, and what follows from it. Returns once a pod that had to go has gone. */
  async synchronize(signal: AbortSignal): Promise<void> {
    const before = this.conditions;
    await this.observe();
    const { conditions, reclaim } = this.plan;
    if (before.size !== conditions.size || [...before].some((it) => !conditions.has(it)))
      this.deps.onConditions();
    if (await this.enforceLocalLimits(signal)) return;
    if (reclaim === null) return;
    const { context } = this.deps;
    context.logger.warn("the node runs short", { signal: reclaim.threshold.signal });
    recordNodeEvent(context.recorder, context.config.nodeName, {
      type: "Warning",
      reason: "EvictionThresholdMet",
      message: `Attempting to reclaim ${reclaim.resource}`,
    });
    if (await this.reclaimFromNode(reclaim, signal)) return;
    // Right after a start nobody knows yet who uses what.
    if (this.deps.sample() === null) return;
    await this.evictOne(reclaim, signal);
  }

  private async observe(): Promise<void> {
    const observations = await this.deps.readSignals();
    const { state } = this.plan;
    const nowMs = this.deps.context.clock.monotonicMs();
    this.plan = planEviction(this.config, observations, { state, nowMs });
  }

  private unreadable(error: unknown): void {
    this.deps.context.logger.error("eviction failed", { error: messageOf(error) });
  }

  /** Images and dead containers go before living pods do. True when that was enough. */
  private async reclaimFromNode({ resource }: Starvation, signal: AbortSignal): Promise<boolean> {
    if (resource !== "ephemeral-storage" && resource !== "inodes") return false;
    const { images, workers, readSignals } = this.deps;
    await this.atMost(Promise.all(Array.from(workers(), (worker) => worker.dropRemains())));
    await images.removeUnused(signal);
    return isRelieved(this.config, await readSignals());
  }

  private async evictOne(starvation: Starvation, signal: AbortSignal): Promise<void> {
    const { resource, threshold } = starvation;
    const wanted = { disk: resource === "ephemeral-storage", inodes: resource === "inodes" };
    const candidates = [...this.deps.workers()].filter(({ evictable }) => evictable);
    const [victim] = rankVictims(resource, await this.consumption(candidates, wanted, signal));
    if (victim === undefined) {
      this.deps.context.logger.error("no pod can be evicted", { resource });
      return;
    }
    const { maxPodGraceSeconds } = this.config;
    await this.evict(
      victim.pod.metadata.uid,
      evictionNote(victim, starvation),
      evictionGraceSeconds(victim.pod, threshold, maxPodGraceSeconds),
    );
  }

  /** True when a pod was ended. */
  private async enforceLocalLimits(signal: AbortSignal): Promise<boolean> {
    const limited = [...this.deps.workers()].filter(
      (it) => it.evictable && hasLocalLimit(it.current) && !isCriticalPod(it.current),
    );
    if (limited.length === 0) return false;
    const used = await this.consumption(limited, { disk: true, inodes: false }, signal);
    let evicted = false;
    for (const pod of used) {
      const message = exceededLocalLimit(pod);
      if (message === null) continue;
      evicted = true;
      await this.evict(pod.pod.metadata.uid, { message }, IMMEDIATE_GRACE_SECONDS);
    }
    return evicted;
  }

  private consumption(
    workers: readonly PodWorker[],
    wanted: WantedConsumption,
    signal: AbortSignal,
  ): ReturnType<typeof consumptionOf> {
    const { runtime, paths } = this.deps.context;
    return consumptionOf(workers, wanted, { runtime, paths, sample: this.deps.sample(), signal });
  }

  private async evict(
    uid: string,
    note: Pick<EvictionNote, "message"> & Partial<EvictionNote>,
    graceSeconds: number,
  ): Promise<void> {
    const worker = [...this.deps.workers()].find((it) => it.uid === uid);
    if (worker === undefined || !worker.evictable) return;
    // The next look must not take the room that is about to be made for missing.
    await this.atMost(worker.evict({ reason: EVICTED, ...note }, graceSeconds));
  }

  /** Waits for room to be made, but not for ever: others may have to go meanwhile. */
  private async atMost(work: Promise<unknown>): Promise<void> {
    const limit = new AbortController();
    const waited = waitMs(this.deps.context.clock, CLEANUP_MAX_MS, limit.signal);
    await Promise.race([work, waited]);
    limit.abort();
  }
}
