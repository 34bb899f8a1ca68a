import { present } from "../../../base/assert.js";
import { parseGroup } from "../notation.js";
import { encodeMessage } from "../protobuf.js";
import { linkTypes } from "../type-schema.js";
import type { JsonObject, JsonValue } from "../wire-types.js";

/**
 * The protobuf form of an OpenAPI v3 document (gnostic, openapi.v3.Document): as much of it as our
 * documents use.
 */
const DOCUMENT = `
group openapi/v3 openapi.v3

type Document
  1 openapi string
  2 info Info
  4 paths Paths
  5 components Components

type Info
  1 title string
  6 version string

type Paths
  1 path []NamedPathItem

type NamedPathItem
  1 name string
  2 value PathItem

type PathItem
  4 get Operation
  5 put Operation
  6 post Operation
  7 delete Operation
  8 options Operation
  9 head Operation
  10 patch Operation
  13 parameters []ParameterOrReference

type Operation
  1 tags []string
  3 description string
  5 operationId string
  6 parameters []ParameterOrReference
  7 requestBody RequestBodyOrReference
  8 responses Responses
  13 extensions []NamedAny

type ParameterOrReference
  1 parameter Parameter

type Parameter
  1 name string
  2 in string
  3 description string
  4 required bool
  10 schema SchemaOrReference

type RequestBodyOrReference
  1 requestBody RequestBody

type RequestBody
  2 content MediaTypes
  3 required bool

type MediaTypes
  1 named []NamedMediaType

type NamedMediaType
  1 name string
  2 value MediaType

type MediaType
  1 schema SchemaOrReference

type Responses
  2 named []NamedResponseOrReference

type NamedResponseOrReference
  1 name string
  2 value ResponseOrReference

type ResponseOrReference
  1 response Response

type Response
  1 description string
  3 content MediaTypes

type Components
  1 schemas NamedSchemas

type NamedSchemas
  1 named []NamedSchema

type NamedSchema
  1 name string
  2 value SchemaOrReference

type SchemaOrReference
  1 schema Schema
  2 reference Reference

type Reference
  1 ref string

type Schema
  20 uniqueItems bool
  23 required []string
  24 enum []Any
  25 type string
  26 allOf []SchemaOrReference
  27 oneOf []SchemaOrReference
  30 items ItemsItem
  31 properties NamedSchemas
  32 additionalProperties AdditionalPropertiesItem
  33 default DefaultType
  34 description string
  35 format string
  36 extensions []NamedAny

type ItemsItem
  1 schemaOrReference []SchemaOrReference

type AdditionalPropertiesItem
  1 schemaOrReference SchemaOrReference

type DefaultType
  1 number double
  2 boolean bool
  3 string string

type NamedAny
  1 name string
  2 value Any

type Any
  2 yaml string
`;

const TYPES = linkTypes([parseGroup(DOCUMENT)]);

/**
 * Encodes what openApiV3Document made, for
 * `application/com.github.proto-openapi.spec.v3@v1.0+protobuf`.
 */
export function encodeOpenApiV3(document: JsonObject): Uint8Array {
  const paths = named(document.paths, pathItem);
  const { schemas } = objectOf(document.components);
  const message = {
    openapi: document.openapi,
    info: document.info,
    paths: { path: paths },
    components: { schemas: { named: named(schemas, schemaOf) } },
  };
  return encodeMessage(present(TYPES.get("openapi/v3.Document"), "Document"), message);
}

/** An object as the list of its members: protobuf knows no maps here. */
function named(
  source: JsonValue | undefined,
  valueOf: (value: JsonObject) => JsonObject,
): readonly JsonObject[] {
  const members = Object.entries(objectOf(source));
  return members.map(([name, value]) => ({ name, value: valueOf(objectOf(value)) }));
}

function pathItem(item: JsonObject): JsonObject {
  const { parameters, ...methods } = item;
  const operations = Object.entries(methods).map(([method, value]) => [
    method,
    operation(objectOf(value)),
  ]);
  return { ...Object.fromEntries(operations), parameters: listOf(parameters).map(parameter) };
}

function operation(source: JsonObject): JsonObject {
  const { parameters, requestBody, responses, ...rest } = withoutExtensions(source);
  const body = objectOf(requestBody);
  const request = { requestBody: { ...body, content: content(body.content) } };
  return {
    ...rest,
    parameters: listOf(parameters).map(parameter),
    ...(requestBody === undefined ? {} : { requestBody: request }),
    responses: { named: named(responses, response) },
    extensions: extensions(source),
  };
}

function response(source: JsonObject): JsonObject {
  const { content: types, ...rest } = source;
  return { response: { ...rest, ...(types === undefined ? {} : { content: content(types) }) } };
}

function content(types: JsonValue | undefined): JsonObject {
  return { named: named(types, (media) => ({ schema: schemaOf(objectOf(media.schema)) })) };
}

function parameter(value: JsonValue): JsonObject {
  const source = objectOf(value);
  return { parameter: { ...source, schema: schemaOf(objectOf(source.schema)) } };
}

/** A schema, or a reference where it is nothing but one. */
function schemaOf(source: JsonObject): JsonObject {
  if (source.$ref !== undefined) return { reference: { ref: source.$ref } };
  const { items, additionalProperties, properties, ...rest } = withoutExtensions(source);
  const lists = (["allOf", "oneOf"] as const)
    .filter((key) => rest[key] !== undefined)
    .map((key) => [key, listOf(rest[key]).map((each) => schemaOf(objectOf(each)))] as const);
  return {
    schema: {
      ...rest,
      ...Object.fromEntries(lists),
      ...(items === undefined ? {} : { items: { schemaOrReference: [schemaOf(objectOf(items))] } }),
      ...(additionalProperties === undefined
        ? {}
        : {
            additionalProperties: {
              schemaOrReference: schemaOf(objectOf(additionalProperties)),
            },
          }),
      ...(properties === undefined ? {} : { properties: { named: named(properties, schemaOf) } }),
      ...(rest.default === undefined ? {} : { default: defaultOf(rest.default) }),
      ...(rest.enum === undefined ? {} : { enum: listOf(rest.enum).map(anyOf) }),
      extensions: extensions(source),
    },
  };
}

/** Defaults are scalars; protobuf has no place for others. */
function defaultOf(value: JsonValue): JsonObject {
  if (typeof value === "number") return { number: value };
  if (typeof value === "boolean") return { boolean: value };
  return typeof value === "string" ? { string: value } : {};
}

function withoutExtensions(source: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(source).filter(([key]) => !key.startsWith("x-")));
}

function extensions(source: JsonObject): readonly JsonObject[] {
  return Object.entries(source)
    .filter(([key]) => key.startsWith("x-"))
    .map(([name, value]) => ({ name, value: anyOf(value ?? null) }));
}

/** Any value travels as YAML, of which JSON is a part. */
function anyOf(value: JsonValue): JsonObject {
  return { yaml: `${JSON.stringify(value)}\n` };
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return (value ?? {}) as JsonObject;
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return (value ?? []) as readonly JsonValue[];
}
