import {
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  type ObjectField,
  STRING,
  TIMESTAMP,
  listOf,
  mapOf,
} from "../../machinery/cel/cel-types.js";
import { escapeName } from "../../machinery/cel/json.js";
import type { JSONSchemaProps } from "../types/apiextensions-v1.gen.js";
import { additionalOf, itemsOf } from "./custom-values.js";

const FORMATS: ReadonlyMap<string, CelType> = new Map([
  ["byte", BYTES],
  ["date", TIMESTAMP],
  ["date-time", TIMESTAMP],
  ["datetime", TIMESTAMP],
  ["duration", DURATION],
]);

/** What of every object's metadata rules may see. */
const METADATA: CelType = {
  kind: "object",
  name: "metadata",
  fields: fieldsOf({ name: STRING, generateName: STRING }),
};

/**
 * The type under which rules see a value of a structural schema (Kubernetes: Validation rules, type
 * checking); null: they do not see it, for nothing is said of what it is.
 */
export function celTypeOf(schema: JSONSchemaProps, isRoot = false): CelType | null {
  if (schema["x-kubernetes-int-or-string"] === true) return DYN;
  switch (schema.type) {
    case "object":
      return objectType(schema, isRoot);
    case "array": {
      const items = itemsOf(schema);
      const of = items === null ? null : celTypeOf(items);
      return of === null ? null : listOf(of);
    }
    case "string":
      return FORMATS.get(schema.format ?? "") ?? STRING;
    case "integer":
      return INT;
    case "number":
      return DOUBLE;
    case "boolean":
      return BOOL;
    default:
      return null;
  }
}

function objectType(schema: JSONSchemaProps, isRoot: boolean): CelType | null {
  const values = additionalOf(schema);
  if (values !== null) {
    const type = celTypeOf(values);
    return type === null ? null : mapOf(STRING, type);
  }
  const fields = new Map<string, ObjectField>();
  for (const [jsonName, field] of Object.entries(schema.properties ?? {})) {
    const [name, type] = [escapeName(jsonName), celTypeOf(field)];
    if (name !== null && type !== null) fields.set(name, { type, jsonName });
  }
  if (isRoot || schema["x-kubernetes-embedded-resource"] === true) {
    const own = fieldsOf({ apiVersion: STRING, kind: STRING, metadata: METADATA });
    for (const [name, field] of own) fields.set(name, field);
  }
  return { kind: "object", name: "object", fields };
}

function fieldsOf(types: Readonly<Record<string, CelType>>): Map<string, ObjectField> {
  return new Map(
    Object.entries(types).map(([jsonName, type]) => [jsonName, { type, jsonName }] as const),
  );
}
