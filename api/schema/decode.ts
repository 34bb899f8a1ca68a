import { canonicalBase64 } from "../machinery/base64.js";
import { canonicalQuantity, QUANTITY_FORMAT_ERROR, quantityError } from "../machinery/quantity.js";
import { formatGoDuration, parseGoDuration } from "../machinery/go-duration.js";
import { canonicalMicroTime, canonicalTime, timeError } from "../machinery/time.js";
import { decodeCustom } from "./custom/custom-decode.js";
import { nestsTooDeep, scanJson } from "./json-scanner.js";
import type { KindInfo } from "./kinds.js";
import {
  type FieldSchema,
  type FieldType,
  type ScalarName,
  typeByName,
  type TypeSchema,
} from "./type-schema.js";
import type { JsonObject, JsonValue } from "./wire-types.js";

/**
 * What came of reading an object. It may be used only when there is no syntaxError and no
 * typeErrors.
 */
export interface DecodeResult {
  /**
   * The object in the form in which it is stored: only known fields, zero values that mean "absent"
   * left out, quantities and times canonical. `{}` when there was a syntax error.
   */
  readonly object: JsonObject;
  /** Texts such as `unknown field "spec.foo"`. */
  readonly unknownFields: readonly string[];
  /** Texts such as `duplicate field "spec.replicas"`; only looked for when asked. */
  readonly duplicateFields: readonly string[];
  /** Texts such as `line 3: key "a" already set in map`; absent for what is not YAML. */
  readonly duplicateKeys?: readonly string[];
  /** Texts such as `json: cannot unmarshal string into Go struct field …`. */
  readonly typeErrors: readonly string[];
  /** Why the text is no JSON object; null: it is one. */
  readonly syntaxError: string | null;
}

/** How strictly unknown and repeated fields are taken: the query parameter fieldValidation. */
export type FieldValidation = "Strict" | "Warn" | "Ignore";

/**
 * Reads a JSON text as an object of the type, such as core/v1.Pod. With `findDuplicates` (needed
 * for Strict and Warn) fields that are given twice are reported too; without it the last one counts
 * in silence.
 */
export function decodeJson(
  body: string | Uint8Array,
  typeName: string,
  options: { readonly findDuplicates?: boolean } = {},
): DecodeResult {
  const text = typeof body === "string" ? body : decodeUtf8(body);
  if (text === null) return syntaxError("invalid UTF-8 in string");
  if (nestsTooDeep(text)) return syntaxError("exceeded max depth");
  const value = parse(text);
  if (value === undefined) return syntaxError(scanJson(text).syntaxError ?? "invalid JSON");
  const result = decodeValue(value, typeName);
  if (options.findDuplicates !== true || result.syntaxError !== null) return result;
  const duplicateFields = scanJson(text).duplicates.map((path) => `duplicate field "${path}"`);
  return { ...result, duplicateFields: [...new Set(duplicateFields)] };
}

/** As decodeJson, for a value that is parsed already: YAML, the outcome of a patch. */
export function decodeValue(value: JsonValue, typeName: string): DecodeResult {
  if (!isObject(value)) {
    const text = `json: cannot unmarshal ${jsonTypeOf(value)} into Go value of type v1.TypeMeta`;
    return syntaxError(text);
  }
  const type = typeByName(typeName);
  if (type.custom !== null) {
    return decodeCustom(value, type.custom, (head) => decodeValue(head, HEAD_OF_CUSTOM));
  }
  const walk = new DecodeWalk();
  const object = walk.message(value, type);
  return {
    object,
    unknownFields: walk.unknownFields,
    duplicateFields: [],
    typeErrors: walk.typeErrors,
    syntaxError: null,
  };
}

/** What objects of custom kinds have in common with all others. */
const HEAD_OF_CUSTOM = "meta/v1.PartialObjectMetadata";

/**
 * The message of the 400 that answers an object which cannot be taken, or null when it can: wrong
 * JSON, wrong types, and with Strict unknown and repeated fields.
 */
