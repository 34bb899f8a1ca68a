import { assert, present } from "../../base/assert.js";
import type { FieldNotation, GroupNotation, TypeNotation, UnionNotation } from "./notation.js";
import { SERVED_GROUPS } from "./served-groups.js";
import type { JSONSchemaProps } from "./types/apiextensions-v1.gen.js";
import type { JsonValue } from "./wire-types.js";

/**
 * What is not made of fields. `Object` is any JSON object (managed fields), `RawExtension` any JSON
 * object with a kind, `JSON` any JSON value. The three last are what OpenAPI lets be one of two
 * things; they are kept as they came.
 */
export type ScalarName =
  | "string"
  | "bool"
  | "int32"
  | "int64"
  | "double"
  | "bytes"
  | "Quantity"
  | "IntOrString"
  | "Time"
  | "MicroTime"
  | "Duration"
  | "FieldsV1"
  | "RawExtension"
  | "JSON"
  | "JSONSchemaPropsOrArray"
  | "JSONSchemaPropsOrBool"
  | "JSONSchemaPropsOrStringArray";

export type FieldType =
  | { readonly kind: "scalar"; readonly scalar: ScalarName }
  | { readonly kind: "message"; readonly type: TypeSchema }
  | { readonly kind: "list"; readonly of: FieldType }
  | { readonly kind: "map"; readonly of: FieldType };

/** One field of a type. */
export interface FieldSchema {
  readonly name: string;
  /** Protobuf tag; 0: not in protobuf. */
  readonly tag: number;
  /** Tag of the embedded message the field lies in; 0: none. */
  readonly outerTag: number;
  readonly required: boolean;
  /** True: the zero value (0, "", false) is not the same as absent. */
  readonly nullable: boolean;
  readonly type: FieldType;
  /** True: in protobuf the list is a message of its own that holds the items as its field 1. */
  readonly wrapped: boolean;
  readonly listType: "atomic" | "set" | "map" | null;
  readonly listMapKeys: readonly string[];
  readonly patchMerge: boolean;
  /** Null: a list of scalars that is merged as a set. */
  readonly patchMergeKey: string | null;
  readonly patchRetainKeys: boolean;
  /** True: a strategic merge patch replaces the object instead of merging it. */
  readonly patchReplace: boolean;
  readonly mapAtomic: boolean;
  /** True: that the map's entries have owners of their own is published. */
  readonly mapGranular: boolean;
  readonly default: JsonValue | undefined;
  /** Empty: the value may be anything. */
  readonly enum: readonly string[];
  readonly description: string;
}

/** A type of the API. */
export interface TypeSchema {
  /** Such as core/v1.PodSpec. */
  readonly name: string;
  /** Such as PodSpec. */
  readonly shortName: string;
  /** Such as core/v1. */
  readonly packageName: string;
  /** The apiVersion of its group on the wire, such as discovery.k8s.io/v1. */
  readonly apiVersion: string;
  readonly mapAtomic: boolean;
  /** A custom kind whose objects keep fields that are not described. */
  readonly isOpen?: true;
  readonly union: UnionNotation | null;
  readonly description: string;
  readonly fields: readonly FieldSchema[];
  readonly fieldByName: ReadonlyMap<string, FieldSchema>;
  /** The schema of a custom kind, by which its objects are read; null: a type of our own. */
  readonly custom: JSONSchemaProps | null;
}

const SCALARS: ReadonlySet<string> = new Set<ScalarName>([
  "string",
  "bool",
  "int32",
  "int64",
  "double",
  "bytes",
  "Quantity",
  "IntOrString",
  "Time",
  "MicroTime",
  "Duration",
  "FieldsV1",
  "RawExtension",
  "JSON",
  "JSONSchemaPropsOrArray",
  "JSONSchemaPropsOrBool",
  "JSONSchemaPropsOrStringArray",
]);

/** Descriptions of the fields that all kinds and lists have, by their lines in the notation. */
const SHARED_DESCRIPTIONS: ReadonlyMap<string, string> = new Map([
  ["0 apiVersion string", "Names the group and version of the kind, such as apps/v1."],
  ["0 kind string", "Names the kind of the object, such as Deployment."],
  ["1 metadata ObjectMeta", "Holds the name, labels and whatever else all objects have alike."],
  ["1 metadata ListMeta", "Tells about the list as a whole, such as how to get its next part."],
]);

function isScalar(name: string): name is ScalarName {
  return SCALARS.has(name);
}

interface OpenType extends TypeSchema {
  readonly fields: FieldSchema[];
  readonly fieldByName: Map<string, FieldSchema>;
}

/**
 * Turns parsed groups into types that refer to each other, with a list type for every kind that can
 * be listed.
 */
export function linkTypes(groups: readonly GroupNotation[]): ReadonlyMap<string, TypeSchema> {
  const types = new Map<string, OpenType>();
  const pending: { type: OpenType; fields: readonly FieldNotation[] }[] = [];
  for (const group of groups) {
    for (const notation of [...group.types, ...listTypesOf(group)]) {
      const type = openType(group, notation);
      assert(!types.has(type.name), `notation: two types ${type.name}`);
      types.set(type.name, type);
      pending.push({ type, fields: notation.fields });
    }
  }
  for (const { type, fields } of pending) {
    for (const notation of fields) addField(type, linkField(notation, type, types));
  }
  return types;
}

