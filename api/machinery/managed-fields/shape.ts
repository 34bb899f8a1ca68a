import type { PatchValue } from "../patch-json.js";
import { fieldElement } from "./path-element.js";

/** What tracking needs to know of a type; the schema's TypeSchema is one. */
export interface OwnableType {
  readonly mapAtomic: boolean;
  /** It has fields that it does not name. */
  readonly isOpen?: true;
  readonly fieldByName: ReadonlyMap<string, OwnableField>;
}
export interface OwnableField {
  readonly name: string;
  readonly type: OwnableFieldType;
  readonly listType: "atomic" | "set" | "map" | null;
  readonly listMapKeys: readonly string[];
  readonly mapAtomic: boolean;
  readonly default: PatchValue | undefined;
  readonly required: boolean;
  readonly nullable: boolean;
}
export type OwnableFieldType =
  | { readonly kind: "scalar"; readonly scalar: string }
  | { readonly kind: "message"; readonly type: OwnableType }
  | { readonly kind: "list"; readonly of: OwnableFieldType }
  | { readonly kind: "map"; readonly of: OwnableFieldType };

/** How a value is taken apart into fields that can have owners of their own. */
export type Shape =
  | { readonly kind: "scalar"; readonly accepts: "text" | "number" | "boolean" | "scalar" }
  /** A list that has one owner. */
  | { readonly kind: "atomicList"; readonly of: Shape }
  /** A list of scalars, each with owners. */
  | { readonly kind: "set"; readonly of: Shape }
  /** A list of objects told apart by keys. */
  | KeyedShape
  | { readonly kind: "map"; readonly of: Shape; readonly atomic: boolean }
  | StructShape
  /** Anything: its lists have one owner, its objects do not. */
  | { readonly kind: "any" };

export interface KeyedShape {
  readonly kind: "keyed";
  readonly keys: readonly string[];
  readonly of: Shape;
  /** The value of a key that an item leaves out; none: the key is left out. */
  readonly defaults: Readonly<Record<string, PatchValue>>;
}
export interface StructShape {
  readonly kind: "struct";
  readonly atomic: boolean;
  readonly fields: ReadonlyMap<string, FieldShape>;
  /** A field that is not named here may be anything. */
  readonly isOpen: boolean;
}
/** What lies behind one key of an object. */
export interface FieldShape {
  /** The key as a path element. */
  readonly element: string;
  readonly shape: Shape;
  /** False for a key of a map: it is there only because somebody put it there. */
  readonly named: boolean;
}

export const ANY: Shape = { kind: "any" };

/** The shape of a type, worked out once. */
export function shapeOf(type: OwnableType): StructShape {
  const known = shapes.get(type);
  if (known !== undefined) return known;
  const fields = new Map<string, FieldShape>();
  const isOpen = type.isOpen === true;
  const shape: StructShape = { kind: "struct", atomic: type.mapAtomic, fields, isOpen };
  // Kept before the fields are looked at: types contain themselves.
  shapes.set(type, shape);
  for (const field of type.fieldByName.values()) {
    const element = fieldElement(field.name);
    fields.set(field.name, { element, shape: shapeOfField(field), named: true });
  }
  return shape;
}

const shapes = new WeakMap<OwnableType, StructShape>();

function shapeOfField(field: OwnableField): Shape {
  const { type } = field;
  if (type.kind === "list") return shapeOfList(field, type.of);
  const shape = shapeOfType(type);
  if (!field.mapAtomic || (shape.kind !== "map" && shape.kind !== "struct")) return shape;
  return { ...shape, atomic: true };
}

function shapeOfList(field: OwnableField, item: OwnableFieldType): Shape {
  const of = shapeOfType(item);
  if (field.listType === "set") return { kind: "set", of };
  if (field.listType !== "map" || item.kind !== "message") return { kind: "atomicList", of };
  const keys = field.listMapKeys;
  const defaults: Record<string, PatchValue> = {};
  for (const key of keys) {
    const fallback = item.type.fieldByName.get(key)?.default;
    if (fallback !== undefined) defaults[key] = fallback;
  }
  return { kind: "keyed", keys, of, defaults };
}

function shapeOfType(type: OwnableFieldType): Shape {
  switch (type.kind) {
    case "scalar":
      return shapeOfScalar(type.scalar);
    case "message":
      return shapeOf(type.type);
    case "list":
      return { kind: "atomicList", of: shapeOfType(type.of) };
    case "map":
      return { kind: "map", of: shapeOfType(type.of), atomic: false };
  }
}

function shapeOfScalar(scalar: string): Shape {
  switch (scalar) {
    case "string":
    case "bytes":
      return { kind: "scalar", accepts: "text" };
    case "bool":
      return { kind: "scalar", accepts: "boolean" };
    case "int32":
    case "int64":
    case "double":
      return { kind: "scalar", accepts: "number" };
    case "FieldsV1":
    case "RawExtension":
    case "JSON":
    case "JSONSchemaPropsOrArray":
    case "JSONSchemaPropsOrBool":
    case "JSONSchemaPropsOrStringArray":
      return ANY;
    default:
      // Quantities, times and IntOrString are written as numbers or as texts.
      return { kind: "scalar", accepts: "scalar" };
  }
}
