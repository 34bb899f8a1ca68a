import { type FieldError, forbidden } from "../../../api/machinery/field-errors.js";
import type {
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
} from "../../../api/schema/types/core-v1.gen.js";
import { ageOf } from "../common/age.js";
import { compareAmounts } from "../common/amounts.js";
import { describeDifference } from "../common/describe-difference.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { withSpecOf, withStatusOf } from "../common/prepare.js";
import { semanticEqual } from "../common/semantic-equal.js";
import { AGE_COLUMN, column, NAME_COLUMN, wideColumn } from "../common/table-columns.js";
import type { Strategy, TableDefinition } from "../strategy.js";
import { shortModes } from "./access-modes.js";
import { validateClaimSpec } from "./claim-template-validation.js";

const table: TableDefinition<PersistentVolumeClaim> = {
  columns: [
    NAME_COLUMN,
    column("Status", "Whether the claim has a volume."),
    column("Volume", "The volume that the claim is bound to."),
    column("Capacity", "The size of the volume."),
    column("Access Modes", "How the volume can be mounted."),
    column("StorageClass", "The class that the volume is of."),
    column("VolumeAttributesClass", "The class of its attributes that can change."),
    AGE_COLUMN,
    wideColumn("VolumeMode", "Whether it is a file system or a raw device."),
  ],
  cells: ({ metadata, spec, status = {} }, nowMs) => {
    const bound = (spec.volumeName ?? "") !== "";
    const phase = metadata.deletionTimestamp === undefined ? status.phase : "Terminating";
    return [
      metadata.name,
      phase ?? "Pending",
      spec.volumeName ?? "",
      bound ? (status.capacity?.["storage"] ?? "0") : "",
      bound ? shortModes(status.accessModes) : "",
      spec.storageClassName ?? "",
      spec.volumeAttributesClassName ?? "<unset>",
      ageOf(metadata.creationTimestamp, nowMs),
      spec.volumeMode ?? "Filesystem",
    ];
  },
};

/** PersistentVolumeClaims: what they ask for stays, but a bound one may ask for more. */
export const persistentVolumeClaimStrategy: Strategy<PersistentVolumeClaim> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (claim) => ({ ...claim, status: { phase: "Pending" } }),
  prepareForUpdate: (claim, old, subresource) =>
    subresource === "status" ? withSpecOf(claim, old) : withStatusOf(claim, old),
  validate: ({ spec }) => validateClaimSpec(spec, "spec"),
  validateUpdate(claim, old, subresource) {
    if (subresource === "status") return [];
    return [...validateClaimSpec(claim.spec, "spec"), ...validateChange(claim, old)];
  },
  table,
};

function validateChange(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const [spec, before] = [claim.spec, old.spec];
  const isBound = claim.status?.phase === "Bound";
  const allowed: PersistentVolumeClaimSpec = {
    ...before,
    // Whoever binds the claim names the volume, once.
    ...((before.volumeName ?? "") === "" ? named("volumeName", spec) : {}),
    ...(isBound ? named("volumeAttributesClassName", spec) : {}),
    ...(isBound ? named("resources", spec) : {}),
    // A default class may be filled in later.
    ...(before.storageClassName === undefined ? named("storageClassName", spec) : {}),
  };
  const errors: FieldError[] = [];
  if (!semanticEqual(spec, allowed, "spec")) {
    const text =
      "spec is immutable after creation except resources.requests and " +
      "volumeAttributesClassName for bound claims";
    errors.push(forbidden("spec", `${text}\n${describeDifference(before, spec)}`));
  }
  const [size, oldSize] = [sizeOf(spec), sizeOf(before)];
  const capacity = claim.status?.capacity?.["storage"];
  const floor = capacity ?? oldSize;
  const shrinks = size !== undefined && oldSize !== undefined && compareAmounts(size, oldSize) < 0;
  if (shrinks && floor !== undefined && compareAmounts(size, floor) <= 0) {
    const text = "field can not be less than status.capacity";
    errors.push(forbidden("spec.resources.requests.storage", text));
  }
  return errors;
}

function sizeOf(spec: PersistentVolumeClaimSpec): string | undefined {
  return spec.resources?.requests?.["storage"];
}

function named<K extends keyof PersistentVolumeClaimSpec>(
  field: K,
  spec: PersistentVolumeClaimSpec,
): Partial<PersistentVolumeClaimSpec> {
  return spec[field] === undefined ? {} : { [field]: spec[field] };
}
