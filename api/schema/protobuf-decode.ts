import { assert } from "../../base/assert.js";
import { encodeBase64 } from "../machinery/base64.js";
import { formatGoDuration } from "../machinery/go-duration.js";
import { formatInstant, formatMicroInstant } from "../machinery/time.js";
import { wirePlanOf, wireTypeOf } from "./protobuf-plan.js";
import { ProtobufError, type ProtobufReader } from "./protobuf-reader.js";
import { EITHER_TAGS } from "./protobuf-encode.js";
import {
  type FieldSchema,
  type FieldType,
  type ScalarName,
  type TypeSchema,
  typeByName,
} from "./type-schema.js";
import type { JsonObject, JsonValue } from "./wire-types.js";

type Target = Record<string, JsonValue>;

/** Reads a message; zero values and all: decodeValue brings the outcome into its stored form. */
export function readMessage(reader: ProtobufReader, type: TypeSchema): JsonObject {
  const out: Target = {};
  readFields(reader, type, { out, outerTag: 0 });
  return out;
}

/** Reads fields into `out`; with an `outerTag` those of that embedded message. */
function readFields(
  reader: ProtobufReader,
  type: TypeSchema,
  { out, outerTag }: { out: Target; outerTag: number },
): void {
  const plan = wirePlanOf(type);
  while (!reader.done) {
    const { tag, wireType } = reader.key();
    const field = plan.byTag.get(outerTag * 1000 + tag);
    if (field !== undefined) readField(reader, field, { out, wireType });
    else if (wireType === 2 && plan.embedded.has(outerTag * 1000 + tag))
      readFields(reader.message(), type, { out, outerTag: outerTag * 1000 + tag });
    else reader.ignore(wireType);
  }
}

function readField(
  reader: ProtobufReader,
  field: FieldSchema,
  { out, wireType }: { out: Target; wireType: number },
): void {
  const { type, name } = field;
  if (field.wrapped) {
    out[name] = readItems(reader.message(), type);
    return;
  }
  if (type.kind === "list") {
    const list = (out[name] ??= []) as JsonValue[];
    const packed = wireType === 2 && wireTypeOf(type.of) !== 2;
    const items = packed ? reader.message() : reader;
    do {
      if (packed && items.done) break;
      list.push(readValue(items, type.of, packed ? wireTypeOf(type.of) : wireType));
    } while (packed);
    return;
  }
  if (type.kind === "map") {
    const map = (out[name] ??= {}) as Target;
    return readEntry(reader.message(), type.of, map);
  }
  out[name] = readValue(reader, type, wireType);
}

