import type { Pod } from "../api/schema/types/core-v1.gen.js";
import type { RuntimePod } from "./pleg.js";
import { PodWorker, type PodWorkerDeps } from "./pod-worker.js";

/** The pods of this node and the worker of each. */
export class PodWorkers {
  private readonly deps: PodWorkerDeps;
  /** True when the runtime has something of the pod already. */
  private readonly isKnown: (uid: string) => boolean;
  private readonly workers = new Map<string, PodWorker>();
  /** Resolved whenever a worker has ended. */
  private readonly waiters = new Set<() => void>();

  constructor(deps: PodWorkerDeps, options: { readonly isKnown: (uid: string) => boolean }) {
    this.deps = deps;
    this.isKnown = options.isKnown;
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
    };
    const known = orphaned || this.isKnown(uid);
    const worker = new PodWorker(pod, { known, orphaned, onGone }, this.deps);
    this.workers.set(uid, worker);
    worker.wake();
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
