import { type FieldError, invalid, required } from "../../../api/machinery/field-errors.js";
import type { ControllerRevision } from "../../../api/schema/types/apps-v1.gen.js";
import { ageOf } from "../common/age.js";
import { IMMUTABLE, notNegative } from "../common/field-error-builders.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { semanticEqual } from "../common/semantic-equal.js";
import { AGE_COLUMN, column, NAME_COLUMN } from "../common/table-columns.js";
import type { Strategy, TableDefinition } from "../strategy.js";

const table: TableDefinition<ControllerRevision> = {
  columns: [
    NAME_COLUMN,
    column("Controller", "What the revision is one of."),
    column("Revision", "Its number; the highest is the newest.", "integer"),
    AGE_COLUMN,
  ],
  cells: (revision, nowMs) => [
    revision.metadata.name,
    controllerOf(revision),
    revision.revision,
    ageOf(revision.metadata.creationTimestamp, nowMs),
  ],
};

/** ControllerRevisions: what they hold never changes. */
export const controllerRevisionStrategy: Strategy<ControllerRevision> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (revision) => revision,
  prepareForUpdate: (revision) => revision,
  validate: validateRevision,
  validateUpdate(revision, old) {
    const errors = validateRevision(revision);
    if (!semanticEqual(revision.data, old.data, "data"))
      errors.push(invalid("data", revision.data, IMMUTABLE));
    return errors;
  },
  table,
};

function validateRevision(revision: ControllerRevision): FieldError[] {
  const errors = notNegative("revision", revision.revision);
  if (revision.data === undefined) errors.unshift(required("data", "data is mandatory"));
  return errors;
}

function controllerOf({ metadata }: ControllerRevision): string {
  const owner = (metadata.ownerReferences ?? []).find(({ controller }) => controller === true);
  if (owner === undefined) return "<none>";
  const slash = owner.apiVersion.indexOf("/");
  const group = slash < 0 ? "" : `.${owner.apiVersion.slice(0, slash)}`;
  return `${owner.kind.toLowerCase()}${group}/${owner.name}`;
}
