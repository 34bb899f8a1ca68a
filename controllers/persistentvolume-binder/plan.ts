import { STORAGE_CLASSES } from "../../api/client/resource-types.js";
import {
  classNameOf,
  waitsForConsumer,
  wantsDefaultClass,
} from "../../api/schema/storage/storage-class.js";
import {
  BIND_COMPLETED,
  BOUND_BY_CONTROLLER,
  NO_PROVISIONER,
  OLD_STORAGE_PROVISIONER,
  SELECTED_NODE,
  STORAGE_PROVISIONER,
} from "../../api/schema/storage/storage-names.js";
import { findVolume, isKeptFor, mismatchOf } from "../../api/schema/storage/volume-matching.js";
import type {
  PersistentVolume,
  PersistentVolumeClaim,
} from "../../api/schema/types/core-v1.gen.js";
import type { StorageClass } from "../../api/schema/types/storage-v1.gen.js";
import { sameJson } from "../common/same-json.js";
import { type BinderAction, Changes, withAnnotations } from "./actions.js";

/** What the binder knows when it looks at a claim. */
export interface ClaimView {
  /** The volume that the claim names; undefined: there is none, as the server itself says. */
  readonly volume: PersistentVolume | undefined;
  /** Every volume. */
  readonly volumes: () => Iterable<PersistentVolume>;
  readonly storageClass: (name: string) => StorageClass | undefined;
  readonly defaultClass: () => StorageClass | null;
  /** The names of pods that use the claim and have no node yet. */
  readonly waitingPods: () => readonly string[];
}

/** What to do about a claim, in this order; as Kubernetes' pv_controller, syncClaim. */
export function planClaim(claim: PersistentVolumeClaim, view: ClaimView): readonly BinderAction[] {
  const isBound = claim.metadata.annotations?.[BIND_COMPLETED] !== undefined;
  if (isBound) return planBound(claim, view);
  // Nobody starts to use a claim that is going away.
  if (claim.metadata.deletionTimestamp !== undefined) return [];
  return (claim.spec.volumeName ?? "") === "" ? planSearch(claim, view) : planNamed(claim, view);
}

/** A claim that was bound once: its volume must be there and be its own. */
function planBound(claim: PersistentVolumeClaim, { volume }: ClaimView): readonly BinderAction[] {
  const lost = (reason: string, message: string): readonly BinderAction[] =>
    new Changes().claimWithout(claim, "Lost", { type: "Warning", reason, message }).actions;
  if ((claim.spec.volumeName ?? "") === "")
    return lost(
      "ClaimLost",
      "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!",
    );
  if (volume === undefined)
    return lost(
      "ClaimLost",
      "Bound claim has lost its PersistentVolume. Data on the volume is lost!",
    );
  const { claimRef } = volume.spec;
  if (claimRef === undefined || claimRef.uid === claim.metadata.uid) return bind(volume, claim);
  return lost(
    "ClaimMisbound",
    "Two claims are bound to the same volume, this one is bound incorrectly",
  );
}

/** A claim for which somebody chose the volume. */
function planNamed(claim: PersistentVolumeClaim, { volume }: ClaimView): readonly BinderAction[] {
  const pending = (reason: string, message: string): readonly BinderAction[] =>
    new Changes().about(claim, { type: "Warning", reason, message }).claimWithout(claim, "Pending")
      .actions;
  if (volume === undefined) return new Changes().claimWithout(claim, "Pending").actions;
  const { name } = volume.metadata;
  if (volume.spec.claimRef === undefined) {
    const mismatch = mismatchOf(volume, claim);
    if (mismatch === null) return bind(volume, claim);
    return pending(
      "VolumeMismatch",
      `Cannot bind to requested volume ${JSON.stringify(name)}: ${mismatch}`,
    );
  }
  if (isKeptFor(volume, claim)) return bind(volume, claim);
  return pending(
    "FailedBinding",
    `volume ${JSON.stringify(name)} already bound to a different claim.`,
  );
}

