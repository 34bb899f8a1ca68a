import { isNotFound } from "../../api/client/api-error.js";
import type { ApiClient, ResourceType } from "../../api/client/client-types.js";
import type { EventRecorder } from "../../api/client/event-recorder.js";
import type { Lister } from "../../api/client/indexer.js";
import { objectKey, type ObjectKey } from "../../api/client/object-key.js";
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES } from "../../api/client/resource-types.js";
import { defaultClassOf } from "../../api/schema/storage/storage-class.js";
import { BIND_COMPLETED } from "../../api/schema/storage/storage-names.js";
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
} from "../../api/schema/types/core-v1.gen.js";
import type { StorageClass } from "../../api/schema/types/storage-v1.gen.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import { podsOfClaim } from "../common/claim-pods.js";
import type { Reconciler, Result } from "../controller.js";
import type { BinderAction } from "./actions.js";
import { planClaim } from "./plan.js";
import { planVolume } from "./volume-plan.js";

/** Which object is looked at: `claim NAMESPACE/NAME` or `volume NAME`. */
export type BinderKey = `claim ${ObjectKey}` | `volume ${ObjectKey}`;

/** What the binder works with. */
export interface BinderDeps {
  readonly client: ApiClient;
  readonly recorder: EventRecorder;
  readonly claims: Lister<PersistentVolumeClaim>;
  readonly volumes: Lister<PersistentVolume>;
  readonly classes: Lister<StorageClass>;
  readonly pods: Lister<Pod>;
}

/** Binds claims and volumes to each other, and says of each how it stands. */
export class BinderReconciler implements Reconciler<BinderKey> {
  private readonly deps: BinderDeps;

  constructor(deps: BinderDeps) {
    this.deps = deps;
  }

  async reconcile(key: BinderKey, signal: AbortSignal): Promise<Result> {
    const [what, name] = key.split(" ") as [string, ObjectKey];
    const actions =
      what === "claim"
        ? await this.planOfClaim(name, signal)
        : await this.planOfVolume(name, signal);
    await this.carryOut(actions, signal);
    return {};
  }

  private async planOfClaim(key: ObjectKey, signal: AbortSignal): Promise<readonly BinderAction[]> {
    const { claims, volumes, classes, pods } = this.deps;
    const claim = claims.get(key);
    if (claim === undefined) return [];
    const { volumeName = "" } = claim.spec;
    let volume = volumes.get(objectKey(undefined, volumeName));
    // That data is lost is not said because a cache is late.
    const isDoubtful = volume === undefined && volumeName !== "" && isBound(claim);
    if (isDoubtful) volume = await this.live(PERSISTENT_VOLUMES, { name: volumeName }, signal);
    return planClaim(claim, {
      volume,
      volumes: () => volumes.values(),
      storageClass: (name) => classes.get(objectKey(undefined, name)),
      defaultClass: () => defaultClassOf(classes.values()),
      waitingPods: () =>
        podsOfClaim(pods, claim)
          .filter(({ spec }) => (spec.nodeName ?? "") === "")
          .map(({ metadata }) => metadata.name),
    });
  }

  private async planOfVolume(
    key: ObjectKey,
    signal: AbortSignal,
  ): Promise<readonly BinderAction[]> {
    const volume = this.deps.volumes.get(key);
    if (volume === undefined) return [];
    const { name = "", namespace = "", uid = "" } = volume.spec.claimRef ?? {};
    let claim = this.deps.claims.get(objectKey(namespace, name));
    // Data is not given up because a cache is late.
    if (uid !== "" && claim?.metadata.uid !== uid)
      claim = await this.live(PERSISTENT_VOLUME_CLAIMS, { namespace, name }, signal);
    return planVolume(volume, claim?.metadata.uid === uid ? claim : undefined);
  }

  private async live<T extends KubernetesObject>(
    type: ResourceType<T>,
    { namespace, name }: { readonly namespace?: string; readonly name: string },
    signal: AbortSignal,
  ): Promise<T | undefined> {
    try {
      const place = namespace === undefined ? {} : { namespace };
      return await this.deps.client.resource(type).get(name, { ...place, signal });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  private async carryOut(actions: readonly BinderAction[], signal: AbortSignal): Promise<void> {
    const volumes = new Writer(this.deps.client, PERSISTENT_VOLUMES, signal);
    const claims = new Writer(this.deps.client, PERSISTENT_VOLUME_CLAIMS, signal);
    for (const step of actions) {
      switch (step.action) {
        case "tell":
          this.deps.recorder.event(step.about, step.type, step);
          break;
        case "updateVolume":
          await volumes.update(step.volume);
          break;
        case "updateVolumeStatus":
          await volumes.updateStatus(step.volume);
          break;
        case "updateClaim":
          await claims.update(step.claim);
          break;
        case "updateClaimStatus":
          await claims.updateStatus(step.claim);
          break;
      }
    }
  }
}

/** Writes objects of a plan one after the other: each write goes by the version of the last. */
class Writer<T extends PersistentVolume | PersistentVolumeClaim> {
  private readonly client: ApiClient;
  private readonly type: ResourceType<T>;
  private readonly signal: AbortSignal;
  private readonly written = new Map<string, T>();

  constructor(client: ApiClient, type: ResourceType<T>, signal: AbortSignal) {
    this.client = client;
    this.type = type;
    this.signal = signal;
  }

  async update(object: T): Promise<void> {
    const now = await this.client.resource(this.type).update(object, { signal: this.signal });
    this.written.set(object.metadata.uid, now);
  }

  async updateStatus(object: T): Promise<void> {
    const last = this.written.get(object.metadata.uid) ?? object;
    const next = { ...last, status: object.status };
    const options = { subresource: "status", signal: this.signal } as const;
    const now = await this.client.resource(this.type).update(next, options);
    this.written.set(object.metadata.uid, now);
  }
}

function isBound({ metadata }: PersistentVolumeClaim): boolean {
  return metadata.annotations?.[BIND_COMPLETED] !== undefined;
}
