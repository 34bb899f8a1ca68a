import {
  isPatchList,
  isPatchObject,
  type PatchObject,
  type PatchValue,
  setMember,
} from "../patch-json.js";
import { type FieldSet, isFieldOfSet } from "./field-set.js";
import { listElement } from "./list-elements.js";
import type { Shape } from "./shape.js";
import { memberShape } from "./value-fields.js";

/**
 * The value without the fields and list items of the set. What is left with nothing in it is null,
 * as is whatever has one owner and of which a part was to go.
 */
export function removeFields(value: PatchValue, gone: FieldSet, shape: Shape): PatchValue {
  if (shape.kind === "scalar") return value;
  if (isPatchList(value)) return withoutItems(value, gone, shape);
  if (!isPatchObject(value)) return shape.kind === "any" ? value : null;
  const isAtomic = (shape.kind === "map" || shape.kind === "struct") && shape.atomic;
  return isAtomic ? null : withoutMembers(value, gone, shape);
}

function withoutMembers(value: PatchObject, gone: FieldSet, shape: Shape): PatchValue {
  const out: Record<string, PatchValue | undefined> = {};
  let isLeft = false;
  for (const key of Object.keys(value)) {
    const inner = value[key];
    const found = memberShape(key, shape);
    if (inner === undefined) continue;
    const node = found === null ? undefined : gone[found.element];
    if (node !== undefined && isFieldOfSet(node)) continue;
    isLeft = true;
    const left =
      node === undefined || found === null ? inner : removeFields(inner, node, found.shape);
    setMember(out, key, left);
  }
  return isLeft ? out : null;
}

function withoutItems(items: readonly PatchValue[], gone: FieldSet, shape: Shape): PatchValue {
  if (shape.kind !== "set" && shape.kind !== "keyed") return null;
  const out: PatchValue[] = [];
  for (const item of items) {
    const found = listElement(item, shape);
    const node = found.ok ? gone[found.element] : undefined;
    if (node === undefined) out.push(item);
    else if (!isFieldOfSet(node)) out.push(removeFields(item, node, shape.of));
  }
  return out.length === 0 ? null : out;
}
