import { isPatchObject, member, type PatchValue } from "../patch-json.js";
import { keyElement, valueElement } from "./path-element.js";
import type { KeyedShape, Shape } from "./shape.js";

export type GranularList = KeyedShape | Extract<Shape, { kind: "set" }>;

/** A list item as a path element, or why it cannot be told from the others. */
export type ListElement =
  | { readonly ok: true; readonly element: string }
  | { readonly ok: false; readonly problem: string };

export function listElement(item: PatchValue, shape: GranularList): ListElement {
  return shape.kind === "keyed" ? keyed(item, shape) : valued(item);
}

/** The path elements of all items, in order; null when one cannot be told from the others. */
export function listElements(items: readonly PatchValue[], shape: GranularList): string[] | null {
  const out: string[] = [];
  for (const item of items) {
    const found = listElement(item, shape);
    if (!found.ok) return null;
    out.push(found.element);
  }
  return out;
}

function keyed(item: PatchValue, shape: KeyedShape): ListElement {
  if (item === null) return problem("associative list with keys may not have a null element");
  if (!isPatchObject(item)) {
    return problem("associative list with keys may not have non-map elements");
  }
  const keys: Record<string, PatchValue> = {};
  for (const key of shape.keys) {
    const value = member(item, key) ?? shape.defaults[key];
    if (value !== undefined) keys[key] = value;
  }
  if (Object.keys(keys).length > 0) return { ok: true, element: keyElement(keys) };
  const names = shape.keys.map((key) => JSON.stringify(key)).join(" ");
  return problem(
    `associative list with keys has an element that omits all key fields [${names}] ` +
      "(and doesn't have default values for any key fields)",
  );
}

function valued(item: PatchValue): ListElement {
  if (item === null) {
    return problem("associative list without keys has an element that's an explicit null");
  }
  if (Array.isArray(item)) {
    return problem("not supported: associative list with lists as elements");
  }
  if (isPatchObject(item)) {
    return problem("associative list without keys has an element that's a map type");
  }
  return { ok: true, element: valueElement(item) };
}

function problem(text: string): ListElement {
  return { ok: false, problem: text };
}
