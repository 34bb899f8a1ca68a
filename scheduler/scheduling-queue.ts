import type { Pod } from "../api/schema/types/core-v1.gen.js";
import { assert } from "../base/assert.js";
import { Heap } from "../base/heap.js";
import type { Framework } from "./framework/framework.js";
import type { ClusterEvent, QueuedPod } from "./framework/interfaces.js";
import { type PodInfo, podInfoOf } from "./framework/pod-info.js";

/** How long a refused pod waits. */
export interface QueueTimes {
  readonly backoffFirstMs: number;
  readonly backoffMaxMs: number;
  /** A refused pod is tried again after this time even if nothing happened: hints may be wrong. */
  readonly unschedulableMaxMs: number;
}

/** kube-scheduler's. */
export const QUEUE_TIMES: QueueTimes = {
  backoffFirstMs: 1_000,
  backoffMaxMs: 10_000,
  unschedulableMaxMs: 300_000,
};

type Place = "active" | "backoff" | "unschedulable" | "gated" | "taken";

/** Pods by what they wait for. */
export type QueueCounts = Readonly<Record<Exclude<Place, "taken">, number>>;

interface Entry extends QueuedPod {
  info: PodInfo;
  place: Place;
  queuedAtMs: number;
  attempts: number;
  /** Monotonic: not to be tried before. */
  backoffUntilMs: number;
  /** Monotonic: when it was refused last. */
  refusedAtMs: number;
  refusedBy: ReadonlySet<string>;
  /** Counts its moves. */
  moves: number;
}

/** A slot of a heap. Stale once the entry has moved on: heaps have no removal from the middle. */
interface Slot {
  readonly entry: Entry;
  readonly move: number;
  readonly queuedAtMs: number;
  readonly info: PodInfo;
  readonly dueMs: number;
}

/**
 * Pods without a node. Active ones are tried in order; a refused one waits until an event makes it
 * hopeful, and at least its back-off. Pure: time comes as argument (monotonic milliseconds), who is
 * hopeful is asked of the framework.
 */
export class SchedulingQueue {
  private readonly framework: Framework;
  private readonly times: QueueTimes;
  /** Invariant: an active or backing-off entry has exactly one slot that is not stale. */
  private readonly entries = new Map<string, Entry>();
  private readonly unschedulable = new Set<Entry>();
  private readonly active: Heap<Slot>;
  private readonly backoff: Heap<Slot>;
  private activeCount = 0;

  constructor(framework: Framework, times: QueueTimes = QUEUE_TIMES) {
    this.framework = framework;
    this.times = times;
    this.active = new Heap((a, b) => framework.precedes(a, b));
    this.backoff = new Heap((a, b) => a.dueMs < b.dueMs);
  }

  /** Pods in the queue, those being bound included. */
  get size(): number {
    return this.entries.size;
  }

  /** How many pods wait for what; those being bound are in none of it. */
  counts(): QueueCounts {
    const counts = { active: 0, backoff: 0, unschedulable: 0, gated: 0 };
    for (const { place } of this.entries.values()) if (place !== "taken") counts[place] += 1;
    return counts;
  }

  /** Pods that could be tried at once. */
  get activeSize(): number {
    return this.activeCount;
  }

  /** A pod without a node appeared. */
  add(pod: Pod, nowMs: number): void {
    const { uid } = pod.metadata;
    if (this.entries.has(uid)) return this.update(pod, pod, nowMs);
    const entry: Entry = {
      info: podInfoOf(pod),
      place: "gated",
      queuedAtMs: nowMs,
      attempts: 0,
      backoffUntilMs: 0,
      refusedAtMs: nowMs,
      refusedBy: new Set(),
      moves: 0,
    };
    this.entries.set(uid, entry);
    if (this.framework.runPreEnqueue(pod) === null) this.activate(entry);
  }

  /** A pod in the queue was changed. */
  update(pod: Pod, old: Pod, nowMs: number): void {
    const entry = this.entries.get(pod.metadata.uid);
    if (entry === undefined) return this.add(pod, nowMs);
    entry.info = podInfoOf(pod);
    switch (entry.place) {
      case "gated":
        if (this.framework.runPreEnqueue(pod) === null) {
          entry.queuedAtMs = nowMs; // The wait at the gate is not the queue's.
          this.activate(entry);
        }
        return;
      case "active":
        this.leave(entry);
        return this.activate(entry);
      case "unschedulable":
        return this.wake(entry, { type: "PodUpdated", pod, old }, nowMs);
      case "backoff":
      case "taken":
        return;
    }
  }

