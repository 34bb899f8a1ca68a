import { parseDocument } from "yaml";
import { invalid } from "../../api/machinery/field-errors.js";
import { badRequest, invalidObject, unsupportedMediaType } from "../../api/machinery/status.js";
import {
  type DecodeResult,
  type FieldValidation,
  decodeFailure,
  decodeJson,
  decodeValue,
  strictErrors,
  strictFailure,
  typeMetaMismatch,
} from "../../api/schema/decode.js";
import { decodeProtobuf } from "../../api/schema/protobuf.js";
import { typeByName } from "../../api/schema/type-schema.js";
import type { JsonObject, JsonValue } from "../../api/schema/wire-types.js";
import { messageOf } from "../../base/errors.js";
import { ApiFailure } from "../server/api-failure.js";
import type { ApiRequest } from "../server/http-types.js";
import { MEDIA_TYPES, bodyFormat } from "../server/negotiation.js";
import { headerOf } from "../server/responses.js";

/**
 * As in Kubernetes: twice what the store takes, so that the store's limit is the one people meet.
 */
export const BODY_BYTES_MAX = 3 * 1024 * 1024;

/** What a body must be. */
export interface ExpectedType {
  readonly apiVersion: string;
  readonly version: string;
  readonly kind: string;
  /** Name of its schema, such as core/v1.Pod. */
  readonly typeName: string;
  /** Versions of before that say the same, such as policy/v1beta1. */
  readonly olderVersions?: readonly string[];
  /** Every group has it, and clients name the one that they speak of, such as apps/v1. */
  readonly ofEveryGroup?: true;
}

export interface DecodedBody {
  /** Only known fields, canonical values; apiVersion and kind are set. */
  readonly object: JsonObject;
  /** For Warning headers. */
  readonly warnings: readonly string[];
}

/** Reads a body as an object of the expected type. Throws 400, 413 or 415. */
export async function readObject(
  request: ApiRequest,
  expected: ExpectedType,
  validation: FieldValidation,
): Promise<DecodedBody> {
  const format = bodyFormat(headerOf(request, "content-type"));
  const isCustom = typeByName(expected.typeName).custom !== null;
  if (format === null || (format === "protobuf" && isCustom)) {
    const { json, yaml, protobuf } = MEDIA_TYPES;
    throw new ApiFailure(unsupportedMediaType(isCustom ? [json, yaml] : [json, yaml, protobuf]));
  }
  const bytes = await request.readBody(BODY_BYTES_MAX);
  if (format === "protobuf") return { object: readProtobuf(bytes, expected), warnings: [] };
  const findDuplicates = validation !== "Ignore";
  const result =
    format === "json"
      ? decodeJson(bytes, expected.typeName, { findDuplicates })
      : readYaml(bytes, expected.typeName, findDuplicates);
  const accepted = accept(result, expected, validation);
  const object = mayReset(bytes) ? withReset(accepted, parsed(bytes, format)) : accepted;
  return { object, warnings: warningsOf(result, validation) };
}

