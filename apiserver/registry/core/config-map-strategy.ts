import {
  type FieldError,
  forbidden,
  invalid,
  tooLong,
} from "../../../api/machinery/field-errors.js";
import type { ConfigMap } from "../../../api/schema/types/core-v1.gen.js";
import { base64SizeBytes } from "../common/base64.js";
import { invalidEach } from "../common/field-error-builders.js";
import { ageOf } from "../common/age.js";
import { byteLength, validateConfigMapKey } from "../../../api/machinery/names.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { semanticEqual } from "../common/semantic-equal.js";
import { AGE_COLUMN, column, NAME_COLUMN } from "../common/table-columns.js";
import type { Strategy, TableDefinition } from "../strategy.js";

/** What all values of a ConfigMap or a Secret may add up to. */
export const DATA_BYTES_MAX = 1024 * 1024;

const table: TableDefinition<ConfigMap> = {
  columns: [NAME_COLUMN, column("Data", "The number of keys."), AGE_COLUMN],
  cells: (map, nowMs) => [
    map.metadata.name,
    Object.keys(map.data ?? {}).length + Object.keys(map.binaryData ?? {}).length,
    ageOf(map.metadata.creationTimestamp, nowMs),
  ],
};

/** ConfigMaps: keys and sizes are checked, and an immutable one keeps its data. */
export const configMapStrategy: Strategy<ConfigMap> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (map) => map,
  prepareForUpdate: (map) => map,
  validate: validateConfigMap,
  validateUpdate: (map, old) => [...validateImmutability(map, old), ...validateConfigMap(map)],
  table,
};

function validateConfigMap(map: ConfigMap): readonly FieldError[] {
  const errors: FieldError[] = [];
  let sizeBytes = 0;
  for (const [key, value] of Object.entries(map.data ?? {})) {
    const path = `data[${key}]`;
    errors.push(...invalidEach(path, key, validateConfigMapKey(key)));
    if (Object.hasOwn(map.binaryData ?? {}, key))
      errors.push(invalid(path, key, "duplicate of key present in binaryData"));
    sizeBytes += byteLength(value);
  }
  for (const [key, value] of Object.entries(map.binaryData ?? {})) {
    errors.push(...invalidEach(`binaryData[${key}]`, key, validateConfigMapKey(key)));
    sizeBytes += base64SizeBytes(value);
  }
  if (sizeBytes > DATA_BYTES_MAX) errors.push(tooLong("", DATA_BYTES_MAX));
  return errors;
}

function validateImmutability(map: ConfigMap, old: ConfigMap): readonly FieldError[] {
  if (old.immutable !== true) return [];
  const text = "field is immutable when `immutable` is set";
  const errors: FieldError[] = [];
  if (map.immutable !== true) errors.push(forbidden("immutable", text));
  if (!semanticEqual(map.data, old.data, "data")) errors.push(forbidden("data", text));
  if (!semanticEqual(map.binaryData, old.binaryData, "binaryData"))
    errors.push(forbidden("binaryData", text));
  return errors;
}