/** A claim that takes any volume that will do. */
function planSearch(claim: PersistentVolumeClaim, view: ClaimView): readonly BinderAction[] {
  const className = classNameOf(claim);
  const storageClass = className === "" ? undefined : view.storageClass(className);
  const delayed = waitsForConsumer(storageClass);
  const volume = findVolume(claim, view.volumes(), { node: null, delayed });
  if (volume !== null) return bind(volume, claim);
  const changes = new Changes();
  const defaultClass = wantsDefaultClass(claim) ? view.defaultClass() : null;
  if (defaultClass !== null) {
    // A default class that came after the claim (KEP-3333); the change brings the claim here again.
    const spec = { ...claim.spec, storageClassName: defaultClass.metadata.name };
    return changes.claim({ ...claim, spec }).actions;
  }
  const isPlaced = claim.metadata.annotations?.[SELECTED_NODE] !== undefined;
  if (delayed && !isPlaced) changes.about(claim, waitingEvent(view.waitingPods()));
  else if (className !== "") planProvisioning(changes, claim, storageClass);
  else
    changes.about(claim, {
      type: "Normal",
      reason: "FailedBinding",
      message: "no persistent volumes available for this claim and no storage class is set",
    });
  return changes.claimWithout(claim, "Pending").actions;
}

function waitingEvent(pods: readonly string[]) {
  const type = "Normal" as const;
  if (pods.length === 0) {
    const message = "waiting for first consumer to be created before binding";
    return { type, reason: "WaitForFirstConsumer", message };
  }
  const message =
    pods.length === 1
      ? `waiting for pod ${pods[0]} to be scheduled`
      : `waiting for pods ${pods.join(",")} to be scheduled`;
  return { type, reason: "WaitForPodScheduled", message };
}

/** Asks the provisioner of the class for a volume. */
function planProvisioning(
  changes: Changes,
  claim: PersistentVolumeClaim,
  storageClass: StorageClass | undefined,
): void {
  const failed = (message: string): void => {
    changes.about(claim, { type: "Warning", reason: "ProvisioningFailed", message });
  };
  if (storageClass === undefined) {
    const { plural, group } = STORAGE_CLASSES;
    const singular = plural.slice(0, -"es".length);
    return failed(`${singular}.${group} ${JSON.stringify(classNameOf(claim))} not found`);
  }
  const { provisioner } = storageClass;
  if (provisioner === NO_PROVISIONER) return failed("no volume plugin matched");
  changes.about(claim, {
    type: "Normal",
    reason: "ExternalProvisioning",
    message:
      `Waiting for a volume to be created either by the external provisioner '${provisioner}' or ` +
      "manually by the system administrator. If volume creation is delayed, please verify that " +
      "the provisioner is running and correctly registered.",
  });
  const asked = { [STORAGE_PROVISIONER]: provisioner, [OLD_STORAGE_PROVISIONER]: provisioner };
  changes.claim(withAnnotations(claim, asked));
}

/**
 * Binds the two: the volume first, so that whoever dies in between leaves a volume that is kept for
 * this claim.
 */
function bind(volume: PersistentVolume, claim: PersistentVolumeClaim): readonly BinderAction[] {
  const { name, namespace = "", uid, resourceVersion } = claim.metadata;
  const { apiVersion, kind } = claim;
  const bound = volume.spec.claimRef?.uid === uid;
  const claimRef = { apiVersion, kind, name, namespace, uid, resourceVersion };
  const own = isKeptFor(volume, claim) ? {} : { [BOUND_BY_CONTROLLER]: "yes" };
  const changes = new Changes();
  if (!bound)
    changes.volume(withAnnotations({ ...volume, spec: { ...volume.spec, claimRef } }, own));
  changes.volumePhase(volume, { phase: "Bound" });
  const volumeName = volume.metadata.name;
  const chosen = claim.spec.volumeName === volumeName ? {} : { [BOUND_BY_CONTROLLER]: "yes" };
  const annotated = withAnnotations(claim, { ...chosen, [BIND_COMPLETED]: "yes" });
  if (claim.spec.volumeName !== volumeName || !sameJson(annotated, claim))
    changes.claim({ ...annotated, spec: { ...annotated.spec, volumeName } });
  return changes.claimBound(claim, volume).actions;
}
