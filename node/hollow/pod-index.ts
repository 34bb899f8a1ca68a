import type { StringMap } from "../cri/cri-types.js";
import { RUNTIME_KEYS } from "../plan/pod-runtime.js";

/** All given fields must match. */
interface Filter {
  readonly id?: string;
  readonly labelSelector?: StringMap;
}

/** Sandboxes or containers, found by id, and by their pod without a look at the others. */
export class PodIndex<T extends { readonly id: string; readonly config: { labels: StringMap } }> {
  private readonly byId = new Map<string, T>();
  private readonly byPod = new Map<string, Set<T>>();

  get(id: string): T | undefined {
    return this.byId.get(id);
  }

  add(item: T): void {
    this.byId.set(item.id, item);
    const uid = podOf(item);
    const ofPod = this.byPod.get(uid) ?? new Set();
    this.byPod.set(uid, ofPod.add(item));
  }

  delete(id: string): void {
    const item = this.byId.get(id);
    if (item === undefined) return;
    this.byId.delete(id);
    const uid = podOf(item);
    const ofPod = this.byPod.get(uid);
    ofPod?.delete(item);
    if (ofPod?.size === 0) this.byPod.delete(uid);
  }

  find(filter: Filter): T[] {
    const wanted = Object.entries(filter.labelSelector ?? {});
    return [...this.candidates(filter)].filter(
      ({ id, config }) =>
        (filter.id ?? id) === id && wanted.every(([key, value]) => config.labels[key] === value),
    );
  }

  private candidates({ id, labelSelector }: Filter): Iterable<T> {
    if (id !== undefined) {
      const item = this.byId.get(id);
      return item === undefined ? [] : [item];
    }
    const uid = labelSelector?.[RUNTIME_KEYS.podUid];
    return uid === undefined ? this.byId.values() : (this.byPod.get(uid) ?? []);
  }
}

function podOf({ config }: { readonly config: { readonly labels: StringMap } }): string {
  return config.labels[RUNTIME_KEYS.podUid] ?? "";
}
