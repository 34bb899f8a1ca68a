import { assert } from "../../base/assert.js";

/**
 * The notation of ./groups, line by line:
 *
 *     group core/v1 v1       package of the types, and their apiVersion on the wire
 *     kind Pod pods namespaced short=po categories=all storage=core/v1.Event
 *       verbs create get                    only where they differ from the usual eight
 *       sub status Pod get patch update     a subresource, the kind it speaks, its verbs
 *     type Probe map=atomic # What it is.
 *     type Profile union=type:file|text   at most one of file and text, named by the field type
 *       2 periodSeconds! int32 default=10 # What it means.
 *         # A line that starts with "#" goes on with the description above it.
 *
 * A field line is: protobuf tag, name, mark, type, attributes. Tag 0: not in protobuf (apiVersion
 * and kind travel in the envelope). Tag 2.3: tag 3 of an embedded message that is field 2;
 * 2.2.3: of one within that. Marks: "!" the field is required; "?" the field tells its zero value
 * from absent; "!?" both. Without "?", a zero value (0, "", false, empty list or map) means absent,
 * and a required field that is absent gets it. Types: a scalar, a type of the same group,
 * `package.Type`, `[]T`, `map[T]` (keys are strings). Attributes: list=atomic|set|map(keys),
 * patch=merge(key)|retainKeys|merge,retainKeys(key)|replace, map=atomic|granular, wire=wrapped (the
 * list is a message of its own in protobuf), enum=A|B, default=JSON (the value that an absent field
 * gets; conditional ones are in defaults.ts). Every type and field has a description; apiVersion,
 * kind and metadata of a kind may leave it to type-schema.ts.
 */
export interface GroupNotation {
  readonly packageName: string;
  readonly apiVersion: string;
  readonly kinds: readonly KindNotation[];
  readonly types: readonly TypeNotation[];
}
export interface KindNotation {
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  /** Type in which objects are stored when it is another kind's; null: its own. */
  readonly storage: string | null;
  readonly verbs: readonly string[];
  readonly subresources: readonly SubresourceNotation[];
}
export interface SubresourceNotation {
  readonly name: string;
  /**
   * A type, perhaps of another group, or a name that no type has: then the body is a stream, not an
   * object.
   */
  readonly kind: string;
  readonly verbs: readonly string[];
}
export interface TypeNotation {
  readonly name: string;
  readonly mapAtomic: boolean;
  readonly union: UnionNotation | null;
  readonly description: string;
  readonly fields: readonly FieldNotation[];
}
/** Of these fields at most one may be set. */
export interface UnionNotation {
  /** The field that says which; null: none does. */
  readonly discriminator: string | null;
  readonly fields: readonly string[];
}
export interface FieldNotation {
  readonly name: string;
  readonly tag: number;
  /** Tag of the embedded message that holds the field, 1000 × that of one around it; 0: none. */
  readonly outerTag: number;
  readonly required: boolean;
  readonly nullable: boolean;
  readonly type: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly description: string;
}

const USUAL_VERBS = [
  "create",
  "delete",
  "deletecollection",
  "get",
  "list",
  "patch",
  "update",
  "watch",
];
const FIELD = /^ {2}((?:\d+\.)*)(\d+) ([\w$-]+)(!?)(\??) (\S+)((?: [a-z]+=\S+)*)(?: # (.*))?$/;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Reads one group's text. Crashes on a line it does not know: the text is part of the program. */
export function parseGroup(text: string): GroupNotation {
  const reader = new GroupReader();
  for (const line of text.split("\n")) reader.read(line);
  return reader.result();
}

class GroupReader {
  private packageName = "";
  private apiVersion = "";
  private readonly kinds: KindNotation[] = [];
  private readonly types: TypeNotation[] = [];
  private kind: (Writable<KindNotation> & { subresources: SubresourceNotation[] }) | null = null;
  private fields: FieldNotation[] | null = null;
  private described: { description: string } | null = null;

  read(line: string): void {
    const trimmed = line.trim();
    if (trimmed === "") return;
    if (trimmed.startsWith("# ")) return this.readMoreDescription(trimmed.slice(2));
    if (line.startsWith("  ")) {
      if (this.fields !== null) return this.readField(line, this.fields);
      return this.readKindDetail(trimmed.split(" "), line);
    }
    const [word = "", ...rest] = trimmed.split(" ");
    if (word === "group") [this.packageName = "", this.apiVersion = ""] = rest;
    else if (word === "kind") this.readKind(rest);
    else if (word === "type") this.readType(trimmed);
    else assert(false, `notation: ${line}`);
  }

  result(): GroupNotation {
    assert(this.packageName !== "" && this.apiVersion !== "", "notation: no group line");
    const { packageName, apiVersion, kinds, types } = this;
    return { packageName, apiVersion, kinds, types };
  }

  private readMoreDescription(text: string): void {
    assert(this.described !== null, `notation: description of nothing: ${text}`);
    this.described.description = `${this.described.description} ${text}`.trim();
  }

  private readKind([kind = "", plural = "", scope = "", ...rest]: readonly string[]): void {
    const attributes = parseAttributes(rest);
    assert(scope === "namespaced" || scope === "cluster", `notation: scope of ${kind}: ${scope}`);
    this.kind = {
      kind,
      plural,
      namespaced: scope === "namespaced",
      shortNames: attributes.get("short")?.split(",") ?? [],
      categories: attributes.get("categories")?.split(",") ?? [],
      storage: attributes.get("storage") ?? null,
      verbs: USUAL_VERBS,
      subresources: [],
    };
    this.kinds.push(this.kind);
    this.fields = null;
  }

  private readKindDetail(words: readonly string[], line: string): void {
    assert(this.kind !== null, `notation: ${line}`);
    const [word, ...rest] = words;
    if (word === "verbs") {
      this.kind.verbs = rest;
      return;
    }
    const [name = "", kind = "", ...verbs] = rest;
    assert(word === "sub" && verbs.length > 0, `notation: ${line}`);
    this.kind.subresources.push({ name, kind, verbs });
  }

  private readType(line: string): void {
    const match = /^type (\w+)( map=atomic)?(?: union=(\w*):(\S+))?(?: # (.*))?$/.exec(line);
    assert(match !== null, `notation: ${line}`);
    const fields: FieldNotation[] = [];
    const type = {
      name: match[1] ?? "",
      mapAtomic: match[2] !== undefined,
      union:
        match[4] === undefined
          ? null
          : { discriminator: match[3] || null, fields: match[4].split("|") },
      description: match[5] ?? "",
      fields,
    };
    this.fields = fields;
    this.types.push(type);
    this.described = type;
  }

  private readField(line: string, fields: FieldNotation[]): void {
    const match = FIELD.exec(line);
    assert(match !== null, `notation: ${line}`);
    const [, outer = "", tag = "0", name = "", required, nullable, type = ""] = match;
    const field: Writable<FieldNotation> = {
      name,
      tag: Number(tag),
      outerTag: outer.split(".").reduce((path, each) => path * 1000 + Number(each), 0) / 1000,
      required: required === "!",
      nullable: nullable === "?",
      type,
      attributes: parseAttributes((match[7] ?? "").trim().split(" ")),
      description: match[8] ?? "",
    };
    fields.push(field);
    this.described = field;
  }
}

function parseAttributes(words: readonly string[]): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (const word of words) {
    if (word === "") continue;
    const at = word.indexOf("=");
    assert(at > 0, `notation: attribute ${word}`);
    attributes.set(word.slice(0, at), word.slice(at + 1));
  }
  return attributes;
}
