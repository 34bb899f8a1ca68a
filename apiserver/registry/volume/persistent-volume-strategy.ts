import { type FieldError, forbidden, invalid } from "../../../api/machinery/field-errors.js";
import type { PersistentVolume } from "../../../api/schema/types/core-v1.gen.js";
import { ageOf } from "../common/age.js";
import { describeDifference } from "../common/describe-difference.js";
import { IMMUTABLE } from "../common/field-error-builders.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { withSpecOf, withStatusOf } from "../common/prepare.js";
import { semanticEqual } from "../common/semantic-equal.js";
import { AGE_COLUMN, column, NAME_COLUMN, wideColumn } from "../common/table-columns.js";
import type { Strategy, TableDefinition } from "../strategy.js";
import { shortModes } from "./access-modes.js";
import { sourceOf, validatePersistentVolumeSpec } from "./persistent-volume-validation.js";

const table: TableDefinition<PersistentVolume> = {
  columns: [
    NAME_COLUMN,
    column("Capacity", "The size of the volume."),
    column("Access Modes", "How the volume can be mounted."),
    column("Reclaim Policy", "What happens to the volume when its claim goes."),
    column("Status", "Whether the volume is free, bound or released."),
    column("Claim", "The claim that the volume is bound to."),
    column("StorageClass", "The class that the volume is of."),
    column("VolumeAttributesClass", "The class of its attributes that can change."),
    column("Reason", "Why the volume failed."),
    AGE_COLUMN,
    wideColumn("VolumeMode", "Whether it is a file system or a raw device."),
  ],
  cells: ({ metadata, spec, status = {} }, nowMs) => {
    const { claimRef } = spec;
    return [
      metadata.name,
      spec.capacity?.["storage"] ?? "0",
      shortModes(spec.accessModes),
      spec.persistentVolumeReclaimPolicy ?? "",
      metadata.deletionTimestamp === undefined ? (status.phase ?? "") : "Terminating",
      claimRef === undefined ? "" : `${claimRef.namespace ?? ""}/${claimRef.name ?? ""}`,
      spec.storageClassName ?? "",
      spec.volumeAttributesClassName ?? "<unset>",
      status.reason ?? "",
      ageOf(metadata.creationTimestamp, nowMs),
      spec.volumeMode ?? "<unset>",
    ];
  },
};

/** PersistentVolumes: what they are never changes, who has them does. */
export const persistentVolumeStrategy: Strategy<PersistentVolume> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (volume, { now }) => ({
    ...volume,
    status: { phase: "Pending", lastPhaseTransitionTime: now },
  }),
  prepareForUpdate(volume, old, subresource, { now }) {
    if (subresource !== "status") return withStatusOf(volume, old);
    const next = withSpecOf(volume, old);
    const [phase, time] = [next.status?.phase, next.status?.lastPhaseTransitionTime];
    const { phase: oldPhase, lastPhaseTransitionTime: oldTime } = old.status ?? {};
    if (phase === oldPhase || (time !== undefined && time !== oldTime)) return next;
    return { ...next, status: { ...next.status, lastPhaseTransitionTime: now } };
  },
  validate: ({ spec }) => validatePersistentVolumeSpec(spec, "spec"),
  validateUpdate(volume, old, subresource) {
    if (subresource === "status") return [];
    return [...validatePersistentVolumeSpec(volume.spec, "spec"), ...validateChange(volume, old)];
  },
  table,
};

function validateChange({ spec }: PersistentVolume, { spec: before }: PersistentVolume) {
  const errors: FieldError[] = [];
  const [source, oldSource] = [sourceOf(spec), sourceOf(before)];
  if (!semanticEqual(source, oldSource, "source")) {
    const difference = describeDifference(oldSource, source);
    const text = `spec.persistentvolumesource is immutable after creation\n${difference}`;
    errors.push(forbidden("spec.persistentvolumesource", text));
  }
  if (spec.volumeMode !== before.volumeMode)
    errors.push(invalid("volumeMode", spec.volumeMode, IMMUTABLE));
  const keepsNodes =
    before.nodeAffinity === undefined ||
    semanticEqual(spec.nodeAffinity, before.nodeAffinity, "nodeAffinity");
  if (!keepsNodes) errors.push(invalid("nodeAffinity", spec.nodeAffinity, IMMUTABLE));
  return errors;
}