function readEntry(reader: ProtobufReader, type: FieldType, map: Target): void {
  let key = "";
  let value: JsonValue | null = null;
  while (!reader.done) {
    const entry = reader.key();
    if (entry.tag === 1 && entry.wireType === 2) key = reader.string();
    else if (entry.tag === 2) value = readValue(reader, type, entry.wireType);
    else reader.ignore(entry.wireType);
  }
  Object.defineProperty(map, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

function readItems(reader: ProtobufReader, type: FieldType): JsonValue[] {
  const items: JsonValue[] = [];
  while (!reader.done) {
    const { tag, wireType } = reader.key();
    if (tag === 1 && type.kind === "list") items.push(readValue(reader, type.of, wireType));
    else reader.ignore(wireType);
  }
  return items;
}

function readValue(reader: ProtobufReader, type: FieldType, wireType: number): JsonValue {
  if (wireType !== wireTypeOf(type)) throw new ProtobufError(`wrong wireType = ${wireType}`);
  if (type.kind === "message") return readMessage(reader.message(), type.type);
  if (type.kind === "list") return readItems(reader.message(), type);
  assert(type.kind === "scalar", "protobuf has no maps of maps");
  switch (type.scalar) {
    case "string":
      return reader.string();
    case "bool":
      return reader.int64() !== 0;
    case "int32":
      return reader.int32();
    case "int64":
      return reader.int64();
    case "double":
      return reader.double();
    case "bytes":
      return encodeBase64(reader.bytes());
    default:
      return readObject(reader.message(), type.scalar);
  }
}

/** The scalars that are messages in protobuf. */
function readObject(reader: ProtobufReader, scalar: ScalarName): JsonValue {
  switch (scalar) {
    case "Quantity":
      return readOnlyString(reader);
    case "FieldsV1":
    case "RawExtension":
    case "JSON":
      return readRaw(reader);
    case "JSONSchemaPropsOrArray":
    case "JSONSchemaPropsOrBool":
    case "JSONSchemaPropsOrStringArray":
      return readEither(reader, scalar);
    case "IntOrString":
      return readIntOrString(reader);
    case "Duration":
      return readDuration(reader);
    default:
      return readTime(reader, scalar === "MicroTime");
  }
}

function readDuration(reader: ProtobufReader): string {
  let nanos = 0;
  while (!reader.done) {
    const { tag, wireType } = reader.key();
    if (tag === 1 && wireType === 0) nanos = reader.int64();
    else reader.ignore(wireType);
  }
  return formatGoDuration(nanos / 1e6);
}

function readOnlyString(reader: ProtobufReader): string {
  let text = "";
  while (!reader.done) {
    const { tag, wireType } = reader.key();
    if (tag === 1 && wireType === 2) text = reader.string();
    else reader.ignore(wireType);
  }
  return text === "" ? "0" : text;
}

function readRaw(reader: ProtobufReader): JsonValue {
  let raw: Uint8Array | null = null;
  while (!reader.done) {
    const { tag, wireType } = reader.key();
    if (tag === 1 && wireType === 2) raw = reader.bytes();
    else reader.ignore(wireType);
  }
  if (raw === null || raw.length === 0) return null;
  return parseJson(raw);
}

/** A schema, or what may stand in its place; canonical only once decodeValue has seen it. */
function readEither(reader: ProtobufReader, scalar: keyof typeof EITHER_TAGS): JsonValue {
  const tags = EITHER_TAGS[scalar];
  const isNames = scalar === "JSONSchemaPropsOrStringArray";
  const type = typeByName("apiextensions/v1.JSONSchemaProps");
  let schema: JsonValue = null;
  let allows = false;
  const others: JsonValue[] = [];
  while (!reader.done) {
    const { tag, wireType } = reader.key();
    if (tag === tags.schema && wireType === 2) schema = readMessage(reader.message(), type);
    else if (tag === tags.other && wireType === 0) allows = reader.int64() !== 0;
    else if (tag === tags.other && wireType === 2)
      others.push(isNames ? reader.string() : readMessage(reader.message(), type));
    else reader.ignore(wireType);
  }
  if (schema !== null) return schema;
  return tags.other === 1 ? allows : others;
}

function readIntOrString(reader: ProtobufReader): number | string {
  let isString = false;
  let number = 0;
  let text = "";
  while (!reader.done) {
    const { tag, wireType } = reader.key();
    if (tag === 1 && wireType === 0) isString = reader.int64() === 1;
    else if (tag === 2 && wireType === 0) number = reader.int32();
    else if (tag === 3 && wireType === 2) text = reader.string();
    else reader.ignore(wireType);
  }
  return isString ? text : number;
}

/** A time without any field is the zero time, which JSON writes as null. */
function readTime(reader: ProtobufReader, micro: boolean): string | null {
  if (reader.done) return null;
  let seconds = 0;
  let nanos = 0;
  while (!reader.done) {
    const { tag, wireType } = reader.key();
    if (tag === 1 && wireType === 0) seconds = reader.int64();
    else if (tag === 2 && wireType === 0) nanos = reader.int32();
    else reader.ignore(wireType);
  }
  return micro ? formatMicroInstant({ seconds, nanos }) : formatInstant({ seconds, nanos });
}

/** Reads JSON bytes. Throws ProtobufError. */
export function parseJson(bytes: Uint8Array): JsonValue {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as JsonValue;
  } catch (cause) {
    throw new ProtobufError("json parse error", cause);
  }
}
