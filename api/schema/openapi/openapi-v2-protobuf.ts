import { present } from "../../../base/assert.js";
import { parseGroup } from "../notation.js";
import { encodeMessage } from "../protobuf.js";
import { linkTypes } from "../type-schema.js";
import type { JsonObject, JsonValue } from "../wire-types.js";

/**
 * The protobuf form of an OpenAPI v2 document (gnostic, openapi_v2.Document), which is the only one
 * kubectl reads: as much of it as our documents use.
 */
const DOCUMENT = `
group openapi/v2 openapi.v2

type Document
  1 swagger string
  2 info Info
  8 paths Paths
  9 definitions Properties

type Info
  1 title string
  2 version string

type Paths
  2 path []NamedPathItem

type NamedPathItem
  1 name string
  2 value PathItem

type PathItem
  2 get Operation
  3 put Operation
  4 post Operation
  5 delete Operation
  6 options Operation
  7 head Operation
  8 patch Operation
  9 parameters []ParametersItem

type Operation
  1 tags []string
  3 description string
  5 operationId string
  6 produces []string
  7 consumes []string
  8 parameters []ParametersItem
  9 responses Responses
  13 extensions []NamedAny

type ParametersItem
  1 parameter Parameter

type Parameter
  1 body BodyParameter
  2 nonBody NonBodyParameter

type BodyParameter
  2 name string
  3 in string
  4 required bool
  5 schema Schema

type NonBodyParameter
  3 query QueryParameter
  4 path PathParameter

type QueryParameter
  2 in string
  3 description string
  4 name string
  6 type string
  20 uniqueItems bool

type PathParameter
  1 required bool
  2 in string
  3 description string
  4 name string
  5 type string
  18 uniqueItems bool

type Responses
  1 responseCode []NamedResponseValue

type NamedResponseValue
  1 name string
  2 value ResponseValue

type ResponseValue
  1 response Response

type Response
  1 description string
  2 schema SchemaItem

type SchemaItem
  1 schema Schema

type Properties
  1 named []NamedSchema

type NamedSchema
  1 name string
  2 value Schema

type Schema
  1 ref string
  2 format string
  4 description string
  5 default Any
  19 required []string
  20 enum []Any
  21 additionalProperties SchemaItem
  22 type TypeItem
  23 items ItemsItem
  25 properties Properties
  31 extensions []NamedAny

type TypeItem
  1 value []string

type ItemsItem
  1 schema []Schema

type NamedAny
  1 name string
  2 value Any

type Any
  2 yaml string
`;

const TYPES = linkTypes([parseGroup(DOCUMENT)]);

/**
 * Encodes what openApiV2Document made, for
 * `application/com.github.proto-openapi.spec.v2@v1.0+protobuf`.
 */
export function encodeOpenApiV2(document: JsonObject): Uint8Array {
  const paths = Object.entries(objectOf(document.paths));
  const message = {
    swagger: document.swagger,
    info: document.info,
    paths: { path: paths.map(([name, item]) => ({ name, value: pathItem(objectOf(item)) })) },
    definitions: properties(objectOf(document.definitions)),
  };
  return encodeMessage(present(TYPES.get("openapi/v2.Document"), "Document"), message);
}

function pathItem(item: JsonObject): JsonObject {
  const out: Record<string, JsonValue> = {};
  for (const [key, value] of Object.entries(item)) {
    if (key === "parameters") out[key] = listOf(value).map(parameter);
    else out[key] = operation(objectOf(value));
  }
  return out;
}

function operation(source: JsonObject): JsonObject {
  const { parameters, responses, ...rest } = withoutExtensions(source);
  const codes = Object.entries(objectOf(responses)).map(([name, value]) => {
    const { schema, ...response } = objectOf(value);
    const wrapped = schema === undefined ? {} : { schema: { schema: schemaOf(objectOf(schema)) } };
    return { name, value: { response: { ...response, ...wrapped } } };
  });
  return {
    ...rest,
    parameters: listOf(parameters).map(parameter),
    responses: { responseCode: codes },
    extensions: extensions(source),
  };
}

function parameter(value: JsonValue): JsonObject {
  const source = objectOf(value);
  if (source.in === "body") {
    const schema = schemaOf(objectOf(source.schema));
    return { parameter: { body: { ...source, schema } } };
  }
  const nonBody = source.in === "path" ? { path: source } : { query: source };
  return { parameter: { nonBody } };
}

function schemaOf(source: JsonObject): JsonObject {
  const { $ref, type, items, additionalProperties, ...rest } = withoutExtensions(source);
  return {
    ...rest,
    ...($ref === undefined ? {} : { ref: $ref }),
    ...(type === undefined ? {} : { type: { value: [type] } }),
    ...(items === undefined ? {} : { items: { schema: [schemaOf(objectOf(items))] } }),
    ...(additionalProperties === undefined
      ? {}
      : { additionalProperties: { schema: schemaOf(objectOf(additionalProperties)) } }),
    ...(rest.properties === undefined ? {} : { properties: properties(objectOf(rest.properties)) }),
    ...(rest.default === undefined ? {} : { default: anyOf(rest.default) }),
    ...(rest.enum === undefined ? {} : { enum: listOf(rest.enum).map(anyOf) }),
    extensions: extensions(source),
  };
}

function properties(source: JsonObject): JsonObject {
  const named = Object.entries(source).map(([name, value]) => ({
    name,
    value: schemaOf(objectOf(value)),
  }));
  return { named };
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
