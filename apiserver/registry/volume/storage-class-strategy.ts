import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from "../../../api/machinery/field-errors.js";
import { isDefaultClass } from "../../../api/schema/storage/storage-class.js";
import type {
  TopologySelectorLabelRequirement,
  TopologySelectorTerm,
} from "../../../api/schema/types/core-v1.gen.js";
import type { StorageClass } from "../../../api/schema/types/storage-v1.gen.js";
import { ageOf } from "../common/age.js";
import { IMMUTABLE } from "../common/field-error-builders.js";
import { validateLabelKey } from "../common/label-validation.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { semanticEqual } from "../common/semantic-equal.js";
import { AGE_COLUMN, column, NAME_COLUMN } from "../common/table-columns.js";
import { validateParameters, validateProvisioner } from "../storage/class-parameters.js";
import type { Strategy, TableDefinition } from "../strategy.js";

const RECLAIM_POLICIES: readonly string[] = ["Delete", "Retain"];
const BINDING_MODES: readonly string[] = ["Immediate", "WaitForFirstConsumer"];

const table: TableDefinition<StorageClass> = {
  columns: [
    NAME_COLUMN,
    column("Provisioner", "What makes the volumes of the class."),
    column("ReclaimPolicy", "What happens to a volume when its claim goes."),
    column("VolumeBindingMode", "When a volume is made for a claim."),
    column("AllowVolumeExpansion", "Whether claims may ask for more later."),
    AGE_COLUMN,
  ],
  cells: (storageClass, nowMs) => {
    const { name, creationTimestamp } = storageClass.metadata;
    return [
      isDefaultClass(storageClass) ? `${name} (default)` : name,
      storageClass.provisioner,
      storageClass.reclaimPolicy ?? "Delete",
      storageClass.volumeBindingMode ?? "<unset>",
      storageClass.allowVolumeExpansion ?? false,
      ageOf(creationTimestamp, nowMs),
    ];
  },
};

/** StorageClasses: what a volume got from one never changes, so neither does what it gives. */
export const storageClassStrategy: Strategy<StorageClass> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (storageClass) => storageClass,
  prepareForUpdate: (storageClass) => storageClass,
  validate: validateStorageClass,
  validateUpdate: (storageClass, old) => [
    ...validateStorageClass(storageClass),
    ...validateChange(storageClass, old),
  ],
  table,
};

function validateStorageClass(storageClass: StorageClass): FieldError[] {
  const { provisioner, reclaimPolicy, volumeBindingMode } = storageClass;
  const errors = validateProvisioner(provisioner, "provisioner");
  errors.push(...validateParameters(storageClass.parameters ?? {}, "parameters"));
  if (reclaimPolicy !== undefined && !RECLAIM_POLICIES.includes(reclaimPolicy))
    errors.push(notSupported("reclaimPolicy", reclaimPolicy, RECLAIM_POLICIES));
  if (volumeBindingMode !== undefined && !BINDING_MODES.includes(volumeBindingMode))
    errors.push(notSupported("volumeBindingMode", volumeBindingMode, BINDING_MODES));
  errors.push(...validateTopologies(storageClass.allowedTopologies ?? []));
  return errors;
}

function validateTopologies(terms: readonly TopologySelectorTerm[]): FieldError[] {
  const path = "allowedTopologies";
  const errors: FieldError[] = [];
  for (const [index, term] of terms.entries()) {
    const requirements = term.matchLabelExpressions ?? [];
    const keys = requirements.map(({ key }) => key);
    for (const [at, requirement] of requirements.entries()) {
      const place = `${path}.matchLabelExpressions[${at}]`;
      errors.push(...validateRequirement(requirement, place));
      if (keys.indexOf(requirement.key) < at)
        errors.push(duplicate(`${place}.key`, requirement.key));
    }
    if (terms.slice(0, index).some((before) => sameTerm(before, term)))
      errors.push(duplicate(`${path}[${index}].matchLabelExpressions`, ""));
  }
  return errors;
}

function validateRequirement(
  { key, values }: TopologySelectorLabelRequirement,
  path: string,
): FieldError[] {
  const errors: FieldError[] = values.length === 0 ? [required(`${path}.values`)] : [];
  for (const [index, value] of values.entries())
    if (values.indexOf(value) < index) errors.push(duplicate(`${path}.values[${index}]`, value));
  errors.push(...validateLabelKey(key, `${path}.key`));
  return errors;
}

/** True when both choose the same places: the order of keys and values means nothing. */
function sameTerm(a: TopologySelectorTerm, b: TopologySelectorTerm): boolean {
  const sorted = ({ matchLabelExpressions = [] }: TopologySelectorTerm): string =>
    JSON.stringify(
      matchLabelExpressions
        .map(({ key, values }) => [key, [...values].sort()] as const)
        .sort(([first], [second]) => (first < second ? -1 : 1)),
    );
  return sorted(a) === sorted(b);
}

function validateChange(storageClass: StorageClass, old: StorageClass): FieldError[] {
  const errors: FieldError[] = [];
  if (!semanticEqual(storageClass.parameters, old.parameters, "parameters"))
    errors.push(forbidden("parameters", "updates to parameters are forbidden."));
  for (const field of ["provisioner", "reclaimPolicy"] as const)
    if (storageClass[field] !== old[field])
      errors.push(forbidden(field, `updates to ${field} are forbidden.`));
  if (storageClass.volumeBindingMode !== old.volumeBindingMode)
    errors.push(invalid("volumeBindingMode", storageClass.volumeBindingMode, IMMUTABLE));
  return errors;
}
