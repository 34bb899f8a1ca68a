import type { UnionNotation } from "../notation.js";
import { SERVED_KINDS, splitApiVersion } from "../kinds.js";
import { type FieldSchema, type FieldType, typeByName, type TypeSchema } from "../type-schema.js";
import type { JsonObject, JsonValue } from "../wire-types.js";

/**
 * The two versions of OpenAPI differ in where definitions stand and in how a reference may be
 * described.
 */
export interface SchemaDialect {
  readonly version: 2 | 3;
  /** Before a definition's name in a reference. */
  readonly refPrefix: string;
}
export const OPENAPI_V2: SchemaDialect = { version: 2, refPrefix: "#/definitions/" };
export const OPENAPI_V3: SchemaDialect = { version: 3, refPrefix: "#/components/schemas/" };

const META = "io.k8s.apimachinery.pkg.apis.meta.v1";
const EXTENSIONS = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1";
/** Scalars that are definitions of their own. */
const SCALAR_NAMES: Readonly<Record<string, string>> = {
  Quantity: "io.k8s.apimachinery.pkg.api.resource.Quantity",
  IntOrString: "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
  Time: `${META}.Time`,
  MicroTime: `${META}.MicroTime`,
  Duration: `${META}.Duration`,
  FieldsV1: `${META}.FieldsV1`,
  RawExtension: "io.k8s.apimachinery.pkg.runtime.RawExtension",
  JSON: `${EXTENSIONS}.JSON`,
  JSONSchemaPropsOrArray: `${EXTENSIONS}.JSONSchemaPropsOrArray`,
  JSONSchemaPropsOrBool: `${EXTENSIONS}.JSONSchemaPropsOrBool`,
  JSONSchemaPropsOrStringArray: `${EXTENSIONS}.JSONSchemaPropsOrStringArray`,
};

/** Before the names of custom types: their definitions are made of their own schemas. */
const CUSTOM = "custom/";

/** The name of a type's definition, such as io.k8s.api.core.v1.Pod. */
export function definitionName(typeName: string): string {
  if (typeName.startsWith(CUSTOM)) return typeName.slice(CUSTOM.length);
  const [packageName = "", shortName = ""] = typeName.split(".");
  if (packageName === "meta/v1") return `${META}.${shortName}`;
  if (packageName === "apiextensions/v1") return `${EXTENSIONS}.${shortName}`;
  if (packageName === "apiregistration/v1")
    return `io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.${shortName}`;
  // The group of an add-on: its types live in a module of their own.
  if (packageName === "metrics/v1beta1")
    return `io.k8s.metrics.pkg.apis.metrics.v1beta1.${shortName}`;
  return `io.k8s.api.${packageName.replace("/", ".")}.${shortName}`;
}

