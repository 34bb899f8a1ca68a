import { isConflict, isNotFound } from "../api/client/api-error.js";
import type { ApiClient } from "../api/client/client-types.js";
import type { EventRecorder } from "../api/client/event-recorder.js";
import { PODS } from "../api/client/resource-types.js";
import { claimsOf } from "../api/schema/storage/pod-claims.js";
import type { Pod } from "../api/schema/types/core-v1.gen.js";
import type { Clock } from "../base/clock.js";
import { messageOf } from "../base/errors.js";
import type { Logger } from "../base/logger.js";
import { type Diagnosis, explain } from "./diagnosis.js";
import type { ClusterSnapshot } from "./framework/cluster-snapshot.js";
import { BindFailure, type Framework } from "./framework/framework.js";
import type { Binder } from "./framework/interfaces.js";
import type { PodInfo } from "./framework/pod-info.js";
import type { Candidate } from "./preemption.js";
import type { Preemptor } from "./preemptor.js";
import type { PodPlacer, ScheduleResult } from "./schedule-one.js";
import type { SchedulerMetrics } from "./scheduler-metrics.js";
import type { SchedulingQueue } from "./scheduling-queue.js";
import { unschedulablePatch } from "./unschedulable-status.js";

/** What one leadership works with. */
export interface SchedulingLoopDeps {
  readonly framework: Framework;
  readonly placer: PodPlacer;
  readonly snapshot: ClusterSnapshot;
  readonly queue: SchedulingQueue;
  readonly binder: Binder;
  readonly preemptor: Preemptor;
  readonly metrics: SchedulerMetrics;
  /** Fenced. */
  readonly client: ApiClient;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Decisions are made without a pause for no longer than this. */
const SLICE_MS = 8;
/** Writes under way at once: enough to keep the server busy, few enough not to flood it. */
const WRITES_MAX = 256;
const FLUSH_EVERY_MS = 30_000;

/**
 * Takes pods from the queue, decides, assumes, and binds while it decides the next. Serial where it
 * decides, concurrent where it writes.
 */
export class SchedulingLoop {
  private readonly deps: SchedulingLoopDeps;
  private readonly signal: AbortSignal;
  private readonly writes = new Set<Promise<void>>();
  /** Bindings that wait for volumes. */
  private readonly waits = new Set<Promise<void>>();
  private cancelTimer: () => void = () => {};
  private scheduled = false;

  constructor(deps: SchedulingLoopDeps, signal: AbortSignal) {
    this.deps = deps;
    this.signal = signal;
  }

  /** Decides as long as the signal allows; resolves when every write under way has ended. */
  async run(): Promise<void> {
    this.wake();
    const cancelFlush = this.flushRegularly();
    await new Promise<void>((resolve) => {
      if (this.signal.aborted) resolve();
      else this.signal.addEventListener("abort", () => resolve(), { once: true });
    });
    cancelFlush();
    this.cancelTimer();
    await Promise.all([...this.writes, ...this.waits]);
  }

  /** There may be something to do. Cheap; call it after every change. */
  readonly wake = (): void => {
    if (this.scheduled || this.signal.aborted) return;
    this.scheduled = true;
    this.cancelTimer();
    this.cancelTimer = this.deps.clock.schedule(0, () => this.slice());
  };

  private slice(): void {
    this.scheduled = false;
    const { clock, queue } = this.deps;
    const startMs = clock.monotonicMs();
    while (!this.signal.aborted) {
      if (this.writes.size >= WRITES_MAX) return; // The next write that ends wakes us.
      const nowMs = clock.monotonicMs();
      if (nowMs - startMs > SLICE_MS) return this.wake();
      const pod = queue.take(nowMs);
      if (pod === null) return this.sleepUntilDue(nowMs);
      this.scheduleOne(pod, nowMs);
    }
  }

  private sleepUntilDue(nowMs: number): void {
    const dueMs = this.deps.queue.nextDueMs();
    if (dueMs === null) return;
    this.cancelTimer = this.deps.clock.schedule(dueMs - nowMs, () => this.slice());
  }

  private scheduleOne(pod: PodInfo, nowMs: number): void {
    const { placer, snapshot, queue, framework, metrics, clock } = this.deps;
    const result = placer.place(pod, snapshot);
    const tookMs = clock.monotonicMs() - nowMs;
    metrics.decided(tookMs);
    if (result.type === "unschedulable") {
      metrics.attempted("unschedulable", tookMs);
      if (result.preemption !== null)
        return this.write(this.preempt(pod, result.preemption, result.diagnosis));
      queue.refused(pod.uid, result.diagnosis.refusedBy, nowMs);
      return this.write(this.report(pod.pod, result.diagnosis));
    }
    const { nodeName, state } = result;
    snapshot.assume(pod, nodeName);
    const refusal = framework.runReserve(state, pod, nodeName);
    if (refusal !== null) {
      metrics.attempted("unschedulable", tookMs);
      snapshot.forget(pod);
      return queue.refused(pod.uid, new Set([refusal.plugin]), nowMs);
    }
    const binding = this.bind(pod, result, nowMs);
    // One that may wait for its volumes for minutes takes nobody else's place.
    if (claimsOf(pod.pod).length > 0) this.track(binding, this.waits);
    else this.write(binding);
  }

