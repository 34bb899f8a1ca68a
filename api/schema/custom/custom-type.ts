import type { FieldSchema, FieldType, TypeSchema } from "../type-schema.js";
import { typeByName } from "../type-schema.js";
import type { JSONSchemaProps } from "../types/apiextensions-v1.gen.js";
import { additionalOf, itemsOf } from "./custom-values.js";

/** What a kind that a CustomResourceDefinition describes is called. */
export interface CustomTypeName {
  /** Of the type: no other definition's, and no other version's. */
  readonly name: string;
  readonly kind: string;
  readonly apiVersion: string;
}

/**
 * The type of a custom kind: what tracking of fields, applying and tables need to know. Its objects
 * are decoded by the schema itself, which is kept in `custom`.
 */
export function customType(about: CustomTypeName, schema: JSONSchemaProps): TypeSchema {
  const type = typeOfObject(about, schema);
  const own = [
    field("apiVersion", { kind: "scalar", scalar: "string" }, {}),
    field("kind", { kind: "scalar", scalar: "string" }, {}),
    field("metadata", { kind: "message", type: typeByName("meta/v1.ObjectMeta") }, {}),
  ];
  const names = new Set(own.map(({ name }) => name));
  const fields = [...own, ...type.fields.filter(({ name }) => !names.has(name))];
  return {
    ...type,
    name: about.name,
    shortName: about.kind,
    fields,
    fieldByName: new Map(fields.map((each) => [each.name, each])),
    ...(schema["x-kubernetes-preserve-unknown-fields"] === true ? { isOpen: true } : {}),
    custom: schema,
  };
}

function typeOfObject(about: CustomTypeName, schema: JSONSchemaProps): TypeSchema {
  const fields = Object.entries(schema.properties ?? {}).map(([name, inner]) =>
    field(name, fieldType(about, inner), inner),
  );
  return {
    name: `${about.name}/…`,
    shortName: about.kind,
    packageName: "custom/v1",
    apiVersion: about.apiVersion,
    mapAtomic: schema["x-kubernetes-map-type"] === "atomic",
    union: null,
    description: schema.description ?? "",
    fields,
    fieldByName: new Map(fields.map((each) => [each.name, each])),
    custom: null,
  };
}

function field(name: string, type: FieldType, schema: JSONSchemaProps): FieldSchema {
  const listType = schema["x-kubernetes-list-type"];
  const known = listType === "set" || listType === "map" ? listType : "atomic";
  return {
    name,
    tag: 0,
    outerTag: 0,
    required: false,
    nullable: true,
    type,
    wrapped: false,
    listType: type.kind === "list" ? known : null,
    listMapKeys: schema["x-kubernetes-list-map-keys"] ?? [],
    patchMerge: false,
    patchMergeKey: null,
    patchRetainKeys: false,
    patchReplace: false,
    mapAtomic: schema["x-kubernetes-map-type"] === "atomic",
    mapGranular: false,
    default: schema.default,
    enum: [],
    description: schema.description ?? "",
  };
}

function fieldType(about: CustomTypeName, schema: JSONSchemaProps): FieldType {
  if (schema["x-kubernetes-int-or-string"] === true) return scalar("IntOrString");
  switch (schema.type) {
    case "string":
      return scalar("string");
    case "boolean":
      return scalar("bool");
    case "integer":
    case "number":
      return scalar("double");
    case "array": {
      const items = itemsOf(schema);
      return { kind: "list", of: items === null ? scalar("JSON") : fieldType(about, items) };
    }
    case "object":
      return objectType(about, schema);
    default:
      return scalar("JSON");
  }
}

/** An object whose fields are not all known has no fields of its own to track. */
function objectType(about: CustomTypeName, schema: JSONSchemaProps): FieldType {
  const values = additionalOf(schema);
  if (values !== null) return { kind: "map", of: fieldType(about, values) };
  const open =
    schema["x-kubernetes-preserve-unknown-fields"] === true ||
    schema["x-kubernetes-embedded-resource"] === true ||
    schema.additionalProperties === true;
  if (open) return scalar("JSON");
  return { kind: "message", type: typeOfObject(about, schema) };
}

function scalar(name: "string" | "bool" | "double" | "IntOrString" | "JSON"): FieldType {
  return { kind: "scalar", scalar: name };
}
