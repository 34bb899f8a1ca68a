import type { DecodeResult } from "../decode.js";
import type { JSONSchemaProps } from "../types/apiextensions-v1.gen.js";
import type { JsonObject, JsonValue } from "../wire-types.js";
import { pruned } from "./custom-values.js";

/**
 * An object of a custom kind as it is stored: its metadata read like anybody's, by `readMeta`, the
 * rest pruned by the schema. What is of the wrong type there is for validation to say.
 */
export function decodeCustom(
  value: JsonObject,
  schema: JSONSchemaProps,
  readMeta: (object: JsonObject) => DecodeResult,
): DecodeResult {
  const { apiVersion, kind, metadata, ...rest } = value;
  const head: Record<string, JsonValue | undefined> = { apiVersion, kind, metadata };
  for (const name of Object.keys(head)) if (head[name] === undefined) delete head[name];
  const read = readMeta(head);
  const unknown: string[] = [];
  const body = pruned(rest, schema, { path: "", unknown });
  return {
    ...read,
    object: { ...read.object, ...(body as JsonObject) },
    unknownFields: [...read.unknownFields, ...unknown],
  };
}
