import {
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from "../../../api/machinery/field-errors.js";
import type {
  PersistentVolumeClaimSpec,
  PersistentVolumeClaimTemplate,
} from "../../../api/schema/types/core-v1.gen.js";
import { compareAmounts, showAmount } from "../common/amounts.js";
import { invalidEach } from "../common/field-error-builders.js";
import { validateLabels, validateLabelSelector } from "../common/label-validation.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { validateAnnotations } from "../common/object-meta.js";

const ACCESS_MODES: readonly string[] = [
  "ReadOnlyMany",
  "ReadWriteMany",
  "ReadWriteOnce",
  "ReadWriteOncePod",
];
const VOLUME_MODES: readonly string[] = ["Block", "Filesystem"];

/**
 * Checks the claim that a pod makes for itself: of its metadata only labels and annotations count.
 */
export function validateClaimTemplate(
  { metadata = {}, spec }: PersistentVolumeClaimTemplate,
  path: string,
): FieldError[] {
  const errors = validateAnnotations(metadata.annotations, `${path}.metadata.annotations`);
  errors.push(...validateLabels(metadata.labels, `${path}.metadata.labels`));
  for (const field of Object.keys(metadata))
    if (field !== "annotations" && field !== "labels" && field !== "creationTimestamp")
      errors.push(forbidden(`${path}.metadata.${field}`, "cannot be set"));
  errors.push(...validateClaimSpec(spec, `${path}.spec`));
  return errors;
}

/** Checks what a claim asks for. */
export function validateClaimSpec(spec: PersistentVolumeClaimSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const at = `${path}.accessModes`;
  if ((spec.accessModes ?? []).length === 0)
    errors.push(required(at, "at least 1 access mode is required"));
  errors.push(...validateLabelSelector(spec.selector, `${path}.selector`));
  errors.push(...validateAccessModes(spec.accessModes, at));
  const storage = spec.resources?.requests?.["storage"];
  const sizePath = `${path}.resources[storage]`;
  if (storage === undefined) errors.push(required(sizePath));
  else if (compareAmounts(storage, "0") <= 0)
    errors.push(invalid(sizePath, showAmount(storage), "must be greater than zero"));
  for (const field of ["storageClassName", "volumeAttributesClassName"] as const) {
    const name = spec[field] ?? "";
    if (name === "") continue;
    errors.push(...invalidEach(`${path}.${field}`, name, nameIsDnsSubdomain(name, false)));
  }
  errors.push(...validateVolumeMode(spec.volumeMode, `${path}.volumeMode`));
  return errors;
}

/** Checks how a claim or a volume may be mounted. */
export function validateAccessModes(
  modes: readonly string[] | undefined,
  path: string,
): FieldError[] {
  const known = modes ?? [];
  const errors = known
    .filter((mode) => !ACCESS_MODES.includes(mode))
    .map((mode) => notSupported(path, mode, ACCESS_MODES));
  const others = known.some((mode) => mode !== "ReadWriteOncePod" && ACCESS_MODES.includes(mode));
  if (known.includes("ReadWriteOncePod") && others)
    errors.push(forbidden(path, "may not use ReadWriteOncePod with other access modes"));
  return errors;
}

/** Checks whether a claim or a volume is a file system or a raw device. */
export function validateVolumeMode(mode: string | undefined, path: string): FieldError[] {
  if (mode === undefined || VOLUME_MODES.includes(mode)) return [];
  return [notSupported(path, mode, VOLUME_MODES)];
}
