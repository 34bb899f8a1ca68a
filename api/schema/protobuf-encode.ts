import { assert } from "../../base/assert.js";
import { decodeBase64 } from "../machinery/base64.js";
import { parseGoDuration } from "../machinery/go-duration.js";
import { parseInstant } from "../machinery/time.js";
import { type WireStep, wirePlanOf } from "./protobuf-plan.js";
import type { ProtobufWriter } from "./protobuf-writer.js";
import {
  type FieldSchema,
  type FieldType,
  type ScalarName,
  type TypeSchema,
  typeByName,
} from "./type-schema.js";
import type { JsonObject, JsonValue } from "./wire-types.js";

/** Writes the fields of a message; what is absent is not written. */
export function writeMessage(writer: ProtobufWriter, object: JsonObject, type: TypeSchema): void {
  writeSteps(writer, object, wirePlanOf(type).steps);
}

function writeSteps(writer: ProtobufWriter, object: JsonObject, steps: readonly WireStep[]): void {
  for (const step of steps) {
    if ("field" in step) {
      writeField(writer, step.field, object[step.field.name]);
      continue;
    }
    const end = writer.length;
    writeSteps(writer, object, step.steps);
    closeMessage(writer, step.tag, end);
  }
}

function writeField(
  writer: ProtobufWriter,
  field: FieldSchema,
  value: JsonValue | undefined,
): void {
  if (value === undefined || value === null) return;
  const { type, tag } = field;
  if (field.wrapped) return writeValue(writer, tag, { type, value });
  if (type.kind === "list") {
    const items = value as readonly JsonValue[];
    for (let i = items.length - 1; i >= 0; i -= 1)
      writeValue(writer, tag, { type: type.of, value: items[i] ?? null });
  } else if (type.kind === "map") {
    writeMap(writer, tag, { type: type.of, map: value as JsonObject });
  } else {
    writeValue(writer, tag, { type, value });
  }
}

function writeMap(
  writer: ProtobufWriter,
  tag: number,
  { type, map }: { type: FieldType; map: JsonObject },
): void {
  for (const key of Object.keys(map).sort().reverse()) {
    const end = writer.length;
    writeValue(writer, 2, { type, value: map[key] ?? null });
    writeString(writer, 1, key);
    closeMessage(writer, tag, end);
  }
}

function writeValue(
  writer: ProtobufWriter,
  tag: number,
  { type, value }: { type: FieldType; value: JsonValue },
): void {
  if (type.kind === "scalar") return writeScalar(writer, tag, { scalar: type.scalar, value });
  const end = writer.length;
  if (type.kind === "message") {
    if (value !== null) writeMessage(writer, value as JsonObject, type.type);
  } else {
    assert(type.kind === "list", "protobuf has no maps of maps");
    const items = (value ?? []) as readonly JsonValue[];
    for (let i = items.length - 1; i >= 0; i -= 1)
      writeValue(writer, 1, { type: type.of, value: items[i] ?? null });
  }
  closeMessage(writer, tag, end);
}

function writeScalar(
  writer: ProtobufWriter,
  tag: number,
  { scalar, value }: { scalar: ScalarName; value: JsonValue },
): void {
  switch (scalar) {
    case "string":
      return writeString(writer, tag, textOf(value));
    case "bytes":
      return writeBytes(writer, tag, decodeBase64(textOf(value)) ?? new Uint8Array());
    case "double":
      writer.double(Number(value));
      return writer.tag(tag, 1);
    case "bool":
    case "int32":
    case "int64":
      return writeNumber(writer, tag, Number(value));
    default: {
      const end = writer.length;
      writeObject(writer, scalar, value);
      closeMessage(writer, tag, end);
    }
  }
}

/** The fields of the scalars that are messages in protobuf. */
function writeObject(writer: ProtobufWriter, scalar: ScalarName, value: JsonValue): void {
  if (scalar === "JSON") return writeString(writer, 1, JSON.stringify(value));
  if (value === null) return;
  if (scalar in EITHER_TAGS) return writeEither(writer, EITHER_TAGS[scalar as EitherName], value);
  if (scalar === "Quantity") return writeString(writer, 1, textOf(value));
  if (scalar === "Duration") {
    const parsed = parseGoDuration(textOf(value));
    return parsed.ok ? writeNumber(writer, 1, Math.round(parsed.durationMs * 1e6)) : undefined;
  }
  if (scalar === "FieldsV1" || scalar === "RawExtension")
    return writeString(writer, 1, JSON.stringify(value));
  if (scalar === "IntOrString") {
    const isString = typeof value === "string";
    writeString(writer, 3, isString ? value : "");
    writeNumber(writer, 2, isString ? 0 : Number(value));
    return writeNumber(writer, 1, isString ? 1 : 0);
  }
  const instant = parseInstant(textOf(value));
  if (instant === null) return;
  writeNumber(writer, 2, scalar === "MicroTime" ? instant.nanos : 0);
  writeNumber(writer, 1, instant.seconds);
}

type EitherName =
  | "JSONSchemaPropsOrArray"
  | "JSONSchemaPropsOrBool"
  | "JSONSchemaPropsOrStringArray";

/** Which fields hold the one thing and the other. */
export const EITHER_TAGS: Readonly<
  Record<EitherName, { readonly schema: number; readonly other: number }>
> = {
  JSONSchemaPropsOrArray: { schema: 1, other: 2 },
  JSONSchemaPropsOrBool: { schema: 2, other: 1 },
  JSONSchemaPropsOrStringArray: { schema: 1, other: 2 },
};

function writeEither(
  writer: ProtobufWriter,
  tags: { readonly schema: number; readonly other: number },
  value: JsonValue,
): void {
  if (Array.isArray(value)) {
    for (const item of [...(value as readonly JsonValue[])].reverse()) {
      if (typeof item === "string") writeString(writer, tags.other, item);
      else writeSchema(writer, tags.other, item);
    }
  } else if (typeof value === "boolean") {
    writeNumber(writer, tags.other, value ? 1 : 0);
  } else {
    writeSchema(writer, tags.schema, value);
    // A schema allows what it describes.
    if (tags.other === 1) writeNumber(writer, tags.other, 1);
  }
}

function writeSchema(writer: ProtobufWriter, tag: number, value: JsonValue): void {
  const end = writer.length;
  writeMessage(writer, value as JsonObject, typeByName("apiextensions/v1.JSONSchemaProps"));
  closeMessage(writer, tag, end);
}

function writeNumber(writer: ProtobufWriter, tag: number, value: number): void {
  writer.varint(value);
  writer.tag(tag, 0);
}

/** Writes a text field. */
export function writeString(writer: ProtobufWriter, tag: number, value: string): void {
  const end = writer.length;
  writer.string(value);
  closeMessage(writer, tag, end);
}

/** Writes a field of bytes. */
export function writeBytes(writer: ProtobufWriter, tag: number, value: Uint8Array): void {
  const end = writer.length;
  writer.bytes(value);
  closeMessage(writer, tag, end);
}

/** Writes length and tag of what was written since the writer had `end` bytes. */
export function closeMessage(writer: ProtobufWriter, tag: number, end: number): void {
  writer.varint(writer.length - end);
  writer.tag(tag, 2);
}

function textOf(value: JsonValue): string {
  if (value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
