import { type ApiOperation, operationsOf, SERVED_API_VERSIONS } from "./openapi-operations.js";
import { QUERY_PARAMETERS } from "./openapi-parameters.js";
import { type PublishedKind, customOperations, withCustomDefinitions } from "./openapi-custom.js";
import { OPENAPI_V2, refTo } from "./openapi-schemas.js";
import { PATH_PARAMETER_DESCRIPTIONS, tagOf } from "./openapi-v3.js";
import type { JsonObject, JsonValue } from "../wire-types.js";

/**
 * The OpenAPI v2 (Swagger) document of everything that is served, `custom` kinds too. Takes
 * milliseconds: keep its bytes.
 */
export function openApiV2Document(
  productVersion: string,
  custom: readonly PublishedKind[] = [],
): JsonObject {
  const paths: Record<string, Record<string, JsonValue>> = {};
  const types = new Set<string>(["meta/v1.WatchEvent"]);
  const groups = SERVED_API_VERSIONS.map((version) => [version, operationsOf(version)] as const);
  const others = custom.map((each) => [each.kind.apiVersion, customOperations(each)] as const);
  for (const [apiVersion, operations] of [...groups, ...others]) {
    for (const operation of operations) {
      const item = (paths[operation.path] ??= { parameters: pathParameters(operation) });
      item[operation.method] = renderOperation(operation, apiVersion);
      for (const [, type] of operation.responses) if (type !== "string") types.add(type);
      if (operation.body !== null) types.add(operation.body);
    }
  }
  return {
    swagger: "2.0",
    info: { title: "Kubernetes", version: productVersion },
    paths,
    definitions: withCustomDefinitions(types, custom, OPENAPI_V2),
  };
}

function renderOperation(operation: ApiOperation, apiVersion: string): JsonObject {
  const responses = operation.responses.map(([code, type]) => {
    const schema = type === "string" ? { type: "string" } : refTo(type, OPENAPI_V2);
    return [String(code), { description: DESCRIPTIONS[code] ?? "OK", schema }] as const;
  });
  const { body } = operation;
  return {
    tags: [tagOf(apiVersion)],
    description: operation.description,
    operationId: operation.operationId,
    consumes: operation.consumes,
    produces: operation.produces,
    parameters: [
      ...(body === null ? [] : [bodyParameter(body, operation.method !== "delete")]),
      ...operation.queryParameters.map(queryParameter),
    ],
    responses: { ...Object.fromEntries(responses), "401": { description: "Unauthorized" } },
    "x-kubernetes-action": operation.action,
    "x-kubernetes-group-version-kind": operation.kind,
  };
}

const DESCRIPTIONS: Readonly<Record<number, string>> = {
  200: "OK",
  201: "Created",
  202: "Accepted",
};

function bodyParameter(type: string, required: boolean): JsonObject {
  const schema = refTo(type, OPENAPI_V2);
  return { in: "body", name: "body", ...(required ? { required } : {}), schema };
}

function queryParameter(name: string): JsonObject {
  const parameter = QUERY_PARAMETERS.get(name);
  return {
    in: "query",
    name,
    type: parameter?.type ?? "string",
    uniqueItems: true,
    description: parameter?.description ?? "",
  };
}

function pathParameters(operation: ApiOperation): readonly JsonObject[] {
  return operation.pathParameters.map((name) => ({
    in: "path",
    name,
    type: "string",
    uniqueItems: true,
    required: true,
    description: PATH_PARAMETER_DESCRIPTIONS[name],
  }));
}
