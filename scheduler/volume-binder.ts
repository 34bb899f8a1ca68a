import type { ApiClient } from "../api/client/client-types.js";
import type { Informer } from "../api/client/informer.js";
import { keyOf, objectKey } from "../api/client/object-key.js";
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES } from "../api/client/resource-types.js";
import { BIND_COMPLETED, SELECTED_NODE } from "../api/schema/storage/storage-names.js";
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
} from "../api/schema/types/core-v1.gen.js";
import type { Clock } from "../base/clock.js";
import { CodedError } from "../base/errors.js";
import type { VolumeDecision } from "./framework/interfaces.js";
import { keptFor, selectedFor } from "./plugins/volume-decision.js";

/** `VolumesNotBound`: the claims of a pod did not become bound to volumes on the chosen node. */
export type VolumeBinderErrorCode = "VolumesNotBound";

/** What the binder works with. */
export interface VolumeBinderDeps {
  readonly client: ApiClient;
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Informer<PersistentVolume>;
  readonly pods: Informer<Pod>;
  readonly clock: Clock;
}

/** As kube-scheduler's bindTimeoutSeconds: for so long a volume may be in the making. */
const BIND_TIMEOUT_MS = 600_000;

/** Writes down which volumes a pod's claims get, and waits until they have them. */
export class VolumeBinder {
  private readonly deps: VolumeBinderDeps;
  private readonly waiters = new Set<() => void>();

  constructor(deps: VolumeBinderDeps) {
    this.deps = deps;
    const wake = (): void => {
      for (const look of this.waiters) look();
    };
    deps.claims.addHandler({ added: wake, updated: wake, deleted: wake });
    deps.volumes.addHandler({ added: wake, updated: wake });
    deps.pods.addHandler({ deleted: wake });
  }

  /**
   * Resolves once every claim is bound. Throws "VolumesNotBound" when that is not going to happen,
   * an ApiError when something changed since the decision.
   */
  async bind(
    pod: Pod,
    decision: VolumeDecision,
    { nodeName, signal }: { readonly nodeName: string; readonly signal: AbortSignal },
  ): Promise<void> {
    const { client } = this.deps;
    for (const { volume, claim } of decision.bind) {
      if (volume.spec.claimRef?.uid === claim.metadata.uid) continue;
      await client.resource(PERSISTENT_VOLUMES).update(keptFor(volume, claim), { signal });
    }
    for (const claim of decision.provision) {
      if (claim.metadata.annotations?.[SELECTED_NODE] === nodeName) continue;
      const selected = selectedFor(claim, nodeName);
      await client.resource(PERSISTENT_VOLUME_CLAIMS).update(selected, { signal });
    }
    await this.whenBound(pod, decision, { nodeName, signal });
  }

  private whenBound(
    pod: Pod,
    decision: VolumeDecision,
    { nodeName, signal }: { readonly nodeName: string; readonly signal: AbortSignal },
  ): Promise<void> {
    const claims = [...decision.bind.map(({ claim }) => claim), ...decision.provision];
    /** Uids of claims that the cache has shown with the node that was chosen for them. */
    const shown = new Set<string>();
    return new Promise((resolve, reject) => {
      const end = (finish: () => void): void => {
        this.waiters.delete(look);
        signal.removeEventListener("abort", abort);
        cancel();
        finish();
      };
      const fail = (text: string): void =>
        end(() => reject(new CodedError<VolumeBinderErrorCode>("VolumesNotBound", text)));
      const look = (): void => {
        if (this.deps.pods.lister.get(keyOf(pod)) === undefined) return fail("pod was deleted");
        for (const claim of claims) {
          const problem = this.problemOf(claim, { nodeName, shown });
          if (problem !== null) return fail(problem);
        }
        if (claims.every((claim) => this.isBound(claim))) end(resolve);
      };
      const abort = (): void => end(() => reject(signal.reason as Error));
      const cancel = this.deps.clock.schedule(BIND_TIMEOUT_MS, () =>
        fail("timed out waiting for the condition"),
      );
      signal.addEventListener("abort", abort, { once: true });
      this.waiters.add(look);
      if (signal.aborted) abort();
      else look();
    });
  }

  /** Why the claim is not going to be bound on that node; null: it may be. */
  private problemOf(
    { metadata }: PersistentVolumeClaim,
    { nodeName, shown }: { readonly nodeName: string; readonly shown: Set<string> },
  ): string | null {
    const { name, uid } = metadata;
    const claim = this.deps.claims.lister.get(keyOf({ metadata }));
    if (claim?.metadata.uid !== uid) return `PVC ${name} was deleted`;
    const selected = claim.metadata.annotations?.[SELECTED_NODE];
    if (selected === nodeName) shown.add(uid);
    else if (selected !== undefined) return `PVC ${name} is made for another node by now`;
    // Whoever should make the volume gives the choice back when nothing can be made there.
    else if (shown.has(uid) && !this.isBound(claim))
      return `selectedNode annotation reset for PVC ${name}`;
    return null;
  }

  /** True once both caches show it: then nothing needs to be assumed any more. */
  private isBound({ metadata }: PersistentVolumeClaim): boolean {
    const claim = this.deps.claims.lister.get(keyOf({ metadata }));
    if (claim?.metadata.annotations?.[BIND_COMPLETED] === undefined) return false;
    const volume = this.deps.volumes.lister.get(objectKey(undefined, claim.spec.volumeName ?? ""));
    return volume?.spec.claimRef?.uid === metadata.uid;
  }
}
