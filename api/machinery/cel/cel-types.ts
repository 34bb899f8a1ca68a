/** A type of the Common Expression Language (github.com/google/cel-spec, doc/langdef.md). */
export type CelType =
  | { readonly kind: ScalarKind }
  | { readonly kind: "list"; readonly of: CelType }
  | { readonly kind: "map"; readonly key: CelType; readonly value: CelType }
  | { readonly kind: "optional"; readonly of: CelType }
  /** A type of a library, such as kubernetes.Quantity. */
  | { readonly kind: "opaque"; readonly name: string }
  | ObjectType
  /** Stands for any type in the signature of a function: A, B … */
  | { readonly kind: "param"; readonly name: string };

export type ScalarKind =
  | "dyn"
  | "null_type"
  | "bool"
  | "int"
  | "uint"
  | "double"
  | "string"
  | "bytes"
  | "google.protobuf.Timestamp"
  | "google.protobuf.Duration"
  | "type";

/** An object whose fields are known. */
export interface ObjectType {
  readonly kind: "object";
  readonly name: string;
  /** By the name that expressions use. */
  readonly fields: ReadonlyMap<string, ObjectField>;
}
export interface ObjectField {
  readonly type: CelType;
  /** As JSON calls it; expressions cannot spell every name. */
  readonly jsonName: string;
}

export const DYN: CelType = { kind: "dyn" };
export const NULL: CelType = { kind: "null_type" };
export const BOOL: CelType = { kind: "bool" };
export const INT: CelType = { kind: "int" };
export const UINT: CelType = { kind: "uint" };
export const DOUBLE: CelType = { kind: "double" };
export const STRING: CelType = { kind: "string" };
export const BYTES: CelType = { kind: "bytes" };
export const TIMESTAMP: CelType = { kind: "google.protobuf.Timestamp" };
export const DURATION: CelType = { kind: "google.protobuf.Duration" };
export const TYPE: CelType = { kind: "type" };

export function listOf(of: CelType): CelType {
  return { kind: "list", of };
}

export function mapOf(key: CelType, value: CelType): CelType {
  return { kind: "map", key, value };
}

export function optionalOf(of: CelType): CelType {
  return { kind: "optional", of };
}

export function opaque(name: string): CelType {
  return { kind: "opaque", name };
}

/** As compiler messages write it: `list(int)`, `map(string, dyn)`. */
export function typeText(type: CelType): string {
  switch (type.kind) {
    case "list":
      return `list(${typeText(type.of)})`;
    case "map":
      return `map(${typeText(type.key)}, ${typeText(type.value)})`;
    case "optional":
      return `optional_type(${typeText(type.of)})`;
    case "opaque":
    case "object":
      return type.name;
    case "param":
      return type.name;
    case "null_type":
      return "null";
    default:
      return type.kind;
  }
}

/** What the parameters of a signature stand for in one call. */
export type Bindings = Map<string, CelType>;

/**
 * True when a value of type `actual` may stand where `wanted` is asked for. Parameters of `wanted`
 * are bound; dyn fits everywhere, for it is checked when the value is there.
 */
export function fits(wanted: CelType, actual: CelType, bindings: Bindings): boolean {
  if (wanted.kind === "param") {
    const bound = bindings.get(wanted.name);
    if (bound === undefined || bound.kind === "dyn") {
      bindings.set(wanted.name, actual);
      return true;
    }
    if (actual.kind === "null_type" || bound.kind === "null_type") {
      if (bound.kind === "null_type") bindings.set(wanted.name, actual);
      return true;
    }
    return fits(bound, actual, bindings);
  }
  if (wanted.kind === "dyn" || actual.kind === "dyn" || actual.kind === "param") return true;
  if (wanted.kind === "list") return actual.kind === "list" && fits(wanted.of, actual.of, bindings);
  if (wanted.kind === "optional") {
    return actual.kind === "optional" && fits(wanted.of, actual.of, bindings);
  }
  if (wanted.kind === "map") {
    return (
      actual.kind === "map" &&
      fits(wanted.key, actual.key, bindings) &&
      fits(wanted.value, actual.value, bindings)
    );
  }
  if (wanted.kind === "opaque" || wanted.kind === "object") {
    return actual.kind === wanted.kind && actual.name === wanted.name;
  }
  return wanted.kind === actual.kind;
}

/** The type with its parameters replaced by what they stand for; dyn where nobody knows. */
export function bound(type: CelType, bindings: Bindings): CelType {
  switch (type.kind) {
    case "param":
      return bindings.get(type.name) ?? DYN;
    case "list":
      return listOf(bound(type.of, bindings));
    case "optional":
      return optionalOf(bound(type.of, bindings));
    case "map":
      return mapOf(bound(type.key, bindings), bound(type.value, bindings));
    default:
      return type;
  }
}

/** The type that both are of; dyn where they differ. */
export function common(a: CelType, b: CelType): CelType {
  if (a.kind === "null_type") return b;
  if (b.kind === "null_type") return a;
  if (a.kind === "dyn" || b.kind === "dyn") return DYN;
  return fits(a, b, new Map()) && fits(b, a, new Map()) ? a : DYN;
}

const SHORT: ReadonlyMap<string, CelType> = new Map([
  ["timestamp", TIMESTAMP],
  ["duration", DURATION],
  ["null", NULL],
  ["Quantity", opaque("kubernetes.Quantity")],
  ["IP", opaque("net.IP")],
  ["CIDR", opaque("net.CIDR")],
  ["URL", opaque("kubernetes.URL")],
  ["Format", opaque("kubernetes.NamedFormat")],
  ["Semver", opaque("kubernetes.Semver")],
  ["Authorizer", opaque("kubernetes.authorization.Authorizer")],
  ["PathCheck", opaque("kubernetes.authorization.PathCheck")],
  ["GroupCheck", opaque("kubernetes.authorization.GroupCheck")],
  ["ResourceCheck", opaque("kubernetes.authorization.ResourceCheck")],
  ["Decision", opaque("kubernetes.authorization.Decision")],
]);

/** Reads the notation of signatures: `list<A>`, `map<string,int>`, `timestamp`, `Quantity`. */
export function parseType(text: string): CelType {
  const generic = /^(list|map|optional)<(.*)>$/u.exec(text);
  if (generic !== null) {
    const [first = "", second = ""] = splitTypes(generic[2] ?? "");
    if (generic[1] === "list") return listOf(parseType(first));
    if (generic[1] === "optional") return optionalOf(parseType(first));
    return mapOf(parseType(first), parseType(second));
  }
  if (/^[A-Z]$/u.test(text)) return { kind: "param", name: text };
  return SHORT.get(text) ?? { kind: text as ScalarKind };
}

/** `int,list<A>` → ["int", "list<A>"]. */
export function splitTypes(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = "";
  for (const char of text) {
    if (char === "<") depth += 1;
    if (char === ">") depth -= 1;
    if (char === "," && depth === 0) {
      parts.push(part);
      part = "";
    } else if (char !== " ") part += char;
  }
  return part === "" ? parts : [...parts, part];
}
