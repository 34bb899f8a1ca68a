import { objectKey } from "../../api/client/object-key.js";
import type {
  PersistentVolume,
  PersistentVolumeClaim,
} from "../../api/schema/types/core-v1.gen.js";
import type { StorageClass } from "../../api/schema/types/storage-v1.gen.js";

/** What plugins see of claims, volumes and their classes. */
export interface StorageView {
  claim(namespace: string, name: string): PersistentVolumeClaim | undefined;
  volume(name: string): PersistentVolume | undefined;
  /** Every volume; the order is always the same. */
  volumes(): Iterable<PersistentVolume>;
  storageClass(name: string): StorageClass | undefined;
}

interface Assumed<T> {
  readonly object: T;
  /** Uids of the pods for whose sake it is assumed. */
  readonly pods: Set<string>;
}

/**
 * What was decided here and the server has not shown yet: volumes kept for claims, claims whose
 * volume will be made on a node. The next decision counts with it.
 */
export class AssumedStorage {
  private readonly claims = new Map<string, Assumed<PersistentVolumeClaim>>();
  private readonly volumes = new Map<string, Assumed<PersistentVolume>>();

  assumeClaim(podUid: string, claim: PersistentVolumeClaim): void {
    const { namespace, name } = claim.metadata;
    add(this.claims, objectKey(namespace, name), { podUid, object: claim });
  }

  assumeVolume(podUid: string, volume: PersistentVolume): void {
    add(this.volumes, volume.metadata.name, { podUid, object: volume });
  }

  /** The server shows it by now, or it is not going to happen. */
  forget(podUid: string): void {
    for (const all of [this.claims, this.volumes])
      for (const [key, { pods }] of all)
        if (pods.delete(podUid) && pods.size === 0) all.delete(key);
  }

  /** The storage as it will be. */
  over(view: StorageView): StorageView {
    if (this.claims.size === 0 && this.volumes.size === 0) return view;
    const volume = (known: PersistentVolume): PersistentVolume =>
      known.spec.claimRef === undefined
        ? (this.volumes.get(known.metadata.name)?.object ?? known)
        : known;
    return {
      storageClass: (name) => view.storageClass(name),
      claim: (namespace, name) => {
        const known = view.claim(namespace, name);
        const assumed = this.claims.get(objectKey(namespace, name))?.object;
        const isSame = assumed?.metadata.uid === known?.metadata.uid;
        return known !== undefined && isSame && (known.spec.volumeName ?? "") === ""
          ? assumed
          : known;
      },
      volume: (name) => {
        const known = view.volume(name);
        return known === undefined ? undefined : volume(known);
      },
      volumes: () => Array.from(view.volumes(), volume),
    };
  }
}

function add<T>(
  all: Map<string, Assumed<T>>,
  key: string,
  { podUid, object }: { readonly podUid: string; readonly object: T },
): void {
  const pods = all.get(key)?.pods ?? new Set<string>();
  all.set(key, { object, pods: pods.add(podUid) });
}

/** A cluster without storage. */
export const NO_STORAGE: StorageView = {
  claim: () => undefined,
  volume: () => undefined,
  volumes: () => [],
  storageClass: () => undefined,
};
