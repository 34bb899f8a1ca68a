import { type FieldError, forbidden, required } from "../../../api/machinery/field-errors.js";
import type { VolumeAttributesClass } from "../../../api/schema/types/storage-v1.gen.js";
import { ageOf } from "../common/age.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { semanticEqual } from "../common/semantic-equal.js";
import { AGE_COLUMN, column, NAME_COLUMN } from "../common/table-columns.js";
import type { Strategy, TableDefinition } from "../strategy.js";
import { validateParameters, validateProvisioner } from "./class-parameters.js";

const table: TableDefinition<VolumeAttributesClass> = {
  columns: [NAME_COLUMN, column("DriverName", "The driver that changes the volumes."), AGE_COLUMN],
  cells: ({ metadata, driverName }, nowMs) => [
    metadata.name,
    driverName,
    ageOf(metadata.creationTimestamp, nowMs),
  ],
};

/** VolumeAttributesClasses: another set of properties is another class. */
export const volumeAttributesClassStrategy: Strategy<VolumeAttributesClass> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (attributesClass) => attributesClass,
  prepareForUpdate: (attributesClass) => attributesClass,
  validate: validateAttributesClass,
  validateUpdate(attributesClass, old) {
    const errors: FieldError[] = [];
    if (attributesClass.driverName !== old.driverName)
      errors.push(forbidden("driverName", "updates to driverName are forbidden."));
    if (!semanticEqual(attributesClass.parameters, old.parameters, "parameters"))
      errors.push(forbidden("parameters", "updates to parameters are forbidden."));
    return errors;
  },
  table,
};

function validateAttributesClass({ driverName, parameters = {} }: VolumeAttributesClass) {
  const errors = validateProvisioner(driverName, "driverName");
  errors.push(...validateParameters(parameters, "parameters"));
  if (Object.keys(parameters).length === 0)
    errors.push(required("parameters", "must contain at least one key/value pair"));
  return errors;
}
