import { isPatchList, isPatchObject, type PatchObject, type PatchValue } from "../patch-json.js";
import {
  elementsOf,
  EMPTY_SET,
  type FieldSet,
  FieldSetBuilder,
  isEmptySet,
  isFieldOfSet,
} from "./field-set.js";
import { type GranularList, listElements } from "./list-elements.js";
import { fieldElement } from "./path-element.js";
import { ANY, type FieldShape, type Shape } from "./shape.js";

/** Every field and list item that a value says something about. The value must fit the shape. */
export function fieldsOf(value: PatchValue, shape: Shape): FieldSet {
  const builder = new FieldSetBuilder();
  addFields(value, shape, builder);
  return builder.build();
}

/**
 * The set with the fields of objects that stand on the way to its members: `spec` and
 * `spec.template` for `spec.template.spec`, but no keys of maps and no list items.
 */
export function withNamedFields(set: FieldSet, shape: Shape | null): FieldSet {
  const out: Record<string, FieldSet> = {};
  for (const element of elementsOf(set)) {
    const node = set[element] ?? EMPTY_SET;
    if (isEmptySet(node)) {
      out[element] = node;
      continue;
    }
    const { inner, named } = below(element, shape);
    const children = withNamedFields(node, inner);
    out[element] = named || isFieldOfSet(node) ? { ".": EMPTY_SET, ...children } : children;
  }
  return out;
}

/** True for what has no parts: null, an empty list, an empty object. */
export function isHollow(value: PatchValue | undefined): boolean {
  if (value === null || value === undefined) return true;
  if (isPatchList(value)) return value.length === 0;
  if (!isPatchObject(value)) return false;
  for (const _key in value) return false;
  return true;
}

/** What one key of an object leads to; null for a field that a struct does not have. */
export function memberShape(key: string, shape: Shape): FieldShape | null {
  if (shape.kind === "struct") {
    const named = shape.fields.get(key);
    if (named !== undefined || !shape.isOpen) return named ?? null;
  }
  const inner = shape.kind === "map" ? shape.of : ANY;
  return { element: fieldElement(key), shape: inner, named: false };
}

function below(element: string, shape: Shape | null): { inner: Shape | null; named: boolean } {
  if (shape === null) return { inner: null, named: false };
  if (element.startsWith("f:")) {
    const found = memberShape(element.slice(2), shape);
    return { inner: found?.shape ?? null, named: found?.named ?? false };
  }
  const isItem = element.startsWith("k:") && shape.kind === "keyed";
  return { inner: isItem ? shape.of : null, named: false };
}

function addFields(value: PatchValue, shape: Shape, builder: FieldSetBuilder): void {
  switch (shape.kind) {
    case "scalar":
    case "atomicList":
      builder.mark();
      return;
    case "set":
    case "keyed":
      if (isPatchList(value)) addItems(value, shape, builder);
      return;
    case "map":
    case "struct":
      if (shape.atomic) builder.mark();
      else if (isPatchObject(value)) addMembers(value, shape, builder);
      return;
    case "any":
      if (isPatchObject(value)) addMembers(value, shape, builder);
      else if (value !== null) builder.mark();
  }
}

function addMembers(value: PatchObject, shape: Shape, builder: FieldSetBuilder): void {
  for (const key of Object.keys(value)) {
    const inner = value[key];
    if (inner === undefined) continue;
    const found = memberShape(key, shape);
    if (found === null) continue;
    const child = new FieldSetBuilder();
    addFields(inner, found.shape, child);
    const isEmptyObject = inner === null || (isPatchObject(inner) && isHollow(inner));
    if (isEmptyObject || !found.named) child.mark();
    builder.put(found.element, child);
  }
}

function addItems(
  items: readonly PatchValue[],
  shape: GranularList,
  builder: FieldSetBuilder,
): void {
  const elements = listElements(items, shape);
  if (elements === null) return;
  const count = new Map<string, number>();
  for (const element of elements) count.set(element, (count.get(element) ?? 0) + 1);
  for (const [index, element] of elements.entries()) {
    const child = new FieldSetBuilder();
    child.mark();
    // Items that share their keys have one owner together.
    if (count.get(element) === 1) addFields(items[index] ?? null, shape.of, child);
    builder.put(element, child);
  }
}
