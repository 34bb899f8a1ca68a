import { type CelType, DYN } from "./cel-types.js";
import { CelDuration, CelMap, CelTimestamp, type CelValue, failure } from "./cel-values.js";
import { decodeBase64 } from "./cel-bytes.js";
import { parseDuration, parseTimestamp } from "./cel-time.js";

/** What JSON can hold; members that are undefined are absent. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: JsonValue | undefined;
}

/**
 * The value that expressions see. Whole numbers are int where the type does not say double; what is
 * not of its type stays what it is.
 */
export function fromJson(json: JsonValue, type: CelType = DYN): CelValue {
  if (json === null || typeof json === "boolean") return json;
  if (typeof json === "number") {
    return type.kind === "double" || !Number.isInteger(json) ? json : BigInt(json);
  }
  if (typeof json === "string") return fromText(json, type);
  if (isJsonList(json)) {
    const of = type.kind === "list" ? type.of : DYN;
    return json.map((item) => fromJson(item, of));
  }
  return new JsonMap(json, type);
}

function fromText(text: string, type: CelType): CelValue {
  switch (type.kind) {
    case "bytes":
      return decodeBase64(text) ?? failure("illegal base64 data");
    case "google.protobuf.Timestamp": {
      const nanos = parseTimestamp(text.length === DATE_LENGTH ? `${text}T00:00:00Z` : text);
      return nanos === null ? failure(`invalid timestamp ${text}`) : new CelTimestamp(nanos);
    }
    case "google.protobuf.Duration": {
      const nanos = parseDuration(text);
      return nanos === null ? failure(`invalid duration ${text}`) : new CelDuration(nanos);
    }
    default:
      return text;
  }
}

const DATE_LENGTH = "2026-01-02".length;

/** A JSON object as a map; members are converted when somebody looks at them. */
class JsonMap extends CelMap {
  private readonly raw: JsonObject;
  private readonly type: CelType;
  private readonly converted = new Map<string, CelValue>();
  private names: readonly string[] | null = null;

  constructor(raw: JsonObject, type: CelType) {
    super();
    this.raw = raw;
    this.type = type;
  }

  override get size(): number {
    return this.present().length;
  }

  override get(key: CelValue): CelValue | undefined {
    if (typeof key !== "string") return undefined;
    const known = this.converted.get(key);
    if (known !== undefined) return known;
    const field = this.type.kind === "object" ? this.type.fields.get(key) : undefined;
    const json = this.member(field?.jsonName ?? key) ?? this.member(unescapeName(key));
    if (json === undefined) return undefined;
    const inner = field?.type ?? (this.type.kind === "map" ? this.type.value : DYN);
    const value = fromJson(json, inner);
    this.converted.set(key, value);
    return value;
  }

  override keys(): readonly CelValue[] {
    return this.present();
  }

  override json(): JsonObject {
    return this.raw;
  }

  private member(name: string): JsonValue | undefined {
    return Object.hasOwn(this.raw, name) ? this.raw[name] : undefined;
  }

  private present(): readonly string[] {
    this.names ??= Object.keys(this.raw).filter((name) => this.raw[name] !== undefined);
    return this.names;
  }
}

/** Array.isArray, but for lists that nobody may change. */
export function isJsonList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

const RESERVED: ReadonlySet<string> = new Set(
  (
    "true false null in as break const continue else for function if import let loop package " +
    "namespace return var void while"
  ).split(" "),
);

const ESCAPES = [
  ["__", "__underscores__"],
  [".", "__dot__"],
  ["-", "__dash__"],
  ["/", "__slash__"],
] as const;

/**
 * How expressions spell a field whose name is no identifier (Kubernetes: Validation rules, field
 * names); null: they cannot.
 */
export function escapeName(name: string): string | null {
  if (RESERVED.has(name)) return `__${name}__`;
  if (/^[A-Za-z_]\w*$/u.test(name) && !name.includes("__")) return name;
  const escaped = name.replaceAll(/__|[./-]/gu, (part) => {
    return ESCAPES.find(([plain]) => plain === part)?.[1] ?? part;
  });
  return /^[A-Za-z_]\w*$/u.test(escaped) ? escaped : null;
}

function unescapeName(name: string): string {
  if (!name.includes("__")) return name;
  const word = /^__(\w+)__$/u.exec(name)?.[1] ?? "";
  if (RESERVED.has(word)) return word;
  return name.replaceAll(/__(?:underscores|dot|dash|slash)__/gu, (part) => {
    return ESCAPES.find(([, spelled]) => spelled === part)?.[0] ?? part;
  });
}