export function decodeFailure(
  info: Pick<KindInfo, "kind" | "version">,
  result: DecodeResult,
  validation: FieldValidation,
): string | null {
  if (result.syntaxError !== null) {
    return (
      `the object provided is unrecognized (must be of type ${info.kind}): ` +
      `couldn't get version/kind; json parse error: ${result.syntaxError}`
    );
  }
  const lead = `${info.kind} in version "${info.version}" cannot be handled as a ${info.kind}: `;
  const [typeError] = result.typeErrors;
  if (typeError !== undefined) return lead + typeError;
  if (validation !== "Strict") return null;
  const failure = strictFailure(result);
  return failure === null ? null : lead + failure;
}

/** What Strict refuses, in one text; null: nothing. */
export function strictFailure(result: DecodeResult): string | null {
  const { duplicateKeys = [], unknownFields, duplicateFields } = result;
  const yaml = ["yaml: unmarshal errors:", ...duplicateKeys].join("\n  ");
  const errors = [
    ...(duplicateKeys.length === 0 ? [] : [yaml]),
    ...unknownFields,
    ...duplicateFields,
  ];
  return errors.length === 0 ? null : `strict decoding error: ${errors.join(", ")}`;
}

/** Unknown and repeated fields together: with Warn, one Warning header each. */
export function strictErrors(result: DecodeResult): readonly string[] {
  return [...(result.duplicateKeys ?? []), ...result.unknownFields, ...result.duplicateFields];
}

/**
 * Why an object's own apiVersion and kind do not fit the endpoint it was sent to, or null. What the
 * object does not say is taken from the endpoint.
 */
export function typeMetaMismatch(
  object: JsonObject,
  expected: { readonly apiVersion: string; readonly kind: string },
): string | null {
  const { apiVersion = expected.apiVersion, kind = expected.kind } = object;
  if (apiVersion !== expected.apiVersion) {
    return (
      `the API version in the data (${show(apiVersion)}) does not match ` +
      `the expected API version (${expected.apiVersion})`
    );
  }
  if (kind !== expected.kind) {
    return (
      `the kind in the data (${show(kind)}) does not match ` +
      `the expected kind (${expected.kind})`
    );
  }
  return null;
}

function show(value: JsonValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function syntaxError(text: string): DecodeResult {
  return {
    object: {},
    unknownFields: [],
    duplicateFields: [],
    typeErrors: [],
    syntaxError: text,
  };
}

const SCHEMA_TYPE = "apiextensions/v1.JSONSchemaProps";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}

