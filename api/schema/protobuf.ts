import { present } from "../../base/assert.js";
import { decodeValue } from "./decode.js";
import { parseJson, readMessage } from "./protobuf-decode.js";
import { closeMessage, writeBytes, writeMessage, writeString } from "./protobuf-encode.js";
import { ProtobufError, ProtobufReader } from "./protobuf-reader.js";
import { ProtobufWriter } from "./protobuf-writer.js";
import { TYPES, type TypeSchema } from "./type-schema.js";
import type { JsonObject } from "./wire-types.js";

/** What stands before every object in protobuf: "k8s" and a zero byte, then a message Unknown. */
const MAGIC = [0x6b, 0x38, 0x73, 0x00];

/** An object out of protobuf, in the form in which decodeJson gives it. */
export interface ProtobufObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly object: JsonObject;
}

/**
 * Reads the body `application/vnd.kubernetes.protobuf`. `fallback` says what the object is when its
 * envelope does not. Throws ProtobufError when the bytes are not that, or the kind is not known.
 */
export function decodeProtobuf(
  bytes: Uint8Array,
  fallback: { readonly apiVersion: string; readonly kind: string } | null = null,
): ProtobufObject {
  const envelope = readEnvelope(bytes);
  const apiVersion =
    envelope.apiVersion === "" ? (fallback?.apiVersion ?? "") : envelope.apiVersion;
  const kind = envelope.kind === "" ? (fallback?.kind ?? "") : envelope.kind;
  const type = typeOf(apiVersion, kind);
  if (type === null)
    throw new ProtobufError(`no kind "${kind}" is registered for version "${apiVersion}"`);
  const raw =
    envelope.contentType === "application/json"
      ? parseJson(envelope.raw)
      : readMessage(new ProtobufReader(envelope.raw), type);
  const decoded = decodeValue(raw, type.name);
  const error = decoded.syntaxError ?? decoded.typeErrors[0];
  if (error !== undefined) throw new ProtobufError(error);
  return { apiVersion, kind, object: { apiVersion, kind, ...decoded.object } };
}

/**
 * The object, list, Status or other API type as protobuf with its envelope. Which type it is, its
 * own apiVersion and kind say; `info` counts where they are missing. Crashes on a kind without a
 * schema.
 */
export function encodeProtobuf(
  info: { readonly typeName: string; readonly apiVersion: string; readonly kind: string } | null,
  object: object,
): Uint8Array {
  const value = object as JsonObject;
  const apiVersion = textMember(value, "apiVersion") || (info?.apiVersion ?? "");
  const kind = textMember(value, "kind") || (info?.kind ?? "");
  const type = present(typeOf(apiVersion, kind), `schema of ${apiVersion} ${kind}`);
  const writer = new ProtobufWriter(4096);
  // Unknown: typeMeta 1, raw 2, contentEncoding 3, contentType 4; the last two are empty and yet
  // written.
  writeString(writer, 4, "");
  writeString(writer, 3, "");
  const rawEnd = writer.length;
  writeMessage(writer, value, type);
  closeMessage(writer, 2, rawEnd);
  const typeMetaEnd = writer.length;
  writeString(writer, 2, kind);
  writeString(writer, 1, apiVersion);
  closeMessage(writer, 1, typeMetaEnd);
  writer.bytes(new Uint8Array(MAGIC));
  return writer.finish();
}

/**
 * One event of a protobuf watch, without the length before it; `object` is what encodeProtobuf
 * gave.
 */
export function encodeProtobufWatchEvent(type: string, object: Uint8Array): Uint8Array {
  const writer = new ProtobufWriter(object.length + 64);
  const end = writer.length;
  writeBytes(writer, 1, object);
  closeMessage(writer, 2, end);
  writeString(writer, 1, type);
  return writer.finish();
}

/** The fields alone, without envelope. */
export function encodeMessage(type: TypeSchema, object: object): Uint8Array {
  const writer = new ProtobufWriter();
  writeMessage(writer, object as JsonObject, type);
  return writer.finish();
}

/**
 * The type of an object by its apiVersion and kind. Options, Status and other meta types go with
 * every version.
 */
function typeOf(apiVersion: string, kind: string): TypeSchema | null {
  return BY_KIND.get(`${apiVersion}/${kind}`) ?? TYPES.get(`meta/v1.${kind}`) ?? null;
}

const BY_KIND: ReadonlyMap<string, TypeSchema> = new Map(
  [...TYPES.values()].map((type) => [`${type.apiVersion}/${type.shortName}`, type] as const),
);

interface Envelope {
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Uint8Array;
  readonly contentType: string;
}

function readEnvelope(bytes: Uint8Array): Envelope {
  if (MAGIC.some((byte, index) => bytes[index] !== byte)) {
    throw new ProtobufError(
      "provided data does not appear to be a protobuf message, expected prefix",
    );
  }
  const reader = new ProtobufReader(bytes, MAGIC.length);
  let envelope: Envelope = { apiVersion: "", kind: "", raw: new Uint8Array(), contentType: "" };
  while (!reader.done) {
    const { tag, wireType } = reader.key();
    if (wireType !== 2) reader.ignore(wireType);
    else if (tag === 1) envelope = { ...envelope, ...readTypeMeta(reader.message()) };
    else if (tag === 2) envelope = { ...envelope, raw: reader.bytes() };
    else if (tag === 4) envelope = { ...envelope, contentType: reader.string() };
    else reader.ignore(wireType);
  }
  return envelope;
}

function readTypeMeta(reader: ProtobufReader): { apiVersion: string; kind: string } {
  const typeMeta = { apiVersion: "", kind: "" };
  while (!reader.done) {
    const { tag, wireType } = reader.key();
    if (tag === 1 && wireType === 2) typeMeta.apiVersion = reader.string();
    else if (tag === 2 && wireType === 2) typeMeta.kind = reader.string();
    else reader.ignore(wireType);
  }
  return typeMeta;
}

function textMember(object: JsonObject, name: string): string {
  const value = object[name];
  return typeof value === "string" ? value : "";
}