/** Finds every body that has an empty list of managedFields, and some that only look like it. */
const RESET = /managedFields["']?\s*:\s*\[\s*\]/u;

function mayReset(bytes: Buffer): boolean {
  return bytes.includes("managedFields") && RESET.test(bytes.toString());
}

/**
 * Decoding leaves out empty lists. This one says something: that nobody manages the object any
 * more.
 */
function withReset(object: JsonObject, sent: JsonValue): JsonObject {
  const { metadata } = (sent ?? {}) as { metadata?: { managedFields?: unknown } | null };
  const managedFields = metadata?.managedFields;
  if (!Array.isArray(managedFields) || managedFields.length > 0) return object;
  return { ...object, metadata: { ...(object["metadata"] as JsonObject), managedFields: [] } };
}

function parsed(bytes: Buffer, format: "json" | "yaml"): JsonValue {
  const text = bytes.toString();
  return format === "json" ? (JSON.parse(text) as JsonValue) : parseYaml(text).value;
}

/** How much of a patch a refusal shows again, in characters. */
const SHOWN_MAX = 2_000;

/**
 * The outcome of a patch, taken as if it had been sent, but refused as Kubernetes refuses it: with
 * 422 for the field `patch`. `duplicates` are what the patch itself says twice.
 */
export function acceptPatched(
  value: JsonValue,
  expected: ExpectedType,
  patch: {
    readonly validation: FieldValidation;
    readonly text: string;
    readonly duplicates: readonly string[];
  },
): DecodedBody {
  const decoded = decodeValue(value, expected.typeName);
  const { validation, duplicates } = patch;
  const result = validation === "Ignore" ? decoded : { ...decoded, duplicateFields: duplicates };
  const strict = validation === "Strict" ? strictFailure(result) : null;
  const problem = result.syntaxError ?? result.typeErrors[0] ?? strict;
  if (problem !== null) {
    const error = invalid("patch", patch.text.slice(0, SHOWN_MAX), problem);
    throw new ApiFailure(invalidObject({ group: "", kind: "" }, "", [error]));
  }
  const object = withReset(withType(result.object, expected), value);
  return { object, warnings: warningsOf(result, validation) };
}

/** An object that is a value already. Throws 400. */
export function acceptValue(
  value: JsonValue,
  expected: ExpectedType,
  validation: FieldValidation,
): DecodedBody {
  const result = decodeValue(value, expected.typeName);
  const object = withReset(accept(result, expected, validation), value);
  return { object, warnings: warningsOf(result, validation) };
}

function accept(
  result: DecodeResult,
  expected: ExpectedType,
  validation: FieldValidation,
): JsonObject {
  const failure = decodeFailure(expected, result, validation);
  if (failure !== null) throw new ApiFailure(badRequest(failure));
  return withType(result.object, expected);
}

function withType(object: JsonObject, expected: ExpectedType): JsonObject {
  const isOlder = expected.olderVersions?.some((version) => version === object.apiVersion) ?? false;
  const isTaken = isOlder || expected.ofEveryGroup === true;
  const stated = isTaken ? { ...object, apiVersion: expected.apiVersion } : object;
  const mismatch = typeMetaMismatch(stated, expected);
  if (mismatch !== null) throw new ApiFailure(badRequest(mismatch));
  const { apiVersion, kind } = expected;
  return { ...object, apiVersion, kind };
}

function warningsOf(result: DecodeResult, validation: FieldValidation): readonly string[] {
  return validation === "Warn" ? strictErrors(result) : [];
}

function readProtobuf(bytes: Uint8Array, expected: ExpectedType): JsonObject {
  try {
    const { apiVersion, kind, object } = decodeProtobuf(bytes);
    return withType({ ...object, apiVersion, kind }, expected);
  } catch (error) {
    if (error instanceof ApiFailure) throw error;
    const text = `the object provided is unrecognized (must be of type ${expected.kind}): `;
    throw new ApiFailure(badRequest(text + messageOf(error)));
  }
}

function readYaml(bytes: Buffer, typeName: string, findDuplicates: boolean): DecodeResult {
  const { value, duplicates } = parseYaml(bytes.toString());
  const result = decodeValue(value, typeName);
  return findDuplicates ? { ...result, duplicateKeys: duplicates } : result;
}

/**
 * YAML 1.1 as manifests are written: octal numbers and yes/no, but neither dates nor base 60.
 * Throws 400.
 */
export function parseYaml(text: string): {
  readonly value: JsonValue;
  /** Such as `line 3: key "a" already set in map`. */
  readonly duplicates: readonly string[];
} {
  const document = parseDocument(text, {
    version: "1.1",
    customTags: (tags) => tags.filter((tag) => !isTimeTag(tag)),
  });
  const duplicates: string[] = [];
  for (const error of document.errors) {
    if (error.code !== "DUPLICATE_KEY") throw yamlFailure(error.message);
    const line = error.linePos?.[0].line ?? 0;
    duplicates.push(`line ${line}: key "${keyAt(text, error.pos[0])}" already set in map`);
  }
  try {
    return { value: document.toJS({ maxAliasCount: 100 }) as JsonValue, duplicates };
  } catch (error) {
    throw yamlFailure(messageOf(error));
  }
}

/** The key that begins at this place: quoted, or up to its colon. */
function keyAt(text: string, start: number): string {
  const quoted = /^(["'])(.*?)\1/u.exec(text.slice(start, start + KEY_MAX));
  if (quoted !== null) return quoted[2] ?? "";
  return /^[^:\n]*/u.exec(text.slice(start, start + KEY_MAX))?.[0].trim() ?? "";
}
const KEY_MAX = 300;

function yamlFailure(text: string): ApiFailure {
  return new ApiFailure(badRequest(`error converting YAML to JSON: yaml: ${text}`));
}

function isTimeTag(tag: unknown): boolean {
  if (typeof tag !== "object" || tag === null) return false;
  const { format, tag: name } = tag as { format?: string; tag?: string };
  return format === "TIME" || name === "tag:yaml.org,2002:timestamp";
}
