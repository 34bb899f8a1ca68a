import { isAlreadyExists, isNotFound } from "../../api/client/api-error.js";
import type { ApiClient } from "../../api/client/client-types.js";
import type { EventRecorder } from "../../api/client/event-recorder.js";
import type { Lister } from "../../api/client/indexer.js";
import { objectKey, type ObjectKey } from "../../api/client/object-key.js";
import { resourcePath } from "../../api/client/request-path.js";
import {
  NODES,
  PERSISTENT_VOLUME_CLAIMS,
  PERSISTENT_VOLUMES,
} from "../../api/client/resource-types.js";
import { classNameOf } from "../../api/schema/storage/storage-class.js";
import { LOCAL_PATH_FINALIZER, SELECTED_NODE } from "../../api/schema/storage/storage-names.js";
import type {
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
} from "../../api/schema/types/core-v1.gen.js";
import type { StorageClass } from "../../api/schema/types/storage-v1.gen.js";
import { messageOf } from "../../base/errors.js";
import { changeFinalizer } from "../common/finalizers.js";
import type { Reconciler, Result } from "../controller.js";
import { BY_HOST, planProvision, planReclaim, type ReclaimStep } from "./plan.js";

/** Which object is looked at: `claim NAMESPACE/NAME` or `volume NAME`. */
export type ProvisionerKey = `claim ${ObjectKey}` | `volume ${ObjectKey}`;

/** What the reconciler works with. */
export interface ProvisionerDeps {
  readonly client: ApiClient;
  readonly recorder: EventRecorder;
  readonly claims: Lister<PersistentVolumeClaim>;
  readonly volumes: Lister<PersistentVolume>;
  readonly classes: Lister<StorageClass>;
  /** With the index BY_HOST. */
  readonly nodes: Lister<Node>;
}

/** A folder may hold many files. */
const REMOVE_TIMEOUT_MS = 60_000;

/** Makes volumes that are folders of nodes, and takes them away. */
export class ProvisionerReconciler implements Reconciler<ProvisionerKey> {
  private readonly deps: ProvisionerDeps;

  constructor(deps: ProvisionerDeps) {
    this.deps = deps;
  }

  async reconcile(key: ProvisionerKey, signal: AbortSignal): Promise<Result> {
    const [what, name] = key.split(" ") as [string, ObjectKey];
    if (what === "claim") await this.provision(name, signal);
    else await this.reclaim(name, signal);
    return {};
  }

  private async provision(key: ObjectKey, signal: AbortSignal): Promise<void> {
    const { client, recorder, claims, classes, nodes } = this.deps;
    const claim = claims.get(key);
    if (claim === undefined) return;
    const className = classNameOf(claim);
    const nodeName = claim.metadata.annotations?.[SELECTED_NODE] ?? "";
    const plan = planProvision(claim, {
      storageClass: classes.get(objectKey(undefined, className)),
      node: nodes.get(objectKey(undefined, nodeName)),
    });
    switch (plan.action) {
      case "none":
        return;
      case "fail": {
        const of = `failed to provision volume with StorageClass ${JSON.stringify(className)}`;
        const message = `${of}: ${plan.message}`;
        recorder.event(claim, "Warning", { reason: "ProvisioningFailed", message });
        return;
      }
      case "giveBack": {
        const { [SELECTED_NODE]: _node, ...annotations } = claim.metadata.annotations ?? {};
        const next = { ...claim, metadata: { ...claim.metadata, annotations } };
        await client.resource(PERSISTENT_VOLUME_CLAIMS).update(next, { signal });
        return;
      }
      case "create": {
        const message = `External provisioner is provisioning volume for claim "${key}"`;
        recorder.event(claim, "Normal", { reason: "Provisioning", message });
        try {
          await client.resource(PERSISTENT_VOLUMES).create(plan.volume, { signal });
        } catch (error) {
          // An earlier leader made it: its name is the claim's uid.
          if (!isAlreadyExists(error)) throw error;
        }
        const done = `Successfully provisioned volume ${plan.volume.metadata.name}`;
        recorder.event(claim, "Normal", { reason: "ProvisioningSucceeded", message: done });
      }
    }
  }

  private async reclaim(key: ObjectKey, signal: AbortSignal): Promise<void> {
    const volume = this.deps.volumes.get(key);
    if (volume === undefined) return;
    const steps = planReclaim(volume);
    for (const step of steps) {
      // What follows a deletion goes by an object that has another version by now: its own turn.
      const isLate = step.step === "dropFinalizer" && steps.some((s) => s.step === "delete");
      if (!isLate) await this.carryOut(volume, step, signal);
    }
  }

  private async carryOut(
    volume: PersistentVolume,
    step: ReclaimStep,
    signal: AbortSignal,
  ): Promise<void> {
    const { client } = this.deps;
    const { name, uid } = volume.metadata;
    switch (step.step) {
      case "removeFolder":
        return this.removeFolder(volume, step.host, signal);
      case "delete":
        try {
          await client.resource(PERSISTENT_VOLUMES).delete(name, { uid, signal });
        } catch (error) {
          if (!isNotFound(error)) throw error;
        }
        return;
      case "dropFinalizer": {
        const change = { what: "remove", finalizer: LOCAL_PATH_FINALIZER, signal } as const;
        return changeFinalizer(client.resource(PERSISTENT_VOLUMES), volume, change);
      }
    }
  }

  /** By the agent of its host; a host that is no node any more has taken its folders along. */
  private async removeFolder(
    volume: PersistentVolume,
    host: string,
    signal: AbortSignal,
  ): Promise<void> {
    const { client, recorder, nodes } = this.deps;
    for (const node of nodes.byIndex(BY_HOST, host)) {
      const place = { name: node.metadata.name, subresource: "proxy" };
      const path = `${resourcePath(NODES, place)}/localVolumes/${volume.metadata.name}`;
      try {
        await client.request("DELETE", path, { signal, timeoutMs: REMOVE_TIMEOUT_MS });
      } catch (error) {
        const message = `failed to delete volume: ${messageOf(error)}`;
        if (!signal.aborted)
          recorder.event(volume, "Warning", { reason: "VolumeFailedDelete", message });
        throw error;
      }
    }
  }
}
