import type { KindInfo } from "../kinds.js";
import { additionalOf, itemsOf } from "../custom/custom-values.js";
import type { JSONSchemaProps } from "../types/apiextensions-v1.gen.js";
import type { JsonObject, JsonValue } from "../wire-types.js";
import { type ApiOperation, kindOperations } from "./openapi-operations.js";
import { type SchemaDialect, definitionName, definitionsOf, refTo } from "./openapi-schemas.js";

/** One served version of a custom kind, as far as OpenAPI is concerned. */
export interface PublishedKind {
  readonly kind: KindInfo;
  readonly schema: JSONSchemaProps;
}

/** Bodies and answers of custom kinds are not sent as protobuf, and have no strategic merge. */
const NOT_FOR_CUSTOM: ReadonlySet<string> = new Set([
  "application/vnd.kubernetes.protobuf",
  "application/vnd.kubernetes.protobuf;stream=watch",
  "application/strategic-merge-patch+json",
]);

/** Every operation on a custom kind. */
export function customOperations({ kind }: PublishedKind): readonly ApiOperation[] {
  const named = { ...kind, typeName: publishedName(kind) };
  const subresources = kind.subresources.map((sub) =>
    sub.typeName === kind.typeName ? { ...sub, typeName: named.typeName } : sub,
  );
  return kindOperations({ ...named, subresources }).map((operation) => ({
    ...operation,
    consumes: operation.consumes.filter((type) => !NOT_FOR_CUSTOM.has(type)),
    produces: operation.produces.filter((type) => !NOT_FOR_CUSTOM.has(type)),
  }));
}

/** Begun in the words that Kubernetes' clients look for in `kubectl explain`. */
const API_VERSION = "APIVersion defines the group and version of the kind, such as example.com/v1.";
const KIND = "Kind is the name of what the object is, in CamelCase.";
const METADATA = "Standard object's metadata: name, labels and whatever all objects have.";

const OBJECT_META = "meta/v1.ObjectMeta";
const LIST_META = "meta/v1.ListMeta";

/** The definitions of a custom kind and of its list, by name. */
export function customDefinitions(
  { kind, schema }: PublishedKind,
  dialect: SchemaDialect,
): ReadonlyMap<string, JsonObject> {
  const { group, version } = kind;
  const name = publishedName(kind);
  const described = dialect.version === 2 ? simple(schema) : (schema as unknown as JsonObject);
  const meta = (type: string, description: string): JsonObject =>
    dialect.version === 2
      ? { description, ...refTo(type, dialect) }
      : { description, allOf: [refTo(type, dialect)] };
  const head = {
    apiVersion: { type: "string", description: API_VERSION },
    kind: { type: "string", description: KIND },
  };
  const known = { "x-kubernetes-group-version-kind": [{ group, version, kind: kind.kind }] };
  // Clients of v2 would refuse fields that it does not name.
  const saysNothing =
    dialect.version === 2 && schema["x-kubernetes-preserve-unknown-fields"] === true;
  const object: JsonObject = {
    ...described,
    type: "object",
    properties: {
      ...(described.properties as JsonObject | undefined),
      ...head,
      metadata: meta(OBJECT_META, METADATA),
    },
    ...known,
  };
  const list: JsonObject = {
    type: "object",
    description: `A list of ${kind.plural}.`,
    required: ["items"],
    properties: {
      ...head,
      metadata: meta(LIST_META, "Tells about the list as a whole."),
      items: {
        type: "array",
        description: `Holds the ${kind.plural}.`,
        items: dialect.version === 2 ? refTo(name, dialect) : { allOf: [refTo(name, dialect)] },
      },
    },
    "x-kubernetes-group-version-kind": [{ group, version, kind: kind.listKind }],
  };
  return new Map([
    [definitionName(name), saysNothing ? { type: "object", ...known } : object],
    [definitionName(`${name}List`), list],
  ]);
}

/** The definitions of these types and of the custom kinds, by name and sorted. */
export function withCustomDefinitions(
  types: Iterable<string>,
  custom: readonly PublishedKind[],
  dialect: SchemaDialect,
): JsonObject {
  if (custom.length === 0) return definitionsOf(types, dialect);
  const own = definitionsOf([...types, OBJECT_META, LIST_META], dialect);
  const all = [
    ...Object.entries(own),
    ...custom.flatMap((each) => [...customDefinitions(each, dialect)]),
  ];
  return Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Such as custom/com.example.v1.Widget: the group from its end, as a package would be called. */
function publishedName({ group, version, kind }: KindInfo): string {
  return `custom/${group.split(".").reverse().join(".")}.${version}.${kind}`;
}

const KEPT = [
  "description",
  "type",
  "format",
  "title",
  "default",
  "required",
  "enum",
  "pattern",
  "maximum",
  "minimum",
  "maxLength",
  "minLength",
  "maxItems",
  "minItems",
] as const;
const EXTENSIONS = [
  "x-kubernetes-embedded-resource",
  "x-kubernetes-int-or-string",
  "x-kubernetes-list-map-keys",
  "x-kubernetes-list-type",
  "x-kubernetes-map-type",
  "x-kubernetes-preserve-unknown-fields",
] as const;

/**
 * What OpenAPI v2 can say of a schema. Old clients refuse what it does not describe, so where more
 * is allowed than it could describe it says nothing.
 */
function simple(schema: JSONSchemaProps): JsonObject {
  const out: Record<string, JsonValue> = {};
  const open = schema.nullable === true || schema["x-kubernetes-preserve-unknown-fields"] === true;
  for (const key of open ? (["description"] as const) : KEPT) {
    const value = schema[key];
    if (value !== undefined) out[key] = value;
  }
  for (const key of EXTENSIONS) {
    const value = schema[key];
    if (value !== undefined) out[key] = value;
  }
  if (open) return out;
  const items = itemsOf(schema);
  if (items !== null) out["items"] = simple(items);
  const additional = additionalOf(schema);
  if (additional !== null) out["additionalProperties"] = simple(additional);
  else if (schema.additionalProperties === true) out["additionalProperties"] = {};
  if (schema.properties !== undefined) {
    const fields = Object.entries(schema.properties).map(([name, inner]) => [name, simple(inner)]);
    out["properties"] = Object.fromEntries(fields) as JsonObject;
  }
  return out;
}
