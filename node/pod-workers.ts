import type { Pod } from "../api/schema/types/core-v1.gen.js";
import type { PodRejection } from "./plan/admission.js";
import { isFinished } from "./plan/pod-runtime.js";
import { PREEMPTING } from "./plan/preemption.js";
import { recordPodEvent } from "./pod-events.js";
import type { RuntimePod } from "./pleg.js";
import { PodWorker, type PodWorkerDeps } from "./pod-worker.js";

/** Whether the node takes a pod beside these others; null: it does. */
export type Admit = (pod: Pod, others: readonly Pod[]) => PodRejection | null;

/** Which of the candidates have to make way for a pod that is refused; none: it stays so. */
export type Preempt = (
  pod: Pod,
  room: { readonly others: readonly Pod[]; readonly candidates: readonly Pod[] },
) => readonly Pod[];

const PREEMPTED = {
  reason: PREEMPTING,
  message: "Preempted in order to admit critical pod",
} as const;
const PREEMPTION_GRACE_SECONDS = 1;

/** The pods of this node and the worker of each. */
export class PodWorkers {
  private readonly deps: PodWorkerDeps;
  /** True when the runtime has something of the pod already. */
  private readonly isKnown: (uid: string) => boolean;
  private readonly admit: Admit;
  private readonly preempt: Preempt;
  private readonly onGone: (uid: string) => void;
  private readonly workers = new Map<string, PodWorker>();
  /** Resolved whenever a worker has ended. */
  private readonly waiters = new Set<() => void>();

  constructor(
    deps: PodWorkerDeps,
    options: {
      readonly isKnown: (uid: string) => boolean;
      readonly admit: Admit;
      /** Absent: nobody makes way. */
      readonly preempt?: Preempt;
      /** Nothing of the pod is left on the node. */
      readonly onGone?: (uid: string) => void;
    },
  ) {
    this.deps = deps;
    this.isKnown = options.isKnown;
    this.admit = options.admit;
    this.preempt = options.preempt ?? (() => []);
    this.onGone = options.onGone ?? (() => {});
  }

  /**
   * The pods of this node as first heard of: what runs here already stays, and the others are let
   * in by age, for as long as there is room.
   */
  begin(pods: readonly Pod[]): void {
    const rank = (pod: Pod): string => {
      const { uid, creationTimestamp } = pod.metadata;
      return `${this.isKnown(uid) ? 0 : 1} ${creationTimestamp} ${uid}`;
    };
    for (const pod of [...pods].sort((a, b) => (rank(a) < rank(b) ? -1 : 1))) this.setPod(pod);
  }

  /** A pod of this node was made or changed. */
  setPod(pod: Pod): void {
    const worker = this.workers.get(pod.metadata.uid);
    if (worker === undefined) this.add(pod, false);
    else worker.update(pod, false);
  }

  /** The API has the pod no more: what is left of it here is removed. */
  removePod(pod: Pod): void {
    this.workers.get(pod.metadata.uid)?.update(pod, true);
  }

  /**
   * Removes pods that the runtime has and the API does not. Called once the API's pods are known.
   */
  removeOrphans(pods: readonly RuntimePod[]): void {
    for (const pod of pods) if (!this.workers.has(pod.uid)) this.add(orphanPod(pod), true);
  }

  runtimeChanged(uid: string): void {
    this.workers.get(uid)?.runtimeChanged();
  }

  objectsChanged(uid: string): void {
    this.workers.get(uid)?.objectsChanged();
  }

  /** The worker of the pod, or null. */
  get(uid: string): PodWorker | null {
    return this.workers.get(uid) ?? null;
  }

  all(): Iterable<PodWorker> {
    return this.workers.values();
  }

  /** The other pods that take up what is set aside for them. */
  othersOf({ metadata: { uid } }: Pod): readonly Pod[] {
    const others = [...this.workers.values()].filter((it) => it.active && it.uid !== uid);
    return others.map(({ allocated }) => allocated);
  }

  /** Resolves when no worker is left, or when the signal aborts. */
  async whenEmpty(signal: AbortSignal): Promise<void> {
    while (this.workers.size > 0 && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.waiters.delete(wake);
          signal.removeEventListener("abort", wake);
          resolve();
        };
        this.waiters.add(wake);
        signal.addEventListener("abort", wake, { once: true });
      });
    }
  }

  /** Stops working; pods go on running. */
  async release(): Promise<void> {
    await Promise.all(Array.from(this.workers.values(), (worker) => worker.release()));
  }

  private add(pod: Pod, orphaned: boolean): void {
    const { uid } = pod.metadata;
    const onGone = (): void => {
      this.workers.delete(uid);
      for (const wake of this.waiters) wake();
      // There is more room now.
      for (const other of this.workers.values()) if (other.waitsForRoom) other.wake();
      this.onGone(uid);
    };
    const known = orphaned || this.isKnown(uid);
    const refused = known ? null : this.rejectionOf(pod);
    const after = refused === null ? null : this.makeRoom(pod);
    const rejection = after === null ? refused : null;
    const options = { known, orphaned, rejection, after, onGone };
    const worker = new PodWorker(pod, options, this.deps);
    this.workers.set(uid, worker);
    if (rejection !== null)
      recordPodEvent(this.deps.context.recorder, pod, { type: "Warning", ...rejection });
    worker.wake();
  }

  /** Resolves once those that make way have ended; null: nobody does. */
  private makeRoom(pod: Pod): Promise<void> | null {
    const able = [...this.workers.values()].filter(({ evictable }) => evictable);
    const byPod = new Map(able.map((worker) => [worker.allocated, worker]));
    const others = [...this.workers.values()].filter(({ active }) => active);
    const rest = others.filter((it) => !able.includes(it)).map(({ allocated }) => allocated);
    const candidates = [...byPod.keys()];
    const victims = this.preempt(pod, { others: [...rest, ...candidates], candidates });
    if (victims.length === 0) return null;
    const workers = victims.flatMap((victim) => byPod.get(victim) ?? []);
    const ended = workers.map((it) => it.evict(PREEMPTED, PREEMPTION_GRACE_SECONDS));
    return Promise.all(ended).then(() => undefined);
  }

  /** What has ended, or is about to, needs no room any more. */
  private rejectionOf(pod: Pod): PodRejection | null {
    if (isFinished(pod) || pod.metadata.deletionTimestamp !== undefined) return null;
    return this.admit(pod, this.othersOf(pod));
  }
}

/** As much of a pod as the runtime's labels tell. */
function orphanPod({ uid, name, namespace }: RuntimePod): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { uid, name, namespace, resourceVersion: "0", creationTimestamp: "" },
    spec: { containers: [] },
  };
}