function parse(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

const INT_LIMITS: Readonly<Record<"int32" | "int64", readonly [number, number]>> = {
  int32: [-2147483648, 2147483647],
  // Larger ones could not be kept exactly: refused rather than changed.
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
};

/** Undefined: there is nothing to keep, because of an error that was noted. */
type Decoded = JsonValue | undefined;

class DecodeWalk {
  readonly unknownFields: string[] = [];
  readonly typeErrors: string[] = [];
  /** Names and indexes from the root to the value being read. */
  private readonly path: (string | number)[] = [];
  /** The fields among them: Go's type errors name neither indexes nor keys. */
  private readonly fields: string[] = [];
  private owner = "";

  message(value: JsonObject, type: TypeSchema): JsonObject {
    const out: Record<string, JsonValue> = {};
    const outerOwner = this.owner;
    for (const key of Object.keys(value)) {
      const field = type.fieldByName.get(key);
      if (field === undefined) {
        this.unknownFields.push(`unknown field "${this.pathTo(key)}"`);
        continue;
      }
      const raw = value[key];
      if (raw === null || raw === undefined) continue;
      this.owner = type.shortName;
      this.path.push(key);
      this.fields.push(key);
      const decoded = this.value(raw, field.type);
      this.path.pop();
      this.fields.pop();
      if (decoded !== undefined && !meansAbsent(decoded, field)) out[key] = decoded;
    }
    this.owner = outerOwner;
    return out;
  }

  private value(value: JsonValue, type: FieldType): Decoded {
    switch (type.kind) {
      case "scalar":
        return this.scalar(value, type.scalar, type);
      case "message":
        if (!isObject(value)) return this.mismatch(value, type);
        return this.message(value, type.type);
      case "list":
        return this.list(value, type);
      case "map":
        return this.map(value, type);
    }
  }

  private list(value: JsonValue, type: Extract<FieldType, { kind: "list" }>): Decoded {
    if (!Array.isArray(value)) return this.mismatch(value, type);
    const items = value as readonly JsonValue[];
    const out: JsonValue[] = [];
    for (let i = 0; i < items.length; i += 1) {
      const item = items[i] ?? null;
      this.path.push(i);
      const decoded = item === null ? zeroOf(type.of) : this.value(item, type.of);
      this.path.pop();
      if (decoded !== undefined) out.push(decoded);
    }
    return out;
  }

  private map(value: JsonValue, type: Extract<FieldType, { kind: "map" }>): Decoded {
    if (!isObject(value)) return this.mismatch(value, type);
    const out: Record<string, JsonValue> = {};
    for (const key of Object.keys(value)) {
      const item = value[key] ?? null;
      this.path.push(key);
      const decoded = item === null ? zeroOf(type.of) : this.value(item, type.of);
      this.path.pop();
      if (decoded !== undefined) setOwn(out, key, decoded);
    }
    return out;
  }

  private scalar(value: JsonValue, scalar: ScalarName, type: FieldType): Decoded {
    switch (scalar) {
      case "string":
        return typeof value === "string" ? value : this.mismatch(value, type);
      case "bool":
        return typeof value === "boolean" ? value : this.mismatch(value, type);
      case "int32":
      case "int64":
        return this.integer(value, scalar, type);
      case "double":
        return typeof value === "number" ? value : this.mismatch(value, type);
      case "IntOrString":
        return this.intOrString(value);
      case "Quantity":
        return this.quantity(value);
      case "bytes":
        return this.bytes(value, type);
      case "Time":
      case "MicroTime":
        return this.time(value, scalar);
      case "Duration":
        return this.duration(value);
      case "FieldsV1":
      case "RawExtension":
        return isObject(value) ? value : this.mismatch(value, type);
      case "JSON":
        return value;
      case "JSONSchemaPropsOrArray":
      case "JSONSchemaPropsOrBool":
      case "JSONSchemaPropsOrStringArray":
        return this.schemaOr(value);
    }
  }

  /** One schema, several, or something else that may stand in its place. */
  private schemaOr(value: JsonValue): Decoded {
    if (Array.isArray(value)) {
      return (value as readonly JsonValue[]).map((item) => this.schemaOr(item) ?? null);
    }
    return isObject(value) ? this.message(value, typeByName(SCHEMA_TYPE)) : value;
  }

  private integer(value: JsonValue, scalar: "int32" | "int64", type: FieldType): Decoded {
    if (typeof value !== "number") return this.mismatch(value, type);
    const [low, high] = INT_LIMITS[scalar];
    if (Number.isInteger(value) && value >= low && value <= high) return value;
    return this.fail(`number ${value}`, type);
  }

  private intOrString(value: JsonValue): Decoded {
    if (typeof value === "string") return value;
    if (typeof value !== "number") {
      const text = `json: cannot unmarshal ${jsonTypeOf(value)} into Go value of type int32`;
      return this.say(text);
    }
    const [low, high] = INT_LIMITS.int32;
    if (Number.isInteger(value) && value >= low && value <= high) return value;
    return this.say(`json: cannot unmarshal number ${value} into Go value of type int32`);
  }

  private quantity(value: JsonValue): Decoded {
    if (typeof value !== "string" && typeof value !== "number")
      return this.say(QUANTITY_FORMAT_ERROR);
    const text = String(value).trim();
    return canonicalQuantity(text) ?? this.say(quantityError(text) ?? QUANTITY_FORMAT_ERROR);
  }

  private bytes(value: JsonValue, type: FieldType): Decoded {
    if (typeof value !== "string") return this.mismatch(value, type);
    const decoded = canonicalBase64(value);
    if (decoded.ok) return decoded.text;
    return this.say(`illegal base64 data at input byte ${decoded.at}`);
  }

  private time(value: JsonValue, scalar: "Time" | "MicroTime"): Decoded {
    if (typeof value !== "string") {
      const text = `json: cannot unmarshal ${jsonTypeOf(value)} into Go value of type string`;
      return this.say(text);
    }
    const canonical = scalar === "Time" ? canonicalTime(value) : canonicalMicroTime(value);
    return canonical ?? this.say(timeError(value));
  }

  private duration(value: JsonValue): Decoded {
    if (typeof value !== "string") {
      const text = `json: cannot unmarshal ${jsonTypeOf(value)} into Go value of type string`;
      return this.say(text);
    }
    const parsed = parseGoDuration(value);
    return parsed.ok ? formatGoDuration(parsed.durationMs) : this.say(parsed.error);
  }

  private mismatch(value: JsonValue, type: FieldType): undefined {
    return this.fail(jsonTypeOf(value), type);
  }

  private fail(found: string, type: FieldType): undefined {
    const where = `${this.owner}.${this.fields.join(".")}`;
    const wanted = goType(type);
    return this.say(
      `json: cannot unmarshal ${found} into Go struct field ${where} of type ${wanted}`,
    );
  }

  private say(text: string): undefined {
    this.typeErrors.push(text);
    return undefined;
  }

  private pathTo(key: string): string {
    let path = "";
    for (const step of [...this.path, key]) {
      if (typeof step === "number") path += `[${step}]`;
      else path += path === "" ? step : `.${step}`;
    }
    return path;
  }
}

/** True when writing the value is the same as leaving the field out, as Go's encoder does. */
function meansAbsent(value: JsonValue, field: FieldSchema): boolean {
  if (field.required) return false;
  if (typeof value === "object") {
    if (Array.isArray(value)) return value.length === 0;
    return field.type.kind === "map" && Object.keys(value ?? {}).length === 0;
  }
  if (field.nullable) return false;
  if (field.type.kind === "scalar" && field.type.scalar === "Quantity") return false;
  return value === "" || value === 0 || value === false;
}

/** What null stands for inside a list or map. */
function zeroOf(type: FieldType): JsonValue {
  if (type.kind === "list") return [];
  if (type.kind !== "scalar") return {};
  switch (type.scalar) {
    case "bool":
      return false;
    case "int32":
    case "int64":
    case "double":
      return 0;
    case "Quantity":
      return "0";
    case "Duration":
      return "0s";
    case "FieldsV1":
    case "RawExtension":
      return {};
    case "JSON":
      return null;
    case "Time":
    case "MicroTime":
      // The zero time, which JSON writes as null.
      return null;
    default:
      return "";
  }
}

/** Sets an own member, also when it is called __proto__. */
function setOwn(target: Record<string, JsonValue>, key: string, value: JsonValue): void {
  if (key === "__proto__")
    Object.defineProperty(target, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  else target[key] = value;
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function jsonTypeOf(value: JsonValue): string {
  if (Array.isArray(value)) return "array";
  if (value === null) return "null";
  return typeof value === "boolean" ? "bool" : typeof value;
}

/** The type as Go's error messages call it. */
function goType(type: FieldType): string {
  switch (type.kind) {
    case "message":
      return `${type.type.packageName.split("/")[1] ?? ""}.${type.type.shortName}`;
    case "list":
      return `[]${goType(type.of)}`;
    case "map":
      if (type.of.kind === "scalar" && type.of.scalar === "Quantity") return "v1.ResourceList";
      return `map[string]${goType(type.of)}`;
    case "scalar":
      return GO_SCALARS[type.scalar];
  }
}

const GO_SCALARS: Readonly<Record<ScalarName, string>> = {
  string: "string",
  bool: "bool",
  int32: "int32",
  int64: "int64",
  double: "float64",
  bytes: "[]uint8",
  Quantity: "resource.Quantity",
  IntOrString: "intstr.IntOrString",
  Time: "v1.Time",
  MicroTime: "v1.MicroTime",
  Duration: "v1.Duration",
  FieldsV1: "v1.FieldsV1",
  RawExtension: "runtime.RawExtension",
  JSON: "v1.JSON",
  JSONSchemaPropsOrArray: "v1.JSONSchemaPropsOrArray",
  JSONSchemaPropsOrBool: "v1.JSONSchemaPropsOrBool",
  JSONSchemaPropsOrStringArray: "v1.JSONSchemaPropsOrStringArray",
};
