import type { JsonObject, JsonValue } from "./json.js";

/**
 * A value of an expression. int is a bigint, double a number, uint a CelUint; an error is a value
 * too, for && and || may do without one of their sides.
 */
export type CelValue =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | readonly CelValue[]
  | CelUint
  | CelDuration
  | CelTimestamp
  | CelMap
  | CelOptional
  | CelOpaque
  | CelTypeValue
  | CelFailure;

export class CelUint {
  readonly value: bigint;
  constructor(value: bigint) {
    this.value = value;
  }
}

/** A length of time in nanoseconds. */
export class CelDuration {
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** A moment in nanoseconds since 1970, UTC. */
export class CelTimestamp {
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** A value that may be absent (undefined). */
export class CelOptional {
  readonly value: CelValue | undefined;
  constructor(value: CelValue | undefined) {
    this.value = value;
  }
}

/** A value of a library's type. Two of them are equal when type and key are. */
export class CelOpaque {
  readonly typeName: string;
  readonly value: unknown;
  readonly key: string;
  constructor(typeName: string, value: unknown, key: string) {
    this.typeName = typeName;
    this.value = value;
    this.key = key;
  }
}

/** A type as a value: what type(x) answers. */
export class CelTypeValue {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** An error, in the words of cel-go: `no such key: x`, `division by zero`. */
export class CelFailure {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

export function failure(message: string): CelFailure {
  return new CelFailure(message);
}

/** What a map offers, whatever it is made from. */
export abstract class CelMap {
  abstract readonly size: number;
  /** Undefined: there is no such key. */
  abstract get(key: CelValue): CelValue | undefined;
  abstract keys(): readonly CelValue[];
  /** Of an object that an expression made (`Object.spec{…}`); "" otherwise. */
  readonly typeName: string = "";
  /** The JSON it was made from; undefined: none. */
  json(): JsonObject | undefined {
    return undefined;
  }
}

/** A map that an expression made. */
export class EntryMap extends CelMap {
  private readonly entries: ReadonlyMap<string, readonly [key: CelValue, value: CelValue]>;
  override readonly typeName: string;

  constructor(entries: Iterable<readonly [CelValue, CelValue]>, typeName = "") {
    super();
    this.entries = new Map([...entries].map((entry) => [mapKey(entry[0]), entry]));
    this.typeName = typeName;
  }

  override get size(): number {
    return this.entries.size;
  }

  override get(key: CelValue): CelValue | undefined {
    return this.entries.get(mapKey(key))?.[1];
  }

  override keys(): readonly CelValue[] {
    return [...this.entries.values()].map(([key]) => key);
  }
}

/** Numbers that are equal are one key, whatever their type. */
export function mapKey(key: CelValue): string {
  if (typeof key === "string") return `s${key}`;
  if (typeof key === "bigint") return `n${key}`;
  if (key instanceof CelUint) return `n${key.value}`;
  if (typeof key === "number") return Number.isInteger(key) ? `n${BigInt(key)}` : `d${key}`;
  return typeof key === "boolean" ? `b${key}` : `o${typeNameOf(key)}`;
}

export function isList(value: CelValue): value is readonly CelValue[] {
  return Array.isArray(value);
}

/** The type of a value, as type() and messages name it. */
export function typeNameOf(value: CelValue): string {
  switch (typeof value) {
    case "boolean":
      return "bool";
    case "bigint":
      return "int";
    case "number":
      return "double";
    case "string":
      return "string";
    default:
  }
  if (value === null) return "null_type";
  if (isList(value)) return "list";
  if (value instanceof CelMap) return value.typeName === "" ? "map" : value.typeName;
  if (value instanceof Uint8Array) return "bytes";
  if (value instanceof CelUint) return "uint";
  if (value instanceof CelDuration) return "google.protobuf.Duration";
  if (value instanceof CelTimestamp) return "google.protobuf.Timestamp";
  if (value instanceof CelOptional) return "optional_type";
  if (value instanceof CelOpaque) return value.typeName;
  return value instanceof CelTypeValue ? "type" : "error";
}

/** How large a value is to functions that look at all of it: characters, items, entries. */
export function sizeOf(value: CelValue): number {
  if (typeof value === "string" || isList(value) || value instanceof Uint8Array) {
    return value.length;
  }
  return value instanceof CelMap ? value.size : 1;
}

/** Equality of any two values: numbers by value, whatever their types; else types must agree. */
export function celEquals(a: CelValue, b: CelValue): boolean {
  if (a === b) return true;
  if (a === null || b === null) return false;
  const order = isNumber(a) && isNumber(b) ? compareNumbers(a, b) : null;
  if (order !== null) return order === 0;
  if (isList(a)) {
    if (!isList(b) || a.length !== b.length) return false;
    return a.every((item, index) => celEquals(item, b[index] ?? null));
  }
  if (a instanceof CelMap) return b instanceof CelMap && mapsEqual(a, b);
  if (a instanceof Uint8Array) {
    if (!(b instanceof Uint8Array) || a.length !== b.length) return false;
    return a.every((byte, index) => byte === b[index]);
  }
  if (a instanceof CelDuration) return b instanceof CelDuration && a.nanos === b.nanos;
  if (a instanceof CelTimestamp) return b instanceof CelTimestamp && a.nanos === b.nanos;
  if (a instanceof CelOpaque) {
    return b instanceof CelOpaque && a.typeName === b.typeName && a.key === b.key;
  }
  if (a instanceof CelTypeValue) return b instanceof CelTypeValue && a.name === b.name;
  if (!(a instanceof CelOptional) || !(b instanceof CelOptional)) return false;
  if (a.value === undefined || b.value === undefined) return a.value === b.value;
  return celEquals(a.value, b.value);
}

function mapsEqual(a: CelMap, b: CelMap): boolean {
  if (a.size !== b.size) return false;
  return a.keys().every((key) => {
    const other = b.get(key);
    return other !== undefined && celEquals(a.get(key) ?? null, other);
  });
}

export type CelNumber = bigint | number | CelUint;

export function isNumber(value: CelValue): value is CelNumber {
  return typeof value === "bigint" || typeof value === "number" || value instanceof CelUint;
}

/** < 0, 0, > 0; null when one of them is not a number at all (NaN). */
export function compareNumbers(a: CelNumber, b: CelNumber): number | null {
  const [left, right] = [plain(a), plain(b)];
  if (Number.isNaN(left) || Number.isNaN(right)) return null;
  // JavaScript compares bigint and number exactly.
  return left < right ? -1 : Number(left > right);
}

function plain(value: CelNumber): bigint | number {
  return value instanceof CelUint ? value.value : value;
}

/** The value as JSON, for objects that expressions make. Throws TypeError for what has no JSON. */
export function toJson(value: CelValue): JsonValue {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  if (value instanceof CelUint) return Number(value.value);
  if (isList(value)) return value.map(toJson);
  if (value instanceof CelMap) {
    const made = value.json();
    if (made !== undefined) return made;
    const members = value.keys().map((key) => [textKey(key), toJson(value.get(key) ?? null)]);
    return Object.fromEntries(members) as JsonObject;
  }
  throw new TypeError(`${typeNameOf(value)} cannot be written as JSON`);
}

function textKey(key: CelValue): string {
  if (typeof key === "string") return key;
  throw new TypeError(`a key of type ${typeNameOf(key)} cannot be written as JSON`);
}