  private async bind(
    pod: PodInfo,
    result: Extract<ScheduleResult, { type: "scheduled" }>,
    takenMs: number,
  ): Promise<void> {
    const { framework, snapshot, queue, binder, events, clock, logger, metrics } = this.deps;
    const { nodeName, state } = result;
    try {
      await framework.runBind(state, pod, { nodeName, binder, signal: this.signal });
      queue.remove(pod.uid);
      metrics.attempted("scheduled", clock.monotonicMs() - takenMs);
      events.event(pod.pod, "Normal", {
        reason: "Scheduled",
        message: `Successfully assigned ${pod.key} to ${nodeName}`,
      });
    } catch (error) {
      framework.runUnreserve(state, pod, nodeName);
      metrics.attempted("error", clock.monotonicMs() - takenMs);
      // Whether the write took place may be unknown: if it did, the watch says so and the pod
      // leaves the queue.
      snapshot.forget(pod);
      queue.failed(pod.uid, clock.monotonicMs());
      const cause = error instanceof BindFailure ? error.cause : error;
      if (this.signal.aborted || isNotFound(cause) || isConflict(cause)) return;
      logger.warn("binding failed", { pod: pod.key, nodeName, error });
      const message = messageOf(error);
      events.event(pod.pod, "Warning", { reason: "FailedScheduling", message });
    }
  }

  private async preempt(pod: PodInfo, found: Candidate, diagnosis: Diagnosis): Promise<void> {
    const { snapshot, queue, preemptor, clock, logger, metrics } = this.deps;
    const displaced = snapshot
      .nominatedOn(found.nodeName)
      .filter(({ priority }) => priority < pod.priority);
    for (const other of displaced) snapshot.nominate(other, null);
    // From now on nobody less important takes the room that is being made.
    snapshot.nominate(pod, found.nodeName);
    try {
      await this.report(pod.pod, diagnosis);
      await preemptor.makeRoom(pod, found, { displaced, signal: this.signal });
      metrics.preempted(found.victims.length);
      const victims = found.victims.map(({ key }) => key);
      logger.info("made room for a pod", { pod: pod.key, nodeName: found.nodeName, victims });
    } catch (error) {
      snapshot.nominate(pod, null);
      if (!this.signal.aborted) logger.warn("making room failed", { pod: pod.key, error });
    }
    // Not before the victims are marked as such: a second look would choose others. A victim may be
    // gone by now, and nothing else would wake the pod.
    queue.failed(pod.uid, clock.monotonicMs());
  }

  private async report(pod: Pod, diagnosis: Diagnosis): Promise<void> {
    const { client, events, clock, logger } = this.deps;
    const message = explain(diagnosis);
    events.event(pod, "Warning", { reason: "FailedScheduling", message });
    const patch = unschedulablePatch(pod, message, clock.nowMs());
    if (patch === null) return;
    const { name, namespace = "" } = pod.metadata;
    try {
      await client.resource(PODS).patch(name, patch, {
        namespace,
        type: "strategic",
        subresource: "status",
        signal: this.signal,
      });
    } catch (error) {
      // The event says it too, and the next refusal tries again.
      if (!this.signal.aborted && !isNotFound(error) && !isConflict(error))
        logger.warn("pod status not updated", { pod: `${namespace}/${name}`, error });
    }
  }

  private write(writing: Promise<void>): void {
    this.track(writing, this.writes);
  }

  private track(work: Promise<void>, among: Set<Promise<void>>): void {
    among.add(work);
    void work.finally(() => {
      const wasFull = this.writes.size >= WRITES_MAX;
      among.delete(work);
      if (wasFull || this.deps.queue.nextDueMs() !== null) this.wake();
    });
  }

  private flushRegularly(): () => void {
    const { clock, queue } = this.deps;
    let cancel = (): void => {};
    const flush = (): void => {
      queue.flushStale(clock.monotonicMs());
      this.wake();
      cancel = clock.schedule(FLUSH_EVERY_MS, flush);
    };
    cancel = clock.schedule(FLUSH_EVERY_MS, flush);
    return () => cancel();
  }
}