/** The definitions of these types and of everything they refer to, by name and sorted. */
export function definitionsOf(typeNames: Iterable<string>, dialect: SchemaDialect): JsonObject {
  const found = new Map<string, JsonObject>();
  const pending = [...typeNames].filter((name) => !name.startsWith(CUSTOM)).map(typeByName);
  for (let type = pending.pop(); type !== undefined; type = pending.pop()) {
    const name = definitionName(type.name);
    if (found.has(name)) continue;
    found.set(name, definition(type, dialect));
    for (const field of type.fields) {
      const inner = innermost(field.type);
      if (inner.kind === "message") pending.push(inner.type);
      if (inner.kind !== "scalar") continue;
      const scalar = SCALAR_NAMES[inner.scalar];
      if (scalar !== undefined) found.set(scalar, scalarDefinition(inner.scalar, dialect));
    }
  }
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A reference to a type's definition. */
export function refTo(typeName: string, dialect: SchemaDialect): JsonObject {
  return { $ref: dialect.refPrefix + definitionName(typeName) };
}

function innermost(type: FieldType): FieldType {
  return type.kind === "list" || type.kind === "map" ? innermost(type.of) : type;
}

function definition(type: TypeSchema, dialect: SchemaDialect): JsonObject {
  const required = type.fields.filter((field) => field.required).map((field) => field.name);
  const kinds = kindsOf(type);
  const fields = [...type.fields].sort((a, b) => (a.name < b.name ? -1 : 1));
  const properties = fields.map((field) => [field.name, property(field, dialect)] as const);
  return {
    ...(type.description === "" ? {} : { description: type.description }),
    type: "object",
    ...(required.length === 0 ? {} : { required: required.sort() }),
    ...(properties.length === 0 ? {} : { properties: Object.fromEntries(properties) }),
    ...(kinds.length === 0 ? {} : { "x-kubernetes-group-version-kind": kinds }),
    ...(type.mapAtomic ? { "x-kubernetes-map-type": "atomic" } : {}),
    ...(type.union === null ? {} : { "x-kubernetes-unions": [unionOf(type.union)] }),
  };
}

/** Each member's name in a discriminator is its field's, with a capital. */
function unionOf({ discriminator, fields }: UnionNotation): JsonObject {
  const names = fields.map((field) => [field, field.charAt(0).toUpperCase() + field.slice(1)]);
  return {
    ...(discriminator === null ? {} : { discriminator }),
    "fields-to-discriminateBy": Object.fromEntries(names) as JsonObject,
  };
}

/**
 * Options and watch events go with every group; the rest belongs to the group it is declared in.
 */
function kindsOf(type: TypeSchema): readonly JsonObject[] {
  if (!type.fieldByName.has("kind") || type.fieldByName.get("kind")?.tag !== 0) {
    if (type.name !== "meta/v1.WatchEvent") return [];
  }
  const kind = type.shortName;
  if (type.packageName !== "meta/v1") return [{ ...splitApiVersion(type.apiVersion), kind }];
  const everywhere = ["DeleteOptions", "WatchEvent"].includes(kind);
  const apiVersions = new Set(["v1"]);
  if (everywhere) for (const info of SERVED_KINDS) apiVersions.add(info.apiVersion);
  return [...apiVersions].map((apiVersion) => ({ ...splitApiVersion(apiVersion), kind }));
}

function property(field: FieldSchema, dialect: SchemaDialect): JsonObject {
  const patch = [
    ...(field.patchMerge ? ["merge"] : []),
    ...(field.patchRetainKeys ? ["retainKeys"] : []),
    ...(field.patchReplace ? ["replace"] : []),
  ];
  return {
    ...(field.description === "" ? {} : { description: field.description }),
    ...typeSchema(field.type, dialect),
    ...(dialect.version === 3 && isMapKey(field) ? { default: field.default ?? null } : {}),
    ...(field.enum.length === 0 ? {} : { enum: field.enum }),
    ...(field.listMapKeys.length === 0 ? {} : { "x-kubernetes-list-map-keys": field.listMapKeys }),
    ...(field.listType === null ? {} : { "x-kubernetes-list-type": field.listType }),
    ...(field.mapAtomic ? { "x-kubernetes-map-type": "atomic" } : {}),
    ...(field.mapGranular ? { "x-kubernetes-map-type": "granular" } : {}),
    ...(field.patchMergeKey === null
      ? {}
      : { "x-kubernetes-patch-merge-key": field.patchMergeKey }),
    ...(patch.length === 0 ? {} : { "x-kubernetes-patch-strategy": patch.join(",") }),
  };
}

/**
 * The only default that clients need: it is part of the key of a list's elements. Version 2
 * publishes no defaults at all, as Kubernetes does.
 */
function isMapKey(field: FieldSchema): boolean {
  return field.name === "protocol" && field.default !== undefined;
}

function typeSchema(type: FieldType, dialect: SchemaDialect): JsonObject {
  switch (type.kind) {
    case "list":
      return { type: "array", items: typeSchema(type.of, dialect) };
    case "map":
      return { type: "object", additionalProperties: typeSchema(type.of, dialect) };
    case "message":
      return reference(definitionName(type.type.name), dialect);
    case "scalar": {
      const name = SCALAR_NAMES[type.scalar];
      return name === undefined ? plainScalar(type.scalar) : reference(name, dialect);
    }
  }
}

/** In version 3 a reference stands alone; to say more about it, it is wrapped. */
function reference(name: string, dialect: SchemaDialect): JsonObject {
  const ref = { $ref: dialect.refPrefix + name };
  return dialect.version === 2 ? ref : { allOf: [ref] };
}

function plainScalar(scalar: string): JsonObject {
  switch (scalar) {
    case "bool":
      return { type: "boolean" };
    case "int32":
    case "int64":
      return { type: "integer", format: scalar };
    case "double":
      return { type: "number", format: "double" };
    case "bytes":
      return { type: "string", format: "byte" };
    default:
      return { type: "string" };
  }
}

const SCALAR_DESCRIPTIONS: Readonly<Record<string, string>> = {
  Quantity: 'An amount of a resource, such as "100m", "1.5Gi" or 2.',
  IntOrString: 'An integer, or a text such as a port\'s name or "25%".',
  Time: "A point in time (RFC 3339), to the second.",
  MicroTime: "A point in time (RFC 3339), to the microsecond.",
  Duration: 'A length of time, such as "1h30m" or "10.5s".',
  FieldsV1: "A set of fields as a tree of their names.",
  RawExtension: "An object of any kind.",
  JSON: "Any value.",
  JSONSchemaPropsOrArray: "The description of a value, or a list of descriptions.",
  JSONSchemaPropsOrBool: "The description of a value, or whether anything is allowed.",
  JSONSchemaPropsOrStringArray: "The description of a value, or a list of names.",
};

function scalarDefinition(scalar: string, { version }: SchemaDialect): JsonObject {
  const schema = scalarShape(scalar, version);
  return { description: SCALAR_DESCRIPTIONS[scalar] ?? "", ...schema };
}

function scalarShape(scalar: string, version: 2 | 3): Readonly<Record<string, JsonValue>> {
  switch (scalar) {
    case "Time":
    case "MicroTime":
      return { type: "string", format: "date-time" };
    case "Duration":
      return { type: "string" };
    case "Quantity":
      return version === 2
        ? { type: "string" }
        : { oneOf: [{ type: "string" }, { type: "number" }] };
    case "IntOrString":
      return version === 2
        ? { type: "string", format: "int-or-string" }
        : { format: "int-or-string", oneOf: [{ type: "integer" }, { type: "string" }] };
    case "FieldsV1":
    case "RawExtension":
      return { type: "object" };
    default:
      return {};
  }
}
