import { type FieldError, invalid, required } from "../../../api/machinery/field-errors.js";
import { validateDns1035Label, validateDns1123Subdomain } from "../../../api/machinery/names.js";
import type {
  StorageVersionMigration,
  StorageVersionMigrationStatus,
} from "../../../api/schema/types/storagemigration-v1beta1.gen.js";
import { ageOf } from "../common/age.js";
import { IMMUTABLE } from "../common/field-error-builders.js";
import { validateImmutable } from "../common/immutable.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { withSpecOf, withStatusOf } from "../common/prepare.js";
import { AGE_COLUMN, column, NAME_COLUMN } from "../common/table-columns.js";
import type { Strategy, TableDefinition } from "../strategy.js";

const table: TableDefinition<StorageVersionMigration> = {
  columns: [NAME_COLUMN, column("GroupResource", "What is written anew."), AGE_COLUMN],
  cells: ({ metadata, spec }, nowMs) => [
    metadata.name,
    [spec.resource.resource, spec.resource.group].filter((part) => part !== "").join("."),
    ageOf(metadata.creationTimestamp, nowMs),
  ],
};

/** StorageVersionMigrations (KEP-4192): what is asked never changes, an outcome stays. */
export const migrationStrategy: Strategy<StorageVersionMigration> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (migration) => ({ ...migration, status: {} }),
  prepareForUpdate: (migration, old, subresource) =>
    subresource === "status" ? withSpecOf(migration, old) : withStatusOf(migration, old),
  validate: validateMigration,
  validateUpdate: (migration, old, subresource) =>
    subresource === "status"
      ? validateStatus(migration.status ?? {}, old.status ?? {})
      : [
          ...validateMigration(migration),
          ...validateImmutable("spec", { value: migration.spec, old: old.spec }),
        ],
  table,
};

function validateMigration({ spec }: StorageVersionMigration): FieldError[] {
  const { group, resource } = spec.resource;
  const path = "spec.resource.resource";
  const errors: FieldError[] = [];
  const texts = validateDns1035Label(resource);
  if (resource === "") errors.push(required(path, "resource is required to be set"));
  else if (texts.length > 0) errors.push(invalid(path, resource, texts.join(",")));
  const groupTexts = group === "" ? [] : validateDns1123Subdomain(group);
  if (groupTexts.length > 0)
    errors.push(invalid("spec.resource.group", group, groupTexts.join(",")));
  return errors;
}

function validateStatus(
  status: StorageVersionMigrationStatus,
  old: StorageVersionMigrationStatus,
): FieldError[] {
  const { resourceVersion = "", conditions = [] } = status;
  const path = "status.resourceVersion";
  const errors: FieldError[] = [];
  if (resourceVersion !== "" && !/^\d+$/u.test(resourceVersion))
    errors.push(invalid(path, resourceVersion, "must be a non-negative integer"));
  if ((old.resourceVersion ?? "") !== "" && old.resourceVersion !== resourceVersion)
    errors.push(invalid(path, resourceVersion, IMMUTABLE));
  const [succeeded, failed] = [holds(status, "Succeeded"), holds(status, "Failed")];
  const refuse = (text: string): void => {
    errors.push(invalid("status.conditions", conditions, text));
  };
  if (succeeded && failed)
    refuse("Both success and failed conditions cannot be true at the same time");
  for (const outcome of [succeeded ? "success" : "", failed ? "failed" : ""])
    if (outcome !== "" && holds(status, "Running"))
      refuse(`Running condition cannot be true when ${outcome} condition is true`);
  if (holds(old, "Succeeded") && !succeeded)
    refuse("Success condition cannot be set to false once it is true");
  if (holds(old, "Failed") && !failed)
    refuse("Failed condition cannot be set to false once it is true");
  return errors;
}

function holds({ conditions = [] }: StorageVersionMigrationStatus, type: string): boolean {
  return conditions.some((condition) => condition.type === type && condition.status === "True");
}
