import { createHash } from "node:crypto";
import { openApiV2Document } from "../../api/schema/openapi/openapi-v2.js";
import { encodeOpenApiV2 } from "../../api/schema/openapi/openapi-v2-protobuf.js";
import { encodeOpenApiV3 } from "../../api/schema/openapi/openapi-v3-protobuf.js";
import type { PublishedKind } from "../../api/schema/openapi/openapi-custom.js";
import { OPENAPI_V3_PATHS, openApiV3Document } from "../../api/schema/openapi/openapi-v3.js";

/** The bytes of one document and what they are recognised by. */
export interface OpenApiDocument {
  readonly bytes: Uint8Array;
  /** SHA-512 in upper-case hexadecimal. */
  readonly hash: string;
}

/** One document of version 3; its hash in JSON is the one that its address names. */
export interface OpenApiV3Forms {
  readonly json: OpenApiDocument;
  readonly protobuf: OpenApiDocument;
}

/** Every document of the kinds that are served at the time. */
export interface OpenApiDocuments {
  readonly v2Json: OpenApiDocument;
  readonly v2Protobuf: OpenApiDocument;
  /** By the path below /openapi/v3, such as `apis/apps/v1`. */
  readonly v3: ReadonlyMap<string, OpenApiV3Forms>;
}

/**
 * Makes all documents. Takes some hundred milliseconds without a pause: for a thread of its own.
 * `version` is the product's own; `custom` are the kinds that definitions add.
 */
export function buildOpenApiDocuments(
  version: string,
  custom: readonly PublishedKind[] = [],
): OpenApiDocuments {
  const swagger = openApiV2Document(version, custom);
  const v3 = new Map<string, OpenApiV3Forms>();
  const paths = new Map(OPENAPI_V3_PATHS);
  for (const { kind } of custom) paths.set(`apis/${kind.apiVersion}`, kind.apiVersion);
  for (const [path, apiVersion] of paths) {
    const spec = openApiV3Document(apiVersion, version, custom);
    if (spec === null) continue;
    const json = documentOf(jsonBytes(spec));
    v3.set(path, { json, protobuf: documentOf(encodeOpenApiV3(spec).slice()) });
  }
  return {
    v2Json: documentOf(jsonBytes(swagger)),
    v2Protobuf: documentOf(encodeOpenApiV2(swagger).slice()),
    v3,
  };
}

function documentOf(bytes: Uint8Array): OpenApiDocument {
  return { bytes, hash: createHash("sha512").update(bytes).digest("hex").toUpperCase() };
}

function jsonBytes(value: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