  /** The pod changed in a way that does not matter to where it may go, such as its status. */
  refresh(pod: Pod): void {
    const entry = this.entries.get(pod.metadata.uid);
    if (entry !== undefined) entry.info = { ...entry.info, pod };
  }

  /** The pod is gone, or has a node now. */
  remove(uid: string): void {
    const entry = this.entries.get(uid);
    if (entry === undefined) return;
    this.leave(entry);
    this.entries.delete(uid);
  }

  /** The next pod to try, or null. It stays known until done() or refused(). */
  take(nowMs: number): PodInfo | null {
    this.releaseDue(nowMs);
    for (let slot = this.active.pop(); slot !== undefined; slot = this.active.pop()) {
      if (this.isStale(slot)) continue;
      const { entry } = slot;
      this.leave(entry);
      entry.place = "taken";
      entry.attempts += 1;
      return entry.info;
    }
    return null;
  }

  /** No node would do. `refusedBy`: the plugins that said so, whose hints wake it. */
  refused(uid: string, refusedBy: ReadonlySet<string>, nowMs: number): void {
    const entry = this.taken(uid);
    if (entry === null) return;
    this.startBackoff(entry, nowMs);
    entry.refusedBy = refusedBy;
    entry.place = "unschedulable";
    this.unschedulable.add(entry);
  }

  /** Something beside the plugins failed, such as binding: tried again after the back-off. */
  failed(uid: string, nowMs: number): void {
    const entry = this.taken(uid);
    if (entry === null) return;
    this.startBackoff(entry, nowMs);
    this.enterBackoff(entry);
  }

  /** Wakes the refused pods for which the event is good news. */
  onEvent(event: ClusterEvent, nowMs: number): void {
    for (const entry of this.unschedulable) this.wake(entry, event, nowMs);
  }

  /** When take() may have more than now, monotonic; null: only an event can change that. */
  nextDueMs(): number | null {
    for (let slot = this.backoff.peek(); slot !== undefined; slot = this.backoff.peek()) {
      if (!this.isStale(slot)) return slot.dueMs;
      this.backoff.pop();
    }
    return null;
  }

  /** Lets pods that were refused long ago try again. To be called every now and then. */
  flushStale(nowMs: number): void {
    for (const entry of this.unschedulable)
      if (nowMs - entry.refusedAtMs >= this.times.unschedulableMaxMs) this.release(entry, nowMs);
  }

  private releaseDue(nowMs: number): void {
    for (let dueMs = this.nextDueMs(); dueMs !== null && dueMs <= nowMs; dueMs = this.nextDueMs()) {
      const slot = this.backoff.pop();
      assert(slot !== undefined, "a due slot vanished");
      this.activate(slot.entry);
    }
  }

  private wake(entry: Entry, event: ClusterEvent, nowMs: number): void {
    if (this.framework.worthRetrying(entry.info, entry.refusedBy, event))
      this.release(entry, nowMs);
  }

  private release(entry: Entry, nowMs: number): void {
    this.leave(entry);
    if (entry.backoffUntilMs > nowMs) this.enterBackoff(entry);
    else this.activate(entry);
  }

  private taken(uid: string): Entry | null {
    const entry = this.entries.get(uid);
    return entry?.place === "taken" ? entry : null; // Otherwise it was deleted meanwhile.
  }

  private startBackoff(entry: Entry, nowMs: number): void {
    const { backoffFirstMs, backoffMaxMs } = this.times;
    const doublings = Math.min(entry.attempts - 1, 30);
    entry.backoffUntilMs = nowMs + Math.min(backoffMaxMs, backoffFirstMs * 2 ** doublings);
    entry.refusedAtMs = nowMs;
  }

  private activate(entry: Entry): void {
    entry.place = "active";
    this.activeCount += 1;
    this.active.push(this.slot(entry));
  }

  private enterBackoff(entry: Entry): void {
    entry.place = "backoff";
    this.backoff.push(this.slot(entry));
  }

  private slot(entry: Entry): Slot {
    entry.moves += 1;
    const { moves: move, queuedAtMs, info, backoffUntilMs: dueMs } = entry;
    return { entry, move, queuedAtMs, info, dueMs };
  }

  private isStale({ entry, move }: Slot): boolean {
    return entry.moves !== move;
  }

  private leave(entry: Entry): void {
    if (entry.place === "active") this.activeCount -= 1;
    this.unschedulable.delete(entry);
    entry.moves += 1;
    entry.place = "gated";
  }
}
