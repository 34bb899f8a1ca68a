import {
  type ApiOperation,
  operationsOf,
  type PathParameter,
  SERVED_API_VERSIONS,
} from "./openapi-operations.js";
import { QUERY_PARAMETERS } from "./openapi-parameters.js";
import { type PublishedKind, customOperations, withCustomDefinitions } from "./openapi-custom.js";
import { OPENAPI_V3, refTo } from "./openapi-schemas.js";
import type { JsonObject, JsonValue } from "../wire-types.js";

/**
 * The documents that exist, as /openapi/v3 lists them: `api/v1`, `apis/apps/v1` … → the group
 * version they are about.
 */
export const OPENAPI_V3_PATHS: ReadonlyMap<string, string> = new Map(
  SERVED_API_VERSIONS.map(
    (version) => [version.includes("/") ? `apis/${version}` : `api/${version}`, version] as const,
  ),
);

/**
 * The OpenAPI v3 document of a group version, with the `custom` kinds in it; null when it is not served. Takes milliseconds: keep
 * its bytes.
 */
export function openApiV3Document(
  apiVersion: string,
  productVersion: string,
  custom: readonly PublishedKind[] = [],
): JsonObject | null {
  const own = custom.filter(({ kind }) => kind.apiVersion === apiVersion);
  const operations = [...operationsOf(apiVersion), ...own.flatMap(customOperations)];
  if (operations.length === 0) return null;
  const paths: Record<string, Record<string, JsonValue>> = {};
  const types = new Set<string>(["meta/v1.WatchEvent"]);
  for (const operation of operations) {
    const item = (paths[operation.path] ??= { parameters: pathParameters(operation) });
    item[operation.method] = renderOperation(operation, apiVersion);
    for (const [, type] of operation.responses) if (type !== "string") types.add(type);
    if (operation.body !== null) types.add(operation.body);
  }
  return {
    openapi: "3.0.0",
    info: { title: "Kubernetes", version: productVersion },
    paths,
    components: { schemas: withCustomDefinitions(types, own, OPENAPI_V3) },
  };
}

function renderOperation(operation: ApiOperation, apiVersion: string): JsonObject {
  const responses = operation.responses.map(([code, type]) => [
    String(code),
    answer(operation, { code, type }),
  ]);
  return {
    tags: [tagOf(apiVersion)],
    description: operation.description,
    operationId: operation.operationId,
    parameters: operation.queryParameters.map((name) => queryParameter(name)),
    ...(operation.body === null ? {} : { requestBody: requestBody(operation, operation.body) }),
    responses: { ...Object.fromEntries(responses), "401": { description: "Unauthorized" } },
    "x-kubernetes-action": operation.action,
    "x-kubernetes-group-version-kind": operation.kind,
  };
}

function requestBody(operation: ApiOperation, body: string): JsonObject {
  const schema = refTo(body, OPENAPI_V3);
  const content = operation.consumes.map((media) => [media, { schema }] as const);
  const optional = operation.method === "delete";
  return {
    content: Object.fromEntries(content),
    ...(optional ? {} : { required: true }),
  };
}

const DESCRIPTIONS: Readonly<Record<number, string>> = {
  200: "OK",
  201: "Created",
  202: "Accepted",
};

function answer(
  operation: ApiOperation,
  { code, type }: { readonly code: number; readonly type: string },
): JsonObject {
  const schema = type === "string" ? { type: "string" } : refTo(type, OPENAPI_V3);
  const content = operation.produces.map((media) => [media, { schema }] as const);
  return { description: DESCRIPTIONS[code] ?? "OK", content: Object.fromEntries(content) };
}

function queryParameter(name: string): JsonObject {
  const parameter = QUERY_PARAMETERS.get(name);
  return {
    name,
    in: "query",
    description: parameter?.description ?? "",
    schema: { type: parameter?.type ?? "string", uniqueItems: true },
  };
}

function pathParameters(operation: ApiOperation): readonly JsonObject[] {
  return operation.pathParameters.map((name) => ({
    name,
    in: "path",
    description: PATH_PARAMETER_DESCRIPTIONS[name],
    required: true,
    schema: { type: "string", uniqueItems: true },
  }));
}

/** What the parameters in a path mean. */
export const PATH_PARAMETER_DESCRIPTIONS: Readonly<Record<PathParameter, string>> = {
  namespace: "The namespace of the object or list.",
  name: "The name of the object.",
  path: "The path of the proxied call.",
};

/** Operations are grouped by group version: apps_v1, core_v1, rbacAuthorization_v1. */
export function tagOf(apiVersion: string): string {
  const [group = "", version] = apiVersion.split("/");
  if (version === undefined) return `core_${group}`;
  const words = group
    .replace(/\.k8s\.io$/u, "")
    .replaceAll(/\.(\w)/gu, (_dot, first: string) => first.toUpperCase());
  return `${words}_${version}`;
}