/**
 * Every type of the served groups by its name, such as core/v1.Pod, core/v1.PodList,
 * meta/v1.Status.
 */
export const TYPES: ReadonlyMap<string, TypeSchema> = linkTypes(SERVED_GROUPS);

/**
 * The type with this name, such as core/v1.PodSpec. Crashes when there is none: names come from our
 * own tables.
 */
export function typeByName(name: string): TypeSchema {
  return present(TYPES.get(name) ?? CUSTOM_TYPES.get(name), `type ${name}`);
}

/** Types of custom kinds; a name says whose, so that servers in one process do not meet. */
const CUSTOM_TYPES = new Map<string, TypeSchema>();

/** Makes a type of a custom kind known under its name, in place of one of before. */
export function addCustomType(type: TypeSchema): void {
  CUSTOM_TYPES.set(type.name, type);
}

/** Forgets a type that nobody names any more. */
export function removeCustomType(name: string): void {
  CUSTOM_TYPES.delete(name);
}

function openType(group: GroupNotation, notation: TypeNotation): OpenType {
  return {
    name: `${group.packageName}.${notation.name}`,
    shortName: notation.name,
    packageName: group.packageName,
    apiVersion: group.apiVersion,
    mapAtomic: notation.mapAtomic,
    union: notation.union,
    description: notation.description,
    fields: [],
    fieldByName: new Map(),
    custom: null,
  };
}

function addField(type: OpenType, field: FieldSchema): void {
  assert(!type.fieldByName.has(field.name), `notation: two fields ${type.name}.${field.name}`);
  type.fields.push(field);
  type.fieldByName.set(field.name, field);
}

function listTypesOf(group: GroupNotation): TypeNotation[] {
  return group.kinds
    .filter((kind) => kind.verbs.includes("list"))
    .map((kind) => ({
      name: `${kind.kind}List`,
      mapAtomic: false,
      union: null,
      description: `A list of ${kind.plural}.`,
      fields: [
        plainField({ name: "apiVersion", tag: 0, type: "string" }),
        plainField({ name: "kind", tag: 0, type: "string" }),
        plainField({ name: "metadata", tag: 1, type: "meta/v1.ListMeta" }),
        {
          ...plainField({ name: "items", tag: 2, type: `[]${kind.kind}` }),
          required: true,
          description: `Holds the ${kind.plural}.`,
        },
      ],
    }));
}

function plainField(field: { name: string; tag: number; type: string }): FieldNotation {
  const attributes = new Map<string, string>();
  return { ...field, outerTag: 0, required: false, nullable: false, attributes, description: "" };
}

function linkField(
  notation: FieldNotation,
  owner: TypeSchema,
  types: ReadonlyMap<string, TypeSchema>,
): FieldSchema {
  const { attributes } = notation;
  const list = parseCall(attributes.get("list"));
  const patch = parseCall(attributes.get("patch"));
  const fallback = attributes.get("default");
  return {
    name: notation.name,
    tag: notation.tag,
    outerTag: notation.outerTag,
    required: notation.required,
    nullable: notation.nullable,
    type: linkType(notation.type, owner, types),
    wrapped: attributes.get("wire") === "wrapped",
    listType: parseListType(list.words[0]),
    listMapKeys: list.arguments,
    patchMerge: patch.words.includes("merge"),
    patchMergeKey: patch.arguments[0] ?? null,
    patchRetainKeys: patch.words.includes("retainKeys"),
    patchReplace: patch.words.includes("replace"),
    mapAtomic: attributes.get("map") === "atomic",
    mapGranular: attributes.get("map") === "granular",
    default: fallback === undefined ? undefined : (JSON.parse(fallback) as JsonValue),
    enum: attributes.get("enum")?.split("|") ?? [],
    description: descriptionOf(notation),
  };
}

function descriptionOf({ tag, name, type, description }: FieldNotation): string {
  if (description !== "") return description;
  const shortType = type.slice(type.lastIndexOf(".") + 1);
  return SHARED_DESCRIPTIONS.get(`${tag} ${name} ${shortType}`) ?? "";
}

function linkType(
  text: string,
  owner: TypeSchema,
  types: ReadonlyMap<string, TypeSchema>,
): FieldType {
  if (text.startsWith("[]")) return { kind: "list", of: linkType(text.slice(2), owner, types) };
  if (text.startsWith("map["))
    return { kind: "map", of: linkType(text.slice(4, -1), owner, types) };
  if (isScalar(text)) return { kind: "scalar", scalar: text };
  const name = text.includes(".") ? text : `${owner.packageName}.${text}`;
  return { kind: "message", type: present(types.get(name), `type ${name} in ${owner.name}`) };
}

/** Reads `merge,retainKeys(name)` into words and arguments. */
function parseCall(text = ""): { words: readonly string[]; arguments: readonly string[] } {
  const match = /^([^(]*)(?:\(([^)]*)\))?$/.exec(text);
  assert(match !== null, `notation: ${text}`);
  return {
    words: (match[1] ?? "").split(",").filter((word) => word !== ""),
    arguments: match[2]?.split(",") ?? [],
  };
}

function parseListType(text: string | undefined): "atomic" | "set" | "map" | null {
  if (text === undefined) return null;
  assert(text === "atomic" || text === "set" || text === "map", `notation: list=${text}`);
  return text;
}
